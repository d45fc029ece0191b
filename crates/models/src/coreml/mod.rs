//! Core ML models (`.mlmodel`): one message with the kind of the model as the number of its field.
//!
//! See the message definitions of the Core ML model format, `Model.proto` and those it imports.

mod package;
#[cfg(test)]
mod tests;
mod types;

use std::sync::Arc;

use stance_core::fact::{
    Artifact, ArtifactFormat, Embedded, EmbeddedKind, External, Fact, GapReason,
};

use stance_read::Inspector;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::protobuf::{Broken, Field, Message, Value};
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

use types::{Kind, kind};

pub(crate) static INSPECTOR: Coreml = Coreml;

/// Newest version of the specification that is taken for one.
const NEWEST: u8 = 30;
/// Deepest nesting of pipelines, and of blocks in a program.
const DEPTH: u8 = 16;
/// Layers, operations and names that are kept of one kind.
const KEPT: usize = 64;
/// Where a program looks for its weights.
const MODEL_PATH: &str = "@model_path/";

pub(crate) struct Coreml;

impl Inspector for Coreml {
    fn name(&self) -> &'static str {
        "coreml"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        // Version, then the description; ONNX starts alike, and says next who wrote it.
        let head = input.head();
        matches!(head, [0x08, 1..=NEWEST, 0x12, ..])
            && (input.extension() == "mlmodel" || model_field(head).is_some())
            || package::claims(input)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if package::claims(input) {
            if let Some(artifact) = package::look(input, facts) {
                let path = Arc::clone(input.path());
                facts.add(&path, Fact::Artifact(Box::new(artifact)));
            }
            return;
        }
        let mut file = File {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Coreml, input.len(), input.evidence()),
            layers: 0,
        };
        let whole = Message::whole(&file.window);
        if let Err(broken) = file.read_model(whole, 0) {
            let (reason, detail) = match broken {
                Broken::Malformed(at) => (
                    GapReason::Malformed,
                    format!("what stands at byte {at:#x} is no field of a message"),
                ),
                Broken::Stop(Stop::End) => (
                    GapReason::Malformed,
                    "the file ends inside a field".to_owned(),
                ),
                Broken::Stop(Stop::Limit) => (
                    GapReason::Limit,
                    "its structure is larger than the limit for headers".to_owned(),
                ),
                Broken::Stop(Stop::Failed) => {
                    (GapReason::Unreadable, "it cannot be read".to_owned())
                }
            };
            facts.gap(reason, format!("Core ML: {detail}"), input.evidence());
        }
        if file.layers > 0 {
            let layers = file.layers.to_string();
            file.artifact.metadata.insert("layers".to_owned(), layers);
        }
        let File {
            window, artifact, ..
        } = file;
        window.finish(facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// The number of the field that holds the model, when the head reaches it.
fn model_field(head: &[u8]) -> Option<u32> {
    let mut at = 0_usize;
    // Version, description and a flag or two come first.
    for _ in 0..6 {
        let (tag, behind) = varint(head, at)?;
        let number = u32::try_from(tag >> 3).ok()?;
        if tag & 7 == 2 && kind(number).is_some() {
            return Some(number);
        }
        at = match (number, tag & 7) {
            (1 | 10, 0) => varint(head, behind)?.1,
            (2, 2) => {
                let (length, start) = varint(head, behind)?;
                start.checked_add(usize::try_from(length).ok()?)?
            }
            _ => return None,
        };
    }
    None
}

fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for index in 0..10_usize {
        let byte = *bytes.get(at.checked_add(index)?)?;
        let shift = u32::try_from(index).ok()?.checked_mul(7)?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, at.checked_add(index)?.checked_add(1)?));
        }
    }
    None
}

struct File<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    layers: u64,
}

