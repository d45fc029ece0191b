//! The configuration of a Keras model: JSON in which each object names the
//! class that the loader builds, and where it imports it from.
//!
//! The same objects stand in the `config.json` of a Keras 3 archive, in the
//! attributes of an HDF5 file and in the metadata of a SavedModel.

mod classes;
mod code;
pub(crate) mod config;
mod gadgets;

pub use code::COMPUTATION;

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::limits::Limits;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Node, Notation};

pub(crate) static INSPECTOR: Keras = Keras;

/// An architecture in a file of its own, as `model.to_json()` gives it: what
/// `model_from_json` builds from it runs as from any other model file.
pub(crate) struct Keras;

/// Where the class of the model stands, when a file is an architecture.
const START: usize = 256;

impl Inspector for Keras {
    fn name(&self) -> &'static str {
        "keras"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        // The member of an archive is read with the archive.
        let start = input.head().get(..START).unwrap_or(input.head());
        let has = |word: &str| memchr::memmem::find(start, word.as_bytes()).is_some();
        if is_yaml(input) {
            return input.is_text() && has("class_name:") && has("config:");
        }
        input.extension() == "json"
            && start
                .first()
                .is_some_and(|byte| matches!(byte, b'{' | b' ' | b'\n'))
            && has("\"class_name\"")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let limits = input.options().limits;
        let Some(json) = input.whole(limits.text, facts).map(<[u8]>::to_vec) else {
            return;
        };
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        artifact.framework = Some("keras".to_owned());
        let notation = if is_yaml(input) {
            Notation::Yaml
        } else {
            Notation::Json
        };
        artifact.embedded = look_in(notation, &json, input.path(), &limits, facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Looks at the `config.json` of an archive, which is `path`. A configuration
/// that cannot be parsed to its end leaves a gap, and is searched for the words
/// of a Lambda layer.
pub fn look(json: &[u8], path: &Arc<str>, limits: &Limits, facts: &mut Facts<'_>) -> Vec<Embedded> {
    look_in(Notation::Json, json, path, limits, facts)
}

fn is_yaml(input: &Input<'_>) -> bool {
    matches!(input.extension(), "yaml" | "yml")
}

fn look_in(
    notation: Notation,
    json: &[u8],
    path: &Arc<str>,
    limits: &Limits,
    facts: &mut Facts<'_>,
) -> Vec<Embedded> {
    let text = Text::decode(json);
    // Saved configurations are one long line: words say more than a piece of it.
    let place = |node: &Node, seen: &str| {
        let length = node.span.end.saturating_sub(node.span.start);
        Evidence::bytes(
            Arc::clone(path),
            node.span.start as u64,
            length as u64,
            stance_read::redact::redact(seen),
        )
    };
    let (mut found, error) = config::walk_text(notation, text.as_str(), limits, &place);
    if let Some(error) = error {
        facts.gap(
            GapReason::Malformed,
            format!("the Keras configuration cannot be read to its end: {error}"),
            Evidence::file(Arc::clone(path)),
        );
        found.extend(search(json, path));
    }
    found
}

fn search(json: &[u8], path: &Arc<str>) -> Option<Embedded> {
    ["\"Lambda\"", "\"__lambda__\""]
        .into_iter()
        .find_map(|word| {
            let at = memchr::memmem::find(json, word.as_bytes())? as u64;
            Some(Embedded {
                kind: EmbeddedKind::KerasLambda,
                name: "Lambda".to_owned(),
                detail: "code: in a configuration that cannot be parsed".to_owned(),
                evidence: Evidence::bytes(Arc::clone(path), at, word.len() as u64, word),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_read::{Interests, Options};

    #[test]
    fn an_architecture_in_a_file_of_its_own_is_read() {
        let json = br#"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda",
            "config": {"name": "l", "function": ["YwACb3MGc3lzdGVtAAA=", null, null]}}]}}"#;
        let found = crate::testing::artifact("model/architecture.json", json);
        assert_eq!(found.embedded.len(), 1);
        assert_eq!(found.framework.as_deref(), Some("keras"));
        let other = br#"{"name": "x", "class": "y"}"#;
        assert!(!crate::testing::has_artifact(&crate::testing::report(
            "a.json", other
        )));
    }

    #[test]
    fn a_lambda_deeper_than_the_parser_goes_is_still_found() {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let mut facts = Facts::new(&options);
        let json = format!(
            "{}{}{}",
            "[".repeat(5000),
            r#"{"class_name":"Lambda"}"#,
            "]".repeat(5000)
        );
        let found = look(json.as_bytes(), &"m".into(), &options.limits, &mut facts);
        assert_eq!(found.len(), 1);
        assert_eq!(facts.into_report().coverage.skipped.len(), 1);
    }
}
