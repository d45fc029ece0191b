//! JSON and YAML trees to values with places.

use std::sync::Arc;

use stance_read::Limits;
use stance_read::tree::{self, Notation, Tree};

use crate::value::{Entry, Node, Span, Value};

/// The place of a range in a file.
pub(crate) fn place(file: u32, range: &std::ops::Range<usize>) -> Span {
    let byte = |byte| u32::try_from(byte).unwrap_or(u32::MAX);
    Span {
        file,
        start: byte(range.start),
        end: byte(range.end),
    }
}

/// A tree as a value; `at` gives the places of its nodes.
pub(crate) fn of_tree(node: &tree::Node, at: &dyn Fn(&std::ops::Range<usize>) -> Span) -> Node {
    let span = at(&node.span);
    let value = match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::Bool(value) => Value::Bool(*value),
        tree::Value::Number(text) => text
            .parse()
            .map_or_else(|_| Value::String(Arc::clone(text)), Value::Number),
        tree::Value::String(text) => Value::String(Arc::clone(text)),
        tree::Value::Array(items) => {
            Value::array(items.iter().map(|item| of_tree(item, at)).collect())
        }
        tree::Value::Object(entries) => Value::object(
            entries
                .iter()
                .map(|entry| Entry {
                    key: Arc::clone(&entry.key),
                    key_span: at(&entry.key_span),
                    value: of_tree(&entry.value, at),
                })
                .collect(),
        ),
    };
    Node::new(value, span)
}

/// What a JSON text says; all of it at the place of the text.
pub(crate) fn of_text(text: &str, span: Span) -> Option<Node> {
    let limits = Limits {
        tree_depth: 48,
        tree_nodes: 50_000,
        ..Limits::default()
    };
    let tree = Tree::parse(Notation::Json, text, &limits);
    if !tree.errors.is_empty() {
        return None;
    }
    Some(of_tree(tree.root()?, &|_| span))
}

/// Notes what of a tree could not be read.
pub(crate) fn report(tree: &Tree, file: u32, problems: &mut crate::problem::Problems) {
    for error in &tree.errors {
        let reason = match error.reason {
            stance_core::fact::GapReason::Limit => crate::Reason::Limit,
            _ => crate::Reason::Syntax,
        };
        let range = error.offset..error.offset.saturating_add(1);
        problems.add(reason, place(file, &range), error.message.clone());
    }
}
