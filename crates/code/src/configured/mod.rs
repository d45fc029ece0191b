//! Configurations that name what their reader imports and calls: Hydra's `_target_` and its relatives,
//! YAML tags for Python objects, the JSON of jsonpickle.
//!
//! See <https://hydra.cc/docs/advanced/instantiate_objects/overview/> and
//! <https://pyyaml.org/wiki/PyYAMLDocumentation>.

mod arithmetic;
mod schemes;
mod tags;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use memchr::memmem;
use stance_core::evidence::shorten;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact};

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Notation, Tree};

pub(crate) static INSPECTOR: Configured = Configured;

/// Callables that are kept of one file.
const KEPT: usize = 256;

/// Words that stand where objects are made of a configuration, and nowhere else.
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "_target_",
        "__target__",
        "_component_",
        "class_path",
        "__kind__",
        "python/",
        "\"py/",
        "!new:",
        "!name:",
        "!apply:",
        "!module:",
        "%TAG",
        "python%2",
    ])
    .ok()
});

/// Beginnings of names that act on the machine: a file without them and without a mark is not read further.
static ROOTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "builtins",
        "commands.",
        "ctypes",
        "eval",
        "exec",
        "importlib",
        "marshal",
        "nt.",
        "os.",
        "os:",
        "pickle",
        "posix",
        "pty",
        "runpy",
        "shutil",
        "socket",
        "subprocess",
        "urllib",
    ])
    .ok()
});

pub(crate) struct Configured;

impl Inspector for Configured {
    fn name(&self) -> &'static str {
        "configured objects"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        match input.extension() {
            "yaml" | "yml" => input.is_text(),
            "json" => {
                let has = |word: &&str| memmem::find(input.head(), word.as_bytes()).is_some();
                input.is_text() && JSON_MARKS.iter().any(has)
            }
            _ => false,
        }
    }

    /// It looks for a few entries in files of any kind.
    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let has = |words: &Option<AhoCorasick>| {
            words
                .as_ref()
                .is_some_and(|words| words.is_match(text.as_str()))
        };
        if !(has(&MARKS) || schemes::any_key(text.as_str()) && has(&ROOTS)) {
            return;
        }
        let notation = if input.extension() == "json" {
            Notation::Json
        } else {
            Notation::Yaml
        };
        let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
        let found = look(
            &tree,
            notation,
            &text,
            input.path(),
            EmbeddedKind::ObjectTarget,
        );
        if found.is_empty() {
            return;
        }
        // Only of a file in which something stands does it matter what could not be read.
        tree.report("configuration of objects", input.path(), &text, facts);
        let mut artifact =
            Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence());
        artifact.embedded = found;
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Words by which a JSON file is taken up.
const JSON_MARKS: &[&str] = &[
    "_target_",
    "__target__",
    "_component_",
    "class_path",
    "__kind__",
    "\"py/",
];

/// Everything that a configuration names to be called, each once.
pub fn look(
    tree: &Tree,
    notation: Notation,
    text: &Text<'_>,
    path: &Arc<str>,
    kind: EmbeddedKind,
) -> Vec<Embedded> {
    let mut found = Vec::new();
    let mut push = |callable: &str, detail: &str, place: std::ops::Range<usize>| {
        let name = shorten(callable);
        let known = |embedded: &Embedded| embedded.name == name;
        if found.len() < KEPT && !name.is_empty() && !found.iter().any(known) {
            found.push(Embedded {
                kind,
                name,
                detail: shorten(&stance_read::redact::redact(detail)),
                evidence: text.evidence(path, place),
            });
        }
    };
    if notation == Notation::Yaml {
        tags::look(tree, text, &mut push);
    }
    for document in &tree.documents {
        schemes::look(document, text, &mut push);
    }
    found
}
