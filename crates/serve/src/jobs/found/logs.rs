//! What `stance discover logs --by user` tells, as assets: vendors, their services, the people who use them.
//!
//! What grows with every line (requests, bytes, times) stands beside them: it would be a change at every look.

use std::collections::BTreeMap;

use serde::Deserialize;
use stance_core::{AssetKind, How, RelationKind};
use stance_document::{Asset, Document, Evidence, Finding, Unjudged, Usage};

use super::FoundError;
use super::write::{asset, detail, empty, file, relation};

/// Name and version of the form.
pub(super) const SCHEMA: &str = "stance/discover-logs-v1";

/// What is read of it.
#[derive(Deserialize)]
struct Logs {
    tool: stance_document::Tool,
    at: String,
    rows: Vec<Row>,
    files: Vec<LogFile>,
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    rules: Option<BTreeMap<String, u64>>,
}

#[derive(Deserialize)]
struct Row {
    vendor: String,
    name: String,
    services: Vec<Service>,
    categories: Vec<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    user_names: Vec<String>,
    signals: Vec<String>,
    sanctioned: String,
    #[serde(default)]
    requests: u64,
    #[serde(default)]
    bytes_out: Option<u64>,
    #[serde(default)]
    bytes_in: Option<u64>,
    #[serde(default)]
    first_seen: Option<String>,
    #[serde(default)]
    last_seen: Option<String>,
    trains: Vec<String>,
    #[serde(default)]
    region: Vec<String>,
    #[serde(default)]
    alternative: Option<String>,
    evidence: Vec<String>,
}

#[derive(Deserialize)]
struct Service {
    id: String,
    name: String,
    sanctioned: String,
}

#[derive(Deserialize)]
struct LogFile {
    path: String,
    lines: u64,
    #[serde(default)]
    format: Option<String>,
    unknown: u64,
    #[serde(default)]
    stopped: Option<String>,
}

pub(super) fn document(bytes: &[u8]) -> Result<Document, FoundError> {
    let logs: Logs = serde_json::from_slice(bytes).map_err(FoundError::Logs)?;
    let mut document = empty(&logs.tool.version, logs.at);
    let mut assets: BTreeMap<String, Asset> = BTreeMap::new();
    for row in &logs.rows {
        add(&mut document, &mut assets, row);
    }
    document.assets = assets.into_values().collect();
    document.findings = logs.findings;
    let coverage = &mut document.coverage;
    let mut unjudged = Vec::new();
    for log in &logs.files {
        coverage.files += 1;
        coverage.understood += u64::from(log.format.is_some());
        let mut skip = |reason: &str, count| {
            *coverage.skipped.entry(reason.to_owned()).or_default() += count;
        };
        if log.unknown > 0 && log.lines > 0 {
            skip("lines_not_understood", log.unknown);
        }
        if log.stopped.is_some() {
            skip("not_read_to_its_end", 1);
            unjudged.push(log.path.clone());
        }
    }
    document.scan.roots = logs.files.into_iter().map(|log| log.path).collect();
    document.coverage.unjudged = Some(Unjudged::of(unjudged));
    document.coverage.rules = logs.rules;
    Ok(document)
}

fn add(document: &mut Document, assets: &mut BTreeMap<String, Asset>, row: &Row) {
    let mut places: Vec<Evidence> = row.evidence.iter().map(|text| place(text)).collect();
    if places.is_empty() {
        places.push(file("logs"));
    }
    let seen = places.first().cloned().unwrap_or_default();
    let mut vendor = asset(
        AssetKind::Vendor,
        &row.vendor,
        &row.name,
        How::Observed,
        places.clone(),
    );
    detail(&mut vendor, "categories", row.categories.clone());
    detail(&mut vendor, "signals", row.signals.clone());
    detail(&mut vendor, "sanctioned", row.sanctioned.clone());
    detail(&mut vendor, "trains", row.trains.clone());
    detail(&mut vendor, "region", row.region.clone());
    detail(&mut vendor, "alternative", row.alternative.clone());
    let vendor = see(assets, vendor);
    document.usage.push(Usage {
        vendor: vendor.clone(),
        person: row.user.clone(),
        requests: row.requests,
        bytes_out: row.bytes_out,
        bytes_in: row.bytes_in,
        first_seen: row.first_seen.clone(),
        last_seen: row.last_seen.clone(),
    });
    let people: Vec<&String> = match &row.user {
        Some(user) => vec![user],
        None => row.user_names.iter().collect(),
    };
    let people: Vec<String> = people
        .into_iter()
        .filter(|person| !person.is_empty())
        .map(|person| {
            let person = asset(
                AssetKind::Identity,
                &format!("user/{person}"),
                person,
                How::Observed,
                places.clone(),
            );
            see(assets, person)
        })
        .collect();
    for service in &row.services {
        let mut endpoint = asset(
            AssetKind::Endpoint,
            &format!("service/{}", service.id),
            &service.name,
            How::Observed,
            places.clone(),
        );
        detail(&mut endpoint, "vendor", row.vendor.clone());
        detail(&mut endpoint, "sanctioned", service.sanctioned.clone());
        let endpoint = see(assets, endpoint);
        let provided = relation(&endpoint, RelationKind::ProvidedBy, &vendor, &seen);
        document.relations.push(provided);
        for person in &people {
            let calls = relation(person, RelationKind::Calls, &endpoint, &seen);
            document.relations.push(calls);
        }
    }
}

/// Adds an asset to what is known of it from other rows, and gives its id.
fn see(assets: &mut BTreeMap<String, Asset>, asset: Asset) -> String {
    let id = asset.id.clone();
    match assets.entry(id.clone()) {
        std::collections::btree_map::Entry::Vacant(slot) => {
            slot.insert(asset);
        }
        std::collections::btree_map::Entry::Occupied(mut slot) => {
            let known = slot.get_mut();
            known.evidence.extend(asset.evidence);
            known.evidence.truncate(stance_core::Asset::MAX_EVIDENCE);
            known.occurrences = known.occurrences.saturating_add(1);
            for (name, value) in asset.attributes {
                join(&mut known.attributes, name, value);
            }
        }
    }
    id
}

/// Lists grow; of the rest the first one stays, but what is not sanctioned for one is not sanctioned.
fn join(known: &mut BTreeMap<String, serde_json::Value>, name: String, value: serde_json::Value) {
    use serde_json::Value;
    match (known.get_mut(&name), value) {
        (Some(Value::Array(items)), Value::Array(more)) => {
            for one in more {
                if !items.contains(&one) {
                    items.push(one);
                }
            }
            items.sort_by_key(ToString::to_string);
        }
        (Some(sanctioned), value) if name == "sanctioned" && value == "no" => *sanctioned = value,
        (Some(_), _) => {}
        (None, value) => {
            known.insert(name, value);
        }
    }
}

/// `path:line:column`.
fn place(text: &str) -> Evidence {
    let mut parts = text.rsplitn(3, ':');
    let (column, line, path) = (parts.next(), parts.next(), parts.next());
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
    match (path, number(line), number(column)) {
        (Some(path), Some(line), Some(column)) if line > 0 && column > 0 => Evidence {
            line: Some(line),
            column: Some(column),
            length: Some(1),
            ..file(path)
        },
        _ => file(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_apart_from_behind() {
        let found = place("/var/log/a:b.log:12:3");
        assert_eq!((&*found.path, found.line), ("/var/log/a:b.log", Some(12)));
        assert_eq!(place("/var/log/a.log").line, None);
        assert_eq!(place("a:0:0").line, None);
    }
}
