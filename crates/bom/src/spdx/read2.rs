//! An SPDX 2 document of anybody as a bill.

use std::collections::BTreeMap;

use serde_json::Value;
use stance_core::AssetKind;

use super::words;
use crate::bill::{Bill, ExternalLink, Hash, Licence, Link, Part, Tool};

/// What the document says; members of the wrong type are passed over.
pub(crate) fn read(document: &Value) -> Bill {
    let mut bill = Bill {
        serial: text(document, "documentNamespace"),
        created: document
            .pointer("/creationInfo/created")
            .and_then(Value::as_str)
            .map(str::to_owned),
        tools: document
            .pointer("/creationInfo/creators")
            .into_iter()
            .flat_map(items)
            .filter_map(|creator| creator.as_str()?.strip_prefix("Tool: "))
            .map(|name| Tool {
                name: name.trim().to_owned(),
                version: None,
            })
            .collect(),
        ..Bill::default()
    };
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for package in list(document, "packages") {
        let part = package_part(package);
        parts.insert(part.reference.clone(), part);
    }
    for file in list(document, "files") {
        let part = Part {
            class: "file".to_owned(),
            name: text(file, "fileName").unwrap_or_default(),
            kind: None,
            ..common(file, "licenseInfoInFiles")
        };
        parts.insert(part.reference.clone(), part);
    }
    let mut described: Vec<String> = list(document, "documentDescribes")
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    for relation in list(document, "relationships") {
        let (Some(from), Some(kind), Some(to)) = (
            text(relation, "spdxElementId"),
            text(relation, "relationshipType"),
            text(relation, "relatedSpdxElement"),
        ) else {
            continue;
        };
        match &*kind {
            "DESCRIBES" => described.push(to),
            "DESCRIBED_BY" => described.push(from),
            _ => {
                // `X_OF` and `X_BY` say the other way round what another word says.
                let (from, kind, to) = match &*kind {
                    "DEPENDENCY_OF" => (to, "depends_on".to_owned(), from),
                    "CONTAINED_BY" => (to, "contains".to_owned(), from),
                    "DEPENDS_ON" => (from, "depends_on".to_owned(), to),
                    _ => (from, kind.to_ascii_lowercase(), to),
                };
                bill.relations.push(Link { from, kind, to });
            }
        }
    }
    bill.relations.sort();
    bill.relations.dedup();
    bill.subject = described.first().and_then(|first| parts.remove(first));
    bill.parts = parts.into_values().collect();
    bill
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(name).into_iter().flat_map(items)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value
        .get(name)?
        .as_str()
        .and_then(words::said)
        .map(str::to_owned)
}

/// What packages and files have in common.
fn common(value: &Value, licences: &str) -> Part {
    let declared = text(value, "licenseDeclared").or_else(|| text(value, "licenseConcluded"));
    let found = list(value, licences)
        .filter_map(Value::as_str)
        .filter_map(words::said);
    let licences = declared
        .iter()
        .map(String::as_str)
        .chain(found.filter(|_| declared.is_none()));
    Part {
        reference: text(value, "SPDXID").unwrap_or_default(),
        licences: licences.map(Licence::of).collect(),
        hashes: list(value, "checksums")
            .filter_map(|hash| {
                Some(Hash {
                    algorithm: words::algorithm_from(&text(hash, "algorithm")?),
                    value: text(hash, "checksumValue")?.to_ascii_lowercase(),
                })
            })
            .collect(),
        ..Part::default()
    }
}

fn package_part(package: &Value) -> Part {
    let class = words::class(package.get("primaryPackagePurpose").and_then(Value::as_str));
    let purl = list(package, "externalRefs").find_map(|reference| {
        let is_purl = text(reference, "referenceType").as_deref() == Some("purl");
        is_purl
            .then(|| text(reference, "referenceLocator"))
            .flatten()
    });
    // SPDX 2 has no word for models; the type of their registry tells.
    let class = match &purl {
        Some(purl) if purl.starts_with("pkg:huggingface/datasets/") => "data",
        Some(purl) if purl.starts_with("pkg:huggingface/") || purl.starts_with("pkg:mlflow/") => {
            "machine-learning-model"
        }
        _ => class,
    };
    let party = |name: &str| {
        let party = text(package, name)?;
        let name = party.split_once(": ").map_or(&*party, |(_, name)| name);
        Some(name.to_owned())
    };
    let link = |name: &str, kind: &str| {
        text(package, name).map(|url| ExternalLink {
            kind: kind.to_owned(),
            url,
        })
    };
    Part {
        class: class.to_owned(),
        kind: match class {
            "machine-learning-model" => Some(AssetKind::Model),
            "data" => Some(AssetKind::Dataset),
            "container" => Some(AssetKind::Compute),
            "application" => Some(AssetKind::Application),
            "library" | "framework" => Some(AssetKind::Package),
            _ => None,
        },
        name: text(package, "name").unwrap_or_default(),
        version: text(package, "versionInfo"),
        description: text(package, "description").or_else(|| text(package, "summary")),
        supplier: party("supplier").or_else(|| party("originator")),
        purl,
        links: link("downloadLocation", "distribution")
            .into_iter()
            .chain(link("homepage", "website"))
            .collect(),
        ..common(package, "licenseInfoFromFiles")
    }
}
