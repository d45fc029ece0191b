//! Tools of a server that are put together elsewhere: where the files below it tell them, that the call which
//! registers them does not is no news.

use crate::asset::{Asset, AssetId, AssetKind, How};
use crate::inventory::Inventory;

/// Leaves out what says that tools of a server are not known, where tools are known in its directory.
pub(super) fn settle(inventory: &mut Inventory) {
    let tools = || {
        let assets = inventory.assets.values();
        assets.filter(|asset| asset.kind == AssetKind::Tool)
    };
    let told: Vec<AssetId> = tools()
        .filter(|asset| asset.how == How::Unresolved)
        .filter(|asset| {
            let directory = directory_of(asset);
            tools().any(|other| {
                let mut places = other.evidence.iter();
                other.how != How::Unresolved
                    && places.any(|evidence| evidence.path.starts_with(directory))
            })
        })
        .map(|asset| asset.id.clone())
        .collect();
    for id in &told {
        inventory.assets.remove(id);
    }
    inventory
        .relations
        .retain(|it| !told.contains(&it.from) && !told.contains(&it.to));
}

/// The directory of the file that an asset stands in, with the slash behind it; empty for the root.
fn directory_of(asset: &Asset) -> &str {
    let path = asset
        .evidence
        .first()
        .map_or("", |evidence| &*evidence.path);
    let end = path.rfind('/').map_or(0, |at| at.saturating_add(1));
    path.get(..end).unwrap_or_default()
}
