//! The data of tensors, as bytes or as numbers of the wire: what may be hidden in it.

use super::Model;
use super::tensor::{Held, bits, data_type};
use crate::weights::{Element, Examination, Tensor};
use stance_read::protobuf::{Message, Value};
use stance_read::report::Facts;

/// Tensors of which the data may be looked at.
const TENSORS: usize = 65_536;
/// Texts of one tensor, and numbers that stand one by one, that are kept.
const TEXTS: usize = 64;
const SINGLE: usize = 1 << 20;

/// Values of a tensor that are not bytes as they lie in memory.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// Numbers in groups of seven bits, one after the other.
    pub(super) packed: Option<Message>,
    /// Texts, which may be any bytes.
    texts: Vec<Message>,
    /// Numbers that stand in a field each.
    single: Vec<u64>,
}

impl Typed {
    pub(super) fn texts(&mut self, text: Message) {
        if self.texts.len() < TEXTS {
            self.texts.push(text);
        }
    }

    pub(super) fn single(&mut self, value: Value) {
        let number = match value {
            Value::Number(number) | Value::Fixed64(number) => number,
            Value::Fixed32(number) => u64::from(number),
            Value::Bytes(_) => return,
        };
        if self.single.len() < SINGLE {
            self.single.push(number);
        }
    }
}

/// A tensor whose data is looked at once the structure is known.
#[derive(Debug)]
pub(super) struct Stored {
    name: String,
    dtype: u64,
    data: Option<Message>,
    typed: Typed,
}

impl Model<'_, '_> {
    /// Remembers where the data of a tensor lies.
    pub(super) fn remember(&mut self, tensor: &mut Held) {
        let typed = std::mem::take(&mut tensor.typed);
        let kept = self
            .single_left
            .checked_sub(typed.single.len())
            .filter(|_| self.stored.len() < TENSORS);
        let Some(left) = kept else {
            return;
        };
        self.single_left = left;
        self.stored.push(Stored {
            name: tensor.name.chars().take(80).collect(),
            dtype: tensor.dtype,
            data: tensor.data,
            typed,
        });
    }

    /// Looks at the data of all tensors, as far as limits allow.
    pub(super) fn examine(&mut self, facts: &mut Facts<'_>) {
        let mut examination = Examination::new(self.input);
        for stored in std::mem::take(&mut self.stored) {
            let tensor = |place: Message, element| Tensor {
                name: &stored.name,
                element,
                at: place.at,
                bytes: place.length(),
                row: None,
            };
            let element = Element::of(data_type(stored.dtype));
            if let Some(data) = stored.data {
                examination.tensor(tensor(data, element), &mut self.artifact, facts);
            }
            for text in &stored.typed.texts {
                examination.tensor(tensor(*text, Element::Other), &mut self.artifact, facts);
            }
            let width = usize::try_from(bits(stored.dtype).unwrap_or(8).div_ceil(8)).unwrap_or(1);
            if let Some(packed) = stored.typed.packed {
                let wanted = examination.wants(packed.length());
                let bytes = self.unpacked(packed, wanted, width);
                examination.bytes(&stored.name, element, &bytes, &mut self.artifact, facts);
            }
            if !stored.typed.single.is_empty() {
                let bytes: Vec<u8> = stored
                    .typed
                    .single
                    .iter()
                    .flat_map(|number| number.to_le_bytes().into_iter().take(width))
                    .collect();
                examination.bytes(&stored.name, element, &bytes, &mut self.artifact, facts);
            }
        }
        examination.finish(facts);
    }

    /// The numbers of a packed field, each as the bytes it has in memory.
    fn unpacked(&mut self, packed: Message, wanted: u64, width: usize) -> Vec<u8> {
        let mut rest = Message {
            at: packed.at,
            end: packed.end.min(packed.at.saturating_add(wanted)),
        };
        let mut bytes = Vec::new();
        while rest.at < rest.end {
            let Ok(number) = rest.varint(&mut self.window) else {
                break;
            };
            bytes.extend(number.to_le_bytes().into_iter().take(width));
        }
        bytes
    }
}
