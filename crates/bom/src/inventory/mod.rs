//! From the inventory of a scan to a bill. Identities and secrets are left out: a bill is handed on, and neither
//! belongs into other hands.

mod card;
mod part;

use std::collections::BTreeMap;

use stance_core::fact::{Artifact, ArtifactFormat, Fact, McpServer};
use stance_core::{AssetId, AssetKind, How, RelationKind, Snapshot};

use crate::bill::{Bill, Completeness, Link, Property, Tool};

/// Where an asset stands in a bill.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Component,
    Service,
    Nowhere,
}

const fn standing(kind: AssetKind) -> Standing {
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
        | AssetKind::Repository => Standing::Component,
        AssetKind::Endpoint | AssetKind::McpServer => Standing::Service,
        // A vendor is told as supplier of what it supplies.
        AssetKind::Vendor | AssetKind::Identity | AssetKind::Secret => Standing::Nowhere,
    }
}

/// What facts say about assets beyond what the inventory keeps of them.
struct Facts<'a> {
    snapshot: &'a Snapshot,
    /// Model files by path.
    files: BTreeMap<&'a str, &'a Artifact>,
    /// What speaks about the models of a directory: cards and configurations.
    beside: BTreeMap<&'a str, Vec<&'a Artifact>>,
    /// MCP servers by the key of their asset.
    servers: BTreeMap<String, &'a McpServer>,
    /// Who provides an asset.
    suppliers: BTreeMap<&'a AssetId, &'a str>,
    /// What each asset started or learned from, and so on.
    relations: BTreeMap<&'a AssetId, Vec<(RelationKind, &'a AssetId)>>,
}

impl<'a> Facts<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let mut facts = Self {
            snapshot,
            files: BTreeMap::new(),
            beside: BTreeMap::new(),
            servers: BTreeMap::new(),
            suppliers: BTreeMap::new(),
            relations: BTreeMap::new(),
        };
        for observation in &snapshot.observations {
            match &observation.fact {
                Fact::Artifact(artifact) if artifact.format == ArtifactFormat::Configuration => {
                    let directory = directory(&artifact.evidence.path);
                    facts.beside.entry(directory).or_default().push(artifact);
                }
                Fact::Artifact(artifact) => {
                    facts.files.insert(&artifact.evidence.path, artifact);
                }
                Fact::McpServer(server) => {
                    let key = format!("{}#{}", server.evidence.path, server.name);
                    facts.servers.insert(key, server);
                }
                _ => {}
            }
        }
        for relation in &snapshot.relations {
            if relation.kind == RelationKind::ProvidedBy
                && let Some(vendor) = snapshot.assets.get(&relation.to)
            {
                facts.suppliers.insert(&relation.from, &vendor.name);
            }
            let known = facts.relations.entry(&relation.from).or_default();
            known.push((relation.kind, &relation.to));
        }
        facts
    }

    /// What an asset has this relation to.
    fn related(&self, id: &AssetId, kind: RelationKind) -> impl Iterator<Item = &'a AssetId> {
        let all = self.relations.get(id).into_iter().flatten();
        all.filter(move |(known, _)| *known == kind)
            .map(|(_, to)| *to)
    }
}

/// The directory of a path; a member of a container lies in its container.
fn directory(path: &str) -> &str {
    path.rsplit_once(['/', '!'])
        .map_or("", |(directory, _)| directory)
}

/// The bill of a snapshot. `created` is written only where it is given.
#[must_use]
pub fn bill(snapshot: &Snapshot, tool_version: &str, created: Option<String>) -> Bill {
    let facts = Facts::of(snapshot);
    let root = snapshot.applications.of("");
    let subject = match snapshot.assets.get(&root.id) {
        Some(asset) => part::part(asset, &facts),
        None => part::bare(root.id.as_str(), &root.name),
    };
    let parts: Vec<_> = snapshot
        .assets
        .values()
        .filter(|asset| standing(asset.kind) != Standing::Nowhere && asset.id != root.id)
        .map(|asset| part::part(asset, &facts))
        .collect();
    let there = |id: &AssetId| {
        *id == root.id
            || snapshot
                .assets
                .get(id)
                .is_some_and(|asset| standing(asset.kind) != Standing::Nowhere)
    };
    let mut relations: Vec<Link> = snapshot
        .relations
        .iter()
        .filter(|relation| {
            there(&relation.from) && there(&relation.to) && relation.from != relation.to
        })
        .map(|relation| Link {
            from: relation.from.to_string(),
            kind: relation.kind.name().to_owned(),
            to: relation.to.to_string(),
        })
        .collect();
    relations.sort();
    relations.dedup();
    let mut gaps = snapshot.coverage.skipped.clone();
    let unresolved = snapshot
        .assets
        .values()
        .filter(|asset| asset.how == How::Unresolved && standing(asset.kind) != Standing::Nowhere)
        .count();
    if unresolved > 0 {
        gaps.insert("unresolved".to_owned(), unresolved as u64);
    }
    let completeness = if gaps.is_empty() {
        // Nothing was left out, which is not to say that nothing else exists.
        Completeness::Unknown
    } else {
        Completeness::Incomplete
    };
    let coverage = &snapshot.coverage;
    Bill {
        serial: None,
        created,
        tools: vec![Tool {
            name: "stance".to_owned(),
            version: Some(tool_version.to_owned()),
        }],
        subject: Some(subject),
        parts,
        relations,
        gaps,
        completeness: Some(completeness),
        properties: vec![
            Property::new("stance:coverage:files", coverage.files.to_string()),
            Property::new(
                "stance:coverage:understood",
                coverage.understood.to_string(),
            ),
        ],
    }
}
