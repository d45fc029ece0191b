//! From observations to the inventory: assets, and how they hang together.
//!
//! Pure and idempotent: the same observations in any order give the same
//! inventory, and an observation seen twice counts as one asset.

mod applications;
mod assets;
mod deployments;
mod signatures;

use std::collections::BTreeMap;

use crate::asset::{Asset, AssetId};
use crate::observation::Observation;
use crate::relation::Relation;

pub use applications::{Application, Applications};

/// What the observations of one scan add up to.
#[derive(Debug)]
pub struct Inventory {
    /// Every asset by its id.
    pub assets: BTreeMap<AssetId, Asset>,
    /// How they hang together, sorted, one per pair and kind.
    pub relations: Vec<Relation>,
    /// The applications and the directories they own.
    pub applications: Applications,
}

impl Inventory {
    /// Adds a sighting of an asset.
    fn see(&mut self, asset: Asset) -> AssetId {
        let id = asset.id.clone();
        match self.assets.entry(id.clone()) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(asset);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().merge(asset),
        }
        id
    }
}

/// Adds up the observations of a scan whose root is called `name`.
#[must_use]
pub fn build(name: &str, observations: &[Observation]) -> Inventory {
    let mut inventory = Inventory {
        applications: Applications::find(name, observations),
        assets: BTreeMap::new(),
        relations: Vec::new(),
    };
    for observation in observations {
        assets::add(&mut inventory, observation);
    }
    deployments::settle(&mut inventory);
    signatures::add(&mut inventory, observations);
    inventory.relations.sort();
    inventory
        .relations
        .dedup_by(|a, b| a.from == b.from && a.to == b.to && a.kind == b.kind);
    inventory
}
