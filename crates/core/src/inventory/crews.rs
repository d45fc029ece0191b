//! An agent of a crew that a YAML file describes and the code beside it makes is one agent.

use crate::asset::{Asset, AssetId, AssetKind};
use crate::inventory::Inventory;

/// Folds what the file says of an agent into the agent of the same name that the nearest code above the file makes,
/// where there is exactly one.
pub(super) fn settle(inventory: &mut Inventory) {
    let agents: Vec<&Asset> = inventory
        .assets
        .values()
        .filter(|asset| {
            let framework = asset.attributes.get("framework");
            asset.kind == AssetKind::Agent
                && framework.and_then(serde_json::Value::as_str) == Some("crewai")
        })
        .collect();
    let mut folded: Vec<(AssetId, AssetId)> = Vec::new();
    for described in agents.iter().filter(|agent| is_yaml(agent)) {
        let file = directory_of(described);
        let made = agents.iter().filter(|made| {
            let same = made.name == described.name || made.aliases.contains(&described.name);
            same && !is_yaml(made) && is_above(directory_of(made), file)
        });
        let mut nearest: Option<(&Asset, bool)> = None;
        for one in made {
            let depth = directory_of(one).len();
            nearest = match nearest {
                Some((best, _)) if directory_of(best).len() > depth => nearest,
                Some((best, _)) if directory_of(best).len() == depth => Some((best, true)),
                _ => Some((one, false)),
            };
        }
        if let Some((made, false)) = nearest {
            folded.push((described.id.clone(), made.id.clone()));
        }
    }
    for (from, to) in folded {
        let Some(mut described) = inventory.assets.remove(&from) else {
            continue;
        };
        if let Some(made) = inventory.assets.get_mut(&to) {
            let name = std::mem::replace(&mut described.name, made.name.clone());
            described.aliases.insert(name);
            made.merge(described);
        }
        for relation in &mut inventory.relations {
            for end in [&mut relation.from, &mut relation.to] {
                if *end == from {
                    *end = to.clone();
                }
            }
        }
    }
}

fn path_of(asset: &Asset) -> &str {
    asset.evidence.first().map_or("", |evidence| &evidence.path)
}

fn is_yaml(asset: &Asset) -> bool {
    let path = path_of(asset);
    path.ends_with(".yaml") || path.ends_with(".yml")
}

fn directory_of(asset: &Asset) -> &str {
    let path = path_of(asset);
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn is_above(directory: &str, below: &str) -> bool {
    below
        .strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || directory.is_empty() || rest.starts_with('/'))
}
