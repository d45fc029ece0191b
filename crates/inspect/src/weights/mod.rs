//! What stands in the weights themselves: programs, archives and pickles between numbers or in
//! their low bits, numbers that are none, rows that stand out.
//!
//! Tensors are read only as far as [`Limits::tensor_bytes`](crate::Limits::tensor_bytes) allows; of
//! the others the first bytes of [`Limits::tensor_heads`](crate::Limits::tensor_heads) of them.
//!
//! Hiding places and what gives them away: replacing the low bytes of the mantissa (Wang, Liu,
//! Cui: "EvilModel", 2021), least significant bits, whole tensors that are a file. A payload that is
//! encrypted and spread over all weights looks like the noise it replaces and is not found here.

pub(crate) mod blocks;
mod low_bits;
mod numbers;
mod payload;
mod rows;
#[cfg(test)]
mod tests;

use stance_core::Confidence;
use stance_core::fact::{Artifact, TensorSign, TensorSignKind};

use crate::input::Input;
use crate::report::Facts;
use crate::source::Slice;

use low_bits::LowBits;
use numbers::Numbers;
use rows::Rows;

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;
/// Bytes at the end of a block that are looked at again with the next one: a mark may lie across.
const OVERLAP: usize = 1024;
/// Bytes of a tensor that are looked at when it is not read whole.
const HEAD: u64 = 4096;
/// Signs of one kind that are kept of one file.
const KEPT: usize = 8;
/// Containers inside tensors that are looked into.
const INNER: usize = 16;

/// How the elements of a tensor lie in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    F64,
    F32,
    F16,
    Bf16,
    /// Whole numbers, quantised blocks, bytes: nothing can be said of their values.
    Other,
}

impl Element {
    /// The element behind the name of a data type, in the spelling of any format.
    pub(crate) fn of(dtype: &str) -> Self {
        match dtype {
            "F64" | "float64" | "<f8" | "DoubleStorage" | "DOUBLE" => Self::F64,
            "F32" | "float32" | "<f4" | "FloatStorage" | "FLOAT" => Self::F32,
            "F16" | "float16" | "<f2" | "HalfStorage" | "FLOAT16" => Self::F16,
            "BF16" | "bfloat16" | "BFloat16Storage" | "BFLOAT16" => Self::Bf16,
            _ => Self::Other,
        }
    }

    /// Bytes of an element.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Other => 1,
        }
    }
}

impl Element {
    /// Adds the values of elements that lie one after the other to `values`; those of bytes are the bytes.
    pub(crate) fn decode(self, bytes: &[u8], values: &mut Vec<f64>) {
        match self {
            Self::F64 => {
                values.extend(bytes.as_chunks().0.iter().map(|of| f64::from_le_bytes(*of)));
            }
            Self::F32 => {
                let of = bytes.as_chunks().0.iter();
                values.extend(of.map(|of| f64::from(f32::from_le_bytes(*of))));
            }
            Self::F16 => {
                let of = bytes.as_chunks().0.iter();
                values.extend(of.map(|of| half(u16::from_le_bytes(*of))));
            }
            Self::Bf16 => {
                let of = bytes.as_chunks().0.iter();
                values.extend(of.map(|of| {
                    let bits = u32::from(u16::from_le_bytes(*of)) << 16;
                    f64::from(f32::from_bits(bits))
                }));
            }
            Self::Other => values.extend(bytes.iter().map(|byte| f64::from(*byte))),
        }
    }

    /// Bits of the fraction of a number, and the exponent of the smallest normal one.
    const fn precision(self) -> (i32, i32) {
        match self {
            Self::F64 => (52, -1022),
            Self::F32 => (23, -126),
            Self::F16 => (10, -14),
            Self::Bf16 => (7, -126),
            Self::Other => (0, 0),
        }
    }

    /// How many bits of a number are its fraction.
    pub(crate) const fn digits(self) -> i32 {
        self.precision().0
    }

    /// The distance between a number of this size and the next one.
    pub(crate) fn step(self, value: f64) -> f64 {
        let (digits, smallest) = self.precision();
        let bits = value.abs().to_bits() >> 52;
        let exponent = i32::try_from(bits).unwrap_or_default().saturating_sub(1023);
        2_f64.powi(exponent.max(smallest).saturating_sub(digits))
    }
}

/// The value of a number of 16 bits in IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * 2_f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2_f64.powi(exponent.saturating_sub(15)),
    }
}

/// A tensor and where its data lies in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tensor<'a> {
    pub(crate) name: &'a str,
    pub(crate) element: Element,
    /// Offset of its first byte.
    pub(crate) at: u64,
    /// Bytes.
    pub(crate) bytes: u64,
    /// Bytes of a row, where it is a matrix.
    pub(crate) row: Option<u64>,
}

/// Looks at the data of tensors; what is found goes to `artifact`.
pub(crate) fn examine<'t>(
    input: &Input<'_>,
    tensors: impl Iterator<Item = Tensor<'t>>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let limits = &input.options().limits;
    let mut left = limits.tensor_bytes;
    let mut heads = limits.tensor_heads;
    let mut inner = INNER;
    for tensor in tensors {
        let end = tensor.at.saturating_add(tensor.bytes).min(input.len());
        let bytes = end.saturating_sub(tensor.at);
        let whole = bytes <= left;
        let looked_at = if whole {
            left = left.saturating_sub(bytes);
            bytes
        } else if heads > 0 {
            heads = heads.saturating_sub(1);
            HEAD
        } else {
            continue;
        };
        let mut look = Look::new(tensor);
        if limits.tensor_bytes < u64::MAX {
            // Padding rows are nothing to tell of unless somebody asked to look closely.
            look.rows = None;
        }
        look.read(input, looked_at.min(bytes), facts);
        look.report(input, whole, artifact);
        for at in look.containers {
            if inner > 0 {
                inner = inner.saturating_sub(1);
                look_into(input, tensor, at, end, artifact, facts);
            }
        }
    }
}

