//! Assets as components.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stance_core::evidence::Locus;
use stance_core::{Asset, AssetId, AssetKind, Evidence, RelationKind, Snapshot};

use super::{properties, purl, text};

/// Who provides an asset, by the asset's id.
pub(super) struct Suppliers<'a>(BTreeMap<&'a AssetId, &'a str>);

impl<'a> Suppliers<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let provided = snapshot
            .relations
            .iter()
            .filter(|relation| relation.kind == RelationKind::ProvidedBy);
        Self(
            provided
                .filter_map(|relation| {
                    let vendor = snapshot.assets.get(&relation.to)?;
                    Some((&relation.from, vendor.name.as_str()))
                })
                .collect(),
        )
    }

    /// The organisation, as CycloneDX writes one.
    pub(super) fn entity(&self, asset: &Asset) -> Option<Value> {
        self.0.get(&asset.id).map(|name| json!({ "name": name }))
    }
}

/// One component.
pub(super) fn component(asset: &Asset, suppliers: &Suppliers<'_>) -> Value {
    let mut component = json!({
        "type": component_type(asset.kind),
        "bom-ref": asset.id,
        "name": asset.name,
    });
    // What has a member of its own is not repeated as a property.
    let mut told = Vec::new();
    if let Some(version) = text(asset, "version") {
        component["version"] = version.into();
        told.push("version");
    }
    if let Some(supplier) = suppliers.entity(asset) {
        component["supplier"] = supplier;
        told.push("vendor");
    }
    if let Some(purl) = purl::of(asset) {
        component["purl"] = purl.into();
    }
    if let Some(digest) = text(asset, "sha256").filter(|digest| is_sha256(digest)) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": digest }]);
        told.push("sha256");
    }
    if let Some(licence) = text(asset, "licence").filter(|licence| !licence.is_empty()) {
        // As the file writes it: whether it is an SPDX id is not known.
        component["licenses"] = json!([{ "license": { "name": licence } }]);
        told.push("licence");
    }
    match asset.kind {
        AssetKind::Model => {
            if let Some(architecture) = text(asset, "architecture") {
                component["modelCard"] =
                    json!({ "modelParameters": { "modelArchitecture": architecture } });
                told.push("architecture");
            }
        }
        AssetKind::Dataset => {
            component["data"] = json!([{ "type": "dataset", "name": asset.name }]);
        }
        AssetKind::Prompt => {
            component["data"] = json!([{ "type": "configuration", "name": asset.name }]);
        }
        AssetKind::VectorStore => {
            component["data"] = json!([{ "type": "other", "name": asset.name }]);
        }
        _ => {}
    }
    let occurrences: Vec<Value> = asset.evidence.iter().map(occurrence).collect();
    if !occurrences.is_empty() {
        component["evidence"] = json!({ "occurrences": occurrences });
    }
    component["properties"] = properties(asset, &told).into();
    component
}

fn component_type(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Model => "machine-learning-model",
        AssetKind::Dataset | AssetKind::Prompt | AssetKind::VectorStore => "data",
        AssetKind::Package => "library",
        AssetKind::Compute => "container",
        _ => "application",
    }
}

fn occurrence(evidence: &Evidence) -> Value {
    let mut occurrence = json!({ "location": &*evidence.path });
    match evidence.locus {
        Locus::File => {}
        Locus::Line { line, .. } => occurrence["line"] = line.into(),
        Locus::Bytes { offset, .. } => occurrence["offset"] = offset.into(),
    }
    occurrence
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
