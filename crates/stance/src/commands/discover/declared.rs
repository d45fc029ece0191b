//! What code declares: the vendors of a scan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use stance_core::AssetKind;

use crate::cli::Cli;
use crate::output::discover::DeclaredVendor;
use crate::output::json_v1;

/// Places that are told of one vendor.
const MOST_PLACES: usize = 3;

/// The vendors that a directory or a report names, by their keys.
pub(super) fn vendors(cli: &Cli, path: &Path) -> anyhow::Result<BTreeMap<String, DeclaredVendor>> {
    let mut found = BTreeMap::new();
    let mut add = |key: &str, scope: &str, places: Vec<String>| {
        let known = found
            .entry(key.to_owned())
            .or_insert_with(|| DeclaredVendor {
                vendor: key.to_owned(),
                name: title(key),
                scope: scope.to_owned(),
                evidence: Vec::new(),
            });
        known.evidence.extend(places);
        known.evidence.truncate(MOST_PLACES);
    };
    if path.is_file() {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let report = json_v1::read(&text)
            .with_context(|| format!("{} is no report to compare with", path.display()))?;
        for asset in &report.assets {
            if asset.kind == AssetKind::Vendor {
                let places = asset.evidence.iter().map(place);
                add(key_of(&asset.id), asset.scope.name(), places.collect());
            }
        }
        return Ok(found);
    }
    let scanned = crate::scan::scan(cli, &[PathBuf::from(path)], false)
        .with_context(|| format!("cannot scan {} for what it declares", path.display()))?;
    for asset in scanned.report.snapshot.assets.values() {
        if asset.kind == AssetKind::Vendor {
            let places = asset.evidence.iter().map(stance_core::Evidence::place);
            add(
                key_of(asset.id.as_str()),
                asset.scope.name(),
                places.collect(),
            );
        }
    }
    Ok(found)
}

/// `path:line:column`, or just the path.
fn place(evidence: &json_v1::Evidence) -> String {
    let mut place = evidence.path.clone();
    for number in [evidence.line, evidence.column].into_iter().flatten() {
        place.push_str(&format!(":{number}"));
    }
    place
}

/// What stands behind the kind in the id of an asset.
fn key_of(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, key)| key)
}

/// What people call a vendor.
pub(super) fn title(key: &str) -> String {
    let known = stance_inspect::vendors::find(key).map(|vendor| vendor.title.to_owned());
    known.unwrap_or_else(|| {
        let catalogue = stance_logs::Catalogue::embedded();
        let mut services = catalogue.services().iter();
        let own = services.find(|service| service.vendor == key);
        own.map_or_else(|| key.to_owned(), |service| service.name.clone())
    })
}
