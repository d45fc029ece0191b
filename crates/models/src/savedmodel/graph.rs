//! Graphs and their functions: what operators that reach outside are given.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::fact::{Embedded, EmbeddedKind, GapReason};

use super::File;
use super::node::Node;
use super::operators::{Operator, When, find, is_known};
use stance_read::protobuf::{Broken, Message, Value};

/// Text constants and pass-through nodes of one graph that are remembered.
const REMEMBERED: usize = 50_000;

/// Operators of one graph that are looked at, and of one file that are told.
const OPERATORS: usize = 10_000;
const TOLD: usize = 1000;

/// Nodes between a constant and the operator that are followed.
const STEPS: usize = 8;

/// The nodes of one graph or function whose names belong together.
#[derive(Default)]
struct Scope {
    /// Texts by the name of the constant.
    constants: BTreeMap<String, String>,
    /// The node behind one that passes its input on.
    passes: BTreeMap<String, String>,
    /// The nodes whose texts are put together.
    joins: BTreeMap<String, Vec<String>>,
    /// Those among the nodes that pass their input on which decode it.
    encoded: BTreeSet<String>,
    operators: Vec<(&'static Operator, Node)>,
}

impl File<'_, '_> {
    pub(super) fn read_graph(&mut self, mut message: Message) -> Result<(), Broken> {
        let mut scope = Scope::default();
        let mut library = None;
        let mut broken = None;
        loop {
            match message.next(&mut self.window) {
                Ok(Some(field)) => match (field.number, field.value) {
                    (1, Value::Bytes(node)) => {
                        if let Err(error) = self.add_node(node, &mut scope) {
                            broken = Some(error);
                            break;
                        }
                    }
                    (2, Value::Bytes(functions)) => library = Some(functions),
                    _ => {}
                },
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        self.conclude(&scope, "");
        if let Some(mut library) = library {
            while let Some(field) = library.next(&mut self.window)? {
                if let (1, Value::Bytes(function)) = (field.number, field.value) {
                    self.read_function(function)?;
                }
            }
        }
        broken.map_or(Ok(()), Err)
    }

    fn read_function(&mut self, mut message: Message) -> Result<(), Broken> {
        self.functions = self.functions.saturating_add(1);
        let mut scope = Scope::default();
        let mut name = String::new();
        while let Some(field) = message.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(mut signature)) => {
                    if let Some(field) = signature.next(&mut self.window)?
                        && let (1, Value::Bytes(text)) = (field.number, field.value)
                    {
                        name = text.text(&mut self.window, 128)?;
                        if self.library.len() < REMEMBERED {
                            self.library.insert(name.clone());
                        }
                    }
                }
                (3, Value::Bytes(node)) => self.add_node(node, &mut scope)?,
                _ => {}
            }
        }
        self.conclude(&scope, &name);
        Ok(())
    }

    fn add_node(&mut self, message: Message, scope: &mut Scope) -> Result<(), Broken> {
        let node = self.read_node(message)?;
        self.nodes = self.nodes.saturating_add(1);
        match &*node.operator {
            "Const" | "HostConst" => {
                if scope.constants.len() < REMEMBERED
                    && let Some(text) = node.attribute("value")
                {
                    scope.constants.insert(node.name.clone(), text.to_owned());
                }
            }
            "StringJoin" | "Add" | "AddV2" | "ConcatV2" | "ReduceJoin" | "StringFormat" => {
                if scope.joins.len() < REMEMBERED {
                    scope.joins.insert(node.name, node.inputs);
                }
            }
            // What is put in place of a part may be all of the text.
            "RegexReplace" | "StaticRegexReplace" => {
                if scope.passes.len() < REMEMBERED {
                    if let Some(text) = node.attribute("rewrite") {
                        scope.constants.insert(node.name.clone(), text.to_owned());
                    } else if let Some(input) = node.inputs.get(2) {
                        scope.passes.insert(node.name.clone(), input.clone());
                    }
                }
            }
            "Identity"
            | "IdentityN"
            | "PlaceholderWithDefault"
            | "AsString"
            | "BroadcastTo"
            | "DecodeBase64"
            | "EnsureShape"
            | "ExpandDims"
            | "Gather"
            | "GatherV2"
            | "Slice"
            | "ShardedFilename"
            | "ShardedFilespec"
            | "StringUpper"
            | "Tile"
            | "UnicodeTranscode"
            | "Reshape"
            | "Squeeze"
            | "Pack"
            | "Snapshot"
            | "StringLower"
            | "StringStrip"
            | "StridedSlice"
            | "Substr"
            | "Switch"
            | "Merge"
            | "StopGradient" => {
                if scope.passes.len() < REMEMBERED
                    && let Some(input) = node.inputs.first()
                {
                    if node.operator == "DecodeBase64" {
                        scope.encoded.insert(node.name.clone());
                    }
                    scope.passes.insert(node.name.clone(), input.clone());
                }
            }
            operator => {
                if let Some(operator) = find(operator) {
                    if scope.operators.len() < OPERATORS {
                        scope.operators.push((operator, node));
                    } else if scope.operators.len() == OPERATORS {
                        self.gap(
                            GapReason::Limit,
                            format!("more than {OPERATORS} operators reach outside the graph"),
                            node.at,
                        );
                    }
                } else if !is_known(operator) {
                    self.tell_custom(&node);
                }
            }
        }
        Ok(())
    }

