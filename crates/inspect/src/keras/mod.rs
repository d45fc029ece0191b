//! The configuration of a Keras model: JSON in which each object names the
//! class that the loader builds, and where it imports it from.
//!
//! The same objects stand in the `config.json` of a Keras 3 archive, in the
//! attributes of an HDF5 file and in the metadata of a SavedModel.

pub(crate) mod config;
mod lambda;

use serde_json::{Map, Value};
use stance_core::Evidence;
use stance_core::evidence::shorten;
use stance_core::fact::{Embedded, EmbeddedKind, External, GapReason};

use crate::limits::Options;
use crate::members::escapes;
use crate::report::Facts;

/// Most findings of one configuration that are kept.
const KEPT: usize = 256;

/// What a configuration makes the loader do.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Class of the outermost object: `Functional`, `Sequential`.
    pub(crate) architecture: Option<String>,
    /// Code it runs, modules it imports, files it reads.
    pub(crate) embedded: Vec<Embedded>,
    /// The files, as places outside of the model.
    pub(crate) external: Vec<External>,
}

/// Looks at a configuration at any depth. `evidence` is where it stands.
pub(crate) fn look(
    json: &[u8],
    evidence: &Evidence,
    options: &Options<'_>,
    facts: &mut Facts<'_>,
) -> Config {
    let mut config = Config::default();
    // Each value is followed or preceded by one of these: no parser makes more values than that.
    let nodes = json
        .iter()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{'))
        .count();
    let parsed = if nodes > options.limits.tree_nodes as usize {
        Err("it has too many values".to_owned())
    } else {
        serde_json::from_slice::<Value>(json).map_err(|error| error.to_string())
    };
    match parsed {
        Ok(value) => {
            config.architecture = value
                .get("class_name")
                .and_then(Value::as_str)
                .map(str::to_owned);
            walk(&value, evidence, &mut config);
        }
        Err(error) => {
            facts.gap(
                GapReason::Malformed,
                format!("the Keras configuration cannot be parsed: {error}"),
                evidence.clone(),
            );
            search(json, evidence, &mut config);
        }
    }
    config
}

/// Visits every object, without recursion: depth is the writer's choice.
fn walk(root: &Value, evidence: &Evidence, config: &mut Config) {
    // The function of a Lambda layer is reported with its layer.
    let mut open = vec![(root, false)];
    while let Some((value, inside_lambda)) = open.pop() {
        match value {
            Value::Array(items) => {
                open.extend(items.iter().rev().map(|item| (item, inside_lambda)));
            }
            Value::Object(object) => {
                let class = object.get("class_name").and_then(Value::as_str);
                if let Some(class) = class {
                    judge_object(class, object, inside_lambda, evidence, config);
                }
                let inside = inside_lambda || class.is_some_and(is_lambda);
                open.extend(object.values().rev().map(|inner| (inner, inside)));
            }
            _ => {}
        }
    }
}

/// Where parsing failed, the words still tell.
fn search(json: &[u8], evidence: &Evidence, config: &mut Config) {
    for word in ["\"Lambda\"", "\"__lambda__\""] {
        if let Some(at) = memchr::memmem::find(json, word.as_bytes()) {
            let place = Evidence::bytes(evidence.path.clone(), at as u64, word.len() as u64, word);
            config.embed(
                EmbeddedKind::KerasLambda,
                "Lambda",
                "named in a configuration that cannot be parsed".to_owned(),
                &place,
            );
            return;
        }
    }
}

impl Config {
    fn embed(&mut self, kind: EmbeddedKind, name: &str, detail: String, evidence: &Evidence) {
        let known = self
            .embedded
            .iter()
            .any(|known| known.kind == kind && known.name == name && known.detail == detail);
        if !known && self.embedded.len() < KEPT {
            self.embedded.push(Embedded {
                kind,
                name: name.to_owned(),
                detail,
                evidence: evidence.clone(),
            });
        }
    }

    fn open_file(&mut self, location: &str, evidence: &Evidence) {
        if self.external.len() < KEPT {
            self.external.push(External {
                location: shorten(location),
                escapes: escapes(location) || location.contains("://"),
                evidence: evidence.clone(),
            });
        }
    }
}

fn judge_object(
    class: &str,
    object: &Map<String, Value>,
    inside_lambda: bool,
    evidence: &Evidence,
    config: &mut Config,
) {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let inner = object.get("config");
    let inner_text = |key: &str| {
        inner
            .and_then(|inner| inner.get(key))
            .and_then(Value::as_str)
    };
    let module = text("module").unwrap_or_default();
    let layer = inner_text("name").unwrap_or(class);
    let seen = |shown: &str| Evidence {
        excerpt: shorten(shown).into(),
        ..evidence.clone()
    };

    if is_lambda(class) {
        let code = inner.map(lambda::describe).unwrap_or_default();
        let shown = format!("{{\"class_name\": \"{class}\", \"name\": \"{layer}\"}}");
        config.embed(EmbeddedKind::KerasLambda, layer, code, &seen(&shown));
    } else if class == "__lambda__" && !inside_lambda {
        // Outside of a layer: as a loss, a metric, an initializer.
        let code = inner.map(lambda::describe).unwrap_or_default();
        config.embed(EmbeddedKind::KerasLambda, class, code, &seen(class));
    }

    // Python functions are named in the object's configuration, not by its class.
    let callable = match inner.and_then(Value::as_str) {
        Some(function) if class == "function" => function,
        _ => class,
    };
    let full = format!("{module}.{callable}");
    let shown = format!("{{\"module\": \"{module}\", \"class_name\": \"{class}\"}}");
    if is_file_reader(callable) {
        let location = ["origin", "fname", "path", "filepath"]
            .into_iter()
            .find_map(inner_text)
            .unwrap_or_default();
        config.embed(
            EmbeddedKind::KerasFileAccess,
            &full,
            shorten(location),
            &seen(&shown),
        );
        if !location.is_empty() {
            config.open_file(location, evidence);
        }
    } else if is_gadget(callable) || !(module.is_empty() || is_keras(module)) {
        config.embed(
            EmbeddedKind::KerasForeignModule,
            &full,
            inner
                .map(|inner| shorten(&inner.to_string()))
                .unwrap_or_default(),
            &seen(&shown),
        );
    }

    if matches!(
        callable,
        "StringLookup" | "IntegerLookup" | "TextVectorization" | "IndexLookup"
    ) || callable.ends_with("Tokenizer")
    {
        for key in ["vocabulary", "idf_weights", "merges"] {
            if let Some(location) = inner_text(key).filter(|location| !location.is_empty()) {
                config.embed(
                    EmbeddedKind::KerasFileAccess,
                    &format!("{callable}.{key}"),
                    shorten(location),
                    &seen(&format!("\"{key}\": \"{location}\"")),
                );
                config.open_file(location, evidence);
            }
        }
    }
}

/// Whether a class is the layer around a function, registered under another package or not.
fn is_lambda(class: &str) -> bool {
    class == "Lambda" || class.ends_with(">Lambda")
}

/// Modules that Keras itself, or what saves its models, writes.
fn is_keras(module: &str) -> bool {
    const OWN: [&str; 9] = [
        "keras",
        "tf_keras",
        "tensorflow",
        "keras_hub",
        "keras_nlp",
        "keras_cv",
        "keras_core",
        "keras_tuner",
        "kerasrs",
    ];
    let package = module.split('.').next().unwrap_or_default();
    OWN.contains(&package) || module == "numpy" || module == "ml_dtypes"
}

/// Functions of Keras that fetch or read a file when they are "built".
fn is_file_reader(callable: &str) -> bool {
    matches!(
        callable,
        "get_file" | "load_img" | "image_dataset_from_directory" | "text_dataset_from_directory"
    )
}

/// Functions and classes of Keras that undo its safe mode or load a pickle.
fn is_gadget(callable: &str) -> bool {
    matches!(
        callable,
        "enable_unsafe_deserialization" | "load_model" | "load_weights" | "TorchModuleWrapper"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interests, Limits};

    fn kinds(json: &str) -> Vec<(EmbeddedKind, String)> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
        };
        let mut facts = Facts::new(&options);
        let found = look(json.as_bytes(), &Evidence::file("m"), &options, &mut facts);
        found
            .embedded
            .into_iter()
            .map(|embedded| (embedded.kind, embedded.name))
            .collect()
    }

    #[test]
    fn a_lambda_is_found_inside_any_wrapper() {
        let mut json =
            r#"{"class_name":"Lambda","config":{"name":"x","function":["YWJj",null,null]}}"#
                .to_owned();
        for _ in 0..20 {
            json = format!(r#"{{"class_name":"TimeDistributed","config":{{"layer":{json}}}}}"#);
        }
        assert_eq!(kinds(&json), [(EmbeddedKind::KerasLambda, "x".to_owned())]);
    }

    #[test]
    fn a_lambda_deeper_than_the_parser_goes_is_still_found() {
        let json = format!(
            "{}{}{}",
            "[".repeat(5000),
            r#"{"class_name":"Lambda"}"#,
            "]".repeat(5000)
        );
        assert_eq!(
            kinds(&json),
            [(EmbeddedKind::KerasLambda, "Lambda".to_owned())]
        );
    }

    #[test]
    fn what_keras_writes_itself_is_quiet() {
        let json = r#"{"module":"keras","class_name":"Functional","config":{"layers":[
            {"module":"keras.layers","class_name":"Dense","config":{"name":"d","activation":
                {"module":"keras.activations","class_name":"function","config":"gelu"}}},
            {"module":"keras.layers","class_name":"StringLookup","config":{"vocabulary":["a","b"]}}]}}"#;
        assert_eq!(kinds(json), []);
    }
}
