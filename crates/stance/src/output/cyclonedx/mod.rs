//! A CycloneDX 1.6 bill of materials in JSON: the inventory, nothing invented.
//!
//! Identities and secrets are left out: a bill of materials is handed on, and
//! neither belongs into other hands.

mod component;
mod dependency;
mod purl;
mod service;

use serde_json::{Value, json};
use stance_core::digest::sha256_hex;
use stance_core::{Asset, AssetKind};

use super::ScanReport;

/// Where an asset stands in a bill of materials.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Component,
    Service,
    Nowhere,
}

fn place(kind: AssetKind) -> Place {
    match kind {
        AssetKind::Application
        | AssetKind::Model
        | AssetKind::Dataset
        | AssetKind::Prompt
        | AssetKind::Pipeline
        | AssetKind::Agent
        | AssetKind::Tool
        | AssetKind::Guardrail
        | AssetKind::Evaluator
        | AssetKind::VectorStore
        | AssetKind::Compute
        | AssetKind::Package
        | AssetKind::Repository => Place::Component,
        AssetKind::Endpoint | AssetKind::McpServer => Place::Service,
        // A vendor is told as supplier of what it supplies.
        AssetKind::Vendor | AssetKind::Identity | AssetKind::Secret => Place::Nowhere,
    }
}

/// The whole bill.
pub(super) fn bom(report: &ScanReport) -> Value {
    let snapshot = &report.snapshot;
    let root = snapshot.applications.of("");
    let suppliers = component::Suppliers::of(snapshot);
    let of_place = |wanted: Place| {
        snapshot
            .assets
            .values()
            .filter(move |asset| place(asset.kind) == wanted && asset.id != root.id)
    };
    let components: Vec<Value> = of_place(Place::Component)
        .map(|asset| component::component(asset, &suppliers))
        .collect();
    let services: Vec<Value> = of_place(Place::Service)
        .map(|asset| service::service(asset, &suppliers))
        .collect();
    let main = snapshot.assets.get(&root.id).map_or_else(
        || {
            json!({
                "type": "application",
                "bom-ref": root.id,
                "name": root.name,
            })
        },
        |asset| component::component(asset, &suppliers),
    );
    let dependencies = dependency::dependencies(snapshot, &root.id);
    let serial = serial_number(&json!([main, components, services, dependencies]));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial,
        "version": 1,
        "metadata": {
            "timestamp": snapshot.at.to_string(),
            "tools": { "components": [{
                "type": "application",
                "name": "stance",
                "version": report.tool_version,
            }] },
            "component": main,
        },
        "components": components,
        "services": services,
        "dependencies": dependencies,
    })
}

/// A UUID of version 8 (RFC 9562) from the content, so that the same inventory
/// has the same number whenever and wherever it is written down.
fn serial_number(content: &Value) -> String {
    let digest = sha256_hex(content.to_string().as_bytes());
    // Version 8 and variant 0b10 at their fixed places.
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        &digest[0..8],
        &digest[8..12],
        &digest[12..15],
        &digest[15..18],
        &digest[18..30]
    )
}

/// A detail of an asset as text, where it has one.
fn text<'a>(asset: &'a Asset, name: &str) -> Option<&'a str> {
    asset.attributes.get(name).and_then(Value::as_str)
}

/// What CycloneDX has no member for, under our own name space.
fn properties(asset: &Asset, told: &[&str]) -> Vec<Value> {
    let property =
        |name: &str, value: String| json!({ "name": format!("stance:{name}"), "value": value });
    let mut properties = vec![
        property("kind", asset.kind.to_string()),
        property("how", asset.how.to_string()),
        property("scope", asset.scope.to_string()),
    ];
    properties.extend(
        asset
            .aliases
            .iter()
            .map(|alias| property("alias", alias.clone())),
    );
    for (name, value) in &asset.attributes {
        if !told.contains(&&**name) {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            properties.push(property(name, value));
        }
    }
    properties
}