    /// An operator that a library has to bring.
    fn tell_custom(&mut self, node: &Node) {
        let kind = EmbeddedKind::CustomOperator;
        let key = (kind, node.operator.clone(), String::new());
        if node.operator.is_empty()
            || self.library.contains(&node.operator)
            || self.told.len() >= TOLD
            || !self.told.insert(key)
        {
            return;
        }
        let seen = format!("node {:?}: {}", node.name, node.operator);
        self.custom.push(Embedded {
            kind,
            name: node.operator.clone(),
            detail: "an operator that TensorFlow does not have".to_owned(),
            evidence: self.evidence(node.at..node.at.saturating_add(1), seen),
        });
    }

    fn conclude(&mut self, scope: &Scope, function: &str) {
        for (operator, node) in &scope.operators {
            let target = operator
                .input
                .and_then(|index| node.inputs.get(index))
                .filter(|input| !self.assets.contains(node_of(input)))
                .and_then(|input| scope.text_behind(input))
                .or_else(|| {
                    let name = operator.attribute?;
                    node.attribute(name).map(str::to_owned)
                });
            let target = target.as_deref();
            let worth = match operator.when {
                When::Always => true,
                When::FixedPath => target.is_some_and(|target| {
                    // What these stand for is in the process.
                    let inside = ["local://", "bytes://"];
                    !inside.iter().any(|scheme| target.starts_with(scheme))
                        && stance_read::external::escapes(target)
                }),
                When::Target => target.is_some_and(|target| {
                    ["file://", "grpc://"]
                        .iter()
                        .any(|scheme| target.contains(scheme))
                }),
            };
            if worth {
                self.tell(operator, node, target.unwrap_or_default(), function);
            }
        }
    }

    fn tell(&mut self, operator: &Operator, node: &Node, target: &str, function: &str) {
        let target = stance_read::redact::redact(target).into_owned();
        let key = (
            EmbeddedKind::TensorflowOperator,
            operator.name.to_owned(),
            target.clone(),
        );
        if self.told.len() >= TOLD || !self.told.insert(key) {
            return;
        }
        let place = if function.is_empty() {
            String::new()
        } else {
            format!(" of function {function}")
        };
        let seen = if target.is_empty() {
            format!("node {:?}{place}: {}", node.name, operator.name)
        } else {
            format!("node {:?}{place}: {}({target:?})", node.name, operator.name)
        };
        self.artifact.embedded.push(Embedded {
            kind: EmbeddedKind::TensorflowOperator,
            name: operator.name.to_owned(),
            detail: target,
            evidence: self.evidence(node.at..node.at.saturating_add(1), seen),
        });
    }
}

impl Scope {
    /// The text of the constant that an input comes from, or of those it is put together from.
    fn text_behind(&self, input: &str) -> Option<String> {
        let mut name = node_of(input);
        let mut encoded = false;
        for _ in 0..STEPS {
            if let Some(text) = self.constants.get(name) {
                let decoded = encoded
                    .then(|| stance_pickle::base64(text.as_bytes()))
                    .flatten()
                    .and_then(|bytes| String::from_utf8(bytes).ok());
                return Some(decoded.unwrap_or_else(|| text.clone()));
            }
            encoded |= self.encoded.contains(name);
            if let Some(parts) = self.joins.get(name) {
                let text: String = parts
                    .iter()
                    .filter_map(|part| self.constant_behind(part))
                    .collect();
                return (!text.is_empty()).then_some(text);
            }
            name = node_of(self.passes.get(name)?);
        }
        None
    }

    fn constant_behind(&self, input: &str) -> Option<&str> {
        let mut name = node_of(input);
        for _ in 0..STEPS {
            if let Some(text) = self.constants.get(name) {
                return Some(text);
            }
            name = node_of(self.passes.get(name)?);
        }
        None
    }
}

/// The node that an input names: `node`, `node:0`, `node:output:0`, `^node`.
fn node_of(input: &str) -> &str {
    input
        .trim_start_matches('^')
        .split(':')
        .next()
        .unwrap_or_default()
}