/// A container inside a tensor is looked into like any other.
fn look_into(
    input: &Input<'_>,
    tensor: Tensor<'_>,
    at: u64,
    end: u64,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mark = facts.mark();
    let slice = Slice::new(input.source(), at, end.saturating_sub(at));
    crate::scan_member(input, &short(tensor.name), &slice, facts);
    for mut part in facts.take_artifacts(mark) {
        // What follows it is the rest of the tensor; how many tensors it has is not this file's.
        part.anomalies
            .retain(|anomaly| anomaly.kind != stance_core::fact::AnomalyKind::UnclaimedBytes);
        (part.tensors, part.parameters) = (None, None);
        part.dtypes.clear();
        artifact.absorb(part);
    }
}

/// One tensor while it is read.
struct Look<'t> {
    tensor: Tensor<'t>,
    payloads: Vec<payload::Found>,
    numbers: Numbers,
    low_bits: LowBits,
    rows: Option<Rows>,
    /// Where archives and pickles start.
    containers: Vec<u64>,
}

impl<'t> Look<'t> {
    fn new(tensor: Tensor<'t>) -> Self {
        Self {
            payloads: Vec::new(),
            numbers: Numbers::new(tensor.element),
            low_bits: LowBits::new(tensor.element),
            rows: tensor.row.and_then(|row| Rows::new(tensor.element, row)),
            containers: Vec::new(),
            tensor,
        }
    }

    fn read(&mut self, input: &Input<'_>, length: u64, facts: &mut Facts<'_>) {
        let end = self.tensor.at.saturating_add(length);
        let mut at = self.tensor.at;
        // Kept from the block before, so that a mark across the border is seen.
        let mut block: Vec<u8> = Vec::new();
        while at < end {
            let wanted = end.saturating_sub(at).min(BLOCK as u64);
            let Some(fresh) = input.read(at, wanted, facts) else {
                return;
            };
            if fresh.is_empty() {
                return;
            }
            let kept = block.len();
            block.extend_from_slice(&fresh);
            let start = at.saturating_sub(kept as u64);
            let last = at.saturating_add(fresh.len() as u64) >= end;
            let until = if last {
                block.len()
            } else {
                block.len().saturating_sub(OVERLAP)
            };
            if self.payloads.len() < KEPT {
                let text = self.tensor.element != Element::Other;
                payload::find(&block, until, start, text, &mut self.payloads);
            }
            self.numbers.add(&fresh);
            self.low_bits.add(&fresh);
            if let Some(rows) = &mut self.rows {
                rows.add(&fresh);
            }
            block.drain(..until);
            at = at.saturating_add(fresh.len() as u64);
        }
    }

    fn report(&mut self, input: &Input<'_>, whole: bool, artifact: &mut Artifact) {
        let name = short(self.tensor.name);
        let element = self.tensor.element;
        for found in std::mem::take(&mut self.payloads) {
            let is_container = !found.kind.is_program();
            if is_container {
                self.containers.push(found.at);
            }
            // Bytes in a tensor of whole numbers may honestly be an archive or a pickle: some
            // libraries keep their state in one. What it does is judged by itself.
            let expected = is_container && element == Element::Other;
            add(
                artifact,
                TensorSign {
                    kind: TensorSignKind::Payload,
                    tensor: name.clone(),
                    detail: format!("holds {}", found.kind.title()),
                    confidence: if expected {
                        Confidence::Low
                    } else {
                        Confidence::High
                    },
                    evidence: input.evidence_at(
                        found.at..found.at.saturating_add(found.length),
                        found.kind.title(),
                    ),
                },
            );
        }
        let range = self.tensor.at..self.tensor.at.saturating_add(self.tensor.bytes);
        for hidden in self.low_bits.payloads() {
            add(
                artifact,
                TensorSign {
                    kind: TensorSignKind::LowBitPayload,
                    tensor: name.clone(),
                    detail: format!("{} hold {}", hidden.place, hidden.what),
                    confidence: Confidence::High,
                    evidence: input.evidence_at(range.clone(), &hidden.what),
                },
            );
        }
        let mut note = |kind, detail: Option<String>| {
            if let Some(detail) = detail {
                add(
                    artifact,
                    TensorSign {
                        kind,
                        tensor: name.clone(),
                        confidence: Confidence::Low,
                        evidence: input.evidence_at(range.clone(), &detail),
                        detail,
                    },
                );
            }
        };
        note(TensorSignKind::NotNumbers, self.numbers.odd());
        if whole {
            note(TensorSignKind::LowBits, self.low_bits.odd());
            note(TensorSignKind::Rows, self.rows.as_ref().and_then(Rows::odd));
        }
    }
}

/// Keeps a sign, unless enough of its kind are kept.
fn add(artifact: &mut Artifact, sign: TensorSign) {
    let same = artifact
        .tensor_signs
        .iter()
        .filter(|known| known.kind == sign.kind);
    if same.count() < KEPT {
        artifact.tensor_signs.push(sign);
    }
}

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}
