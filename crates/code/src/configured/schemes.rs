//! Entries by which libraries know what to call.

use std::ops::Range;

use stance_read::text::Text;
use stance_read::tree::{Entry, Node, Value};

/// Entries whose value is imported and called whatever stands beside them.
const ALWAYS: &[&str] = &[
    "_target_",
    "__target__",
    "_component_",
    "py/object",
    "py/type",
    "py/function",
    "py/class",
];

/// Entries that are one when arguments stand beside them.
const WITH_ARGUMENTS: &[&str] = &[
    "callable",
    "class",
    "class_name",
    "class_path",
    "cls",
    "constructor",
    "entry_point",
    "factory",
    "fn",
    "func",
    "function",
    "handler",
    "hook",
    "loader",
    "loader_class",
    "target",
];

/// What arguments are called.
const ARGUMENTS: &[&str] = &[
    "__kind__",
    "_args_",
    "args",
    "arguments",
    "cmd",
    "command",
    "config",
    "init_args",
    "kwargs",
    "parameters",
    "params",
    "py/tuple",
];

/// Functions of Hydra that look up what another entry names, by their beginning.
const LOOKUPS: &[&str] = &["hydra.utils.", "hydra._internal.", "hydra_zen."];

/// How often a reference of OmegaConf is followed.
const REFERENCES: usize = 8;

/// Longest name that is taken for one.
const LONGEST: usize = 512;

/// Whether a text holds one of the entries that need arguments beside them.
pub(super) fn any_key(text: &str) -> bool {
    WITH_ARGUMENTS
        .iter()
        .any(|key| memchr::memmem::find(text.as_bytes(), key.as_bytes()).is_some())
}

/// Calls `push` with each callable, the object it stands in, and its place.
pub(super) fn look(root: &Node, text: &Text<'_>, push: &mut dyn FnMut(&str, &str, Range<usize>)) {
    let mut open: Vec<&Node> = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(entries) => {
                for entry in entries {
                    if names_callable(entry, entries) {
                        tell(entry, node, root, text, push);
                    }
                }
                open.extend(entries.iter().rev().map(|entry| &entry.value));
            }
            _ => {}
        }
    }
}

fn names_callable(entry: &Entry, beside: &[Entry]) -> bool {
    let key = &*entry.key;
    ALWAYS.contains(&key)
        || WITH_ARGUMENTS.contains(&key)
            && entry
                .value
                .as_str()
                .is_some_and(|name| name.contains(['.', ':']))
            && beside.iter().any(|other| ARGUMENTS.contains(&&*other.key))
}

fn tell(
    entry: &Entry,
    around: &Node,
    root: &Node,
    text: &Text<'_>,
    push: &mut dyn FnMut(&str, &str, Range<usize>),
) {
    let Some(written) = entry.value.as_str().map(str::trim) else {
        return;
    };
    if written.is_empty() || written.len() > LONGEST {
        return;
    }
    let name = resolved(written, around, root);
    let whole = text.as_str().get(around.span.clone()).unwrap_or_default();
    let short = whole.get(..whole.floor_char_boundary(600)).unwrap_or(whole);
    let detail = short.split_whitespace().collect::<Vec<_>>().join(" ");
    // What a lookup of Hydra hands out is what the entry is about.
    if LOOKUPS.iter().any(|start| name.starts_with(start)) {
        for key in [
            "path",
            "target",
            "hydra_target",
            "zen_target",
            "_zen_target",
        ] {
            if let Some(inner) = around.get(key)
                && let Some(path) = inner.as_str()
            {
                push(
                    &dotted(&resolved(path, around, root)),
                    &detail,
                    inner.span.clone(),
                );
            }
        }
    }
    push(&dotted(&name), &detail, entry.value.span.clone());
}

/// An entry point, `module:attribute`, as a dotted name.
fn dotted(name: &str) -> String {
    name.replace("::", ".").replace(':', ".")
}

/// A text with references of OmegaConf, `${a.b}`, put in.
fn resolved(written: &str, around: &Node, root: &Node) -> String {
    let mut name = written.to_owned();
    for _ in 0..REFERENCES {
        let Some(start) = name.find("${") else {
            break;
        };
        let rest = name.get(start.saturating_add(2)..).unwrap_or_default();
        let Some(length) = rest.find('}') else {
            break;
        };
        let reference = rest.get(..length).unwrap_or_default().trim();
        let Some(value) = referenced(reference, around, root) else {
            break;
        };
        let end = start.saturating_add(length).saturating_add(3);
        name.replace_range(start..end, value);
        if name.len() > LONGEST {
            break;
        }
    }
    name
}

/// The text that a reference stands for: from the top, or beside the entry when it begins with a dot.
fn referenced<'n>(reference: &str, around: &'n Node, root: &'n Node) -> Option<&'n str> {
    let (mut at, path) = match reference.strip_prefix('.') {
        Some(path) => (around, path.trim_start_matches('.')),
        None => (root, reference),
    };
    for part in path.split(['.', '[', ']']).filter(|part| !part.is_empty()) {
        at = match part.parse::<usize>() {
            Ok(index) if at.is_array() => at.items().get(index)?,
            _ => at.get(part)?,
        };
    }
    at.scalar()
}
