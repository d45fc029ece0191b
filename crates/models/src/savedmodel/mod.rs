//! TensorFlow graphs: a SavedModel, a frozen graph, the metadata of Keras beside them.
//!
//! A graph is a program: some of its operators read and write files or call
//! Python. Weights are passed without being read.

#[doc(hidden)]
pub mod assemble;
mod graph;
mod metadata;
mod node;
pub(crate) mod operators;
mod recognise;
#[cfg(test)]
mod tests;
mod text_form;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::magic::Recognise as _;
use stance_core::Evidence;
use stance_core::fact::{Artifact, ArtifactFormat, Fact, GapReason};

use crate::onnx::explain;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::report::Facts;
use stance_read::source::Bytes;
use stance_read::window::Window;

use recognise::Kind;

pub(crate) static INSPECTOR: SavedModel = SavedModel;

/// Graphs of one part of a file, and files beside it, that are looked at.
const GRAPHS: usize = 64;
const ASSETS: usize = 10_000;

pub(crate) struct SavedModel;

impl Inspector for SavedModel {
    fn name(&self) -> &'static str {
        "savedmodel"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        recognise::kind(&Bytes(input.head()), input.len(), input.file_name()).is_some()
            || is_called_so(input)
            || text_form::kind(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if let Some(kind) = text_form::kind(input) {
            let Some(text) = input.text(facts) else {
                return;
            };
            let depth = usize::from(input.options().limits.tree_depth);
            let written = text_form::write(text.as_str(), kind, depth);
            let source = Bytes(&written.bytes);
            let window = Window::of_bytes(&source);
            let place = |at| {
                let place = written.place(at);
                text.evidence(input.path(), place..place)
            };
            read(kind, input, window, Form::Text(&place), facts);
            if let Some((at, what)) = written.broken {
                let evidence = text.evidence(input.path(), at..at);
                facts.gap(
                    GapReason::Malformed,
                    format!("the text of a graph: {what}"),
                    evidence,
                );
            }
            return;
        }
        let kind = recognise::kind(&Bytes(input.head()), input.len(), input.file_name());
        let Some(kind) = kind else {
            if input.magic().is_none() {
                facts.gap(
                    GapReason::Malformed,
                    "it is called a SavedModel and holds no TensorFlow graph",
                    input.evidence(),
                );
            }
            return;
        };
        let window = Window::new(input, input.options().limits.header);
        read(kind, input, window, Form::Bytes, facts);
    }
}

/// Reads what a file of this kind holds and adds it to the facts.
fn read(kind: Kind, input: &Input<'_>, window: Window<'_>, form: Form<'_>, facts: &mut Facts<'_>) {
    let length = window.len();
    let mut file = File {
        input,
        window,
        form,
        artifact: Artifact::new(ArtifactFormat::SavedModel, input.len(), input.evidence()),
        told: BTreeSet::new(),
        gaps: Vec::new(),
        nodes: 0,
        functions: 0,
        assets: BTreeSet::new(),
        library: BTreeSet::new(),
        custom: Vec::new(),
    };
    let what = match kind {
        Kind::SavedModel => "SavedModel",
        Kind::Graph => "frozen graph",
        Kind::MetaGraph => "graph of a checkpoint",
        Kind::KerasMetadata => "Keras metadata",
    };
    file.keep("kind", what);
    let whole = Message::whole(&file.window);
    let done = match kind {
        Kind::SavedModel => file.read_saved_model(whole),
        Kind::Graph => file.read_graph(whole),
        Kind::MetaGraph => file.read_meta_graph(whole),
        Kind::KerasMetadata => file.read_keras_metadata(whole),
    };
    if let Err(broken) = done {
        let (reason, at, detail) = explain(broken, length);
        let evidence = file.evidence(at..at.saturating_add(1), &detail);
        facts.gap(reason, format!("{what}: {detail}"), evidence);
    }
    for (reason, detail, at) in std::mem::take(&mut file.gaps) {
        let evidence = file.evidence(at..at.saturating_add(1), &detail);
        facts.gap(reason, detail, evidence);
    }
    for operator in std::mem::take(&mut file.custom) {
        if !file.library.contains(&operator.name) {
            file.artifact.embedded.push(operator);
        }
    }
    if kind != Kind::KerasMetadata {
        let (nodes, functions) = (file.nodes.to_string(), file.functions.to_string());
        file.keep("nodes", &nodes);
        file.keep("functions", &functions);
    }
    let File {
        window, artifact, ..
    } = file;
    // The text was counted when it was read.
    if matches!(form, Form::Bytes) {
        window.finish(facts);
    }
    let path = Arc::clone(input.path());
    facts.add(&path, Fact::Artifact(Box::new(artifact)));
}

/// Whether the name promises a graph that the content is not.
fn is_called_so(input: &Input<'_>) -> bool {
    input.file_name() == "saved_model.pb" && !input.is_empty()
}

