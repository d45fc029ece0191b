//! What an organisation has.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest;
use crate::evidence::Evidence;
use crate::severity::Confidence;

/// What an asset is. Closed: a new kind is a decision, not a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A program of ours, named by its manifest.
    Application,
    /// A model, as a file, a hub repository or a provider's name.
    Model,
    /// Data to train, tune or evaluate with.
    Dataset,
    /// A prompt, or instructions that steer an agent.
    Prompt,
    /// A training, evaluation or deployment pipeline.
    Pipeline,
    /// An address at which a model or agent answers.
    Endpoint,
    /// A program that lets a model decide what to do next.
    Agent,
    /// Something an agent can call.
    Tool,
    /// Something that looks at what goes into or comes out of a model or agent, and may refuse it.
    Guardrail,
    /// Something that scores what a model or agent answers.
    Evaluator,
    /// A server of the Model Context Protocol.
    McpServer,
    /// A store that is searched by embedding.
    VectorStore,
    /// An organisation whose AI service is used.
    Vendor,
    /// A person, role, account or named credential reference.
    Identity,
    /// A credential value.
    Secret,
    /// A container image, machine or accelerator that AI runs on.
    Compute,
    /// A library or tool from a package registry.
    Package,
    /// A source repository.
    Repository,
}

impl AssetKind {
    /// All kinds, in the order in which people are shown them.
    pub const ALL: [Self; 18] = [
        Self::Application,
        Self::Model,
        Self::Dataset,
        Self::Prompt,
        Self::Agent,
        Self::Tool,
        Self::McpServer,
        Self::Guardrail,
        Self::Evaluator,
        Self::Endpoint,
        Self::VectorStore,
        Self::Pipeline,
        Self::Vendor,
        Self::Identity,
        Self::Secret,
        Self::Compute,
        Self::Package,
        Self::Repository,
    ];

    /// The name used in ids and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Prompt => "prompt",
            Self::Pipeline => "pipeline",
            Self::Endpoint => "endpoint",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Guardrail => "guardrail",
            Self::Evaluator => "evaluator",
            Self::McpServer => "mcp_server",
            Self::VectorStore => "vector_store",
            Self::Vendor => "vendor",
            Self::Identity => "identity",
            Self::Secret => "secret",
            Self::Compute => "compute",
            Self::Package => "package",
            Self::Repository => "repository",
        }
    }

    /// What people call several of them.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Application => "applications",
            Self::Model => "models",
            Self::Dataset => "datasets",
            Self::Prompt => "prompts",
            Self::Pipeline => "pipelines",
            Self::Endpoint => "endpoints",
            Self::Agent => "agents",
            Self::Tool => "tools",
            Self::Guardrail => "guardrails",
            Self::Evaluator => "evaluators",
            Self::McpServer => "MCP servers",
            Self::VectorStore => "vector stores",
            Self::Vendor => "vendors",
            Self::Identity => "identities",
            Self::Secret => "secrets",
            Self::Compute => "compute",
            Self::Package => "packages",
            Self::Repository => "repositories",
        }
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for AssetKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.replace('-', "_").to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == wanted)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A word that names no [`AssetKind`].
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an asset kind; `stance assets --help` lists them")]
pub struct UnknownKind(String);

/// Kind and canonical natural key, `kind:key`; seeing a thing twice gives the same id.
///
/// Keys follow the package URL idea: `model:pkg:huggingface/org/name`,
/// `model:openai/gpt-4o`, `model:file/weights/m.pt`, `package:pkg:pypi/torch`,
/// `mcp_server:.mcp.json#docs`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetId(Box<str>);

