//! Python that comes with a model: `modeling_*.py` and its like, handlers, loading scripts.
//!
//! Loaders import such files and call what is in them, so that what counts is not what a
//! program may do but what runs when a model is loaded or used. A file belongs to a model by
//! the name that loaders expect, or by the class of a library that it extends. Any other file
//! may belong to one when a configuration beside it says so: its calls are told with that mark.

mod of_interest;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason, Value};

use crate::python::{Run, runs};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

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
        "ts.torch_handler",
    ])
    .ok()
});

/// Calls that are told of one file.
const MOST: usize = 64;

/// The key of the metadata of a file that belongs to a model only when another file says so.
pub const UNBOUND: &str = "belongs.when";

/// What stands there.
const NAMED: &str = "a configuration beside it names it";

/// What stands there for a program that people start as well: a directory that is named may hold many.
pub const PROGRAM: &str = "a configuration beside it names the file itself";

/// The name of what is told of a block that only runs when the file is started, which no loader does.
pub const MAIN: &str = crate::python::MAIN;

/// Longest file without a name or class of a model that is looked into.
const LONGEST: u64 = 256 * 1024;

/// What acts on the machine by itself. Without any of it a file that only may belong to a model is not read.
static ACTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "__import__",
        "base64",
        "ctypes",
        "eval(",
        "exec(",
        "marshal",
        "os.dup2",
        "os.exec",
        "os.popen",
        "os.spawn",
        "os.startfile",
        "os.system",
        "posix",
        "pty",
        "runpy",
        "socket",
        "subprocess",
        ".ssh",
        ".bashrc",
        "id_rsa",
        "torch.hub.load",
        "urlopen",
        "import system",
        "import popen",
    ])
    .ok()
});

impl Inspector for ModelCode {
    fn name(&self) -> &'static str {
        "model code"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.extension() == "py" && (is_named(input) || extends(input.head()) || may_belong(input))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        // A program that is started by people may define a model as well; it is no part of one.
        // But a configuration may name it all the same.
        let started = text.as_str().contains("__main__");
        let bound = is_named(input) || extends(input.head()) && !started;
        if started && !bound && !may_belong(input) {
            return;
        }
        if !bound
            && !ACTS
                .as_ref()
                .is_some_and(|acts| acts.is_match(text.as_str()))
        {
            return;
        }
        let (found, incomplete) = runs(text.as_str());
        if incomplete && bound {
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
            if artifact.embedded.len() >= MOST && !bound {
                break;
            }
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
                detail: stance_read::redact::redact(&written(run, text.as_str())).into_owned(),
                evidence: text.evidence(input.path(), run.span.clone()),
            });
        }
        if artifact.embedded.is_empty() {
            return;
        }
        if !bound {
            let value = if started { PROGRAM } else { NAMED };
            artifact
                .metadata
                .insert(UNBOUND.to_owned(), value.to_owned());
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Whether rules judge a call, given as Python would write it.
pub fn is_of_interest(call: &str) -> bool {
    of_interest::is_written(call)
}

/// The calls of a source text, each once: of those that neither act nor are given a text only one for each
/// function, and none of methods of something unknown. Also whether the text was read whole and there were at
/// most `most` of them.
pub fn source_calls(source: &str, most: usize) -> (Vec<String>, bool) {
    let (found, incomplete) = runs(source);
    let mut calls: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for run in &found {
        let call = written(run, source);
        let acts = of_interest::kind(run).is_some() || of_interest::is_written(&call);
        let plain = !acts && !call.contains('"');
        let key = if plain { &run.callee } else { &call };
        if plain && run.callee.starts_with(['?', '.']) || !seen.insert(key.clone()) {
            continue;
        }
        if calls.len() >= most {
            return (calls, false);
        }
        calls.push(stance_read::redact::redact(&call).into_owned());
    }
    (calls, !incomplete)
}

fn is_named(input: &Input<'_>) -> bool {
    let name = input.file_name();
    // Transformers runs this one when text is generated.
    if name == "generate.py" && input.path().ends_with("custom_generate/generate.py") {
        return true;
    }
    // And `torch.hub.load` this one.
    if name == "hubconf.py" {
        return true;
    }
    NAMES.iter().any(|start| name.starts_with(start))
}

/// Whether a file may be named by a configuration: it is short, and none of tests or of packages.
fn may_belong(input: &Input<'_>) -> bool {
    const OTHERS: &[&str] = &[
        "site-packages/",
        "dist-packages/",
        "node_modules/",
        "tests/",
        "test/",
        ".git/",
    ];
    let path = input.path();
    input.len() <= LONGEST
        && !OTHERS.iter().any(|part| path.contains(part))
        && !input.file_name().starts_with("test_")
}

fn extends(head: &[u8]) -> bool {
    let in_class = |start: usize| {
        let before = head.get(..start).unwrap_or_default();
        let line = memchr::memrchr(b'\n', before).map_or(0, |end| end.saturating_add(1));
        let line = before.get(line..).unwrap_or_default().trim_ascii_start();
        line.starts_with(b"class ")
    };
    CLASSES.as_ref().is_some_and(|classes| {
        classes.find_iter(head).any(|found| {
            // A class that is passed on is not extended.
            let bracket = head.get(found.start()) == Some(&b'(');
            !bracket || in_class(found.start())
        })
    })
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

/// The call as Python would write it: `os.system("id")`. Where the path that is opened, or the text that is
/// evaluated, is put together in a way that is not followed, it is told as it is written.
fn written(run: &Run, source: &str) -> String {
    let made = |(_, value): &(Option<String>, Value)| matches!(value, Value::Call(_));
    if of_interest::opens(run)
        && (run.callee.starts_with(['?', '.']) || run.arguments.iter().any(unknown))
        || of_interest::loads_a_library(run) && run.arguments.iter().any(made)
    {
        let name = run.callee.trim_start_matches(['?', '.']);
        let before = source.get(run.span.clone()).unwrap_or_default();
        let behind = source.get(run.span.end..).unwrap_or_default();
        let behind = behind
            .get(..behind.floor_char_boundary(SHOWN))
            .unwrap_or(behind);
        let arguments = behind.get(..closed(behind)).unwrap_or(behind);
        let object = if before.contains(['/', '"', '\'']) {
            before
                .get(..before.floor_char_boundary(SHOWN))
                .unwrap_or(before)
        } else {
            ""
        };
        let all = format!("{name}({} {object}", arguments.trim_start_matches('('));
        let words: Vec<&str> = all.split_whitespace().collect();
        return format!("{})", words.join(" "));
    }
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

/// Bytes of a call that are told as they are written.
const SHOWN: usize = 400;

fn unknown((_, value): &(Option<String>, Value)) -> bool {
    matches!(value, Value::Unknown | Value::Joined(_))
}

/// Where the first bracket of a text is closed, as far as brackets alone tell.
fn closed(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' | '{' => open = open.saturating_add(1),
            ')' | ']' | '}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
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
        Value::Joined(_) | Value::Unknown => "?".to_owned(),
    }
}

/// An element, in which another container is only hinted at.
fn one_of(value: &Value) -> String {
    match value {
        Value::List(_) | Value::Map(_) => "…".to_owned(),
        other => shown(other),
    }
}
