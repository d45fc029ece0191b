//! PMML: predictive models as XML, which scoring engines interpret.
//!
//! See <https://dmg.org/pmml/v4-4-1/GeneralStructure.html>.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact};

use crate::xml::{Hazards, Token, Tokens, attributes, begins_with_root, local};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::text::Text;

pub(crate) static INSPECTOR: Pmml = Pmml;

/// Functions of engines that are kept of one document.
const KEPT: usize = 64;

/// Elements beside a model, directly below the root.
const BESIDE: &[&str] = &[
    "DataDictionary",
    "Extension",
    "Header",
    "MiningBuildTask",
    "TransformationDictionary",
];

pub(crate) struct Pmml;

impl Inspector for Pmml {
    fn name(&self) -> &'static str {
        "pmml"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        if input.extension() == "pmml" {
            let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
            return matches!(first, Some(b'<' | 0 | 0xef | 0xfe | 0xff));
        }
        matches!(
            head.first(),
            Some(b'<' | b' ' | b'\r' | b'\n' | b'\t' | 0xef | 0xfe | 0xff)
        ) && begins_with_root(head, "PMML")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(bytes) = input.whole(input.options().limits.text, facts) else {
            return;
        };
        let text = crate::xml::decode(bytes);
        let mut artifact = Artifact::new(ArtifactFormat::Pmml, input.len(), input.evidence());
        read(input, &text, &mut artifact);
        let found = crate::xml::behind_root(input, bytes, "PMML");
        artifact.anomalies.extend(found);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn read(input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    let mut hazards = Hazards::new(input, text);
    let mut depth = 0_usize;
    let mut fields = 0_u64;
    // Functions that the document defines itself are no one else's.
    let mut defined: HashSet<&str> = HashSet::new();
    let mut applied: Vec<(&str, Range<usize>)> = Vec::new();
    for (token, span) in Tokens::new(text.as_str()) {
        hazards.see(&token, &span, artifact);
        match token {
            Token::Start { name, empty } => {
                let name = local(text.as_str().get(name).unwrap_or_default());
                let attribute = |wanted: &str| {
                    attributes(text.as_str(), span.clone())
                        .find(|(name, ..)| *name == wanted)
                        .map(|(_, value, place)| (value, place))
                };
                match (depth, name) {
                    (0, "PMML") => keep(artifact, "pmml.version", attribute("version")),
                    (1, model) if !BESIDE.contains(&model) => {
                        artifact.architecture.get_or_insert_with(|| shown(model));
                    }
                    (_, "Application") => {
                        keep(artifact, "application", attribute("name"));
                        keep(artifact, "application.version", attribute("version"));
                    }
                    (_, "Header") => {
                        keep(artifact, "copyright", attribute("copyright"));
                        keep(artifact, "description", attribute("description"));
                    }
                    (_, "DataField") => fields = fields.saturating_add(1),
                    (_, "DefineFunction") => {
                        defined.extend(attribute("name").map(|(name, _)| name));
                    }
                    (_, "Apply") if applied.len() < KEPT => {
                        applied.extend(attribute("function").filter(|(name, _)| is_foreign(name)));
                    }
                    _ => {}
                }
                if !empty {
                    depth = depth.saturating_add(1);
                }
            }
            Token::End => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if fields > 0 {
        artifact
            .metadata
            .insert("fields".to_owned(), fields.to_string());
    }
    for (function, place) in applied {
        if !defined.contains(function) {
            artifact.embedded.push(Embedded {
                kind: EmbeddedKind::CustomOperator,
                name: shown(function),
                detail: "a function that a class outside of PMML has to bring".to_owned(),
                evidence: text.evidence(input.path(), place),
            });
        }
    }
}

/// Whether an engine looks for a class of this name: PMML's own functions have no dots.
fn is_foreign(function: &str) -> bool {
    function.contains('.') && function.chars().any(char::is_alphabetic)
}

fn keep(artifact: &mut Artifact, key: &str, value: Option<(&str, Range<usize>)>) {
    if let Some((value, _)) = value {
        artifact.metadata.insert(key.to_owned(), shown(value));
    }
}