impl File<'_, '_> {
    fn read_model(&mut self, mut message: Message, depth: u8) -> Result<(), Broken> {
        while let Some(field) = message.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Number(version)) if depth == 0 => {
                    self.keep("specification_version", &version.to_string());
                }
                (2, Value::Bytes(about)) if depth == 0 => self.read_description(about)?,
                (10, Value::Number(1)) if depth == 0 => self.keep("updatable", "true"),
                (number, Value::Bytes(model)) => {
                    if let Some((title, kind)) = kind(number) {
                        if depth == 0 {
                            self.artifact.architecture = Some(title.to_owned());
                        }
                        self.read_kind(kind, &field, model, depth)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_kind(
        &mut self,
        kind: Kind,
        field: &Field,
        mut model: Message,
        depth: u8,
    ) -> Result<(), Broken> {
        if depth >= DEPTH {
            return Err(Broken::Stop(Stop::Limit));
        }
        let deeper = depth.saturating_add(1);
        match kind {
            Kind::Pipeline => {
                while let Some(field) = model.next(&mut self.window)? {
                    if let (1, Value::Bytes(inner)) = (field.number, field.value) {
                        self.read_model(inner, deeper)?;
                    }
                }
            }
            Kind::WrappedPipeline => {
                while let Some(field) = model.next(&mut self.window)? {
                    if let (1, Value::Bytes(pipeline)) = (field.number, field.value) {
                        self.read_kind(Kind::Pipeline, &field, pipeline, deeper)?;
                    }
                }
            }
            Kind::NeuralNetwork => {
                while let Some(field) = model.next(&mut self.window)? {
                    if let (1, Value::Bytes(layer)) = (field.number, field.value) {
                        self.layers = self.layers.saturating_add(1);
                        self.read_layer(layer)?;
                    }
                }
            }
            Kind::Custom => {
                let name = self.text_field(model, 1)?;
                self.custom("model", &name.unwrap_or_default(), field.at);
            }
            Kind::Linked => self.read_linked(model)?,
            Kind::Program => self.read_program(model)?,
            Kind::Plain => {}
        }
        Ok(())
    }

    fn read_layer(&mut self, mut layer: Message) -> Result<(), Broken> {
        while let Some(field) = layer.next(&mut self.window)? {
            if let (500, Value::Bytes(custom)) = (field.number, field.value) {
                let name = self.text_field(custom, 10)?;
                self.custom("layer", &name.unwrap_or_default(), field.at);
            }
        }
        Ok(())
    }

    /// A class that the application has to bring.
    fn custom(&mut self, what: &str, name: &str, at: u64) {
        if self.artifact.embedded.len() < KEPT {
            let detail = format!("custom {what}, run by the class `{name}` of the application");
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::CustomOperator,
                name: name.to_owned(),
                evidence: self.input.evidence_at(at..at.saturating_add(1), &detail),
                detail,
            });
        }
    }

    /// A model that lies in another file: its name and where it is searched.
    fn read_linked(&mut self, mut model: Message) -> Result<(), Broken> {
        while let Some(field) = model.next(&mut self.window)? {
            let (1, Value::Bytes(mut file)) = (field.number, field.value) else {
                continue;
            };
            while let Some(part) = file.next(&mut self.window)? {
                if let (1 | 2, Value::Bytes(parameter)) = (part.number, part.value)
                    && let Some(path) = self.text_field(parameter, 1)?
                {
                    // The second is a path of searching, with a colon between its parts.
                    let many = part.number == 2 && !path.contains("://");
                    for path in path.split(|character| many && character == ':') {
                        self.external(path, part.at);
                    }
                }
            }
        }
        Ok(())
    }

    fn external(&mut self, location: &str, at: u64) {
        let known = self
            .artifact
            .external
            .iter()
            .any(|external| external.location == location);
        if !known && !location.is_empty() && self.artifact.external.len() < KEPT {
            let inside = location.strip_prefix(MODEL_PATH).unwrap_or(location);
            self.artifact.external.push(External {
                location: location.to_owned(),
                escapes: escapes(inside),
                evidence: self.input.evidence_at(at..at.saturating_add(1), location),
            });
        }
    }

