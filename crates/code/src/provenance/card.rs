//! The front matter of a model card: what the publisher says of the model, in YAML between two lines of dashes.
//!
//! See <https://huggingface.co/docs/hub/model-cards#model-card-metadata>.

use stance_core::fact::{Artifact, ArtifactFormat, Fact};

use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree, Value};

/// Entries that are told.
const TOLD: &[&str] = &[
    "base_model",
    "base_model_relation",
    "datasets",
    "inference",
    "language",
    "library_name",
    "license",
    "license_name",
    "model_name",
    "pipeline_tag",
    "quantized_by",
    "tags",
];

/// Longest front matter that is read.
const LONGEST: usize = 256 * 1024;

/// Adds what a card says as metadata, each entry under `card.` and its name.
pub(super) fn add(input: &Input<'_>, facts: &mut Facts<'_>) {
    let Some(text) = input.text(facts) else {
        return;
    };
    let content = text.as_str().trim_start_matches('\u{feff}');
    let Some((front, _)) = content
        .strip_prefix("---")
        .and_then(|rest| rest.split_once("\n---"))
    else {
        return;
    };
    if front.len() > LONGEST {
        return;
    }
    let tree = Tree::parse(Notation::Yaml, front, &input.options().limits);
    let Some(root) = tree.root() else {
        return;
    };
    let mut artifact = Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
    for key in TOLD {
        if let Some(value) = root.get(key).and_then(written) {
            artifact.metadata.insert(format!("card.{key}"), value);
        }
    }
    artifact.licence = root.get_any(&["license_name", "license"]).and_then(written);
    if !artifact.metadata.is_empty() {
        facts.add(input.path(), Fact::Artifact(Box::new(artifact)));
    }
}

fn written(node: &Node) -> Option<String> {
    if let Some(text) = node.scalar() {
        return Some(shown(text));
    }
    let Value::Array(items) = &node.value else {
        return None;
    };
    let all: Vec<&str> = items.iter().take(32).filter_map(Node::scalar).collect();
    (!all.is_empty()).then(|| shown(&all.join(", ")))
}
