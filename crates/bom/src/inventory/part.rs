//! One asset as a part of a bill.

use std::net::IpAddr;

use serde_json::Value;
use stance_core::evidence::Locus;
use stance_core::{Asset, AssetKind};

use super::{Facts, Standing, card, standing};
use crate::bill::{Data, ExternalLink, Flow, Hash, Licence, Part, Place, Property, Service};
use crate::{purl, uri};

/// A part of which only the name is known.
pub(super) fn bare(reference: &str, name: &str) -> Part {
    Part {
        reference: reference.to_owned(),
        class: "application".to_owned(),
        kind: Some(AssetKind::Application),
        name: name.to_owned(),
        ..Part::default()
    }
}

/// A detail of an asset as text, where it has one.
fn text<'a>(asset: &'a Asset, name: &str) -> Option<&'a str> {
    asset
        .attributes
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// The asset with everything that is known of it.
pub(super) fn part(asset: &Asset, facts: &Facts<'_>) -> Part {
    // What has a member of its own is not repeated as a property.
    let mut told = vec![
        "version",
        "revision",
        "vendor",
        "sha256",
        "licence",
        "architecture",
        "task",
        "description",
    ];
    let (_, key) = asset.id.as_str().split_once(':').unwrap_or_default();
    let hub = purl::hub(key);
    let is_model = asset.kind == AssetKind::Model;
    let said = |entry: &str| is_model.then(|| card::says(facts, asset, entry)).flatten();
    let supplier = facts.suppliers.get(&asset.id).copied();
    let licence = text(asset, "licence")
        .or_else(|| said("license_name"))
        .or_else(|| said("license"));
    let service =
        (standing(asset.kind) == Standing::Service).then(|| service(asset, key, facts, &mut told));
    let data = data(
        asset,
        hub.as_ref().map(|(url, account)| (&**url, *account)),
        &mut told,
    );
    let mut links = Vec::new();
    if let Some((url, _)) = &hub {
        links.push(ExternalLink {
            kind: "distribution".to_owned(),
            url: url.clone(),
        });
    } else if service.is_none()
        && let Some(url) = text(asset, "url").and_then(uri::address)
    {
        links.push(ExternalLink {
            kind: "distribution".to_owned(),
            url,
        });
        told.push("url");
    }
    if asset.kind == AssetKind::Repository
        && let Some(url) = uri::address(&asset.name)
    {
        links.push(ExternalLink {
            kind: "vcs".to_owned(),
            url,
        });
    }
    Part {
        reference: asset.id.to_string(),
        class: class(asset.kind).to_owned(),
        kind: Some(asset.kind),
        name: asset.name.clone(),
        version: text(asset, "version")
            .or_else(|| text(asset, "revision"))
            .map(str::to_owned),
        description: text(asset, "description")
            .or_else(|| said("section.description"))
            .map(str::to_owned),
        supplier: supplier
            .or(hub.as_ref().map(|(_, account)| *account))
            .map(str::to_owned),
        purl: purl::of(asset),
        hashes: text(asset, "sha256")
            .filter(|digest| is_sha256(digest))
            .map(|digest| Hash {
                algorithm: "SHA-256".to_owned(),
                value: digest.to_ascii_lowercase(),
            })
            .into_iter()
            .collect(),
        licences: licence.map(Licence::of).into_iter().collect(),
        card: is_model.then(|| card::card(asset, facts)).flatten(),
        data,
        service,
        ancestors: if is_model {
            card::ancestors(asset, facts)
        } else {
            Vec::new()
        },
        places: asset.evidence.iter().map(place).collect(),
        links,
        properties: properties(asset, &told),
    }
}

const fn class(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Model => "machine-learning-model",
        AssetKind::Dataset | AssetKind::Prompt | AssetKind::VectorStore => "data",
        AssetKind::Package => "library",
        AssetKind::Compute => "container",
        AssetKind::Endpoint | AssetKind::McpServer => "service",
        _ => "application",
    }
}

/// What is known of an asset as data. `classification` and `sensitive_data` are there when content was looked at.
fn data(asset: &Asset, hub: Option<(&str, &str)>, told: &mut Vec<&'static str>) -> Option<Data> {
    let kind = match asset.kind {
        AssetKind::Dataset => "dataset",
        AssetKind::Prompt => "configuration",
        AssetKind::VectorStore => "other",
        _ => return None,
    };
    told.extend([
        "classification",
        "sensitive_data",
        "custodian",
        "steward",
        "owner",
    ]);
    let one = |name: &str| text(asset, name).map(str::to_owned).into_iter().collect();
    let sensitive = match asset.attributes.get("sensitive_data") {
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => one("sensitive_data"),
    };
    let mut custodians: Vec<String> = one("custodian");
    if asset.kind == AssetKind::Dataset && custodians.is_empty() {
        // The account of the hub under which it is kept.
        custodians.extend(hub.map(|(_, account)| account.to_owned()));
    }
    Some(Data {
        kind: kind.to_owned(),
        classification: text(asset, "classification").map(str::to_owned),
        sensitive,
        url: hub.map(|(url, _)| url.to_owned()),
        custodians,
        stewards: one("steward"),
        owners: one("owner"),
    })
}

