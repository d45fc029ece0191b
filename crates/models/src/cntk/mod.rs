//! CNTK models: dictionaries in a protocol buffer, and before that a row of wide names and values.
//!
//! A function that the user defined is stored with the Python module and class, or the library, that
//! its reader gets it from. See `CNTK.proto` in the source of CNTK.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason};

use crate::onnx::explain;
use crate::weights::{self, Element};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

pub(crate) static INSPECTOR: Cntk = Cntk;

/// How the first versions begin: the name of their first part in wide characters.
const FIRST: &[u8] = b"B\0C\0N\0\0\0";
/// Keys of the outermost dictionary of a stored function.
const KEYS: [&[u8]; 3] = [
    b"primitive_functions",
    b"CompositeFunction",
    b"Function::Save",
];
/// Bytes at the start of a file in which its first keys stand.
const START: usize = 8192;
/// Deepest nesting of dictionaries.
const DEPTH: usize = 64;
/// Messages that are looked at.
const MESSAGES: usize = 1_000_000;
/// What is kept of one kind.
const KEPT: usize = 64;

pub(crate) struct Cntk;

impl Inspector for Cntk {
    fn name(&self) -> &'static str {
        "cntk"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        if head.starts_with(FIRST) {
            return true;
        }
        // The version of the dictionary, then its first entry.
        let start = head.get(..START).unwrap_or(head);
        matches!(head, [0x08, 1..=8, 0x12, ..])
            && KEYS
                .iter()
                .any(|key| memchr::memmem::find(start, key).is_some())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut file = File {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Cntk, input.len(), input.evidence()),
            messages: 0,
            data: Vec::new(),
            foreign: Vec::new(),
            functions: 0,
        };
        if input.head().starts_with(FIRST) {
            file.keep("kind", "the binary form of CNTK 1");
        } else {
            file.keep("kind", "a dictionary of CNTK 2");
            let whole = Message::whole(&file.window);
            if let Err(broken) = file.read(whole) {
                let (reason, at, detail) = explain(broken, input.len());
                let evidence = input.evidence_at(at..at.saturating_add(1), &detail);
                facts.gap(reason, format!("CNTK: {detail}"), evidence);
            }
            if file.messages >= MESSAGES {
                let detail = format!("CNTK: only the first {MESSAGES} values are looked at");
                facts.gap(GapReason::Limit, detail, input.evidence());
            }
            file.conclude();
        }
        let File {
            window,
            mut artifact,
            data,
            ..
        } = file;
        window.finish(facts);
        let tensors = data.iter().map(|(place, element)| weights::Tensor {
            name: "value",
            element: *element,
            at: place.at,
            bytes: place.length(),
            row: None,
        });
        weights::examine(input, tensors, &mut artifact, facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

struct File<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    messages: usize,
    /// Values that are numbers in a row.
    data: Vec<(Message, Element)>,
    /// Where functions come from that the user defined: key, text, place.
    foreign: Vec<(String, String, u64)>,
    functions: u64,
}

impl File<'_, '_> {
    /// Walks dictionaries with a stack of their own: version, then entries of a key and a value.
    fn read(&mut self, whole: Message) -> Result<(), Broken> {
        let mut open = vec![(whole, 0_usize)];
        while let Some((mut dictionary, depth)) = open.pop() {
            while let Some(field) = dictionary.next(&mut self.window)? {
                if let (2, Value::Bytes(entry)) = (field.number, field.value) {
                    self.entry(entry, depth, &mut open)?;
                }
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        mut entry: Message,
        depth: usize,
        open: &mut Vec<(Message, usize)>,
    ) -> Result<(), Broken> {
        let mut key = String::new();
        while let Some(field) = entry.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => key = text.text(&mut self.window, 64)?,
                (2, Value::Bytes(value)) => self.values(&key, value, depth, open)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// One value, or the values of a list.
    fn values(
        &mut self,
        key: &str,
        value: Message,
        depth: usize,
        open: &mut Vec<(Message, usize)>,
    ) -> Result<(), Broken> {
        let mut values = vec![(value, depth)];
        while let Some((mut value, depth)) = values.pop() {
            self.messages = self.messages.saturating_add(1);
            if self.messages >= MESSAGES {
                return Ok(());
            }
            if depth >= DEPTH {
                return Err(Broken::Stop(Stop::Limit));
            }
            let deeper = depth.saturating_add(1);
            while let Some(field) = value.next(&mut self.window)? {
                match (field.number, field.value) {
                    (8, Value::Bytes(text)) => self.text(key, text)?,
                    (11, Value::Bytes(mut list)) => {
                        while let Some(item) = list.next(&mut self.window)? {
                            if let (2, Value::Bytes(item)) = (item.number, item.value) {
                                values.push((item, deeper));
                            }
                        }
                    }
                    (12, Value::Bytes(dictionary)) => open.push((dictionary, deeper)),
                    (13, Value::Bytes(view)) => self.view(view)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, key: &str, text: Message) -> Result<(), Broken> {
        let value = text.text(&mut self.window, 200)?;
        match key {
            "type" if value.ends_with("Function") => {
                self.functions = self.functions.saturating_add(1);
            }
            "name" if self.artifact.architecture.is_none() && !value.is_empty() => {
                self.artifact.architecture = Some(shown(&value));
            }
            _ => {}
        }
        if matches!(key, "module" | "module_name" | "library") && self.foreign.len() < KEPT {
            self.foreign.push((key.to_owned(), value, text.at));
        }
        Ok(())
    }

    /// A row of numbers: its type, its shape, its values.
    fn view(&mut self, mut view: Message) -> Result<(), Broken> {
        let mut elements = 1_u64;
        while let Some(field) = view.next(&mut self.window)? {
            match (field.number, field.value) {
                (3, Value::Bytes(mut shape)) => {
                    while let Some(size) = shape.next(&mut self.window)? {
                        stance_read::protobuf::numbers(
                            size.value,
                            &mut self.window,
                            &mut |size| {
                                elements = elements.saturating_mul(size);
                            },
                        )?;
                    }
                }
                (number @ (4 | 5), Value::Bytes(mut values)) => {
                    let element = if number == 4 {
                        Element::F32
                    } else {
                        Element::F64
                    };
                    while let Some(part) = values.next(&mut self.window)? {
                        if let Value::Bytes(part) = part.value
                            && self.data.len() < 65_536
                        {
                            self.data.push((part, element));
                        }
                    }
                }
                _ => {}
            }
        }
        let tensors = self.artifact.tensors.unwrap_or(0).saturating_add(1);
        self.artifact.tensors = Some(tensors);
        let parameters = self.artifact.parameters.unwrap_or(0);
        self.artifact.parameters = Some(parameters.saturating_add(elements));
        Ok(())
    }

    fn keep(&mut self, key: &str, value: &str) {
        self.artifact
            .metadata
            .insert(key.to_owned(), value.to_owned());
    }

    fn conclude(&mut self) {
        let functions = self.functions.to_string();
        self.keep("functions", &functions);
        for (key, value, at) in std::mem::take(&mut self.foreign) {
            let (kind, detail) = if key == "library" {
                (EmbeddedKind::CustomOperator, value.clone())
            } else {
                let detail = "a function of the user, imported when it is loaded".to_owned();
                (EmbeddedKind::LoaderModule, detail)
            };
            self.artifact.embedded.push(Embedded {
                kind,
                name: shown(&value),
                detail: shown(&detail),
                evidence: self.input.evidence_at(at..at.saturating_add(1), &value),
            });
        }
    }
}