impl AssetId {
    /// The id of a thing of this kind under this key.
    #[must_use]
    pub fn new(kind: AssetKind, key: impl AsRef<str>) -> Self {
        Self(format!("{kind}:{}", key.as_ref()).into())
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind, as written before the first colon.
    #[must_use]
    pub fn kind_name(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How an asset is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It was looked at itself: a file on disk, a running service.
    Observed,
    /// Its name stands as a literal where it is used.
    Literal,
    /// Its name is a constant, followed to where it is used.
    Constant,
    /// A configuration or manifest declares it.
    Configuration,
    /// It is the default of something that can be set from outside.
    Default,
    /// A library that implies it is imported.
    Import,
    /// It is named by something that could not be resolved.
    Unresolved,
}

impl How {
    /// All ways, the strongest first.
    pub const ALL: [Self; 7] = [
        Self::Observed,
        Self::Literal,
        Self::Constant,
        Self::Configuration,
        Self::Default,
        Self::Import,
        Self::Unresolved,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Literal => "literal",
            Self::Constant => "constant",
            Self::Configuration => "configuration",
            Self::Default => "default",
            Self::Import => "import",
            Self::Unresolved => "unresolved",
        }
    }
}

impl How {
    /// How sure it is that the asset is what it is told to be and in use: what stands there is certain, a default
    /// may be changed from outside, an import alone calls nothing, an open name may be any.
    #[must_use]
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::Observed | Self::Literal | Self::Constant | Self::Configuration => {
                Confidence::High
            }
            Self::Default | Self::Import => Confidence::Medium,
            Self::Unresolved => Confidence::Low,
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What part of a tree an asset belongs to; ordered, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What runs for users, or could.
    Production,
    /// Tests, fixtures, benchmarks, and packages that only development needs.
    Test,
    /// Documentation and examples.
    Documentation,
}

impl Scope {
    /// All scopes, the most important first.
    pub const ALL: [Self; 3] = [Self::Production, Self::Test, Self::Documentation];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
            Self::Documentation => "documentation",
        }
    }

    /// The scope that a path tells by its directories and file name, by the
    /// conventions that test runners and documentation tools share.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let mut parts = path.split('/').rev();
        let file = parts.next().unwrap_or_default().to_ascii_lowercase();
        let stem = file.split('.').next().unwrap_or_default();
        if file.starts_with("test_")
            || stem.ends_with("_test")
            || stem == "tests"
            || file == "conftest.py"
            || file.contains(".test.")
            || file.contains(".spec.")
        {
            return Self::Test;
        }
        // Packages of the JVM are folders as well, and `com/example` is no example.
        let sources = ["java", "kotlin", "scala", "groovy"];
        let packages = path.split('/').collect::<Vec<_>>();
        let root = packages
            .windows(3)
            .position(|it| matches!(it, ["src", _, language] if sources.contains(language)));
        let inside = root.map_or(0, |at| packages.len().saturating_sub(at.saturating_add(4)));
        for part in parts.skip(inside) {
            let part = part.to_ascii_lowercase();
            // Chapters are numbered: `01-tutorials`.
            let chapter = part.trim_start_matches(|c: char| c.is_ascii_digit());
            let name = match chapter.strip_prefix(['-', '_']) {
                Some(name) if chapter.len() < part.len() => name,
                _ => &part,
            };
            match name {
                "test" | "tests" | "testing" | "__tests__" | "testdata" | "test_data"
                | "fixtures" | "spec" | "specs" | "e2e" | "benches" | "benchmarks" => {
                    return Self::Test;
                }
                _ if name.ends_with("-tests") || name.ends_with("_tests") => return Self::Test,
                "doc" | "docs" | "documentation" | "example" | "examples" | "samples"
                | "tutorial" | "tutorials" | "cookbook" => return Self::Documentation,
                _ => {}
            }
        }
        Self::Production
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing of the inventory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Kind and canonical key.
    pub id: AssetId,
    /// What it is.
    pub kind: AssetKind,
    /// What people call it.
    pub name: String,
    /// Other names under which it was seen.
    pub aliases: BTreeSet<String>,
    /// The strongest way in which it is known.
    pub how: How,
    /// The most important scope in which it was seen.
    pub scope: Scope,
    /// Details by name: `format`, `framework`, `size`, `tensors`, `parameters`,
    /// `version`, `transport` and so on; `docs/output/json-v1.md` lists them.
    pub attributes: BTreeMap<String, Value>,
    /// Where it was seen, in order of path; at least one, at most [`Asset::MAX_EVIDENCE`].
    pub evidence: Vec<Evidence>,
    /// How often it was seen in all.
    pub occurrences: u64,
}

impl Asset {
    /// Most places kept for one asset; the rest is only counted.
    pub const MAX_EVIDENCE: usize = 64;

