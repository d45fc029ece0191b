//! A model card: the front matter, which is YAML between two lines of dashes, and the sections of the text.
//!
//! See <https://huggingface.co/docs/hub/model-cards#model-card-metadata>.

mod results;
mod sections;

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
    "metrics",
    "model_name",
    "pipeline_tag",
    "quantized_by",
    "tags",
];

/// Longest front matter that is read.
const LONGEST: usize = 256 * 1024;

/// Adds what a card says as metadata, each entry under `card.` and its name, each section of the text under
/// `card.section.`.
pub(super) fn add(input: &Input<'_>, facts: &mut Facts<'_>) {
    let Some(text) = input.text(facts) else {
        return;
    };
    let content = text.as_str().trim_start_matches('\u{feff}');
    let (front, body) = content
        .strip_prefix("---")
        .and_then(|rest| rest.split_once("\n---"))
        .map_or((None, content), |(front, body)| (Some(front), body));
    let mut artifact = Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
    if let Some(front) = front.filter(|front| front.len() <= LONGEST) {
        let tree = Tree::parse(Notation::Yaml, front, &input.options().limits);
        if let Some(root) = tree.root() {
            entries(root, &mut artifact);
        }
    }
    for (name, said) in sections::read(body) {
        let entry = format!("card.section.{}", name.as_str());
        artifact.metadata.insert(entry, shown(&said));
    }
    if !artifact.metadata.contains_key("card.results")
        && let Some(results) = results::of_text(body)
    {
        artifact
            .metadata
            .insert("card.results".to_owned(), shown(&results));
    }
    if !artifact.metadata.is_empty() {
        facts.add(input.path(), Fact::Artifact(Box::new(artifact)));
    }
}

/// What the front matter says.
fn entries(root: &Node, artifact: &mut Artifact) {
    for key in TOLD {
        if let Some(value) = root.get(key).and_then(written) {
            artifact.metadata.insert(format!("card.{key}"), value);
        }
    }
    let grams = root.get("co2_eq_emissions").and_then(|node| {
        let node = node.get("emissions").unwrap_or(node);
        node.scalar()
            .filter(|text| text.trim().parse::<f64>().is_ok())
    });
    if let Some(grams) = grams {
        artifact
            .metadata
            .insert("card.co2_eq_emissions".to_owned(), shown(grams.trim()));
    }
    if let Some(results) = results::of_index(root) {
        artifact
            .metadata
            .insert("card.results".to_owned(), shown(&results));
    }
    artifact.licence = root.get_any(&["license_name", "license"]).and_then(written);
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

#[cfg(test)]
mod tests;
