//! Deployments under a name of their own: what calls one uses the model that it serves.
//!
//! A deployment called `gpt-4` may serve `gpt-4o`; the template that makes it knows, the prompt that
//! calls it does not. Where no template of the scan makes it, its name is the best guess there is.

use crate::asset::{Asset, AssetId, AssetKind, How};
use crate::inventory::Inventory;
use crate::relation::{Relation, RelationKind};

/// The detail of an endpoint that holds the key of the model its name alone would mean.
const PERHAPS: &str = "perhaps";

pub(super) fn settle(inventory: &mut Inventory) {
    let deployments: Vec<Asset> = inventory
        .assets
        .values()
        .filter(|asset| {
            asset.kind == AssetKind::Endpoint && asset.id.as_str().contains(":azure/deployment/")
        })
        .cloned()
        .collect();
    for deployment in deployments {
        let served: Vec<AssetId> = inventory
            .relations
            .iter()
            .filter(|it| it.kind == RelationKind::Serves && it.from == deployment.id)
            .map(|it| it.to.clone())
            .collect();
        for model in &served {
            if let Some(model) = inventory.assets.get_mut(model) {
                model.aliases.insert(deployment.name.clone());
                model.aliases.remove(&model.name);
                model.evidence.extend(deployment.evidence.iter().cloned());
                model.evidence.sort();
                model.evidence.dedup();
                model.evidence.truncate(Asset::MAX_EVIDENCE);
            }
        }
        let perhaps = inventory
            .assets
            .get_mut(&deployment.id)
            .and_then(|asset| asset.attributes.remove(PERHAPS));
        let key = perhaps.as_ref().and_then(serde_json::Value::as_str);
        if let (true, Some(key), Some(evidence)) =
            (served.is_empty(), key, deployment.evidence.first())
        {
            let name = key.rsplit('/').next().unwrap_or(key);
            let mut asset = Asset::new(AssetKind::Model, key, name, How::Default, evidence.clone())
                .with("deployment", deployment.name.as_str())
                .with("through", "azure");
            asset.evidence.clone_from(&deployment.evidence);
            asset.occurrences = deployment.occurrences;
            let to = inventory.see(asset);
            inventory.relations.push(Relation {
                from: deployment.id,
                to,
                kind: RelationKind::Serves,
                evidence: evidence.clone(),
            });
        }
    }
}
