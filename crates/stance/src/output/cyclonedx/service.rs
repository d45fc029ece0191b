//! Assets that are reached over an interface, as services.

use serde_json::{Value, json};
use stance_core::evidence::Locus;
use stance_core::{Asset, AssetKind};

use super::component::Suppliers;
use super::{properties, text};
use crate::output::uri::address;

/// One service. CycloneDX 1.6 has no evidence for services: places are properties.
pub(super) fn service(asset: &Asset, suppliers: &Suppliers<'_>) -> Value {
    let mut service = json!({ "bom-ref": asset.id, "name": asset.name });
    let mut told = Vec::new();
    if let Some(provider) = suppliers.entity(asset) {
        service["provider"] = provider;
        told.push("vendor");
    }
    if let Some(version) = text(asset, "version") {
        service["version"] = version.into();
        told.push("version");
    }
    let url = text(asset, "url").or_else(|| {
        let is_address = asset.kind == AssetKind::Endpoint;
        is_address.then_some(asset.name.as_str())
    });
    // An address that is only known in part stays a property.
    if let Some(uri) = url.and_then(address) {
        service["endpoints"] = json!([uri]);
        told.push("url");
    }
    let mut properties = properties(asset, &told);
    for evidence in &asset.evidence {
        let place = match evidence.locus {
            Locus::Line { line, .. } => format!("{}:{line}", evidence.path),
            Locus::File | Locus::Bytes { .. } => evidence.place(),
        };
        properties.push(json!({ "name": "stance:location", "value": place }));
    }
    service["properties"] = properties.into();
    service
}
