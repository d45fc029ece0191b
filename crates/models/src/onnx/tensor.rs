//! Tensors: what they hold, and the files they lie in.

use stance_core::fact::{AnomalyKind, External, Tensor};

use super::Model;
use super::data::Typed;
use super::graph::KEPT;
use stance_read::protobuf::{Broken, Message, Value, numbers};
use stance_read::window::Window;

/// Numbers of a constant that are kept: a shape has no more.
const NUMBERS: usize = 32;

/// With this location ONNX Runtime marks data that it holds in memory; the offset is an address.
const IN_MEMORY: &str = "_ORT_MEM_ADDR_";

/// A tensor, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) name: String,
    /// Its values, when it holds a few whole numbers of 64 bits.
    pub(super) numbers: Option<Vec<i64>>,
    elements: u64,
    pub(super) dtype: u64,
    shape: Vec<u64>,
    /// The data, when it stands in the model as it lies in memory.
    pub(super) data: Option<Message>,
    /// The same as numbers of the wire.
    pub(super) typed: Typed,
}

/// Where data lies outside of the model.
#[derive(Debug, Default)]
struct Outside {
    location: Option<(String, Message)>,
    offset: Option<String>,
    length: Option<String>,
}

impl Model<'_, '_> {
    pub(super) fn read_sparse(&mut self, mut sparse: Message) -> Result<(), Broken> {
        while let Some(field) = sparse.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(tensor)) => self.read_initializer(tensor)?,
                (2, Value::Bytes(tensor)) => {
                    self.read_tensor(tensor)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A tensor that counts as a parameter of the model.
    pub(super) fn read_initializer(&mut self, tensor: Message) -> Result<(), Broken> {
        let place = tensor.at..tensor.at.saturating_add(1);
        let mut tensor = self.read_tensor(tensor)?;
        let input = self.input;
        let evidence = |seen: &str| input.evidence_at(place, seen);
        crate::names::note(&tensor.name, evidence, &mut self.artifact);
        let most = self.input.options().limits.tensors;
        self.artifact.list_tensor(most, || Tensor {
            name: tensor.name.clone(),
            dtype: data_type(tensor.dtype).to_owned(),
            shape: std::mem::take(&mut tensor.shape),
            offset: tensor.data.map(|data| data.at),
            bytes: tensor.data.map(Message::length),
        });
        self.tensors = self.tensors.saturating_add(1);
        self.parameters = self.parameters.saturating_add(tensor.elements);
        let label = data_type(tensor.dtype).to_owned();
        let count = self.artifact.dtypes.entry(label).or_default();
        *count = count.saturating_add(1);
        if let Some(numbers) = tensor.numbers.take() {
            self.sizes.constant(tensor.name, numbers);
        }
        Ok(())
    }

    pub(super) fn read_tensor(&mut self, mut message: Message) -> Result<Held, Broken> {
        let at = message.at;
        let mut tensor = Held {
            elements: 1,
            ..Held::default()
        };
        let mut outside = Outside::default();
        let mut values = Vec::new();
        while let Some(field) = message.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, value) => numbers(value, &mut self.window, &mut |size| {
                    tensor.elements = tensor.elements.saturating_mul(size);
                    if tensor.shape.len() < Tensor::DIMENSIONS {
                        tensor.shape.push(size);
                    }
                })?,
                (2, Value::Number(number)) => tensor.dtype = number,
                (4 | 10, Value::Bytes(data)) => tensor.data = tensor.data.or(Some(data)),
                (5 | 11, Value::Bytes(numbers)) => tensor.typed.packed = Some(numbers),
                (6, Value::Bytes(text)) => tensor.typed.texts(text),
                (4 | 5 | 10 | 11, number) => tensor.typed.single(number),
                (7, value) => {
                    if let Value::Bytes(numbers) = value {
                        tensor.typed.packed = Some(numbers);
                    }
                    numbers(value, &mut self.window, &mut |number| {
                        if values.len() < NUMBERS {
                            values.push(number.cast_signed());
                        }
                    })?;
                }
                (8, Value::Bytes(text)) => tensor.name = text.text(&mut self.window, 400)?,
                (9, Value::Bytes(data)) => tensor.data = Some(data),
                (13, Value::Bytes(entry)) => read_entry(entry, &mut self.window, &mut outside)?,
                _ => {}
            }
        }
        // 64-bit whole numbers, few enough to be a shape.
        if tensor.dtype == 7 && tensor.elements <= NUMBERS as u64 {
            if let Some(raw) = tensor.data.filter(|raw| raw.length() / 8 <= NUMBERS as u64) {
                let length = usize::try_from(raw.length()).unwrap_or(0);
                let bytes = self.window.get(raw.at, length)?;
                values = bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|bytes| i64::from_le_bytes(*bytes))
                    .collect();
            }
            tensor.numbers = Some(values);
        }
        self.look_outside(&tensor, outside, at);
        self.remember(&mut tensor);
        Ok(tensor)
    }

    fn look_outside(&mut self, tensor: &Held, outside: Outside, at: u64) {
        let wrong = outside.lie(tensor);
        let Some((location, place)) = outside.location else {
            return;
        };
        if self.externals.len() < KEPT && self.externals.insert(location.clone()) {
            self.artifact.external.push(External {
                escapes: stance_read::external::escapes(&location) || location.contains(IN_MEMORY),
                evidence: self
                    .input
                    .evidence_at(place.at..place.end, format!("location = {location:?}")),
                location,
            });
        }
        if let Some(wrong) = wrong {
            let detail = format!("the external data of tensor {:?}: {wrong}", tensor.name);
            let evidence = self.input.evidence_at(at..at.saturating_add(1), &detail);
            self.artifact
                .anomaly(AnomalyKind::LyingHeader, detail, evidence);
        }
    }
}

