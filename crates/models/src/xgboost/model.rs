//! What the values of a model say, whatever notation they came in.

use stance_core::fact::{AnomalyKind, Artifact, Embedded, EmbeddedKind};

use stance_read::active::is_active;
use stance_read::input::Input;
use stance_read::redact::shown;

/// Texts that read as code, of which this many are kept.
const KEPT: usize = 64;

/// Arrays of a tree with an entry for each node.
const PER_NODE: &[&str] = &[
    "base_weights",
    "default_left",
    "left_children",
    "loss_changes",
    "parents",
    "right_children",
    "split_conditions",
    "split_indices",
    "split_type",
    "sum_hessian",
];

/// Follows the keys of a document and keeps what matters.
pub(super) struct Model<'i, 'a> {
    input: &'i Input<'a>,
    artifact: Artifact,
    /// The key of each open container, and whether it is an array.
    path: Vec<(String, bool)>,
    key: String,
    version: Vec<i64>,
    trees: u64,
    announced: Option<u64>,
    /// Whether there is a list of trees, as a model has it and the configuration of one has not.
    listed: bool,
    features: Option<u64>,
    named: u64,
    nodes: u64,
    tree: Tree,
}

/// The tree that is open.
#[derive(Default)]
struct Tree {
    nodes: Option<i64>,
    /// Entries of the array that is open, and the least and the most of all arrays.
    count: u64,
    least: Option<u64>,
    most: u64,
    child: i64,
}

impl<'i, 'a> Model<'i, 'a> {
    pub(super) const fn new(input: &'i Input<'a>, artifact: Artifact) -> Self {
        Self {
            input,
            artifact,
            path: Vec::new(),
            key: String::new(),
            version: Vec::new(),
            trees: 0,
            announced: None,
            listed: false,
            features: None,
            named: 0,
            nodes: 0,
            tree: Tree {
                nodes: None,
                count: 0,
                least: None,
                most: 0,
                child: -1,
            },
        }
    }

    pub(super) fn open(&mut self, array: bool) {
        self.listed |= array && self.key == "trees";
        self.path.push((std::mem::take(&mut self.key), array));
        if array {
            self.tree.count = 0;
        } else if self.is_tree() {
            self.tree = Tree {
                child: -1,
                ..Tree::default()
            };
            self.trees = self.trees.saturating_add(1);
        }
    }

    /// Whether the innermost open object is an element of `trees`.
    fn is_tree(&self) -> bool {
        matches!(self.path.as_slice(), [.., (trees, true), (_, false)] if trees == "trees")
    }

    pub(super) fn close(&mut self) {
        if self.is_tree() {
            self.end_tree();
        }
        if let Some((key, array)) = self.path.pop()
            && array
            && self.is_tree()
            && PER_NODE.contains(&&*key)
        {
            let count = self.tree.count;
            self.tree.least = Some(self.tree.least.map_or(count, |least| least.min(count)));
            self.tree.most = self.tree.most.max(count);
        }
    }

    fn end_tree(&mut self) {
        let tree = std::mem::take(&mut self.tree);
        let nodes = tree
            .nodes
            .unwrap_or_else(|| i64::try_from(tree.most).unwrap_or(i64::MAX));
        self.nodes = self.nodes.saturating_add(tree.most);
        let number = self.trees.saturating_sub(1);
        let detail = if nodes < 0 || tree.least.is_some_and(|least| least.cast_signed() < nodes) {
            let least = tree.least.unwrap_or_default();
            format!("tree {number} claims {nodes} nodes, and an array of it has {least}")
        } else if tree.child >= nodes.max(0) && tree.most > 0 {
            format!(
                "tree {number} has a child {} among {nodes} nodes",
                tree.child
            )
        } else {
            return;
        };
        self.lie(detail);
    }

    pub(super) fn lie(&mut self, detail: String) {
        let evidence = self.input.evidence();
        self.artifact
            .anomaly(AnomalyKind::LyingHeader, detail, evidence);
    }

    pub(super) fn key(&mut self, key: &str, at: usize) {
        if is_active(key) {
            self.code("key", key, at);
        }
        self.key.clear();
        self.key
            .push_str(key.get(..key.floor_char_boundary(128)).unwrap_or_default());
    }

