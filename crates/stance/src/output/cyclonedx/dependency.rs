//! Relations as the dependency graph.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stance_core::{AssetId, RelationKind, Snapshot};

use super::{Place, place};

/// Who needs what: one entry for each asset of the bill, those that need nothing included.
pub(super) fn dependencies(snapshot: &Snapshot, root: &AssetId) -> Vec<Value> {
    let mut needs: BTreeMap<&AssetId, BTreeSet<&AssetId>> = snapshot
        .assets
        .values()
        .filter(|asset| place(asset.kind) != Place::Nowhere)
        .map(|asset| (&asset.id, BTreeSet::new()))
        .collect();
    needs.entry(root).or_default();
    for relation in &snapshot.relations {
        if !is_need(relation.kind) || !needs.contains_key(&relation.to) {
            continue;
        }
        if let Some(needed) = needs.get_mut(&relation.from)
            && relation.from != relation.to
        {
            needed.insert(&relation.to);
        }
    }
    needs
        .into_iter()
        .map(|(from, needed)| match needed.is_empty() {
            true => json!({ "ref": from }),
            false => json!({ "ref": from, "dependsOn": needed }),
        })
        .collect()
}

/// Whether the one that acts would not work, or not be what it is, without the other.
fn is_need(kind: RelationKind) -> bool {
    match kind {
        RelationKind::Contains
        | RelationKind::DependsOn
        | RelationKind::Calls
        | RelationKind::LoadsArtifactFrom
        | RelationKind::Configures
        | RelationKind::Serves
        | RelationKind::Reads
        | RelationKind::TrainedOn
        | RelationKind::FineTunedFrom
        | RelationKind::DelegatesTo => true,
        RelationKind::Exposes
        | RelationKind::HoldsSecret
        | RelationKind::RunsAs
        | RelationKind::Writes
        | RelationKind::ProvidedBy => false,
    }
}