impl Outside {
    /// What cannot be true about offset and length.
    fn lie(&self, tensor: &Held) -> Option<String> {
        let number = |text: &Option<String>| match text.as_deref() {
            None => Some(Some(0)),
            Some(text) => text.trim().parse::<u64>().ok().map(Some),
        };
        let (Some(offset), Some(length)) = (number(&self.offset), number(&self.length)) else {
            return Some(format!(
                "offset {:?} and length {:?} are no sizes",
                self.offset.as_deref().unwrap_or_default(),
                self.length.as_deref().unwrap_or_default()
            ));
        };
        let (offset, length) = (offset.unwrap_or(0), length.unwrap_or(0));
        if offset.checked_add(length).is_none_or(|end| end > 1 << 50) {
            return Some(format!(
                "offset {offset} with length {length} is beyond any file"
            ));
        }
        let bits = bits(tensor.dtype)?;
        let needed = tensor.elements.checked_mul(bits)?.div_ceil(8);
        (self.length.is_some() && length != needed)
            .then(|| format!("length {length} for values of {needed} bytes"))
    }
}

fn read_entry(
    mut entry: Message,
    window: &mut Window<'_>,
    outside: &mut Outside,
) -> Result<(), Broken> {
    let mut key = String::new();
    let mut value = None;
    while let Some(field) = entry.next(window)? {
        match (field.number, field.value) {
            (1, Value::Bytes(text)) => key = text.text(window, 64)?,
            (2, Value::Bytes(text)) => value = Some((text.text(window, 1024)?, text)),
            _ => {}
        }
    }
    if let Some((text, place)) = value {
        match &*key {
            // Which of two a reader takes is its own affair: the one that escapes counts.
            "location" => {
                let escapes = |known: &(String, Message)| stance_read::external::escapes(&known.0);
                if !outside.location.as_ref().is_some_and(escapes) {
                    outside.location = Some((text, place));
                }
            }
            "offset" => outside.offset = Some(text),
            "length" => outside.length = Some(text),
            _ => {}
        }
    }
    Ok(())
}

/// Bits of a value, for types whose values have one size.
pub(super) fn bits(dtype: u64) -> Option<u64> {
    Some(match dtype {
        2 | 3 | 9 | 17..=20 => 8,
        4 | 5 | 10 | 16 => 16,
        1 | 6 | 12 => 32,
        7 | 11 | 13 | 14 => 64,
        15 => 128,
        _ => return None,
    })
}

/// The name of an ONNX data type.
pub(super) fn data_type(number: u64) -> &'static str {
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
