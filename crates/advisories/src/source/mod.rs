//! What others publish, to what is kept.

pub mod infra_guard;
pub mod osv;
mod product;
pub mod signals;
pub mod zip;

use stance_read::limits::Limits;
use stance_read::tree::{Node, Notation, Tree, Value};

/// Longest summary that is kept, in characters.
pub(crate) const SUMMARY: usize = 240;

/// A sentence of a source on one line, cut where it is long.
pub(crate) fn summary(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or_default().trim().trim_start_matches("# ");
    stance_core::evidence::shorten(line.chars().take(SUMMARY).collect::<String>().trim())
}

/// A YAML text as a JSON value.
///
/// # Errors
/// In words, when it is none or crosses a limit.
pub(crate) fn yaml(text: &str) -> Result<serde_json::Value, String> {
    let limits = Limits {
        tree_nodes: 1_000_000,
        ..Limits::default()
    };
    let tree = Tree::parse(Notation::Yaml, text, &limits);
    if let Some(error) = tree.errors.first() {
        return Err(error.to_string());
    }
    tree.root()
        .map(value)
        .ok_or_else(|| "there is no document".to_owned())
}

/// Numbers stay text: a version such as `1.10` is none.
fn value(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(text) | Value::String(text) => (&**text).into(),
        Value::Array(items) => items.iter().map(value).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|entry| (entry.key.to_string(), value(&entry.value)))
            .collect(),
    }
}
