//! An MCP server that a package publishes and the code of the package implements is one server.

use crate::asset::{Asset, AssetId, AssetKind};
use crate::inventory::Inventory;

/// Folds what a manifest says of a server into the server that the code below it implements, where there
/// is exactly one.
pub(super) fn settle(inventory: &mut Inventory) {
    let implemented: Vec<(AssetId, String)> = inventory
        .assets
        .values()
        .filter(|asset| {
            asset.kind == AssetKind::McpServer
                && asset
                    .attributes
                    .get("implemented")
                    .and_then(serde_json::Value::as_bool)
                    == Some(true)
        })
        .filter_map(|asset| Some((asset.id.clone(), asset.evidence.first()?.path.to_string())))
        .collect();
    let published: Vec<Asset> = inventory
        .assets
        .values()
        .filter(|asset| {
            asset.kind == AssetKind::McpServer && asset.attributes.contains_key("package")
        })
        .filter(|asset| implemented.iter().any(|(id, _)| *id == asset.id))
        .cloned()
        .collect();
    let directories: Vec<String> = published.iter().map(directory_of).collect();
    for (package, directory) in published.iter().zip(&directories) {
        let mut below = implemented.iter().filter(|(id, path)| {
            !published.iter().any(|other| other.id == *id)
                && path.strip_prefix(directory.as_str()).is_some()
                // The nearest manifest above is the one of the server.
                && !directories.iter().any(|other| {
                    other.len() > directory.len() && path.starts_with(other.as_str())
                })
        });
        let (Some((code, _)), None) = (below.next(), below.next()) else {
            continue;
        };
        let Some(mut folded) = inventory.assets.remove(&package.id) else {
            continue;
        };
        if let Some(asset) = inventory.assets.get_mut(code) {
            let name = std::mem::take(&mut folded.name);
            folded.aliases.insert(name);
            folded.name.clone_from(&asset.name);
            asset.merge(folded);
        }
        for relation in &mut inventory.relations {
            for end in [&mut relation.from, &mut relation.to] {
                if *end == package.id {
                    *end = code.clone();
                }
            }
        }
    }
}

/// The directory of a manifest with the slash behind it; empty for the root.
fn directory_of(asset: &Asset) -> String {
    let path = asset
        .evidence
        .first()
        .map_or("", |evidence| &*evidence.path);
    path.rsplit_once('/')
        .map_or(String::new(), |(above, _)| format!("{above}/"))
}
