//! Pointer and pipeline files of DVC: which paths a checkout writes, which are read, what is fetched
//! from elsewhere, and the commands of its stages.
//!
//! See <https://dvc.org/doc/user-guide/project-structure/dvc-files>.

mod assets;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use memchr::memmem;
use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, External, Fact};

use stance_read::Inspector;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::{Entry, Node, Notation, Tree, Value};

pub(crate) static INSPECTOR: Dvc = Dvc;

/// What the artefacts of this parser name as their framework.
pub const FRAMEWORK: &str = "dvc";

/// Paths and commands that are kept of one file.
const KEPT: usize = 64;

pub(crate) struct Dvc;

impl Inspector for Dvc {
    fn name(&self) -> &'static str {
        "dvc"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let named = input.extension() == "dvc"
            || matches!(input.file_name(), "dvc.yaml" | "dvc.lock" | "Dvcfile");
        let words = ["outs", "deps", "stages", "cmd", "repo", "artifacts"];
        let has = |word: &str| memmem::find(input.head(), word.as_bytes()).is_some();
        named && input.is_text() && words.into_iter().any(has)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let tree = Tree::parse(Notation::Yaml, text.as_str(), &input.options().limits);
        tree.report("DVC file", input.path(), &text, facts);
        let mut reader = Reader {
            input,
            text: &text,
            artifact: Artifact::new(ArtifactFormat::Configuration, input.len(), input.evidence()),
        };
        reader.artifact.framework = Some(FRAMEWORK.to_owned());
        for document in &tree.documents {
            assets::tell(document, input, &text, facts);
            reader.stage(document);
            if let Some(stages) = document.get("stages") {
                for stage in stages.entries() {
                    // A stage that is repeated for a list has its body one level deeper.
                    reader.stage(stage.value.get("do").unwrap_or(&stage.value));
                }
            }
        }
        let Reader { artifact, .. } = reader;
        if artifact.embedded.is_empty() && artifact.external.is_empty() {
            return;
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    text: &'i Text<'i>,
    artifact: Artifact,
}

impl Reader<'_, '_> {
    /// A pointer file as a whole, or one stage of a pipeline.
    fn stage(&mut self, stage: &Node) {
        let directory = stage.get("wdir").and_then(Node::as_str).unwrap_or_default();
        for key in ["outs", "metrics", "plots", "deps", "params"] {
            let Some(list) = stage.get(key) else {
                continue;
            };
            // A list of paths, of entries with a path, or of paths with their settings.
            for item in list.items() {
                self.item(item, directory);
            }
            for entry in list.entries() {
                self.entry(entry, directory);
            }
        }
        if let Some(repository) = stage.get("repo") {
            self.repository(repository);
        }
        if let Some(command) = stage.get("cmd") {
            command.strings(&mut |_, node, command| self.command(node, command));
        }
    }

    fn item(&mut self, item: &Node, directory: &str) {
        match &item.value {
            Value::String(path) => self.path(path, item, directory),
            Value::Object(entries) => {
                for entry in entries {
                    self.entry(entry, directory);
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, entry: &Entry, directory: &str) {
        match &*entry.key {
            "path" | "relpath" | "url" => {
                if let Some(path) = entry.value.as_str() {
                    self.path(path, &entry.value, directory);
                }
            }
            "repo" => self.repository(&entry.value),
            "files" => {
                for file in entry.value.items() {
                    let listed = file.get_any(&["relpath", "path"]);
                    if let Some((node, path)) = listed.and_then(|at| Some((at, at.as_str()?))) {
                        self.path(path, node, directory);
                    }
                }
            }
            // `- data/raw: {cache: false}`: the path is the key.
            path if entry.value.is_object() => {
                let key = Node {
                    value: Value::Null,
                    span: entry.key_span.clone(),
                };
                self.path(path, &key, directory);
            }
            _ => {}
        }
    }

    fn path(&mut self, path: &str, node: &Node, directory: &str) {
        let whole = if directory.is_empty() || escapes(path) && !path.starts_with('.') {
            path.to_owned()
        } else {
            format!("{directory}/{path}")
        };
        if escapes(&whole) {
            let evidence = self.text.evidence(self.input.path(), node.span.clone());
            self.external(&whole, evidence);
        }
    }

    fn external(&mut self, location: &str, evidence: stance_core::Evidence) {
        if self.artifact.external.len() < KEPT {
            self.artifact.external.push(External {
                location: shown(location),
                escapes: true,
                evidence,
            });
        }
    }

    /// Where the data is imported from.
    fn repository(&mut self, repository: &Node) {
        if let Some((node, url)) = repository
            .get("url")
            .and_then(|at| Some((at, at.as_str()?)))
        {
            let evidence = self.text.evidence(self.input.path(), node.span.clone());
            self.external(url, evidence);
        }
    }

    fn command(&mut self, node: &Node, command: &str) {
        if self.artifact.embedded.len() < KEPT {
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::DocumentCode,
                name: "cmd".to_owned(),
                detail: shown(command),
                evidence: self.text.evidence(self.input.path(), node.span.clone()),
            });
        }
    }
}
