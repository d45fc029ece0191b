//! Python that comes with a model: `modeling_*.py` and its like, handlers, loading scripts.
//!
//! Loaders import such files and call what is in them, so that what counts is not what a
//! program may do but what runs when a model is loaded or used. A file belongs to a model by
//! the name that loaders expect, or by the class of a library that it extends.

mod of_interest;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason, Value};

use crate::input::Input;
use crate::python::{Run, runs};
use crate::registry::Inspector;
use crate::report::Facts;

pub(crate) static INSPECTOR: ModelCode = ModelCode;

pub(crate) struct ModelCode;

/// Beginnings of the names by which loaders know such files.
const NAMES: &[&str] = &[
    "configuration_",
    "custom_st",
    "feature_extraction_",
    "image_processing_",
    "modeling_",
    "processing_",
    "tokenization_",
    "video_processing_",
];

/// Classes that code of a model extends, and what registers it.
static CLASSES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "(PreTrainedModel",
        "(PretrainedConfig",
        "(PreTrainedConfig",
        "(PreTrainedTokenizer",
        "(ProcessorMixin",
        "(BaseImageProcessor",
        "(FeatureExtractionMixin",
        "(SequenceFeatureExtractor",
        "(DiffusionPipeline",
        "(ModelMixin",
        "GeneratorBasedBuilder)",
        "ArrowBasedBuilder)",
        "class EndpointHandler",
        "PythonModel)",
        "register_for_auto_class(",
        "PyTorchModelHubMixin",
    ])
    .ok()
});

/// Calls that are told of one file.
const MOST: usize = 64;

impl Inspector for ModelCode {
    fn name(&self) -> &'static str {
        "model code"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.extension() == "py" && (is_named(input) || extends(input.head()))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        // A program that is started by people may define a model as well; it is no part of one.
        let started = text.as_str().contains("__main__");
        if started && !is_named(input) {
            return;
        }
        let (found, incomplete) = runs(text.as_str());
        if incomplete {
            facts.gap(
                GapReason::Malformed,
                "code of a model could not be read as a whole",
                input.evidence(),
            );
        }
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        for run in &found {
            let Some(kind) = of_interest::kind(run) else {
                continue;
            };
            if artifact.embedded.len() >= MOST {
                facts.gap(
                    GapReason::Limit,
                    format!("code of a model: more than {MOST} calls that rules judge"),
                    text.evidence(input.path(), run.span.clone()),
                );
                break;
            }
            artifact.embedded.push(Embedded {
                kind: EmbeddedKind::ModelCode,
                name: moment(run, kind),
                detail: crate::redact::redact(&written(run)).into_owned(),
                evidence: text.evidence(input.path(), run.span.clone()),
            });
        }
        if artifact.embedded.is_empty() {
            return;
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Whether rules judge a call, given as Python would write it.
pub(crate) fn is_of_interest(call: &str) -> bool {
    of_interest::is_written(call)
}

fn is_named(input: &Input<'_>) -> bool {
    let name = input.file_name();
    // Transformers runs this one when text is generated.
    if name == "generate.py" && input.path().ends_with("custom_generate/generate.py") {
        return true;
    }
    NAMES.iter().any(|start| name.starts_with(start))
}

fn extends(head: &[u8]) -> bool {
    CLASSES
        .as_ref()
        .is_some_and(|classes| classes.is_match(head))
}

/// `import`, or the function; with a mark for calls of packages that nobody knows.
fn moment(run: &Run, kind: of_interest::Kind) -> String {
    let when = match &run.function {
        _ if run.at_import => "import",
        Some(function) => function,
        None => "import",
    };
    match kind {
        of_interest::Kind::Known => when.to_owned(),
        of_interest::Kind::Foreign => format!("{when} of a foreign package"),
    }
}

/// The call as Python would write it: `os.system("id")`.
fn written(run: &Run) -> String {
    let arguments: Vec<String> = run
        .arguments
        .iter()
        .map(|(name, value)| match name {
            Some(name) => format!("{name}={}", shown(value)),
            None => shown(value),
        })
        .collect();
    format!(
        "{}({})",
        run.callee.trim_start_matches("?."),
        arguments.join(", ")
    )
}

/// A value in few words.
fn shown(value: &Value) -> String {
    match value {
        Value::Text { text, .. } => {
            let short: String = text.chars().take(400).collect();
            format!("{short:?}")
        }
        Value::Integer(number) => number.to_string(),
        Value::Boolean(true) => "True".to_owned(),
        Value::Boolean(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        Value::Environment { variable, .. } => format!("os.environ[{variable:?}]"),
        Value::List(items) => {
            let shown: Vec<String> = items.iter().take(8).map(one_of).collect();
            format!("[{}]", shown.join(", "))
        }
        Value::Map(entries) => {
            let shown: Vec<String> = entries
                .iter()
                .take(8)
                .map(|(key, value)| format!("{key:?}: {}", one_of(value)))
                .collect();
            format!("{{{}}}", shown.join(", "))
        }
        Value::Name(name) => name.clone(),
        Value::Call(callee) => format!("{callee}()"),
        Value::Unknown => "?".to_owned(),
    }
}

/// An element, in which another container is only hinted at.
fn one_of(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Map(_) => "…".to_owned(),
        other => shown(other),
    }
}
