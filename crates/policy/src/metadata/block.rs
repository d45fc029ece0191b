//! One METADATA block.

use serde::Serialize;
use serde_json::{Map, Value};

/// What a block is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The definition that follows.
    Rule,
    /// All definitions of the rule that follows, in the whole package.
    Document,
    /// The package.
    Package,
    /// The package and all below it.
    Subpackages,
}

/// What a block stands before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The definition with this number in the module.
    Rule(usize),
    /// The package.
    Package,
}

/// A METADATA block that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What it is about.
    pub scope: Scope,
    /// What it stands before.
    pub target: Target,
    /// The line of `# METADATA`.
    pub line: u32,
    /// All that it says, in the form in which `rego.metadata.rule()` gives it.
    pub annotations: Map<String, Value>,
}

impl Block {
    /// A text of the block itself, such as `title`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).and_then(Value::as_str)
    }

    /// A field of `custom`.
    #[must_use]
    pub fn custom(&self, name: &str) -> Option<&Value> {
        self.annotations.get("custom").and_then(|it| it.get(name))
    }
}