    /// The key of what comes now: of an element it is that of its array.
    fn name(&self) -> &str {
        match self.path.last() {
            Some((key, true)) => key,
            _ => &self.key,
        }
    }

    fn inside(&self, container: &str) -> bool {
        self.path.iter().any(|(key, _)| key == container)
    }

    pub(super) fn text(&mut self, text: &str, at: usize) {
        let name = self.name().to_owned();
        let number = text.parse::<i64>().ok();
        match &*name {
            "name" if self.path.last().is_some_and(|(key, _)| key == "objective") => {
                self.keep("objective", text);
            }
            "name"
                if self
                    .path
                    .last()
                    .is_some_and(|(key, _)| key == "gradient_booster") =>
            {
                self.artifact.architecture = Some(shown(text));
            }
            "num_feature" if self.inside("learner_model_param") => {
                self.features = number.and_then(|number| u64::try_from(number).ok());
                self.keep("features", text);
            }
            "num_class" if self.inside("learner_model_param") => self.keep("classes", text),
            "num_trees" => {
                self.announced = number.and_then(|number| u64::try_from(number).ok());
            }
            "num_nodes" if self.inside("tree_param") => self.tree.nodes = number,
            "feature_names" => self.named = self.named.saturating_add(1),
            _ => {}
        }
        if is_active(text) {
            self.code(&name, text, at);
        }
    }

    fn code(&mut self, name: &str, text: &str, at: usize) {
        if self.artifact.embedded.len() < KEPT {
            let detail = shown(text);
            let from = at as u64;
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::DocumentCode,
                name: shown(name),
                evidence: self
                    .input
                    .evidence_at(from..from.saturating_add(text.len() as u64), &detail),
                detail,
            });
        }
    }

    pub(super) fn keep(&mut self, key: &str, value: &str) {
        self.artifact.metadata.insert(key.to_owned(), shown(value));
    }

    pub(super) fn number(&mut self, number: f64) {
        // Whole numbers of a model are small; the others only count.
        if number.fract() == 0.0 && number.abs() < 9e15 {
            self.whole_number(number as i64);
        } else {
            self.elements(1);
        }
    }

    pub(super) fn whole_number(&mut self, number: i64) {
        if self.path.last().is_some_and(|(_, array)| *array) {
            self.element(number);
            self.elements(1);
        } else {
            match &*self.key {
                "num_nodes" if self.inside("tree_param") => self.tree.nodes = Some(number),
                "num_trees" => self.announced = u64::try_from(number).ok(),
                _ => {}
            }
        }
    }

    /// A whole number in the array that is open.
    pub(super) fn element(&mut self, number: i64) {
        match self.path.last() {
            Some((key, true)) if key == "version" && self.version.len() < 3 => {
                self.version.push(number);
            }
            Some((key, true)) if is_children(key) => self.tree.child = self.tree.child.max(number),
            _ => {}
        }
    }

    /// Counts elements of the array that is open.
    pub(super) const fn elements(&mut self, count: u64) {
        self.tree.count = self.tree.count.saturating_add(count);
    }

    pub(super) fn trees(&mut self, trees: u64, nodes: u64) {
        self.listed = true;
        self.trees = trees;
        self.nodes = nodes;
    }

    pub(super) fn architecture(&mut self, name: &str) {
        self.artifact.architecture = Some(shown(name));
    }

    pub(super) fn finish(mut self) -> Artifact {
        if let Some(announced) = self.announced
            && self.listed
            && announced != self.trees
            && self.artifact.architecture.as_deref() != Some("gblinear")
        {
            let trees = self.trees;
            self.lie(format!("it claims {announced} trees and has {trees}"));
        }
        if let Some(features) = self.features
            && self.named > 0
            && features != self.named
        {
            let named = self.named;
            self.lie(format!("it claims {features} features and names {named}"));
        }
        if !self.version.is_empty() {
            let version: Vec<String> = self.version.iter().map(i64::to_string).collect();
            self.keep("version", &version.join("."));
        }
        let (trees, nodes) = (self.trees, self.nodes);
        self.keep("trees", &trees.to_string());
        self.artifact.parameters = Some(nodes);
        self.artifact
    }
}

fn is_children(key: &str) -> bool {
    matches!(key, "left_children" | "right_children")
}
