//! Apache MXNet: graphs as JSON (`-symbol.json`) and their parameters (`.params`) in a list of arrays.
//!
//! See the readers of `NDArray` and of graphs in the source of MXNet; no other description exists.

mod arrays;
#[doc(hidden)]
pub mod assemble;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

pub(crate) static INSPECTOR: Mxnet = Mxnet;

/// Bytes at the start of a graph in which its nodes are named.
const START: usize = 256;
/// Operators that are kept.
const KEPT: usize = 64;

pub(crate) struct Mxnet;

impl Inspector for Mxnet {
    fn name(&self) -> &'static str {
        "mxnet"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        arrays::starts(input.head()) || is_graph(input)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if arrays::starts(input.head()) {
            arrays::inspect(input, facts);
        } else {
            graph(input, facts);
        }
    }
}

/// Whether a JSON file is a graph: a list of nodes comes first, and what they take is told by number.
fn is_graph(input: &Input<'_>) -> bool {
    if input.extension() != "json" || input.head().first() != Some(&b'{') {
        return false;
    }
    let start = input.head().get(..START).unwrap_or(input.head());
    let nodes = memchr::memmem::find(start, b"\"nodes\"").is_some()
        && memchr::memmem::find(start, b"\"op\"").is_some();
    nodes
        && (input.file_name().ends_with("symbol.json")
            || memchr::memmem::find(input.head(), b"\"arg_nodes\"").is_some())
}

fn graph(input: &Input<'_>, facts: &mut Facts<'_>) {
    let limits = &input.options().limits;
    let Some(text) = input.text(facts) else {
        return;
    };
    let tree = Tree::parse(Notation::Json, text.as_str(), limits);
    if let Some(error) = tree.errors.first() {
        facts.gap(error.reason, format!("MXNet: {error}"), input.evidence());
    }
    let Some(root) = tree.root() else {
        return;
    };
    let mut artifact = Artifact::new(ArtifactFormat::Mxnet, input.len(), input.evidence());
    let mut nodes = 0_u64;
    for node in root.get("nodes").into_iter().flat_map(Node::items) {
        nodes = nodes.saturating_add(1);
        let operator = node.get("op").and_then(Node::as_str).unwrap_or_default();
        for name in ["attrs", "attr", "param"] {
            if let Some(attributes) = node.get(name) {
                attribute(operator, attributes, input, &text, &mut artifact);
            }
        }
    }
    let version = root
        .get("attrs")
        .and_then(|attrs| attrs.get("mxnet_version"))
        .and_then(|version| version.items().get(1))
        .and_then(Node::scalar)
        .and_then(|version| version.parse::<u32>().ok());
    if let Some(version) = version {
        // 10901 is 1.9.1.
        let part = |unit: u32| version.checked_div(unit).unwrap_or(0) % 100;
        let parts = [part(10_000), part(100), part(1)];
        let version = parts.map(|part| part.to_string()).join(".");
        artifact.metadata.insert("version".to_owned(), version);
    }
    artifact
        .metadata
        .insert("nodes".to_owned(), nodes.to_string());
    let path = Arc::clone(input.path());
    facts.add(&path, Fact::Artifact(Box::new(artifact)));
}

/// What a node takes from outside: an operator that Python code has registered, a library.
fn attribute(
    operator: &str,
    attributes: &Node,
    input: &Input<'_>,
    text: &stance_read::text::Text<'_>,
    artifact: &mut Artifact,
) {
    let custom = matches!(
        operator,
        "Custom" | "_Native" | "_NDArray" | "_CustomFunction"
    );
    for entry in attributes.entries() {
        let (key, value) = (&*entry.key, &entry.value);
        let Some(content) = value.as_str() else {
            continue;
        };
        let lower = content.to_ascii_lowercase();
        let library = [".so", ".dll", ".dylib", ".py", ".pyc"]
            .iter()
            .any(|end| lower.ends_with(end));
        let named = custom && key == "op_type";
        if (library || named) && artifact.embedded.len() < KEPT {
            let name = if named { content } else { operator };
            let detail = if library {
                format!("{key}: {content}")
            } else {
                "an operator that Python code registers".to_owned()
            };
            artifact.embedded.push(Embedded {
                kind: EmbeddedKind::CustomOperator,
                name: shown(name),
                detail: shown(&detail),
                evidence: text.evidence(input.path(), value.span.clone()),
            });
        }
    }
}
