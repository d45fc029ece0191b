//! ONNX: a graph of operators in one protocol buffer.
//!
//! There is no mark at the start, so that the outer fields are checked; tensor
//! data is passed without being read. See <https://onnx.ai/onnx/repo-docs/IR.html>.

#[doc(hidden)]
pub mod assemble;
mod data;
mod graph;
mod recognise;
mod sizes;
mod tensor;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::magic::Recognise as _;
use stance_core::fact::{Anomaly, AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};

use crate::unclaimed;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::report::Facts;
use stance_read::source::Bytes;
use stance_read::window::{Stop, Window};

pub(crate) static INSPECTOR: Onnx = Onnx;

/// Bytes of a field nobody knows from which it is told: a newer version may add a small one.
const UNKNOWN: u64 = 512;

/// Metadata entries that are kept.
const METADATA: usize = 64;

pub(crate) struct Onnx;

impl Inspector for Onnx {
    fn name(&self) -> &'static str {
        "onnx"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let called_so = input.extension() == "onnx";
        recognise::is_model(&Bytes(input.head()), input.len(), called_so)
            || (called_so && !input.is_empty() && !input.is_text())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if !recognise::is_model(
            &Bytes(input.head()),
            input.len(),
            input.extension() == "onnx",
        ) {
            // What it is instead, if anything, other parsers tell.
            if input.magic().is_none() {
                facts.gap(
                    GapReason::Malformed,
                    "it is called .onnx and holds no ONNX graph",
                    input.evidence(),
                );
            }
            return;
        }
        let mut model = Model {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Onnx, input.len(), input.evidence()),
            subgraphs: Vec::new(),
            custom: Default::default(),
            externals: Default::default(),
            local_functions: Default::default(),
            tensors: 0,
            parameters: 0,
            nodes: 0,
            sizes: Default::default(),
            stored: Vec::new(),
            single_left: 1 << 21,
            unknown: None,
        };
        if let Err(broken) = model.read() {
            let (reason, at, detail) = explain(broken, input.len());
            facts.gap(
                reason,
                format!("ONNX: {detail}"),
                input.evidence_at(at..at.saturating_add(1), &detail),
            );
            if broken == Broken::Stop(Stop::End) {
                model.artifact.anomalies.push(Anomaly {
                    kind: AnomalyKind::Truncated,
                    evidence: input.evidence(),
                    detail,
                });
            }
        }
        model.look_behind();
        model.examine(facts);
        model.conclude(facts);
        let Model {
            window, artifact, ..
        } = model;
        window.finish(facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// What to say about a message that could not be walked to its end.
pub(crate) fn explain(broken: Broken, size: u64) -> (GapReason, u64, String) {
    match broken {
        Broken::Malformed(at) => (
            GapReason::Malformed,
            at,
            format!("the bytes at {at:#x} are no field of a message, or one that is too long"),
        ),
        Broken::Stop(Stop::End) => (
            GapReason::Malformed,
            size,
            "the file ends inside a message".to_owned(),
        ),
        Broken::Stop(Stop::Limit) => (
            GapReason::Limit,
            0,
            "its structure is longer than the limit for headers".to_owned(),
        ),
        Broken::Stop(Stop::Failed) => (GapReason::Unreadable, 0, "it cannot be read".to_owned()),
    }
}

struct Model<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    /// Graphs that are still to be walked, with how deep they are nested.
    subgraphs: Vec<(Message, u16)>,
    custom: graph::Custom,
    externals: std::collections::BTreeSet<String>,
    local_functions: std::collections::BTreeSet<(String, String)>,
    tensors: u64,
    parameters: u64,
    nodes: u64,
    sizes: sizes::Sizes,
    /// The data of tensors, until the structure was read.
    stored: Vec<data::Stored>,
    /// Numbers in fields of their own that may still be kept.
    single_left: usize,
    /// Where the first field stands that ONNX does not have.
    unknown: Option<u64>,
}

