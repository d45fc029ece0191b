//! Graphs: operators, tensors, and the files that tensors lie in.

use std::collections::BTreeMap;

use stance_core::fact::{Embedded, EmbeddedKind, External, GapReason, Tensor};

use super::Model;
use crate::protobuf::{Broken, Message, Value, numbers};
use crate::report::Facts;

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
const KEPT: usize = 256;

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
                (5, Value::Bytes(tensor)) => self.read_tensor(tensor, true)?,
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
        self.nodes = self.nodes.saturating_add(1);
        while let Some(field) = node.next(&mut self.window)? {
            match (field.number, field.value) {
                (4, Value::Bytes(text)) => operator = text.text(&mut self.window, 200)?,
                (5, Value::Bytes(attribute)) => self.read_attribute(attribute, depth)?,
                (7, Value::Bytes(text)) => domain = text.text(&mut self.window, 200)?,
                _ => {}
            }
        }
        if !OWN_DOMAINS.contains(&&*domain) {
            let key = (domain, operator);
            if self.custom.len() < KEPT || self.custom.contains_key(&key) {
                let (count, _) = self.custom.entry(key).or_insert((0, at));
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }

    fn read_attribute(&mut self, mut attribute: Message, depth: u16) -> Result<(), Broken> {
        let next = depth.saturating_add(1);
        while let Some(field) = attribute.next(&mut self.window)? {
            match (field.number, field.value) {
                (5 | 10, Value::Bytes(tensor)) => self.read_tensor(tensor, false)?,
                (6 | 11, Value::Bytes(graph)) => {
                    if next > DEPTH {
                        return Err(Broken::Malformed(graph.at));
                    }
                    self.subgraphs.push((graph, next));
                }
                (22 | 23, Value::Bytes(sparse)) => self.read_sparse(sparse)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_sparse(&mut self, mut sparse: Message) -> Result<(), Broken> {
        while let Some(field) = sparse.next(&mut self.window)? {
            if let (1 | 2, Value::Bytes(tensor)) = (field.number, field.value) {
                self.read_tensor(tensor, field.number == 1)?;
            }
        }
        Ok(())
    }

    /// A tensor; an initializer counts as a parameter of the model.
    fn read_tensor(&mut self, mut tensor: Message, initializer: bool) -> Result<(), Broken> {
        let mut elements = 1_u64;
        let mut dtype = 0;
        let mut shape = Vec::new();
        let mut name = String::new();
        let mut data = None;
        let most = self.input.options().limits.tensors;
        while let Some(field) = tensor.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, value) => numbers(value, &mut self.window, &mut |size| {
                    elements = elements.saturating_mul(size);
                    if shape.len() < Tensor::DIMENSIONS {
                        shape.push(size);
                    }
                })?,
                (2, Value::Number(number)) => dtype = number,
                (8, Value::Bytes(text)) if most > 0 => name = text.text(&mut self.window, 400)?,
                (9, Value::Bytes(raw)) => data = Some(raw),
                (13, Value::Bytes(entry)) => self.read_external(entry)?,
                _ => {}
            }
        }
        if initializer {
            self.artifact.list_tensor(most, || Tensor {
                name,
                dtype: data_type(dtype).to_owned(),
                shape,
                offset: data.map(|data| data.at),
                bytes: data.map(Message::length),
            });
            self.tensors = self.tensors.saturating_add(1);
            self.parameters = self.parameters.saturating_add(elements);
            let count = self
                .artifact
                .dtypes
                .entry(data_type(dtype).to_owned())
                .or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn read_external(&mut self, mut entry: Message) -> Result<(), Broken> {
        let mut key = String::new();
        let mut location = None;
        while let Some(field) = entry.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => key = text.text(&mut self.window, 64)?,
                (2, Value::Bytes(text)) => {
                    location = Some((text.text(&mut self.window, 1024)?, text));
                }
                _ => {}
            }
        }
        if let Some((location, place)) = location
            && key == "location"
            && self.externals.len() < KEPT
            && self.externals.insert(location.clone())
        {
            self.artifact.external.push(External {
                escapes: crate::external::escapes(&location),
                evidence: self
                    .input
                    .evidence_at(place.at..place.end, format!("location = {location:?}")),
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
            let (domain, operator) = key;
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

/// The name of an ONNX data type.
fn data_type(number: u64) -> &'static str {
    match number {
        1 => "FLOAT",
        2 => "UINT8",
        3 => "INT8",
        4 => "UINT16",
        5 => "INT16",
        6 => "INT32",
        7 => "INT64",
        8 => "STRING",
        9 => "BOOL",
        10 => "FLOAT16",
        11 => "DOUBLE",
        12 => "UINT32",
        13 => "UINT64",
        14 => "COMPLEX64",
        15 => "COMPLEX128",
        16 => "BFLOAT16",
        17..=20 => "FLOAT8",
        21 => "UINT4",
        22 => "INT4",
        23 => "FLOAT4",
        _ => "?",
    }
}
