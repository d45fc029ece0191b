//! `MLmodel`, the description that MLflow writes beside a model: which modules are imported to load
//! it, and the paths that these are given; and `MLproject`, what it runs.
//!
//! See <https://mlflow.org/docs/latest/ml/model/>.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;
use serde_json::Value as Json;
use stance_core::fact::{
    Artifact, ArtifactFormat, Embedded, EmbeddedKind, External, Fact, Reference,
};
use stance_core::{AssetKind, How, RelationKind};

use stance_read::Inspector;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Entry, Node, Notation, Tree};

pub(crate) static INSPECTOR: Mlflow = Mlflow;

/// What the artefacts of this parser name as their framework.
pub const FRAMEWORK: &str = "mlflow";

/// The key of the metadata under which the script stands that is run to load a model.
pub const CODE: &str = "model.code";
/// The directories that are put on the path before.
pub const CODE_DIRECTORIES: &str = "model.code.directories";

/// Entries of a flavour that are joined to the directory of the model and opened.
const PATHS: &[&str] = &[
    "code",
    "code_paths",
    "data",
    "env",
    "model_binary",
    "model_data",
    "model_path",
    "path",
    "pickled_model",
    "python_model",
    "saved_model_dir",
    "state_dict",
    "virtualenv",
    "conda",
];

/// Entries whose content is the user's own and means nothing to MLflow.
const FREE: &[&str] = &[
    "config",
    "metadata",
    "model_config",
    "resources",
    "signature",
];

/// Loaders and their arguments that are kept of one description.
const KEPT: usize = 64;

pub(crate) struct Mlflow;

impl Inspector for Mlflow {
    fn name(&self) -> &'static str {
        "mlflow"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        if !input.is_text() {
            return false;
        }
        let has = |word: &str| memmem::find(input.head(), word.as_bytes()).is_some();
        match input.extension() {
            "" if input.file_name() == "MLproject" => has("entry_points"),
            "" | "mlmodel" => input.file_name().eq_ignore_ascii_case("mlmodel") && has("flavors"),
            "yaml" | "yml" | "json" => has("flavors") && has("loader_module"),
            _ => false,
        }
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let notation = if input.extension() == "json" {
            Notation::Json
        } else {
            Notation::Yaml
        };
        let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
        if input.file_name() == "MLproject" {
            tree.report("MLflow project", input.path(), &text, facts);
            for document in &tree.documents {
                project(document, input, &text, facts);
            }
            return;
        }
        tree.report("MLflow model", input.path(), &text, facts);
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        artifact.framework = Some(FRAMEWORK.to_owned());
        for document in &tree.documents {
            read(document, input, &text, &mut artifact);
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn read(root: &Node, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    for key in ["mlflow_version", "model_uuid", "run_id", "model_id"] {
        if let Some(value) = root.get(key).and_then(Node::scalar) {
            artifact.metadata.insert(key.to_owned(), shown(value));
        }
    }
    let Some(flavors) = root.get("flavors") else {
        return;
    };
    let names: Vec<&str> = flavors
        .entries()
        .iter()
        .map(|entry| &*entry.key)
        .filter(|name| *name != "python_function")
        .take(8)
        .collect();
    artifact.architecture = (!names.is_empty()).then(|| names.join(", "));
    // An own stack: flavours nest their settings freely, and every loader takes the same words.
    let mut open: Vec<(&Entry, Option<&Node>)> = flavors
        .entries()
        .iter()
        .map(|entry| (entry, None))
        .collect();
    open.reverse();
    while let Some((entry, flavor)) = open.pop() {
        let flavor = flavor.unwrap_or(&entry.value);
        let code = match &*entry.key {
            "model_code_path" => Some(CODE),
            "code" | "code_paths" | "code_path" => Some(CODE_DIRECTORIES),
            _ => None,
        };
        if let Some(key) = code {
            let mut places: Vec<String> = Vec::new();
            entry.value.strings(&mut |_, _, place| {
                if places.len() < KEPT {
                    places.push(shown(place));
                }
            });
            if !places.is_empty() {
                artifact.metadata.insert(key.to_owned(), places.join(", "));
            }
        }
        if &*entry.key == "loader_module" {
            if let Some(module) = entry.value.scalar() {
                loader(module, entry, flavor, input, text, artifact);
            }
        } else if PATHS.contains(&&*entry.key) {
            entry.value.strings(&mut |key, node, path| {
                if key.is_none_or(|key| PATHS.contains(&&*key.key)) {
                    external(path, node, input, text, artifact);
                }
            });
        }
        if FREE.contains(&&*entry.key) {
            continue;
        }
        let children = entry.value.entries().iter().rev();
        open.extend(children.map(|child| (child, Some(flavor))));
        let items = entry.value.items().iter().rev();
        open.extend(
            items
                .flat_map(Node::entries)
                .map(|child| (child, Some(flavor))),
        );
    }
}

/// The module that is imported, and whether the model brings a directory of code to import from.
fn loader(
    module: &str,
    entry: &Entry,
    flavor: &Node,
    input: &Input<'_>,
    text: &Text<'_>,
    artifact: &mut Artifact,
) {
    if artifact.embedded.len() >= KEPT {
        return;
    }
    let code = flavor.get_any(&["code", "code_paths"]);
    let detail = match code.and_then(Node::scalar) {
        Some(code) => format!("imported after `{code}` of the model is put on the path"),
        None => "imported to load the model".to_owned(),
    };
    artifact.embedded.push(Embedded {
        kind: EmbeddedKind::LoaderModule,
        name: shown(module),
        detail: shown(&detail),
        evidence: text.evidence(input.path(), entry.value.span.clone()),
    });
}

fn external(path: &str, node: &Node, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    if artifact.external.len() < KEPT && escapes(path) {
        artifact.external.push(External {
            location: shown(path),
            escapes: true,
            evidence: text.evidence(input.path(), node.span.clone()),
        });
    }
}

/// A project that MLflow runs. See <https://mlflow.org/docs/latest/ml/projects/>.
fn project(root: &Node, input: &Input<'_>, text: &Text<'_>, facts: &mut Facts<'_>) {
    let Some(entries) = root.get("entry_points") else {
        return;
    };
    let name = root.get("name").and_then(Node::as_str);
    let names: Vec<&str> = entries
        .entries()
        .iter()
        .take(64)
        .map(|entry| &*entry.key)
        .collect();
    let path = Arc::clone(input.path());
    let reference = Reference {
        kind: AssetKind::Pipeline,
        key: path.to_string(),
        name: name.unwrap_or("MLproject").to_owned(),
        aliases: vec!["MLproject".to_owned()],
        how: How::Configuration,
        relation: RelationKind::Contains,
        vendor: None,
        attributes: BTreeMap::from([
            ("framework".to_owned(), Json::from("mlflow")),
            ("entry_points".to_owned(), Json::from(names)),
        ]),
        evidence: text.evidence(input.path(), entries.span.clone()),
    };
    facts.add(&path, Fact::Reference(Box::new(reference)));
}
