//! Graphs: operators, tensors, and the files that tensors lie in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use stance_core::fact::{Embedded, EmbeddedKind, External, GapReason};

use super::Model;
use super::sizes::Call;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::report::Facts;

/// The operators that ONNX itself has had in any version, in order.
static OPERATORS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("../../tables/onnx_operators.txt")
        .lines()
        .collect()
});

/// Domains whose operators ONNX itself defines.
const OWN_DOMAINS: &[&str] = &[
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.training",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
];

/// Kinds of custom operators and files that are kept.
pub(super) const KEPT: usize = 256;

/// Attributes in which operators of common runtimes name a file that they open: a graph compiled for one machine
/// (`EPContext` of ONNX Runtime).
const NAMES_OF_FILES: &[&str] = &["ep_cache_context"];

/// Longest text that is taken for a path.
const LONGEST_PATH: usize = 4096;

/// Deepest nesting of graphs in graphs.
const DEPTH: u16 = 64;

/// Custom operators by domain and name: how many, and where the first stands.
pub(super) type Custom = BTreeMap<(String, String), (u64, u64)>;

impl Model<'_, '_> {
    pub(super) fn read_graphs(&mut self) -> Result<(), Broken> {
        while let Some((graph, depth)) = self.subgraphs.pop() {
            self.read_graph(graph, depth)?;
        }
        Ok(())
    }

    fn read_graph(&mut self, mut graph: Message, depth: u16) -> Result<(), Broken> {
        while let Some(field) = graph.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(node)) => self.read_node(node, depth)?,
                (2, Value::Bytes(name)) if depth == 0 => self.keep_text("graph", name)?,
                (5, Value::Bytes(tensor)) => self.read_initializer(tensor)?,
                (10, Value::Bytes(text)) if depth == 0 => self.keep_text("graph_doc", text)?,
                (15, Value::Bytes(sparse)) => self.read_sparse(sparse)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_node(&mut self, mut node: Message, depth: u16) -> Result<(), Broken> {
        let at = node.at;
        let mut domain = String::new();
        let mut operator = String::new();
        let mut call = Call::new(at);
        self.nodes = self.nodes.saturating_add(1);
        while let Some(field) = node.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => call.input(text, &mut self.window)?,
                (2, Value::Bytes(text)) => call.output(text, &mut self.window)?,
                (4, Value::Bytes(text)) => operator = text.text(&mut self.window, 200)?,
                (5, Value::Bytes(attribute)) => self.read_attribute(attribute, depth, &mut call)?,
                (7, Value::Bytes(text)) => domain = text.text(&mut self.window, 200)?,
                _ => {}
            }
        }
        let own = OWN_DOMAINS.contains(&&*domain);
        if own {
            self.sizes.node(&operator, call);
        }
        if !own || OPERATORS.binary_search(&&*operator).is_err() {
            let key = (domain, operator);
            if self.custom.len() < KEPT || self.custom.contains_key(&key) {
                let (count, _) = self.custom.entry(key).or_insert((0, at));
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }

    fn read_attribute(
        &mut self,
        mut attribute: Message,
        depth: u16,
        call: &mut Call,
    ) -> Result<(), Broken> {
        let next = depth.saturating_add(1);
        let mut name = String::new();
        let mut text = None;
        while let Some(field) = attribute.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(given)) => name = given.text(&mut self.window, 100)?,
                (4, Value::Bytes(given)) => text = Some(given),
                (5 | 10, Value::Bytes(tensor)) => {
                    let tensor = self.read_tensor(tensor)?;
                    call.value = call.value.take().or(tensor.numbers);
                }
                (6 | 11, Value::Bytes(graph)) => {
                    if next > DEPTH {
                        return Err(Broken::Malformed(graph.at));
                    }
                    call.body = Some(graph);
                    self.subgraphs.push((graph, next));
                }
                (22 | 23, Value::Bytes(sparse)) => self.read_sparse(sparse)?,
                _ => {}
            }
        }
        match text {
            Some(text) if NAMES_OF_FILES.contains(&&*name) => self.note_file(&name, text),
            _ => Ok(()),
        }
    }

    /// A file that an operator opens, where it lies outside. A compiled graph may stand in its place.
    fn note_file(&mut self, name: &str, text: Message) -> Result<(), Broken> {
        if !text.is_text(&mut self.window, LONGEST_PATH) {
            return Ok(());
        }
        let location = text.text(&mut self.window, LONGEST_PATH)?;
        let outside = stance_read::external::escapes(&location);
        if outside && self.externals.len() < KEPT && self.externals.insert(location.clone()) {
            let seen = format!("{name} = {location:?}");
            self.artifact.external.push(External {
                escapes: true,
                evidence: self.input.evidence_at(text.at..text.end, seen),
                location,
            });
        }
        Ok(())
    }

    /// A function of the model: its operators count, and calls to it are not foreign.
    pub(super) fn read_function(&mut self, mut function: Message) -> Result<(), Broken> {
        let mut name = String::new();
        let mut domain = String::new();
        while let Some(field) = function.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => name = text.text(&mut self.window, 200)?,
                (7, Value::Bytes(node)) => self.read_node(node, 0)?,
                (10, Value::Bytes(text)) => domain = text.text(&mut self.window, 200)?,
                _ => {}
            }
        }
        if self.local_functions.len() < 100_000 {
            self.local_functions.insert((domain, name));
        }
        Ok(())
    }

    /// Turns what was counted into facts.
    pub(super) fn conclude(&mut self, facts: &mut Facts<'_>) {
        self.artifact.tensors = Some(self.tensors);
        self.artifact.parameters = Some(self.parameters);
        self.keep("nodes", self.nodes.to_string());
        self.weigh();
        if self.custom.len() >= KEPT {
            facts.gap(
                GapReason::Limit,
                format!("ONNX: only the first {KEPT} custom operators are told"),
                self.input.evidence(),
            );
        }
        for ((domain, operator), (count, at)) in std::mem::take(&mut self.custom) {
            let key = (domain, operator);
            if self.local_functions.contains(&key) {
                continue;
            }
            let (mut domain, operator) = key;
            if domain.is_empty() {
                domain.push_str("ai.onnx");
            }
            let seen = format!("operator {domain}::{operator}, used {count} times");
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::OnnxCustomOperator,
                name: format!("{domain}::{operator}"),
                detail: domain,
                evidence: self.input.evidence_at(at..at.saturating_add(1), seen),
            });
        }
    }
}