/// In which form a file has its messages.
#[derive(Clone, Copy)]
enum Form<'t> {
    Bytes,
    /// As text: what is read are the bytes that it stands for, and this tells where they come from.
    Text(&'t dyn Fn(u64) -> Evidence),
}

struct File<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'i>,
    form: Form<'i>,
    artifact: Artifact,
    /// Kind, name and detail of what was found, so that copies are told once.
    told: BTreeSet<(stance_core::fact::EmbeddedKind, String, String)>,
    gaps: Vec<(GapReason, String, u64)>,
    nodes: u64,
    functions: u64,
    /// Constants that loading replaces by the place of an asset.
    assets: BTreeSet<String>,
    /// Names of functions, which graphs of the first version use as operators.
    library: BTreeSet<String>,
    /// Operators that TensorFlow does not have, until all functions are known.
    custom: Vec<stance_core::fact::Embedded>,
}

impl File<'_, '_> {
    /// Evidence of what stands in this range of the bytes that are read.
    fn evidence(&self, range: Range<u64>, seen: impl AsRef<str>) -> Evidence {
        match self.form {
            Form::Bytes => self.input.evidence_at(range, seen),
            Form::Text(place) => place(range.start),
        }
    }

    fn keep(&mut self, key: &str, value: &str) {
        if self.artifact.metadata.len() < 64 {
            let value = stance_read::redact::redact(value).into_owned();
            self.artifact.metadata.insert(key.to_owned(), value);
        }
    }

    fn gap(&mut self, reason: GapReason, detail: String, at: u64) {
        if self.gaps.len() < 16 {
            self.gaps.push((reason, detail, at));
        }
    }

    fn read_saved_model(&mut self, mut message: Message) -> Result<(), Broken> {
        while let Some(field) = message.next(&mut self.window)? {
            if let (2, Value::Bytes(graph)) = (field.number, field.value) {
                self.read_meta_graph(graph)?;
            }
        }
        Ok(())
    }

    fn read_meta_graph(&mut self, mut message: Message) -> Result<(), Broken> {
        // The assets stand behind the graph that uses them.
        let mut graphs = Vec::new();
        let mut broken = None;
        loop {
            match message.next(&mut self.window) {
                Ok(Some(field)) => match (field.number, field.value) {
                    (1, Value::Bytes(about)) => self.read_about(about)?,
                    (2, Value::Bytes(graph)) if graphs.len() < GRAPHS => graphs.push(graph),
                    (6, Value::Bytes(asset)) => self.read_asset(asset)?,
                    (7, Value::Bytes(objects)) => self.read_objects(objects)?,
                    _ => {}
                },
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        for graph in graphs {
            self.read_graph(graph)?;
        }
        broken.map_or(Ok(()), Err)
    }

    /// A file beside the graph, and the constant that becomes its path.
    fn read_asset(&mut self, mut asset: Message) -> Result<(), Broken> {
        let mut name = String::new();
        let mut file = None;
        while let Some(field) = asset.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(mut tensor)) => {
                    while let Some(field) = tensor.next(&mut self.window)? {
                        if let (1, Value::Bytes(text)) = (field.number, field.value) {
                            name = text.text(&mut self.window, 256)?;
                        }
                    }
                }
                (2, Value::Bytes(text)) => file = Some((text.text(&mut self.window, 1024)?, text)),
                _ => {}
            }
        }
        if let Some(constant) = name.split(':').next()
            && self.assets.len() < ASSETS
        {
            self.assets.insert(constant.to_owned());
        }
        if let Some((file, place)) = file.filter(|(file, _)| stance_read::external::escapes(file)) {
            let kind = stance_core::fact::EmbeddedKind::TensorflowOperator;
            let key = (kind, "AssetFileDef".to_owned(), file.clone());
            if self.assets.len() < ASSETS && self.told.insert(key) {
                let seen = format!("asset {file:?}");
                self.artifact.embedded.push(stance_core::fact::Embedded {
                    kind,
                    name: "AssetFileDef".to_owned(),
                    detail: stance_read::redact::redact(&file).into_owned(),
                    evidence: self.evidence(place.at..place.end, seen),
                });
            }
        }
        Ok(())
    }

    fn read_about(&mut self, mut message: Message) -> Result<(), Broken> {
        let mut tags = Vec::new();
        while let Some(field) = message.next(&mut self.window)? {
            match (field.number, field.value) {
                (4, Value::Bytes(tag)) if tags.len() < 16 => {
                    tags.push(tag.text(&mut self.window, 64)?);
                }
                (5, Value::Bytes(version)) => {
                    let version = version.text(&mut self.window, 64)?;
                    self.keep("tensorflow_version", &version);
                }
                _ => {}
            }
        }
        if !tags.is_empty() {
            self.keep("tags", &tags.join(", "));
        }
        Ok(())
    }
}
