//! The configuration from which Keras builds a model: `config.json` of a
//! `.keras` archive, `model_config` of an HDF5 file, the metadata of a SavedModel.
//!
//! Building it imports modules and calls functions that the configuration
//! names, and a Lambda layer brings byte code of its own.

use stance_core::Evidence;
use stance_core::fact::{Embedded, EmbeddedKind};

use crate::limits::Limits;
use crate::tree::{Entry, Error, Node, Notation, Tree, Value};

/// Most places that are reported of one configuration.
const MAX_FOUND: usize = 1000;

/// Packages whose classes a Keras configuration names without leaving Keras.
const FAMILY: &[&str] = &[
    "keras",
    "tf_keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "tensorflow",
];

/// Layers that read a vocabulary from the path they are given.
const LOOKUPS: &[&str] = &[
    "IndexLookup",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
];

/// Functions of Keras itself that fetch, read or write files when a configuration calls them.
const FILE_FUNCTIONS: &[&str] = &[
    "get_file",
    "extract_archive",
    "load_model",
    "load_weights",
    "save_model",
    "load_img",
    "save_img",
    "audio_dataset_from_directory",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
];

/// Built-in functions of Python that no model needs and every attack wants.
const BUILTIN_GADGETS: &[&str] = &[
    "__import__",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "getattr",
    "globals",
    "input",
    "open",
    "setattr",
    "vars",
];

/// Reads a configuration text and walks it. The error is the first that
/// reading met; what stands before it was walked.
pub(crate) fn walk_text(
    text: &str,
    limits: &Limits,
    place: &dyn Fn(&Node, &str) -> Evidence,
) -> (Vec<Embedded>, Option<Error>) {
    let mut tree = Tree::parse(Notation::Json, text, limits);
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
                _ if LOOKUPS.contains(&class) => self.lookup(node, class),
                _ => {}
            }
            for module in strings(entries, "module") {
                self.object(node, module, class);
            }
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
        let detail = code.detail();
        let seen = format!("Lambda layer {layer}: its {key} is {detail}");
        self.push(EmbeddedKind::KerasLambda, layer, detail, node, &seen);
    }

    fn lookup(&mut self, node: &Node, class: &str) {
        for key in ["vocabulary", "idf_weights"] {
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
        let root = module.split('.').next().unwrap_or_default();
        if root == "builtins" {
            if BUILTIN_GADGETS.contains(&object) {
                let detail = "a built-in function of Python".to_owned();
                self.push(EmbeddedKind::KerasForeignModule, &name, detail, node, &seen);
            }
        } else if !FAMILY.contains(&root) {
            let detail = format!("building the model imports {module} and uses {object} of it");
            self.push(EmbeddedKind::KerasForeignModule, &name, detail, node, &seen);
        } else if object == "enable_unsafe_deserialization" {
            let detail = "switches the safe mode of Keras off".to_owned();
            self.push(EmbeddedKind::KerasForeignModule, &name, detail, node, &seen);
        } else if FILE_FUNCTIONS.contains(&object) {
            let detail = argument_paths(node);
            self.push(EmbeddedKind::KerasFileAccess, &name, detail, node, &seen);
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
    stance_core::evidence::shorten(&crate::redact::redact(text))
}

/// Code that a configuration carries.
struct Code<'n> {
    text: &'n str,
}

/// The code in the value of a function: the first string of a list or tuple,
/// the `code` of a serialised lambda, or a text that is no plain name.
fn code_of(value: &Node) -> Option<Code<'_>> {
    let text = value
        .as_str()
        .or_else(|| value.items().first().and_then(Node::as_str))
        .or_else(|| value.get("items")?.items().first().and_then(Node::as_str))
        .or_else(|| value.path(&["config", "code"]).and_then(Node::as_str))
        .or_else(|| value.path(&["config", "value"]).and_then(Node::as_str))
        .or_else(|| value.get("config").and_then(Node::as_str))?;
    Some(Code { text })
}

impl Code<'_> {
    /// What it is and which names and texts it holds.
    fn detail(&self) -> String {
        let bytes = base64(self.text);
        // The marshalled code object begins with `c`, or `c` with the flag of a reference.
        if let Some(b'c' | 0xe3) = bytes.first() {
            let words = words(&bytes);
            if words.is_empty() {
                return "Python byte code".to_owned();
            }
            return shorten(&format!("Python byte code that holds {}", words.join(", ")));
        }
        shorten(&format!("code: {}", self.text))
    }
}

/// Names and short texts in marshalled code: what is printable, in order, each once.
fn words(bytes: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for run in bytes.split(|byte| !(b' '..=b'~').contains(byte)) {
        let text = String::from_utf8_lossy(run).trim().to_owned();
        let letters = text.chars().filter(char::is_ascii_alphabetic).count();
        if letters >= 2 && words.len() < 40 && !words.contains(&text) {
            words.push(text);
        }
    }
    words
}

/// Decodes the base64 of at most 64 KiB up to the first character that is none; line ends are skipped.
fn base64(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for byte in text.bytes().take(64 * 1024) {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => break,
        };
        bits = (bits << 6) | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            out.push(u8::try_from((bits >> count) & 0xff).unwrap_or_default());
            bits &= (1_u32 << count).wrapping_sub(1);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(EmbeddedKind, String, String)> {
        let place = |_: &Node, seen: &str| Evidence::bytes("m.keras", 0, 0, seen);
        walk_text(text, &Limits::default(), &place)
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
            assert_eq!(found[0].2, "Python byte code that holds os, system");
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
