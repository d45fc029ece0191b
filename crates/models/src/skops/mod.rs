//! The tree of a skops model: each node names the class it rebuilds, the
//! module that is imported for it, and the loader that does it.

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{Embedded, EmbeddedKind, GapReason};

use stance_read::limits::Limits;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Node, Notation, Tree, Value};

/// Most types that are kept.
const KEPT: usize = 256;

/// Packages whose types skops trusts, or which the model of a user of them is made of.
const TRUSTED: &[&str] = &[
    "sklearn",
    "numpy",
    "scipy",
    "pandas",
    "collections",
    "datetime",
    "xgboost",
    "lightgbm",
    "catboost",
    "quantile_forest",
    "skops",
];

/// Types of Python itself that are plain data, and the functions that skops rebuilds on purpose.
const PLAIN: &[&str] = &[
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.NoneType",
    "builtins.object",
    "builtins.set",
    "builtins.slice",
    "builtins.str",
    "builtins.tuple",
    "builtins.type",
    "functools.partial",
    "operator.attrgetter",
    "operator.itemgetter",
    "operator.methodcaller",
];

/// The types and functions of a `schema.json` that are neither plain data nor of a trusted package.
pub fn look(json: &[u8], path: &Arc<str>, limits: &Limits, facts: &mut Facts<'_>) -> Vec<Embedded> {
    let text = Text::decode(json);
    let tree = Tree::parse(Notation::Json, text.as_str(), limits);
    if let Some(error) = tree.errors.first() {
        facts.gap(
            GapReason::Malformed,
            format!("the skops schema cannot be read to its end: {error}"),
            Evidence::file(Arc::clone(path)),
        );
    }
    let mut found: Vec<Embedded> = Vec::new();
    let mut open: Vec<&Node> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(entries) => {
                if let Some(embedded) = foreign(node, path)
                    && found.len() < KEPT
                    && found.iter().all(|known| known.name != embedded.name)
                {
                    found.push(embedded);
                }
                open.extend(entries.iter().rev().map(|entry| &entry.value));
            }
            _ => {}
        }
    }
    found
}

/// The module and name of a function as skops before 0.10 wrote it: the node itself names only `builtins.function`.
fn function(node: &Node) -> Option<(&str, &str)> {
    let content = node.get("content")?;
    let module = content.get("module_path").and_then(Node::as_str)?;
    Some((module, content.get("function").and_then(Node::as_str)?))
}

/// Whether the arguments of `methodcaller` or `attrgetter` name something that leaves the data: the
/// inside of a class, or a function that runs or opens what it is given.
fn leads_out(attributes: &Node) -> bool {
    const NAMES: &[&str] = &[
        "Popen",
        "call",
        "check_call",
        "check_output",
        "compile",
        "eval",
        "exec",
        "execute",
        "execv",
        "execve",
        "getoutput",
        "import_module",
        "load_library",
        "open",
        "popen",
        "remove",
        "run",
        "rmtree",
        "spawn",
        "system",
        "unlink",
        "urlopen",
        "write_bytes",
        "write_text",
    ];
    let mut found = false;
    attributes.strings(&mut |key, _, text| {
        if key.is_some_and(|key| &*key.key == "content") {
            let text = text.trim_matches('"');
            let parts = || text.split('.');
            found |= parts().any(|part| part.starts_with("__") && part.ends_with("__"))
                || parts()
                    .next_back()
                    .is_some_and(|last| NAMES.contains(&last));
        }
    });
    found
}

fn foreign(node: &Node, path: &Arc<str>) -> Option<Embedded> {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    let loader = text("__loader__")?;
    let (module, class) =
        function(node).or_else(|| Some((text("__module__")?, text("__class__")?)))?;
    let name = format!("{module}.{class}");
    let package = module.split('.').next().unwrap_or_default();
    let called = matches!(&*name, "operator.methodcaller" | "operator.attrgetter")
        && node.get("attrs").is_some_and(leads_out);
    if !called && (TRUSTED.contains(&package) || PLAIN.contains(&&*name)) {
        return None;
    }
    let length = node.span.end.saturating_sub(node.span.start);
    Some(Embedded {
        kind: EmbeddedKind::SkopsType,
        name: stance_core::evidence::shorten(&name),
        detail: stance_core::evidence::shorten(loader),
        evidence: Evidence::bytes(
            Arc::clone(path),
            node.span.start as u64,
            length as u64,
            format!("{loader} of {name}"),
        ),
    })
}