impl Model<'_, '_> {
    fn read(&mut self) -> Result<(), Broken> {
        let mut message = Message::whole(&self.window);
        // What runs is walked last, so that a broken graph leaves what stands behind it.
        let mut broken = None;
        loop {
            let at = message.at;
            match message.next(&mut self.window) {
                Ok(Some(field)) => match (field.number, field.value) {
                    (1, Value::Number(version)) => self.keep("ir_version", version.to_string()),
                    (2, Value::Bytes(text)) => self.keep_text("producer_name", text)?,
                    (3, Value::Bytes(text)) => self.keep_text("producer_version", text)?,
                    (4, Value::Bytes(text)) => self.keep_text("domain", text)?,
                    (5, Value::Number(version)) => self.keep("model_version", version.to_string()),
                    (6, Value::Bytes(text)) => self.keep_text("doc", text)?,
                    (7, Value::Bytes(graph)) => self.subgraphs.push((graph, 0)),
                    (8, Value::Bytes(opset)) => self.read_opset(opset)?,
                    (14, Value::Bytes(entry)) => self.read_property(entry)?,
                    (20, Value::Bytes(training)) => self.read_training(training)?,
                    (25, Value::Bytes(function)) => self.read_function(function)?,
                    (26, _) => {}
                    (_, Value::Bytes(unknown)) => {
                        self.unknown.get_or_insert(at);
                        self.look_at_unknown(unknown);
                    }
                    (number, _) if number > 26 => {
                        self.unknown.get_or_insert(at);
                    }
                    _ => {}
                },
                Ok(None) => break,
                Err(error) => {
                    self.unknown.get_or_insert(at);
                    broken = Some(error);
                    break;
                }
            }
        }
        self.read_graphs()?;
        broken.map_or(Ok(()), Err)
    }

    fn keep(&mut self, key: &str, value: String) {
        if self.artifact.metadata.len() < METADATA && !value.is_empty() {
            let value = stance_read::redact::redact(&value).into_owned();
            self.artifact.metadata.insert(key.to_owned(), value);
        }
    }

    fn keep_text(&mut self, key: &str, text: Message) -> Result<(), Broken> {
        let value = text.text(&mut self.window, 200)?;
        if key == "producer_name" {
            let framework = match &*value {
                "pytorch" => Some("pytorch"),
                "tf2onnx" => Some("tensorflow"),
                "keras2onnx" => Some("keras"),
                "skl2onnx" => Some("scikit-learn"),
                _ => None,
            };
            if let Some(framework) = framework {
                self.artifact.framework = Some(framework.to_owned());
            }
        }
        self.keep(key, value);
        Ok(())
    }

    /// The graphs that set up and train the model.
    fn read_training(&mut self, mut training: Message) -> Result<(), Broken> {
        while let Some(field) = training.next(&mut self.window)? {
            if let (1 | 2, Value::Bytes(graph)) = (field.number, field.value) {
                self.subgraphs.push((graph, 0));
            }
        }
        Ok(())
    }

    /// What follows the fields that ONNX has, when it is something that is known: other files may be
    /// read as fields up to some byte.
    fn look_behind(&mut self) {
        let Some(at) = self.unknown else {
            return;
        };
        let end = self.input.len();
        let place = "behind the last field of the model";
        let found = unclaimed::anomaly(self.input, &mut self.window, at, end, place);
        let known = |detail: &str| {
            [unclaimed::STARTS_AS, unclaimed::HOLD]
                .iter()
                .any(|words| detail.contains(words))
        };
        if let Some(found) = found.filter(|found| known(&found.detail)) {
            self.artifact
                .anomaly(found.kind, found.detail, found.evidence);
        }
    }

    /// A field that ONNX does not have: every reader passes it, so that anything can lie in it.
    fn look_at_unknown(&mut self, field: Message) {
        if field.length() < UNKNOWN {
            return;
        }
        let place = "in a field that ONNX does not have";
        let found = unclaimed::anomaly(self.input, &mut self.window, field.at, field.end, place);
        if let Some(found) = found {
            self.artifact
                .anomaly(found.kind, found.detail, found.evidence);
        }
    }

    fn read_opset(&mut self, mut opset: Message) -> Result<(), Broken> {
        let mut domain = String::new();
        let mut version = 0;
        while let Some(field) = opset.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => domain = text.text(&mut self.window, 200)?,
                (2, Value::Number(number)) => version = number,
                _ => {}
            }
        }
        let key = if domain.is_empty() {
            "opset".to_owned()
        } else {
            format!("opset.{domain}")
        };
        self.keep(&key, version.to_string());
        Ok(())
    }

    fn read_property(&mut self, mut entry: Message) -> Result<(), Broken> {
        let mut key = String::new();
        let mut value = String::new();
        while let Some(field) = entry.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => key = text.text(&mut self.window, 200)?,
                (2, Value::Bytes(text)) => value = text.text(&mut self.window, 400)?,
                _ => {}
            }
        }
        match &*key.to_ascii_lowercase() {
            "license" | "model_license" => self.artifact.licence = Some(value.clone()),
            "architecture" | "model_type" => self.artifact.architecture = Some(value.clone()),
            _ => {}
        }
        self.keep(&key, value);
        Ok(())
    }
}
