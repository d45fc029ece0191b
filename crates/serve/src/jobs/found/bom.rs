//! A bill of materials of anybody, as assets and relations.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use stance_bom::bill::{Bill, Part};
use stance_core::{AssetKind, How, RelationKind};
use stance_document::{Asset, Document, Evidence};

use super::FoundError;
use super::write::{asset, detail, empty, file, relation};

/// Where the assets of a bill were seen.
const PLACE: &str = "bill of materials";

pub(super) fn document(bytes: &[u8], now: Timestamp) -> Result<Document, FoundError> {
    let read = stance_bom::document(bytes, &stance_bom::Limits::default())?;
    let bill = stance_bom::read(&read);
    // The time of a bill is when it was written, in the words of whoever did.
    let created = bill.created.as_deref().and_then(|text| text.parse().ok());
    let created: Timestamp = created.filter(|created| *created <= now).unwrap_or(now);
    let mut document = empty(env!("CARGO_PKG_VERSION"), created.to_string());
    document.scan.roots = vec![bill.serial.clone().unwrap_or_else(|| read.form.to_string())];
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for part in bill.all() {
        let Some(found) = part_asset(part) else {
            skip(&mut document, "bom_part_is_no_asset");
            continue;
        };
        ids.insert(&part.reference, found.id.clone());
        if seen.insert(found.id.clone()) {
            document.assets.push(found);
        }
    }
    relations(&bill, &ids, &mut document);
    for (reason, count) in &bill.gaps {
        *document.coverage.skipped.entry(reason.clone()).or_default() += count;
    }
    document.coverage.files = 1;
    document.coverage.understood = 1;
    document.coverage.bytes_read = bytes.len() as u64;
    document.coverage.bytes_total = bytes.len() as u64;
    Ok(document)
}

fn skip(document: &mut Document, reason: &str) {
    *document
        .coverage
        .skipped
        .entry(reason.to_owned())
        .or_default() += 1;
}

fn part_asset(part: &Part) -> Option<Asset> {
    let kind = part.kind.or(match &*part.class {
        "machine-learning-model" => Some(AssetKind::Model),
        "data" => Some(AssetKind::Dataset),
        "library" | "framework" => Some(AssetKind::Package),
        "application" => Some(AssetKind::Application),
        "service" => Some(AssetKind::Endpoint),
        "container" | "operating-system" | "device" | "platform" => Some(AssetKind::Compute),
        _ => None,
    })?;
    let key = key(kind, part)?;
    let places = part.places.iter().map(|place| Evidence {
        line: place
            .line
            .and_then(|line| u32::try_from(line).ok())
            .filter(|line| *line > 0),
        offset: place.offset,
        ..file(&place.path)
    });
    let mut places: Vec<Evidence> = places.take(stance_core::Asset::MAX_EVIDENCE).collect();
    if places.is_empty() {
        places.push(file(PLACE));
    }
    let mut found = asset(kind, &key, &part.name, How::Configuration, places);
    detail(&mut found, "version", part.version.clone());
    detail(&mut found, "supplier", part.supplier.clone());
    detail(&mut found, "description", part.description.clone());
    let licences: Vec<&str> = part.licences.iter().map(|one| one.text()).collect();
    detail(&mut found, "licences", licences);
    for hash in &part.hashes {
        let name = hash.algorithm.to_ascii_lowercase().replace('-', "");
        detail(&mut found, &name, hash.value.clone());
    }
    if let Some(card) = &part.card {
        detail(&mut found, "task", card.task.clone());
        detail(&mut found, "architecture", card.architecture.clone());
    }
    if let Some(service) = &part.service {
        detail(&mut found, "endpoints", service.endpoints.clone());
        if let Some(authenticated) = service.authenticated {
            let told = if authenticated { "required" } else { "none" };
            detail(&mut found, "authentication", told);
        }
    }
    Some(found)
}

/// The key under which scans know the same thing: a package URL without its version, or what our own bills call it.
fn key(kind: AssetKind, part: &Part) -> Option<String> {
    if let Some(key) = part
        .reference
        .strip_prefix(kind.name())
        .and_then(|rest| rest.strip_prefix(':'))
        .filter(|key| !key.is_empty())
    {
        return Some(key.to_owned());
    }
    if let Some(purl) = &part.purl {
        let plain = purl.split(['?', '#']).next().unwrap_or_default();
        let plain = match plain.rsplit_once('@') {
            // A scope is written `%40scope`, but not by everybody.
            Some((before, _)) if !before.ends_with('/') => before,
            _ => plain,
        };
        return Some(plain.to_owned()).filter(|key| !key.is_empty());
    }
    let name = part.name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn relations(bill: &Bill, ids: &BTreeMap<&str, String>, document: &mut Document) {
    let seen = file(PLACE);
    for link in &bill.relations {
        let kind = RelationKind::ALL
            .into_iter()
            .find(|kind| kind.name() == link.kind);
        let ends = (ids.get(&*link.from), ids.get(&*link.to));
        let (Some(kind), (Some(from), Some(to))) = (kind, ends) else {
            skip(document, "bom_relation_is_not_known");
            continue;
        };
        document.relations.push(relation(from, kind, to, &seen));
    }
    for part in bill.all() {
        let Some(from) = ids.get(&*part.reference) else {
            continue;
        };
        let parents = part.ancestors.iter().filter_map(|one| one.part.as_deref());
        for parent in parents {
            if let Some(to) = ids.get(parent) {
                let tuned = relation(from, RelationKind::FineTunedFrom, to, &seen);
                document.relations.push(tuned);
            }
        }
    }
}
