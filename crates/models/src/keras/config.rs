//! The configuration from which Keras builds a model: `config.json` of a
//! `.keras` archive, `model_config` of an HDF5 file, the metadata of a SavedModel.
//!
//! Building it imports modules and calls functions that the configuration
//! names, and a Lambda layer brings byte code of its own.

use stance_core::Evidence;
use stance_core::fact::{Embedded, EmbeddedKind};

use super::code::{Code, code_of, source_of};
use super::{classes, gadgets};
use stance_read::limits::Limits;
use stance_read::tree::{Entry, Error, Node, Notation, Tree, Value};

/// Most places that are reported of one configuration.
const MAX_FOUND: usize = 1000;

/// Layers that read a vocabulary from the path they are given.
const LOOKUPS: &[&str] = &[
    "IndexLookup",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
];

/// Layers of Keras 2 that call a TensorFlow function by its name, and the entries that name it.
const CALLERS: &[&str] = &[
    "ClassMethod",
    "InstanceMethod",
    "TFOpLambda",
    "TensorFlowOpLayer",
];

/// Lists of words, in which any text may stand.
const WORDS: &[&str] = &[
    "vocabulary",
    "merges",
    "idf_weights",
    "special_tokens",
    "labels",
];

/// Reads a configuration text and walks it. The error is the first that
/// reading met; what stands before it was walked.
pub(crate) fn walk_text(
    notation: Notation,
    text: &str,
    limits: &Limits,
    place: &dyn Fn(&Node, &str) -> Evidence,
) -> (Vec<Embedded>, Option<Error>) {
    let mut tree = Tree::parse(notation, text, limits);
    let found = tree
        .root()
        .map(|root| walk(root, place))
        .unwrap_or_default();
    let error = (!tree.errors.is_empty()).then(|| tree.errors.remove(0));
    (found, error)
}

/// Everything in a Keras configuration that runs or opens files when the model
/// is built. `place` makes the evidence for a node and what stands there in words.
pub(crate) fn walk(root: &Node, place: &dyn Fn(&Node, &str) -> Evidence) -> Vec<Embedded> {
    let mut walk = Walk {
        place,
        found: Vec::new(),
    };
    // Each node with the name of the layer it belongs to.
    let mut open = vec![(root, "")];
    while let Some((node, layer)) = open.pop() {
        if walk.found.len() >= MAX_FOUND {
            break;
        }
        match &node.value {
            Value::Array(items) => open.extend(items.iter().rev().map(|item| (item, layer))),
            Value::Object(entries) => {
                let layer = own_name(node).unwrap_or(layer);
                walk.look_at(node, entries, layer);
                open.extend(entries.iter().rev().map(|entry| (&entry.value, layer)));
            }
            _ => {}
        }
    }
    walk.found
}

/// The name that an object gives itself, or its configuration.
fn own_name(node: &Node) -> Option<&str> {
    node.path(&["config", "name"])
        .or_else(|| node.get("name"))
        .and_then(Node::as_str)
}

struct Walk<'p> {
    place: &'p dyn Fn(&Node, &str) -> Evidence,
    found: Vec<Embedded>,
}

