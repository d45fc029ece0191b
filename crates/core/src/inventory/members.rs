//! Agents and what they work with, by the names that code and configuration give: the tools of an agent, the agents it
//! hands work to, its model, and the tasks of a crew that an agent is given.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::asset::{Asset, AssetId, AssetKind};
use crate::evidence::Evidence;
use crate::inventory::Inventory;
use crate::relation::{Relation, RelationKind};

/// Attributes of an agent that name others, what those are, and what the agent has to do with them.
const MEMBERS: [(&str, AssetKind, RelationKind); 6] = [
    ("tools", AssetKind::Tool, RelationKind::Calls),
    ("agents", AssetKind::Agent, RelationKind::DelegatesTo),
    ("sub_agents", AssetKind::Agent, RelationKind::DelegatesTo),
    ("hand_offs", AssetKind::Agent, RelationKind::DelegatesTo),
    ("model", AssetKind::Model, RelationKind::Calls),
    ("guardrails", AssetKind::Guardrail, RelationKind::Calls),
];
/// Most members of one agent by one attribute.
const MOST: usize = 64;
/// Most assets of one name that are compared.
const SAME_NAME: usize = 64;

/// The assets of some kinds by what they are called.
struct Names<'a>(HashMap<(AssetKind, String), Vec<&'a Asset>>);

impl<'a> Names<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let mut names: HashMap<(AssetKind, String), Vec<&Asset>> = HashMap::new();
        let kinds = [
            AssetKind::Agent,
            AssetKind::Guardrail,
            AssetKind::Model,
            AssetKind::Tool,
        ];
        let assets = inventory.assets.values();
        for asset in assets.filter(|asset| kinds.contains(&asset.kind)) {
            for name in std::iter::once(&asset.name).chain(&asset.aliases) {
                let same = names.entry((asset.kind, name.clone())).or_default();
                if same.len() < SAME_NAME {
                    same.push(asset);
                }
            }
        }
        Self(names)
    }

    /// The asset that a name means where `from` stands: the only one, or the one that lies nearer than all others.
    fn find(&self, kind: AssetKind, name: &str, from: &Asset) -> Option<&'a Asset> {
        let same = self.0.get(&(kind, name.to_owned()))?;
        let mut best: Option<(usize, &Asset)> = None;
        let mut tied = false;
        for asset in same.iter().filter(|asset| asset.id != from.id) {
            let near = nearness(from, asset);
            match best {
                Some((most, _)) if most > near => {}
                Some((most, _)) if most == near => tied = true,
                _ => {
                    best = Some((near, asset));
                    tied = false;
                }
            }
        }
        best.filter(|_| !tied).map(|(_, asset)| asset)
    }
}

/// How many directories two assets have in common at most; one file is nearer than any directory.
fn nearness(one: &Asset, other: &Asset) -> usize {
    let mut most = 0;
    for a in one.evidence.iter().take(8) {
        for b in other.evidence.iter().take(8) {
            if a.path == b.path {
                return usize::MAX;
            }
            let (a, b) = (directory(&a.path), directory(&b.path));
            let shared = a.split('/').zip(b.split('/'));
            let shared = shared.take_while(|(a, b)| a == b && !a.is_empty());
            most = most.max(shared.count());
        }
    }
    most
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Adds the relations between agents and what they work with.
pub(super) fn settle(inventory: &mut Inventory) {
    let names = Names::of(inventory);
    let mut found = Vec::new();
    for asset in inventory.assets.values() {
        match asset.kind {
            AssetKind::Agent => {
                for (attribute, kind, relation) in MEMBERS {
                    for name in texts(asset.attributes.get(attribute)) {
                        if let Some(member) = names.find(kind, name, asset) {
                            found.extend(relation_of(asset, relation, &member.id));
                        }
                    }
                }
                let parent = asset.attributes.get("parent").and_then(Json::as_str);
                let parent = parent.and_then(|name| names.find(AssetKind::Agent, name, asset));
                if let (Some(parent), Some(evidence)) = (parent, asset.evidence.first()) {
                    found.push(relation_at(
                        &parent.id,
                        RelationKind::DelegatesTo,
                        &asset.id,
                        evidence,
                    ));
                }
            }
            // A task is told to the agent that it names.
            AssetKind::Prompt => {
                let agent = asset.attributes.get("agent").and_then(Json::as_str);
                let agent = agent.and_then(|name| names.find(AssetKind::Agent, name, asset));
                if let (Some(agent), Some(evidence)) = (agent, asset.evidence.first()) {
                    found.push(relation_at(
                        &agent.id,
                        RelationKind::Reads,
                        &asset.id,
                        evidence,
                    ));
                }
            }
            _ => {}
        }
    }
    inventory.relations.extend(found);
}

/// A text, or the texts of a list.
fn texts(value: Option<&Json>) -> impl Iterator<Item = &str> {
    let one = value.and_then(Json::as_str);
    let all = value.and_then(Json::as_array).into_iter().flatten();
    one.into_iter()
        .chain(all.filter_map(Json::as_str))
        .take(MOST)
}

fn relation_of(from: &Asset, kind: RelationKind, to: &AssetId) -> Option<Relation> {
    let evidence = from.evidence.first()?;
    Some(relation_at(&from.id, kind, to, evidence))
}

fn relation_at(from: &AssetId, kind: RelationKind, to: &AssetId, evidence: &Evidence) -> Relation {
    Relation {
        from: from.clone(),
        to: to.clone(),
        kind,
        evidence: evidence.clone(),
    }
}