    /// Functions with their blocks, and in the values of operations and attributes the files of weights.
    fn read_program(&mut self, mut program: Message) -> Result<(), Broken> {
        while let Some(field) = program.next(&mut self.window)? {
            let Value::Bytes(entry) = field.value else {
                continue;
            };
            match field.number {
                2 => {
                    if let Some(function) = self.message_field(entry, 2)? {
                        self.read_function(function)?;
                    }
                }
                4 => self.read_attribute(entry)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_function(&mut self, mut function: Message) -> Result<(), Broken> {
        while let Some(field) = function.next(&mut self.window)? {
            let Value::Bytes(entry) = field.value else {
                continue;
            };
            match field.number {
                3 => {
                    if let Some(block) = self.message_field(entry, 2)? {
                        self.read_block(block, 0)?;
                    }
                }
                4 => self.read_attribute(entry)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_block(&mut self, mut block: Message, depth: u8) -> Result<(), Broken> {
        if depth >= DEPTH {
            return Err(Broken::Stop(Stop::Limit));
        }
        while let Some(field) = block.next(&mut self.window)? {
            let Value::Bytes(inner) = field.value else {
                continue;
            };
            match field.number {
                3 => self.read_operation(inner, depth)?,
                4 => self.read_attribute(inner)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_operation(&mut self, mut operation: Message, depth: u8) -> Result<(), Broken> {
        self.layers = self.layers.saturating_add(1);
        while let Some(field) = operation.next(&mut self.window)? {
            let Value::Bytes(inner) = field.value else {
                continue;
            };
            match field.number {
                // An input is bound to names and to values.
                2 => {
                    if let Some(argument) = self.message_field(inner, 2)? {
                        self.each(argument, 1, &mut |file, binding| match file
                            .message_field(binding, 2)?
                        {
                            Some(value) => file.read_value(value, 0),
                            None => Ok(()),
                        })?;
                    }
                }
                4 => self.read_block(inner, depth.saturating_add(1))?,
                5 => self.read_attribute(inner)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The value behind a name.
    fn read_attribute(&mut self, entry: Message) -> Result<(), Broken> {
        match self.message_field(entry, 2)? {
            Some(value) => self.read_value(value, 0),
            None => Ok(()),
        }
    }

    /// A value: in a file, or at hand, where a tuple, list or dictionary holds further ones.
    fn read_value(&mut self, mut value: Message, depth: u8) -> Result<(), Broken> {
        if depth >= DEPTH {
            return Err(Broken::Stop(Stop::Limit));
        }
        while let Some(field) = value.next(&mut self.window)? {
            match (field.number, field.value) {
                (5, Value::Bytes(blob)) => {
                    if let Some(path) = self.text_field(blob, 1)? {
                        self.external(&path, blob.at);
                    }
                }
                (3, Value::Bytes(mut at_hand)) => {
                    while let Some(part) = at_hand.next(&mut self.window)? {
                        // A tensor has no values in it.
                        let (2..=4, Value::Bytes(all)) = (part.number, part.value) else {
                            continue;
                        };
                        let pairs = part.number == 4;
                        let next = depth.saturating_add(1);
                        self.each(all, 1, &mut |file, one| {
                            if !pairs {
                                return file.read_value(one, next);
                            }
                            for side in [1, 2] {
                                if let Some(value) = file.message_field(one, side)? {
                                    file.read_value(value, next)?;
                                }
                            }
                            Ok(())
                        })?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn each(
        &mut self,
        mut message: Message,
        number: u32,
        take: &mut dyn FnMut(&mut Self, Message) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        while let Some(field) = message.next(&mut self.window)? {
            if let Value::Bytes(inner) = field.value
                && field.number == number
            {
                take(self, inner)?;
            }
        }
        Ok(())
    }

    /// The first field of this number that is a message.
    fn message_field(
        &mut self,
        mut message: Message,
        number: u32,
    ) -> Result<Option<Message>, Broken> {
        while let Some(field) = message.next(&mut self.window)? {
            if let Value::Bytes(inner) = field.value
                && field.number == number
            {
                return Ok(Some(inner));
            }
        }
        Ok(None)
    }

    fn text_field(&mut self, message: Message, number: u32) -> Result<Option<String>, Broken> {
        match self.message_field(message, number)? {
            Some(text) => text.text(&mut self.window, 200).map(Some),
            None => Ok(None),
        }
    }

    fn read_description(&mut self, about: Message) -> Result<(), Broken> {
        let Some(mut metadata) = self.message_field(about, 100)? else {
            return Ok(());
        };
        while let Some(field) = metadata.next(&mut self.window)? {
            let Value::Bytes(text) = field.value else {
                continue;
            };
            match field.number {
                1 => self.keep_text("description", text)?,
                2 => self.keep_text("version", text)?,
                3 => self.keep_text("author", text)?,
                4 => {
                    let licence = text.text(&mut self.window, 200)?;
                    self.artifact.licence = Some(licence).filter(|licence| !licence.is_empty());
                }
                100 => {
                    let key = self.text_field(text, 1)?.unwrap_or_default();
                    let value = self.text_field(text, 2)?.unwrap_or_default();
                    self.keep(&key, &value);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn keep_text(&mut self, key: &str, text: Message) -> Result<(), Broken> {
        let value = text.text(&mut self.window, 400)?;
        self.keep(key, &value);
        Ok(())
    }

    fn keep(&mut self, key: &str, value: &str) {
        if self.artifact.metadata.len() < KEPT && !key.is_empty() && !value.is_empty() {
            let value = stance_read::redact::redact(value).into_owned();
            self.artifact.metadata.insert(key.to_owned(), value);
        }
    }
}
