//! METADATA blocks: YAML in the comments before a rule or a package, as OPA defines them.
//!
//! ```rego
//! # METADATA
//! # title: Models are signed
//! # custom:
//! #   id: ORG-001
//! #   severity: high
//! deny contains msg if { … }
//! ```
//!
//! The fields of `custom` that mean something here are `id`, `severity`, `frameworks`, `asset_kinds` and `remediation`.

mod about;
mod block;
mod read;

pub use about::{About, abouts};
pub use block::{Block, Scope, Target};
pub(crate) use read::json_of;
pub use read::read;

use serde_json::{Value, json};

use crate::outline::Module;

/// What `rego.metadata.rule()` gives in a rule: the block that stands right before it.
#[must_use]
pub fn of_rule(blocks: &[Block], rule: usize) -> Value {
    blocks
        .iter()
        .find(|block| block.scope == Scope::Rule && block.target == Target::Rule(rule))
        .map_or_else(
            || json!({}),
            |block| Value::Object(block.annotations.clone()),
        )
}

/// What `rego.metadata.chain()` gives in a rule: the blocks from the rule outwards, each with the path it is about.
#[must_use]
pub fn chain(blocks: &[Block], module: &Module, rule: usize) -> Value {
    let Some(definition) = module.rules.get(rule) else {
        return json!([]);
    };
    let mut path = module.package.clone();
    let package = json!(path);
    path.extend(definition.name.iter().cloned());
    let path = json!(path);
    let mut links = Vec::new();
    let own = blocks
        .iter()
        .find(|block| block.scope == Scope::Rule && block.target == Target::Rule(rule));
    links.push(own.map_or_else(
        || json!({"path": path}),
        |block| json!({"annotations": block.annotations, "path": path}),
    ));
    for (scope, path) in [
        (Scope::Document, &path),
        (Scope::Package, &package),
        (Scope::Subpackages, &package),
    ] {
        for block in blocks.iter().filter(|block| block.scope == scope) {
            let fits = match &block.target {
                Target::Rule(other) => module
                    .rules
                    .get(*other)
                    .is_some_and(|other| other.name == definition.name),
                Target::Package => true,
            };
            if fits {
                links.push(json!({"annotations": block.annotations, "path": path}));
            }
        }
    }
    Value::Array(links)
}