    /// An asset seen at one place.
    #[must_use]
    pub fn new(
        kind: AssetKind,
        key: impl AsRef<str>,
        name: impl Into<String>,
        how: How,
        evidence: Evidence,
    ) -> Self {
        Self {
            id: AssetId::new(kind, key),
            kind,
            name: name.into(),
            aliases: BTreeSet::new(),
            how,
            scope: Scope::of_path(&evidence.path),
            attributes: BTreeMap::new(),
            evidence: vec![evidence],
            occurrences: 1,
        }
    }

    /// The same asset with one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    /// The same asset with one more detail, if there is one.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds up two sightings of one asset. Order does not matter for the result
    /// but for details that disagree, where the first one stays.
    pub fn merge(&mut self, other: Self) {
        if other.name != self.name {
            self.aliases.insert(other.name);
        }
        self.aliases.extend(other.aliases);
        self.aliases.remove(&self.name);
        self.how = self.how.min(other.how);
        self.scope = self.scope.min(other.scope);
        for (name, value) in other.attributes {
            match self.attributes.entry(name) {
                Entry::Vacant(slot) => {
                    slot.insert(value);
                }
                // Several texts under one name: a change of any of them is a change.
                Entry::Occupied(mut slot) if slot.key() == digest::TEXT => {
                    let both = together(slot.get(), &value);
                    slot.insert(both);
                }
                Entry::Occupied(_) => {}
            }
        }
        self.evidence.extend(other.evidence);
        self.evidence.sort();
        self.evidence.dedup();
        self.evidence.truncate(Self::MAX_EVIDENCE);
        self.occurrences = self.occurrences.saturating_add(other.occurrences);
    }
}

/// Most digests of texts under one name.
const MOST_TEXTS: usize = 64;

/// The digests of both, once each, in order; one of them stands alone.
fn together(one: &Value, other: &Value) -> Value {
    let mut all: Vec<&str> = [one, other]
        .into_iter()
        .flat_map(|it| match it {
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            it => Vec::from_iter(it.as_str()),
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST_TEXTS);
    match all.as_slice() {
        [alone] => (*alone).into(),
        several => several.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_follows_the_conventions_of_test_runners() {
        for (path, scope) in [
            ("src/app.py", Scope::Production),
            ("tests/unit/a.py", Scope::Test),
            ("src/test_app.py", Scope::Test),
            ("web/app.spec.ts", Scope::Test),
            ("src/secrets/tests.rs", Scope::Test),
            ("docs/guide/a.py", Scope::Documentation),
            ("src/main/java/com/example/App.java", Scope::Production),
            ("src/test/java/com/acme/AppTest.java", Scope::Test),
            (
                "examples/src/main/java/com/acme/App.java",
                Scope::Documentation,
            ),
            ("latest/a.py", Scope::Production),
        ] {
            assert_eq!(Scope::of_path(path), scope, "{path}");
        }
    }

    #[test]
    fn texts_under_one_name_are_kept_apart_in_any_order() {
        let prompt = |text: &str| {
            let at = Evidence::file("app.py");
            Asset::new(
                AssetKind::Prompt,
                "app.py#prompt",
                "prompt",
                How::Literal,
                at,
            )
            .with(digest::TEXT, text)
        };
        let merged = |all: [&str; 3]| {
            let mut first = prompt(all[0]);
            first.merge(prompt(all[1]));
            first.merge(prompt(all[2]));
            first.attributes[digest::TEXT].clone()
        };
        assert_eq!(merged(["b", "a", "b"]), merged(["a", "b", "a"]));
        assert_ne!(merged(["a", "b", "b"]), merged(["a", "c", "a"]));
        assert_eq!(merged(["a", "a", "a"]), "a");
    }

    #[test]
    fn merging_keeps_the_strongest_and_counts_everything() {
        let at = |path: &str| Evidence::file(path);
        let mut a = Asset::new(AssetKind::Model, "k", "a", How::Import, at("docs/x"));
        a.merge(Asset::new(
            AssetKind::Model,
            "k",
            "b",
            How::Literal,
            at("y"),
        ));
        assert_eq!(a.how, How::Literal);
        assert_eq!(a.scope, Scope::Production);
        assert_eq!(a.occurrences, 2);
        assert!(a.aliases.contains("b"));
        assert_eq!(a.evidence.len(), 2);
    }
}