impl Walk<'_> {
    fn push(&mut self, kind: EmbeddedKind, name: &str, detail: String, node: &Node, seen: &str) {
        self.found.push(Embedded {
            kind,
            name: shorten(name),
            detail,
            evidence: (self.place)(node, seen),
        });
    }

    fn look_at(&mut self, node: &Node, entries: &[Entry], layer: &str) {
        // Repeated keys count each: which one a loader takes is its own affair.
        for class in strings(entries, "class_name") {
            match class {
                "Lambda" => self.lambda_layer(node, layer),
                "__lambda__" => {
                    if let Some(code) = code_of(node) {
                        self.code(&code, "function", node, layer);
                    }
                }
                "TorchModuleWrapper" => self.push(
                    EmbeddedKind::KerasForeignModule,
                    class,
                    "unpickles a PyTorch module that stands in the configuration".to_owned(),
                    node,
                    "TorchModuleWrapper unpickles its module",
                ),
                "TFSMLayer" => self.reads(node, class, &["filepath"]),
                _ if LOOKUPS.contains(&class) => {
                    self.reads(node, class, &["vocabulary", "idf_weights"]);
                }
                _ if CALLERS.contains(&class) => self.caller(node, class),
                _ => {}
            }
            let mut placed = false;
            for module in strings(entries, "module") {
                placed = true;
                self.object(node, module, class);
            }
            if !placed {
                self.named(node, entries, class);
            }
        }
        for entry in entries {
            if let Some(text) = entry.value.as_str()
                && !WORDS.contains(&&*entry.key)
                && !matches!(&*entry.key, "code" | "function")
                && let Some(code) = source_of(text)
            {
                self.code(&code, &entry.key, &entry.value, layer);
            }
            // Losses and metrics may be listed by name.
            let names = entry.value.items();
            if names.len() <= 16 && !WORDS.contains(&&*entry.key) {
                for item in names {
                    if let Some(code) = item.as_str().and_then(source_of) {
                        self.code(&code, &entry.key, item, layer);
                    }
                }
            }
        }
    }

    /// A class that is given by its name alone: one of Keras, or one that the loader has to be given.
    fn named(&mut self, node: &Node, entries: &[Entry], class: &str) {
        let registered = strings(entries, "registered_name").next();
        let name = match (class, node.get("config")) {
            ("function", Some(config)) => config.as_str().unwrap_or(class),
            _ => class,
        };
        if classes::is_known(name) || name != class {
            return;
        }
        let detail = format!("a class {name} that Keras does not have");
        let name = registered.filter(|name| name.contains('>')).unwrap_or(name);
        self.custom(node, name, detail);
    }

    fn custom(&mut self, node: &Node, name: &str, detail: String) {
        // A model repeats its own layers; one of each tells enough.
        let told = |found: &Embedded| {
            found.kind == EmbeddedKind::CustomOperator && found.name == shorten(name)
        };
        if !self.found.iter().any(told) {
            let seen = format!("class_name {name:?}");
            self.push(EmbeddedKind::CustomOperator, name, detail, node, &seen);
        }
    }

    /// A layer of Keras 2 that calls a function of TensorFlow.
    fn caller(&mut self, node: &Node, class: &str) {
        let Some(config) = node.get("config") else {
            return;
        };
        let mut named = Vec::new();
        config.strings(&mut |_, _, text| {
            if text.len() <= 128 && named.len() < 64 {
                named.push(text.to_owned());
            }
        });
        for function in named {
            let kind = match gadgets::function(&function) {
                gadgets::Object::Files => EmbeddedKind::KerasFileAccess,
                gadgets::Object::Code => EmbeddedKind::KerasForeignModule,
                _ if matches!(&*function, "ReadFile" | "WriteFile" | "MatchingFiles") => {
                    EmbeddedKind::KerasFileAccess
                }
                _ if matches!(&*function, "PyFunc" | "EagerPyFunc" | "PyFuncStateless") => {
                    EmbeddedKind::KerasForeignModule
                }
                _ => continue,
            };
            let name = format!("tf.{function}");
            let seen = format!("{class} calls {function:?}");
            let detail = match kind {
                EmbeddedKind::KerasFileAccess => argument_paths(node),
                _ => "a function of TensorFlow that runs code".to_owned(),
            };
            self.push(kind, &name, detail, node, &seen);
        }
    }

    /// A Lambda layer as Keras 2 writes it, and the older forms of Keras 3.
    fn lambda_layer(&mut self, node: &Node, layer: &str) {
        let Some(config) = node.get("config") else {
            return;
        };
        for key in ["function", "output_shape", "mask"] {
            let Some(value) = config.get(key) else {
                continue;
            };
            if value.get("class_name").and_then(Node::as_str) == Some("__lambda__") {
                continue; // met again as an object of its own
            }
            let named = config.get(&format!("{key}_type")).and_then(Node::as_str);
            if let Some(text) = value.as_str()
                && (named == Some("function") || is_dotted_name(text))
            {
                if let Some(module) = config.get("module").and_then(Node::as_str) {
                    self.object(value, module, text);
                }
            } else if let Some(code) = code_of(value) {
                self.code(&code, key, node, layer);
            }
        }
    }

    fn code(&mut self, code: &Code<'_>, key: &str, node: &Node, layer: &str) {
        let detail = code.detail_in(node);
        let seen = format!("Lambda layer {layer}: its {key} is {detail}");
        self.push(EmbeddedKind::KerasLambda, layer, detail, node, &seen);
    }

    /// A layer that opens the path in one of these entries.
    fn reads(&mut self, node: &Node, class: &str, keys: &[&str]) {
        for key in keys {
            if let Some(path) = node.path(&["config", key]).and_then(Node::as_str) {
                let seen = format!("{class}({key}={path:?})");
                let detail = shorten(path);
                self.push(EmbeddedKind::KerasFileAccess, class, detail, node, &seen);
            }
        }
    }

    /// A class or function that is imported by name.
    fn object(&mut self, node: &Node, module: &str, class: &str) {
        let object = match (class, node.get("config")) {
            ("function", Some(config)) => config.as_str().unwrap_or(class),
            _ => class,
        };
        let name = format!("{module}.{object}");
        let seen = format!("module {module:?}, name {object:?}");
        match gadgets::object(module, object) {
            gadgets::Object::Own => {
                if module == "builtins" && class != "function" && !classes::is_known(object) {
                    self.custom(
                        node,
                        object,
                        format!("a class {object} that Keras does not have"),
                    );
                }
            }
            gadgets::Object::Builtin => {
                let detail = "a built-in function of Python".to_owned();
                self.push(EmbeddedKind::KerasForeignModule, &name, detail, node, &seen);
            }
            gadgets::Object::Foreign => {
                let detail = format!("building the model imports {module} and uses {object} of it");
                self.push(EmbeddedKind::KerasForeignModule, &name, detail, node, &seen);
            }
            gadgets::Object::Code => {
                let detail = match object {
                    "enable_unsafe_deserialization" => "switches the safe mode of Keras off",
                    _ => "a function of the framework that loads or runs code",
                };
                self.push(
                    EmbeddedKind::KerasForeignModule,
                    &name,
                    detail.to_owned(),
                    node,
                    &seen,
                );
            }
            gadgets::Object::Files => {
                let detail = argument_paths(node);
                self.push(EmbeddedKind::KerasFileAccess, &name, detail, node, &seen);
            }
        }
    }
}

