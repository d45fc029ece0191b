//! What a pipeline of DVC reads and makes: data sets, models, and the pipeline itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use stance_core::fact::{Fact, Reference};
use stance_core::{AssetKind, How, RelationKind};

use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Node, Value};

/// Most assets that are told of one file.
const MOST: usize = 500;

/// How files end that hold models.
const MODELS: [&str; 14] = [
    "bin",
    "cbm",
    "ckpt",
    "gguf",
    "h5",
    "hdf5",
    "joblib",
    "keras",
    "onnx",
    "pkl",
    "pt",
    "pth",
    "safetensors",
    "tflite",
];

/// How files end that hold no data: code, settings, and what people read.
const OTHERS: [&str; 22] = [
    "cfg", "css", "gif", "html", "ini", "ipynb", "jpg", "js", "log", "md", "pdf", "png", "py", "r",
    "rst", "sh", "sql", "svg", "tex", "toml", "yaml", "yml",
];

/// Tells the assets of a document.
pub(super) fn tell(root: &Node, input: &Input<'_>, text: &Text<'_>, facts: &mut Facts<'_>) {
    let mut told = Told {
        input,
        text,
        left: MOST,
        artifacts: artifacts(root),
    };
    let own = input.path().rsplit_once('/').map_or("", |(own, _)| own);
    let stages: Vec<(&str, &Node)> = root
        .get("stages")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|entry| {
            let body = entry.value.get("do").unwrap_or(&entry.value);
            (&*entry.key, body)
        })
        .collect();
    if let (Some((_, first)), true) = (stages.first(), input.file_name() == "dvc.yaml") {
        let names: Vec<&str> = stages.iter().take(64).map(|(name, _)| *name).collect();
        let mut pipeline = told.reference(
            AssetKind::Pipeline,
            input.path().to_string(),
            input.file_name(),
            first,
        );
        pipeline.relation = RelationKind::Contains;
        pipeline
            .attributes
            .insert("framework".to_owned(), Json::from("dvc"));
        pipeline
            .attributes
            .insert("stages".to_owned(), Json::from(names));
        told.add(pipeline, facts);
    }
    let single = std::iter::once(("", root)).filter(|_| stages.is_empty());
    for (_, stage) in stages.iter().copied().chain(single) {
        let below = stage.get("wdir").and_then(Node::as_str).unwrap_or_default();
        for (key, relation) in [
            ("deps", RelationKind::Reads),
            ("outs", RelationKind::Writes),
        ] {
            for (path, node) in paths(stage.get(key)) {
                told.path(&[own, below, path], relation, node, facts);
            }
        }
    }
    let listed: Vec<(String, Artifact)> = told.artifacts.clone().into_iter().collect();
    for (path, artifact) in listed {
        told.path(&[own, &path], RelationKind::Contains, artifact.node, facts);
    }
}

/// An artifact that the file describes.
#[derive(Clone)]
struct Artifact<'n> {
    name: &'n str,
    kind: Option<AssetKind>,
    node: &'n Node,
}

/// The artifacts of a file by their paths. See <https://dvc.org/doc/user-guide/project-structure/dvcyaml-files>.
fn artifacts(root: &Node) -> BTreeMap<String, Artifact<'_>> {
    let entries = root.get("artifacts").map(Node::entries).unwrap_or_default();
    let all = entries.iter().take(MOST).filter_map(|entry| {
        let node = entry.value.get("path")?;
        let kind = match entry.value.get("type").and_then(Node::as_str) {
            Some("model") => Some(AssetKind::Model),
            Some("dataset") => Some(AssetKind::Dataset),
            _ => None,
        };
        let artifact = Artifact {
            name: &entry.key,
            kind,
            node,
        };
        Some((node.as_str()?.to_owned(), artifact))
    });
    all.collect()
}

/// The paths of a list, of entries with a path, or of paths with their settings.
fn paths(list: Option<&Node>) -> Vec<(&str, &Node)> {
    let items = list.map(Node::items).unwrap_or_default();
    let mut found = Vec::new();
    for item in items.iter().take(MOST) {
        match &item.value {
            Value::String(path) => found.push((&**path, item)),
            Value::Object(entries) => {
                let named = item.get("path").and_then(Node::as_str);
                match named {
                    Some(path) => found.push((path, item)),
                    None => found.extend(entries.iter().map(|entry| (&*entry.key, item))),
                }
            }
            _ => {}
        }
    }
    found
}

struct Told<'i, 'a> {
    input: &'i Input<'a>,
    text: &'i Text<'i>,
    left: usize,
    artifacts: BTreeMap<String, Artifact<'i>>,
}

impl Told<'_, '_> {
    fn path(&mut self, parts: &[&str], relation: RelationKind, node: &Node, facts: &mut Facts<'_>) {
        let written = parts.last().copied().unwrap_or_default();
        if escapes(written) || written.contains("://") || written.contains(['$', '{', '*']) {
            return;
        }
        let parts: Vec<&str> = parts
            .iter()
            .map(|part| part.trim_start_matches("./").trim_end_matches('/'))
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let whole = parts.join("/");
        let last = whole.rsplit('/').next().unwrap_or_default();
        let extension = last.rsplit_once('.').map_or("", |(_, end)| end);
        let artifact = self.artifacts.get(written).cloned();
        let kind = artifact.as_ref().and_then(|artifact| artifact.kind);
        let kind = match kind {
            Some(kind) => kind,
            None if MODELS.contains(&extension) => AssetKind::Model,
            None if OTHERS.contains(&extension) => return,
            // Numbers about a model are no data for one.
            None if extension == "json" && !whole.contains("data") => return,
            None if is_code(&whole) || is_report(last) || whole.is_empty() => return,
            None => AssetKind::Dataset,
        };
        let mut reference = self.reference(kind, format!("file/{whole}"), last, node);
        reference.relation = relation;
        reference.aliases.push(whole);
        if let Some(artifact) = &artifact {
            reference.aliases.push(artifact.name.to_owned());
        }
        if kind == AssetKind::Model && relation == RelationKind::Writes {
            reference
                .attributes
                .insert("role".to_owned(), Json::from("output"));
        }
        self.add(reference, facts);
    }

    fn reference(&self, kind: AssetKind, key: String, name: &str, node: &Node) -> Reference {
        Reference {
            kind,
            key,
            name: name.to_owned(),
            aliases: Vec::new(),
            how: How::Configuration,
            relation: RelationKind::Reads,
            vendor: None,
            attributes: BTreeMap::new(),
            evidence: self.text.evidence(self.input.path(), node.span.clone()),
        }
    }

    fn add(&mut self, reference: Reference, facts: &mut Facts<'_>) {
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            let path = Arc::clone(self.input.path());
            facts.add(&path, Fact::Reference(Box::new(reference)));
        }
    }
}

/// Whether a directory is one in which a run tells how it went.
fn is_report(last: &str) -> bool {
    matches!(
        last,
        "eval"
            | "evaluation"
            | "metrics"
            | "plots"
            | "reports"
            | "report"
            | "logs"
            | "results"
            | "dvclive"
    )
}

/// Whether a directory is one of source.
fn is_code(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    matches!(first, "src" | "scripts" | "code" | "lib") && !path.contains("data")
}
