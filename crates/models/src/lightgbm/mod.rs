//! LightGBM models: lines of text, a block for each tree, then the parameters of the training.
//!
//! See `src/boosting/gbdt_model_text.cpp` of <https://github.com/microsoft/LightGBM>.

#[cfg(test)]
mod tests;
mod tree;

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason,
};

use stance_read::Inspector;
use stance_read::active::is_active;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::window::Window;
use tree::Tree;

pub(crate) static INSPECTOR: Lightgbm = Lightgbm;

/// Texts that read as code, of which this many are kept.
const KEPT: usize = 64;

/// Parameters that describe the model.
const TOLD: &[&str] = &[
    "boosting",
    "objective",
    "data",
    "valid",
    "num_iterations",
    "learning_rate",
    "num_leaves",
];

pub(crate) struct Lightgbm;

impl Inspector for Lightgbm {
    fn name(&self) -> &'static str {
        "lightgbm"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        (head.starts_with(b"tree\nversion=v") || head.starts_with(b"tree\r\nversion=v"))
            || head.starts_with(b"tree\nnum_class=")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let limit = input.options().limits.header;
        let Some(bytes) = input.read(0, limit.min(input.len()), facts) else {
            return;
        };
        if input.len() > limit {
            facts.gap(
                GapReason::TooLarge,
                format!("LightGBM model: only the first {limit} bytes were read"),
                input.evidence(),
            );
        }
        let mut reader = Reader {
            input,
            artifact: Artifact::new(ArtifactFormat::Lightgbm, input.len(), input.evidence()),
            part: Part::Header,
            tree: None,
            trees: 0,
            leaves: 0,
            features: None,
            sizes: None,
        };
        let end = reader.read(&bytes);
        let mut artifact = reader.finish();
        if let Some(end) = end {
            let mut window = Window::new(input, 4096);
            let found = crate::unclaimed::anomaly(
                input,
                &mut window,
                end as u64,
                input.len(),
                "behind the model",
            );
            artifact.anomalies.extend(found);
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Which part of the file a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Header,
    Trees,
    Importances,
    Parameters,
    /// Behind the parameters: one more line, of pandas, may follow.
    Behind,
}

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    artifact: Artifact,
    part: Part,
    tree: Option<Tree>,
    trees: u64,
    leaves: u64,
    features: Option<u64>,
    /// How many sizes of trees are given, and what they come to.
    sizes: Option<(u64, u64)>,
}

impl Reader<'_, '_> {
    /// Reads line by line, and says where the model ends when what follows is not of it.
    fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let next = at.saturating_add(length).saturating_add(1);
            let Ok(line) = std::str::from_utf8(line) else {
                return Some(at);
            };
            let line = line.trim_end_matches('\r');
            if self.part == Part::Behind {
                if line.trim().is_empty() || line.starts_with("pandas_categorical:") {
                    self.text("pandas_categorical", line, at);
                } else {
                    return Some(at);
                }
            } else {
                self.line(line, at);
            }
            at = next;
        }
        None
    }

    fn line(&mut self, line: &str, at: usize) {
        match (self.part, line) {
            (_, "parameters:") => self.part = Part::Parameters,
            (_, "end of parameters") => self.part = Part::Behind,
            (_, "end of trees") => {
                self.end_tree();
                self.part = Part::Importances;
            }
            (Part::Parameters, _) => {
                let inner = line.trim_start_matches('[').trim_end_matches(']');
                if let Some((name, value)) = inner.split_once(": ") {
                    if TOLD.contains(&name) && !value.is_empty() {
                        self.artifact.metadata.insert(name.to_owned(), shown(value));
                    }
                    self.text(name, value, at);
                }
            }
            (_, line) => {
                if let Some((name, value)) = line.split_once('=') {
                    self.entry(name, value, at);
                }
            }
        }
    }

    fn entry(&mut self, name: &str, value: &str, at: usize) {
        if name == "Tree" && self.part != Part::Importances {
            self.end_tree();
            self.part = Part::Trees;
            self.tree = Some(Tree::default());
            self.trees = self.trees.saturating_add(1);
        } else if self.part == Part::Trees {
            if let Some(tree) = &mut self.tree {
                tree.entry(name, value);
            }
        } else if self.part == Part::Header {
            match name {
                "version" | "num_class" => {
                    self.artifact.metadata.insert(name.to_owned(), shown(value));
                }
                "objective" => {
                    self.artifact.architecture = Some(shown(value));
                }
                "max_feature_idx" => {
                    self.features = value.parse::<u64>().ok().map(|last| last.saturating_add(1));
                    if self.features.is_none() {
                        self.lie(format!("its last feature is `{}`", shown(value)), at);
                    }
                }
                "feature_names" => self.names(value, at),
                "tree_sizes" => self.sizes(value, at),
                _ => {}
            }
            self.text(name, value, at);
        } else {
            self.text("feature_importances", name, at);
        }
    }

    fn names(&mut self, value: &str, at: usize) {
        let named = value.split(' ').filter(|name| !name.is_empty()).count() as u64;
        if let Some(features) = self.features
            && features != named
        {
            self.lie(
                format!("it claims {features} features and names {named}"),
                at,
            );
        }
    }

    /// The sizes of trees, by which a reader finds them.
    fn sizes(&mut self, value: &str, at: usize) {
        let (mut count, mut total) = (0_u64, 0_u64);
        for size in value.split_ascii_whitespace() {
            let Ok(size) = size.parse::<u64>() else {
                self.lie(format!("a tree of `{}` bytes", shown(size)), at);
                return;
            };
            count = count.saturating_add(1);
            total = total.saturating_add(size);
        }
        self.sizes = Some((count, total));
    }

    fn end_tree(&mut self) {
        if let Some(tree) = self.tree.take() {
            self.leaves = self.leaves.saturating_add(tree.leaves());
            if let Some(lie) = tree.lie(self.features) {
                let number = self.trees.saturating_sub(1);
                self.lie(format!("tree {number} {lie}"), 0);
            }
        }
    }

    fn lie(&mut self, detail: String, at: usize) {
        let from = at as u64;
        let evidence = self
            .input
            .evidence_at(from..from.saturating_add(1), &detail);
        self.artifact
            .anomaly(AnomalyKind::LyingHeader, detail, evidence);
    }

    fn text(&mut self, name: &str, value: &str, at: usize) {
        if self.artifact.embedded.len() < KEPT && is_active(value) {
            let from = at as u64;
            let detail = shown(value);
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::DocumentCode,
                name: shown(name),
                evidence: self
                    .input
                    .evidence_at(from..from.saturating_add(value.len() as u64), &detail),
                detail,
            });
        }
    }

    fn finish(mut self) -> Artifact {
        self.end_tree();
        let whole = self.part == Part::Behind || self.part == Part::Importances;
        if let Some((sizes, total)) = self.sizes {
            let (trees, length) = (self.trees, self.input.len());
            if sizes != trees && (whole || trees > sizes) {
                self.lie(
                    format!("it gives the sizes of {sizes} trees and has {trees}"),
                    0,
                );
            } else if whole && total > length {
                self.lie(format!("its trees take {total} bytes of {length}"), 0);
            }
        }
        if !whole && self.input.len() <= self.input.options().limits.header {
            let detail = "the file ends before its trees do".to_owned();
            let evidence = self.input.evidence();
            self.artifact
                .anomaly(AnomalyKind::Truncated, detail, evidence);
        }
        self.artifact
            .metadata
            .insert("trees".to_owned(), self.trees.to_string());
        self.artifact.parameters = Some(self.leaves);
        self.artifact
    }
}
