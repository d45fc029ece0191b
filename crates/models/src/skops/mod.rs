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

/// Names of functions and methods that run or open what they are given.
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

/// Whether the arguments of `methodcaller` or `attrgetter` name something that leaves the data: the
/// inside of a class, or a function that runs or opens what it is given.
fn leads_out(attributes: &Node) -> bool {
    let mut found = false;
    attributes.strings(&mut |key, _, text| {
        if key.is_some_and(|key| &*key.key == "content") {
            // The text of a text: what is escaped in it may be anything.
            let inner = Tree::parse(Notation::Json, text, &Limits::default());
            let inner = inner.root().and_then(Node::as_str);
            found |= leaves(inner.unwrap_or(text.trim_matches('"')));
        }
    });
    found
}

/// What the detail of a node ends with that leads from data to whatever the interpreter holds.
pub const LEAVES: &str = ", out of the data";

/// What the detail of a node ends with whose type is not that of the object inside it.
pub const ANOTHER: &str = ", over an object of another type";

/// Loaders that call, or give, a function by its name.
const FUNCTIONS: &[&str] = &["ConstructorFromReduceNode", "FunctionNode"];

/// Whether the types of a module are such as skops trusts, or models of its users are made of.
#[must_use]
pub fn is_trusted(module: &str) -> bool {
    TRUSTED.contains(&module.split('.').next().unwrap_or_default())
}

/// What Python takes when a key stands there twice: the last.
fn last<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    match &node.value {
        Value::Object(entries) => entries
            .iter()
            .rev()
            .find(|entry| &*entry.key == key)?
            .value
            .as_str(),
        _ => None,
    }
}

/// What is wrong with a method that is taken from an object: the object is not what the node says, or the name
/// leads out of the data.
fn method(node: &Node, module: &str, class: &str) -> Option<(String, &'static str)> {
    let content = node.get("content")?;
    let name = last(content, "func").unwrap_or_default();
    if leaves(name) {
        return Some((format!("{module}.{class}.{name}"), LEAVES));
    }
    let object = content.get("obj")?;
    let (of, inner) = (last(object, "__module__")?, last(object, "__class__")?);
    // A method that a class inherits is of the module of another class.
    let package = |module: &str| module.split('.').next().unwrap_or_default().to_owned();
    (inner != class || package(of) != package(module))
        .then(|| (format!("{of}.{inner}.{name}"), ANOTHER))
}

/// Whether a name leads from an object to the inside of its class, or to what runs or opens something.
fn leaves(name: &str) -> bool {
    let inside = |part: &str| part.starts_with("__") && part.ends_with("__") && part != "__call__";
    name.split('.').any(inside)
        || name
            .split('.')
            .next_back()
            .is_some_and(|last| NAMES.contains(&last))
}

fn foreign(node: &Node, path: &Arc<str>) -> Option<Embedded> {
    let loader = last(node, "__loader__")?;
    let (module, class) =
        function(node).or_else(|| Some((last(node, "__module__")?, last(node, "__class__")?)))?;
    let mut name = format!("{module}.{class}");
    let mut detail = loader.to_owned();
    let called = matches!(&*name, "operator.methodcaller" | "operator.attrgetter")
        && node.get("attrs").is_some_and(leads_out);
    let method = (loader == "MethodNode")
        .then(|| method(node, module, class))
        .flatten();
    let kept = called || method.is_some() || FUNCTIONS.contains(&loader);
    if !kept && (is_trusted(module) || PLAIN.contains(&&*name)) {
        return None;
    }
    if let Some((of, what)) = method {
        name = of;
        detail.push_str(what);
    }
    let length = node.span.end.saturating_sub(node.span.start);
    Some(Embedded {
        kind: EmbeddedKind::SkopsType,
        name: stance_core::evidence::shorten(&name),
        detail: stance_core::evidence::shorten(&detail),
        evidence: Evidence::bytes(
            Arc::clone(path),
            node.span.start as u64,
            length as u64,
            format!("{loader} of {name}"),
        ),
    })
}
