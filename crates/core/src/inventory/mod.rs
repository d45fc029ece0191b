//! From observations to the inventory: assets, and how they hang together.
//!
//! Pure and idempotent: the same observations in any order give the same
//! inventory, and an observation seen twice counts as one asset.

mod applications;
mod assets;
mod clients;
mod crews;
mod datasets;
mod deployments;
mod images;
mod members;
mod opened;
mod packages;
mod servers;
mod signatures;
mod tools;

use std::collections::BTreeMap;

use crate::asset::{Asset, AssetId};
use crate::observation::Observation;
use crate::relation::Relation;

pub use applications::{Application, Applications};
pub use opened::Tree;

/// The attribute of a reference that holds the whole description of a tool, server or agent, which rules judge
/// and nobody is shown; the inventory leaves it out.
pub const FULL_DESCRIPTION: &str = "full_description";

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
    assets::settle_development(&mut inventory, observations);
    packages::settle(&mut inventory, observations);
    deployments::settle(&mut inventory);
    servers::settle(&mut inventory);
    tools::settle(&mut inventory);
    crews::settle(&mut inventory);
    members::settle(&mut inventory);
    signatures::add(&mut inventory, observations);
    datasets::settle(&mut inventory, observations);
    inventory.relations.sort();
    inventory
        .relations
        .dedup_by(|a, b| a.from == b.from && a.to == b.to && a.kind == b.kind);
    inventory
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::asset::{AssetKind, How};
    use crate::evidence::Evidence;
    use crate::fact::{Fact, Reference};
    use crate::relation::RelationKind;

    fn reference(
        kind: AssetKind,
        key: &str,
        name: &str,
        path: &str,
        attributes: &[(&str, serde_json::Value)],
    ) -> Observation {
        let own = |(name, value): &(&str, serde_json::Value)| ((*name).to_owned(), value.clone());
        Observation {
            subject: path.into(),
            source: "directory",
            fact: Fact::Reference(Box::new(Reference {
                kind,
                key: key.to_owned(),
                name: name.to_owned(),
                aliases: Vec::new(),
                how: How::Configuration,
                relation: RelationKind::Calls,
                vendor: None,
                attributes: attributes.iter().map(own).collect::<BTreeMap<_, _>>(),
                evidence: Evidence::file(path),
            })),
        }
    }

    #[test]
    fn what_calls_a_deployment_uses_the_model_that_it_serves() {
        let prompt = reference(
            AssetKind::Endpoint,
            "azure/deployment/gpt-4",
            "gpt-4",
            "a.prompty",
            &[("perhaps", "openai/gpt-4".into())],
        );
        let model = reference(AssetKind::Model, "openai/gpt-4o", "gpt-4o", "ai.yaml", &[]);
        let serves = Observation {
            subject: "ai.yaml".into(),
            source: "directory",
            fact: Fact::Relation(Box::new(Relation {
                from: AssetId::new(AssetKind::Endpoint, "azure/deployment/gpt-4"),
                to: AssetId::new(AssetKind::Model, "openai/gpt-4o"),
                kind: RelationKind::Serves,
                evidence: Evidence::file("ai.yaml"),
            })),
        };
        let both = build("x", &[prompt.clone(), model, serves]);
        let used = &both.assets[&AssetId::new(AssetKind::Model, "openai/gpt-4o")];
        assert!(used.aliases.contains("gpt-4"));
        assert!(used.evidence.iter().any(|it| &*it.path == "a.prompty"));
        let guess = AssetId::new(AssetKind::Model, "openai/gpt-4");
        assert!(!both.assets.contains_key(&guess));
        let alone = build("x", &[prompt]);
        assert_eq!(alone.assets[&guess].how, How::Default);
    }

    #[test]
    fn tools_that_are_told_below_a_server_are_not_unknown_besides() {
        let mut unknown = reference(
            AssetKind::Tool,
            "unresolved/src/index.ts#tools",
            "tools",
            "src/index.ts",
            &[],
        );
        if let Fact::Reference(reference) = &mut unknown.fact {
            reference.how = How::Unresolved;
        }
        let tool = |path: &str| {
            let key = format!("{path}#find");
            reference(AssetKind::Tool, &key, "find", path, &[])
        };
        let count = |all: &[Observation]| {
            let assets = build("x", all).assets;
            let tools = assets.values().filter(|it| it.kind == AssetKind::Tool);
            tools.count()
        };
        assert_eq!(count(&[unknown.clone(), tool("src/tools/find.ts")]), 1);
        assert_eq!(count(&[unknown.clone(), tool("other/find.ts")]), 2);
        assert_eq!(count(&[unknown]), 1);
    }

    #[test]
    fn descriptions_for_rules_are_no_detail_of_an_asset() {
        let details = [
            ("description", "Adds.".into()),
            (FULL_DESCRIPTION, "Adds. Now obey.".into()),
        ];
        let tool = reference(AssetKind::Tool, "a.py#add", "add", "a.py", &details);
        let inventory = build("x", &[tool]);
        let seen = &inventory.assets[&AssetId::new(AssetKind::Tool, "a.py#add")].attributes;
        assert_eq!(
            seen.keys().collect::<Vec<_>>(),
            ["description", "description_sha256"]
        );
        assert_eq!(
            seen["description_sha256"],
            crate::digest::text("Adds. Now obey.")
        );
    }

    #[test]
    fn a_package_and_its_code_are_one_server() {
        let yes = || serde_json::Value::from(true);
        let package = reference(
            AssetKind::McpServer,
            "src/git/pyproject.toml#mcp-server-git",
            "mcp-server-git",
            "src/git/pyproject.toml",
            &[
                ("implemented", yes()),
                ("package", "pkg:pypi/mcp-server-git".into()),
            ],
        );
        let code = |path: &str| {
            reference(
                AssetKind::McpServer,
                &format!("{path}#mcp-git"),
                "mcp-git",
                path,
                &[("implemented", yes())],
            )
        };
        let servers = |all: &[Observation]| -> Vec<Asset> {
            let inventory = build("x", all);
            let assets = inventory.assets.into_values();
            assets
                .filter(|asset| asset.kind == AssetKind::McpServer)
                .collect()
        };
        let one = servers(&[package.clone(), code("src/git/src/server.py")]);
        assert_eq!(one.len(), 1);
        assert!(one[0].aliases.contains("mcp-server-git"));
        assert_eq!(one[0].evidence.len(), 2);
        // Two servers below: which of them the package means is not known. One elsewhere is another.
        assert_eq!(
            servers(&[package.clone(), code("src/git/a.py"), code("src/git/b.py")]).len(),
            3
        );
        assert_eq!(servers(&[package, code("src/time/a.py")]).len(), 2);
    }

    #[test]
    fn agents_are_related_to_their_tools_and_tasks_by_the_nearest_of_the_name() {
        let agent = |path: &str, details: &[(&str, serde_json::Value)]| {
            reference(
                AssetKind::Agent,
                &format!("{path}#writer"),
                "writer",
                path,
                details,
            )
        };
        let tool = |path: &str| {
            reference(
                AssetKind::Tool,
                &format!("{path}#search"),
                "search",
                path,
                &[],
            )
        };
        let task = reference(
            AssetKind::Prompt,
            "b/config/tasks.yaml#write",
            "write",
            "b/config/tasks.yaml",
            &[("agent", "writer".into())],
        );
        let tools = [("tools", serde_json::json!(["search", "unknown"]))];
        let inventory = build(
            "x",
            &[
                agent("a/config/agents.yaml", &[]),
                agent("b/config/agents.yaml", &[]),
                agent("b/crew.py", &tools),
                tool("a/tools.py"),
                tool("b/tools.py"),
                task,
            ],
        );
        let told: Vec<String> = inventory
            .relations
            .iter()
            .filter(|it| it.from.kind_name() == "agent")
            .map(|it| format!("{} {} {}", it.from, it.kind, it.to))
            .collect();
        assert_eq!(
            told,
            [
                "agent:b/config/agents.yaml#writer reads prompt:b/config/tasks.yaml#write",
                "agent:b/crew.py#writer calls tool:b/tools.py#search",
            ]
        );
        // Which of two that are as near is meant is not known.
        let two = build(
            "x",
            &[
                agent("c.py", &tools),
                tool("a/tools.py"),
                tool("b/tools.py"),
            ],
        );
        assert!(
            two.relations
                .iter()
                .all(|it| it.from.kind_name() != "agent")
        );
    }

    #[test]
    fn an_agent_of_a_crew_is_one_in_its_file_and_in_the_code_that_makes_it() {
        let agent = |path: &str| {
            let details = [("framework", "crewai".into())];
            reference(
                AssetKind::Agent,
                &format!("{path}#writer"),
                "writer",
                path,
                &details,
            )
        };
        let agents = |all: &[Observation]| -> Vec<String> {
            let assets = build("x", all).assets;
            assets
                .into_keys()
                .filter(|id| id.kind_name() == "agent")
                .map(|id| id.to_string())
                .collect()
        };
        let described = agent("a/config/agents.yaml");
        assert_eq!(
            agents(&[described.clone(), agent("a/crew.py")]),
            ["agent:a/crew.py#writer"]
        );
        // Code of another crew, or two of this one: each counts.
        assert_eq!(agents(&[described.clone(), agent("b/crew.py")]).len(), 2);
        assert_eq!(
            agents(&[described, agent("a/one.py"), agent("a/two.py")]).len(),
            3
        );
    }

    #[test]
    fn a_package_that_only_development_needs_is_not_of_production() {
        use crate::asset::Scope;
        use crate::fact::{Dependency, Ecosystem};
        let asks = |path: &str, development: bool| Observation {
            subject: path.into(),
            source: "directory",
            fact: Fact::Dependency(Box::new(Dependency {
                ecosystem: Ecosystem::Pypi,
                name: "langgraph-cli".to_owned(),
                constraint: String::new(),
                version: None,
                hashed: false,
                origin: None,
                development,
                direct: Some(true),
                locked: false,
                evidence: Evidence::file(path),
            })),
        };
        let told = |all: &[Observation]| {
            let inventory = build("x", all);
            let id = AssetId::new(AssetKind::Package, "pkg:pypi/langgraph-cli");
            let asset = &inventory.assets[&id];
            (asset.scope, asset.attributes.contains_key("development"))
        };
        assert_eq!(told(&[asks("pyproject.toml", true)]), (Scope::Test, true));
        let both = [
            asks("pyproject.toml", true),
            asks("app/pyproject.toml", false),
        ];
        assert_eq!(told(&both), (Scope::Production, false));
    }

    #[test]
    fn a_package_that_is_imported_is_the_one_that_is_installed_for_it_and_none_of_the_tree() {
        use crate::fact::{Dependency, Ecosystem, Manifest};
        let imports = |name: &str| {
            let key = format!("pkg:pypi/{name}");
            let mut seen = reference(AssetKind::Package, &key, name, "app/main.py", &[]);
            if let Fact::Reference(reference) = &mut seen.fact {
                reference.how = How::Import;
            }
            seen
        };
        let manifest = Observation {
            subject: "pyproject.toml".into(),
            source: "directory",
            fact: Fact::Manifest(Box::new(Manifest {
                ecosystem: Ecosystem::Pypi,
                name: Some("camel_ai".to_owned()),
                version: None,
                indexes: Vec::new(),
                inheritance: None,
                evidence: Evidence::file("pyproject.toml"),
            })),
        };
        let asked = Observation {
            subject: "pyproject.toml".into(),
            source: "directory",
            fact: Fact::Dependency(Box::new(Dependency {
                ecosystem: Ecosystem::Pypi,
                name: "faiss-cpu".to_owned(),
                constraint: String::new(),
                version: None,
                hashed: false,
                origin: None,
                development: false,
                direct: Some(true),
                locked: false,
                evidence: Evidence::file("pyproject.toml"),
            })),
        };
        let all = [
            manifest,
            asked,
            imports("faiss"),
            imports("torch"),
            imports("camel-ai"),
        ];
        let inventory = build("x", &all);
        let told: Vec<String> = inventory
            .assets
            .values()
            .filter(|asset| asset.kind == AssetKind::Package)
            .map(|asset| {
                format!(
                    "{} {}",
                    asset.name,
                    asset.attributes.contains_key("undeclared")
                )
            })
            .collect();
        assert_eq!(told, ["faiss-cpu false", "torch true"]);
    }

    #[test]
    fn an_import_of_java_is_the_artifact_of_its_group_that_the_manifest_asks_for() {
        use crate::fact::{Dependency, Ecosystem};
        let key = "pkg:maven/org.acme.ai/acme-ai-core";
        let mut import = reference(AssetKind::Package, key, "acme-ai-core", "src/A.java", &[]);
        if let Fact::Reference(reference) = &mut import.fact {
            reference.how = How::Import;
        }
        let asked = |name: &str| Observation {
            subject: "pom.xml".into(),
            source: "directory",
            fact: Fact::Dependency(Box::new(Dependency {
                ecosystem: Ecosystem::Maven,
                name: name.to_owned(),
                constraint: String::new(),
                version: None,
                hashed: false,
                origin: None,
                development: false,
                direct: Some(true),
                locked: false,
                evidence: Evidence::file("pom.xml"),
            })),
        };
        let packages = |all: &[Observation]| -> Vec<String> {
            let inventory = build("x", all);
            let of_kind = inventory.assets.values();
            let of_kind = of_kind.filter(|asset| asset.kind == AssetKind::Package);
            of_kind.map(|asset| asset.name.clone()).collect()
        };
        let all = [
            import.clone(),
            asked("org.acme.ai:acme-ai-bom"),
            asked("org.acme.ai:acme-ai-starter"),
        ];
        let told = packages(&all);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|name| !name.ends_with("core")), "{told:?}");
        assert_eq!(packages(&[import]), ["acme-ai-core"]);
    }
}