/// The values of every entry with this key that are strings.
fn strings<'n>(entries: &'n [Entry], key: &'static str) -> impl Iterator<Item = &'n str> {
    entries
        .iter()
        .filter(move |entry| &*entry.key == key)
        .filter_map(|entry| entry.value.as_str())
}

/// Addresses and paths among the strings below a node, the first three.
fn argument_paths(node: &Node) -> String {
    let mut paths = Vec::new();
    node.strings(&mut |_, _, text| {
        if text.contains('/') && paths.len() < 3 {
            paths.push(shorten(text));
        }
    });
    paths.join(", ")
}

fn is_dotted_name(text: &str) -> bool {
    text.chars()
        .all(|character| character.is_alphanumeric() || matches!(character, '_' | '.'))
        && text.len() <= 64
}

fn shorten(text: &str) -> String {
    stance_core::evidence::shorten(&stance_read::redact::redact(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(EmbeddedKind, String, String)> {
        let place = |_: &Node, seen: &str| Evidence::bytes("m.keras", 0, 0, seen);
        walk_text(Notation::Json, text, &Limits::default(), &place)
            .0
            .into_iter()
            .map(|found| (found.kind, found.name, found.detail))
            .collect()
    }

    // `c`, a reference to `os.system`, as base64.
    const CODE: &str = "YwACb3MGc3lzdGVtAAA=";

    #[test]
    fn lambda_code_is_found_in_every_form_once() {
        for function in [
            format!(r#"["{CODE}", null, null]"#),
            format!(r#"{{"class_name": "__tuple__", "items": ["{CODE}", null, null]}}"#),
            format!(r#"{{"class_name": "__lambda__", "config": {{"code": "{CODE}"}}}}"#),
        ] {
            let text = format!(
                r#"{{"class_name": "TimeDistributed", "config": {{"layer":
                {{"class_name": "Lambda", "config": {{"name": "l", "function": {function}}}}}}}}}"#
            );
            let found = found(&text);
            assert_eq!(found.len(), 1, "{function}: {found:?}");
            assert_eq!(found[0].0, EmbeddedKind::KerasLambda);
            assert_eq!(found[0].1, "l");
            assert_eq!(
                found[0].2, "Python byte code that holds os, system",
                "{found:?}"
            );
        }
    }

    #[test]
    fn modules_outside_keras_are_found_and_those_of_keras_are_not() {
        let text = r#"{"module": "keras", "class_name": "Functional", "config": {"layers": [
            {"module": "keras.layers", "class_name": "Dense", "config": {"activation":
                {"module": "os", "class_name": "function", "config": "system"}}},
            {"module": "builtins", "class_name": "function", "config": "my_activation"},
            {"module": "builtins", "class_name": "function", "config": "exec"},
            {"module": "tensorflow.python.trackable", "class_name": "Wrapper", "config": {}}]}}"#;
        let names: Vec<String> = found(text).into_iter().map(|found| found.1).collect();
        assert_eq!(names, ["os.system", "builtins.exec"]);
    }

    #[test]
    fn functions_of_the_framework_that_reach_out_are_found() {
        for (text, kind, name) in [
            (
                r#"{"module": "keras.src.utils.python_utils", "class_name": "function", "config": "func_load"}"#,
                EmbeddedKind::KerasForeignModule,
                "keras.src.utils.python_utils.func_load",
            ),
            (
                r#"{"class_name": "TFOpLambda", "config": {"name": "r", "function": "io.read_file"}}"#,
                EmbeddedKind::KerasFileAccess,
                "tf.io.read_file",
            ),
            (
                r#"{"class_name": "TFSMLayer", "config": {"filepath": "/tmp/other"}}"#,
                EmbeddedKind::KerasFileAccess,
                "TFSMLayer",
            ),
            (
                r#"{"class_name": "Sequential", "config": {}, "compile_config": {"metrics": ["__import__('os')"]}}"#,
                EmbeddedKind::KerasLambda,
                "",
            ),
            (
                r#"{"class_name": "MaliciousLayer", "config": {"name": "m"}}"#,
                EmbeddedKind::CustomOperator,
                "MaliciousLayer",
            ),
            (
                r#"{"module": null, "class_name": "Gate", "config": {}, "registered_name": "lab>Gate"}"#,
                EmbeddedKind::CustomOperator,
                "lab>Gate",
            ),
        ] {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!((found[0].0, &*found[0].1), (kind, name));
        }
        let honest = r#"{"class_name": "TFOpLambda", "config": {"function": "math.multiply"}, "inbound_nodes": [[["x", 0, 0, {}]]]}"#;
        assert_eq!(found(honest), []);
        let words = r#"{"class_name": "Tokenizer", "module": "keras_nlp.tokenizers", "config": {"vocabulary": ["eval("]}}"#;
        assert_eq!(found(words), []);
    }

    #[test]
    fn a_layer_that_reads_a_file_is_found() {
        let text = r#"{"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}"#;
        assert_eq!(found(text)[0].0, EmbeddedKind::KerasFileAccess);
        let inline = r#"{"class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}}"#;
        assert!(found(inline).is_empty());
    }

    #[test]
    fn what_stands_before_broken_json_is_still_walked() {
        let text = r#"{"layers": [{"module": "os", "class_name": "system"}, {"module":"#;
        assert_eq!(found(text).len(), 1);
    }
}