/// What is known of an asset as a service.
fn service(asset: &Asset, key: &str, facts: &Facts<'_>, told: &mut Vec<&'static str>) -> Service {
    let url = text(asset, "url")
        .or_else(|| text(asset, "base_url"))
        .or_else(|| {
            let is_address = asset.kind == AssetKind::Endpoint;
            is_address.then_some(asset.name.as_str())
        });
    let mut service = Service::default();
    // An address that is only known in part stays a property.
    if let Some(address) = url.and_then(uri::address) {
        service.crosses_boundary = boundary(&address);
        service.endpoints.push(address);
        told.extend(["url", "base_url"]);
    }
    if let Some(authenticated) = asset
        .attributes
        .get("authenticated")
        .and_then(Value::as_bool)
    {
        service.authenticated = Some(authenticated);
        told.push("authenticated");
    } else if let Some(server) = facts.servers.get(key) {
        let proves = |name: &str| {
            let name = name.to_ascii_lowercase();
            ["authorization", "api-key", "apikey", "token", "cookie"]
                .iter()
                .any(|word| name.contains(word))
        };
        let credentials = !server.credentials.is_empty()
            || server.headers.iter().any(|header| proves(&header.name));
        // Without a credential in view it may still ask for one.
        service.authenticated = credentials.then_some(true);
    }
    if let Some(classification) = text(asset, "classification") {
        told.push("classification");
        service.flows.push(Flow {
            direction: "bi-directional".to_owned(),
            classification: classification.to_owned(),
            name: None,
        });
    }
    service
}

/// Whether an address lies outside of the machine and network of whoever calls it; `None` when only its
/// network would know.
fn boundary(address: &str) -> Option<bool> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => authority.split(':').next()?,
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return match ip {
            IpAddr::V4(ip) if ip.is_unspecified() => None,
            IpAddr::V4(ip) => Some(!(ip.is_loopback() || ip.is_private() || ip.is_link_local())),
            IpAddr::V6(ip) => ip.is_loopback().then_some(false),
        };
    }
    let host = host.to_ascii_lowercase();
    if host == "localhost" || host.ends_with(".localhost") {
        return Some(false);
    }
    let internal = [
        ".internal",
        ".local",
        ".lan",
        ".svc",
        ".cluster.local",
        ".test",
        ".example",
        ".invalid",
    ];
    if !host.contains('.') || internal.iter().any(|end| host.ends_with(end)) {
        return None;
    }
    Some(true)
}

fn place(evidence: &stance_core::Evidence) -> Place {
    let mut place = Place {
        path: evidence.path.to_string(),
        line: None,
        offset: None,
    };
    match evidence.locus {
        Locus::File => {}
        Locus::Line { line, .. } => place.line = Some(u64::from(line)),
        Locus::Bytes { offset, .. } => place.offset = Some(offset),
    }
    place
}

/// What the standards have no member for, under our own name space.
fn properties(asset: &Asset, told: &[&str]) -> Vec<Property> {
    let mut properties = vec![
        Property::new("stance:kind", asset.kind.to_string()),
        Property::new("stance:how", asset.how.to_string()),
        Property::new("stance:scope", asset.scope.to_string()),
    ];
    properties.extend(
        asset
            .aliases
            .iter()
            .map(|alias| Property::new("stance:alias", alias)),
    );
    for (name, value) in &asset.attributes {
        if !told.contains(&&**name) {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            properties.push(Property::new(format!("stance:{name}"), value));
        }
    }
    properties
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::boundary;

    #[test]
    fn only_what_is_known_crosses_a_boundary() {
        for (address, wanted) in [
            ("https://api.openai.com/v1", Some(true)),
            ("http://localhost:11434", Some(false)),
            ("http://127.0.0.1:8000/v1", Some(false)),
            ("http://10.0.0.7", Some(false)),
            ("http://[::1]:8000", Some(false)),
            ("http://0.0.0.0:8000", None),
            ("http://vllm:8000", None),
            ("https://models.corp.internal", None),
        ] {
            assert_eq!(boundary(address), wanted, "{address}");
        }
    }
}
