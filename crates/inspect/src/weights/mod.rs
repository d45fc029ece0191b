//! What stands in the weights themselves: programs, archives and pickles between numbers or in
//! their low bits, numbers that are none, rows that stand out.
//!
//! Tensors are read only as far as [`Limits::tensor_bytes`](crate::Limits::tensor_bytes) allows; of
//! the others the first bytes of [`Limits::tensor_heads`](crate::Limits::tensor_heads) of them.
//!
//! Hiding places and what gives them away: replacing the low bytes of the mantissa (Wang, Liu,
//! Cui: "EvilModel", 2021), least significant bits, whole tensors that are a file. A payload that is
//! encrypted and spread over all weights looks like the noise it replaces and is not found here.

mod low_bits;
mod numbers;
mod rows;
#[cfg(test)]
mod tests;

use stance_core::Confidence;
use stance_core::fact::{Artifact, TensorSign, TensorSignKind};

use crate::input::Input;
use crate::payload::{self, OVERLAP, Place, Wrapped};
use crate::report::Facts;
use crate::source::{Bytes, Slice, Source};

use low_bits::LowBits;
use numbers::Numbers;
use rows::Rows;

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;
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
            "F64" | "FLOAT64" | "float64" | "<f8" | "DoubleStorage" | "DOUBLE" => Self::F64,
            "F32" | "FLOAT32" | "float32" | "<f4" | "FloatStorage" | "FLOAT" => Self::F32,
            "F16" | "float16" | "<f2" | "HalfStorage" | "FLOAT16" => Self::F16,
            "BF16" | "BFLOAT16" | "bfloat16" | "BFloat16Storage" => Self::Bf16,
            _ => Self::Other,
        }
    }

    /// Bytes of an element.
    const fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Other => 1,
        }
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
    let mut examination = Examination::new(input);
    for tensor in tensors {
        examination.tensor(tensor, artifact, facts);
    }
}

/// A look at the tensors of one file, one after the other, under one budget.
pub(crate) struct Examination<'i, 'a> {
    input: &'i Input<'a>,
    /// Bytes that may still be looked at, and tensors of which the first bytes may.
    left: u64,
    heads: usize,
    /// Containers that may still be looked into.
    inner: usize,
}

impl<'i, 'a> Examination<'i, 'a> {
    pub(crate) fn new(input: &'i Input<'a>) -> Self {
        let limits = &input.options().limits;
        Self {
            input,
            left: limits.tensor_bytes,
            heads: limits.tensor_heads,
            inner: INNER,
        }
    }

    /// How many bytes of a tensor of so many would be looked at; 0 when all that is allowed was.
    pub(crate) fn wants(&self, bytes: u64) -> u64 {
        if bytes <= self.left {
            bytes
        } else if self.heads > 0 {
            bytes.min(HEAD)
        } else {
            0
        }
    }

    fn spend(&mut self, bytes: u64) {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => self.heads = self.heads.saturating_sub(1),
        }
    }

    /// Looks at a tensor whose data lies in the file as it is.
    pub(crate) fn tensor(
        &mut self,
        tensor: Tensor<'_>,
        artifact: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        let input = self.input;
        let end = tensor.at.saturating_add(tensor.bytes).min(input.len());
        let bytes = end.saturating_sub(tensor.at);
        let looked_at = self.wants(bytes);
        if looked_at == 0 {
            return;
        }
        self.spend(bytes);
        let mut look = Look::new(tensor, input);
        let whole = looked_at == bytes;
        let last = tensor.at.saturating_add(looked_at);
        let mut at = tensor.at;
        while at < last {
            let wanted = last.saturating_sub(at).min(BLOCK as u64);
            let Some(fresh) = input.read(at, wanted, facts) else {
                break;
            };
            if fresh.is_empty() {
                break;
            }
            at = at.saturating_add(fresh.len() as u64);
            look.feed(&fresh, at >= last);
        }
        let rest = Slice::new(input.source(), tensor.at, bytes);
        self.conclude(look, whole, &rest, artifact, facts);
    }

    /// Looks at the data of a tensor that had to be put together or unpacked; `tensor` says where it
    /// came from.
    pub(crate) fn bytes(
        &mut self,
        tensor: Tensor<'_>,
        data: &[u8],
        artifact: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        if self.wants(data.len() as u64) == 0 {
            return;
        }
        self.spend(data.len() as u64);
        let mut look = Look::new(tensor, self.input);
        let mut blocks = data.chunks(BLOCK).peekable();
        while let Some(block) = blocks.next() {
            look.feed(block, blocks.peek().is_none());
        }
        look.elsewhere = true;
        self.conclude(look, true, &Bytes(data), artifact, facts);
    }

    fn conclude(
        &mut self,
        mut look: Look<'_>,
        whole: bool,
        data: &dyn Source,
        artifact: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        look.report(self.input, whole, artifact);
        let name = short(look.tensor.name);
        for at in look.containers {
            if let Some(left) = self.inner.checked_sub(1) {
                self.inner = left;
                let from = at.saturating_sub(look.tensor.at);
                let slice = Slice::new(data, from, data.len().saturating_sub(from));
                look_into(self.input, &name, &slice, artifact, facts);
            }
        }
        for wrapped in look.wrapped {
            if let Some(left) = self.inner.checked_sub(1) {
                self.inner = left;
                look_into(self.input, &name, &Bytes(&wrapped.content), artifact, facts);
            }
        }
    }
}

/// A container that was found inside something else is looked into like any other.
pub(crate) fn look_into(
    input: &Input<'_>,
    name: &str,
    content: &dyn Source,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mark = facts.mark();
    crate::scan_member(input, name, content, facts);
    for mut part in facts.take_artifacts(mark) {
        // What follows it is the rest of the tensor; how many tensors it has is not this file's.
        part.anomalies
            .retain(|anomaly| anomaly.kind != stance_core::fact::AnomalyKind::UnclaimedBytes);
        (part.tensors, part.parameters) = (None, None);
        part.dtypes.clear();
        part.tensor_list.clear();
        artifact.absorb(part);
    }
}

/// One tensor while it is read.
struct Look<'t> {
    tensor: Tensor<'t>,
    payloads: Vec<payload::Found>,
    wrapped: Vec<Wrapped>,
    numbers: Numbers,
    low_bits: LowBits,
    rows: Option<Rows>,
    /// Where archives and pickles start.
    containers: Vec<u64>,
    /// Kept from the block before, so that a mark across the border is seen.
    block: Vec<u8>,
    /// Where the next block starts.
    at: u64,
    /// Whether offsets do not count in the file, because the data was packed there.
    elsewhere: bool,
}

impl<'t> Look<'t> {
    fn new(tensor: Tensor<'t>, input: &Input<'_>) -> Self {
        // Padding rows are nothing to tell of unless somebody asked to look closely.
        let closely = input.options().limits.tensor_bytes == u64::MAX;
        Self {
            payloads: Vec::new(),
            wrapped: Vec::new(),
            numbers: Numbers::new(tensor.element),
            low_bits: LowBits::new(tensor.element),
            rows: tensor
                .row
                .filter(|_| closely)
                .and_then(|row| Rows::new(tensor.element, row)),
            containers: Vec::new(),
            block: Vec::new(),
            at: tensor.at,
            elsewhere: false,
            tensor,
        }
    }

    /// Takes in the next block of data.
    fn feed(&mut self, fresh: &[u8], last: bool) {
        let start = self.at.saturating_sub(self.block.len() as u64);
        let first = start == self.tensor.at;
        self.block.extend_from_slice(fresh);
        let block = &self.block;
        let until = if last {
            block.len()
        } else {
            block.len().saturating_sub(OVERLAP)
        };
        if self.payloads.len() < payload::KEPT {
            let place = match self.tensor.element {
                Element::Other => Place::Anything,
                _ => Place::Numbers,
            };
            payload::find(block, until, start, place, &mut self.payloads);
        }
        if self.wrapped.len() < payload::KEPT {
            payload::find_wrapped(block, until, start, &mut self.wrapped);
            if first {
                self.wrapped.extend(payload::compressed_at(block, start));
            }
        }
        for found in &mut self.payloads {
            // Of one compressed stream the content says what it is.
            let from = found
                .at
                .checked_sub(start)
                .filter(|_| found.kind.is_compressed());
            if let Some(packed) = from.and_then(|from| block.get(usize::try_from(from).ok()?..))
                && let Some((kind, layers)) = payload::inside(packed)
                && kind.is_program()
            {
                let content = Vec::new();
                let (at, length) = (found.at, found.length);
                self.wrapped.push(Wrapped {
                    at,
                    length,
                    kind,
                    layers,
                    content,
                });
            }
        }
        self.numbers.add(fresh);
        self.low_bits.add(fresh);
        if let Some(rows) = &mut self.rows {
            rows.add(fresh);
        }
        self.at = self.at.saturating_add(fresh.len() as u64);
        self.block.drain(..until);
    }

    fn report(&mut self, input: &Input<'_>, whole: bool, artifact: &mut Artifact) {
        let name = short(self.tensor.name);
        let element = self.tensor.element;
        let place = |at: u64, length: u64| {
            if self.elsewhere {
                let end = self.tensor.at.saturating_add(self.tensor.bytes);
                self.tensor.at..end
            } else {
                at..at.saturating_add(length)
            }
        };
        for wrapped in &self.wrapped {
            let title = wrapped.title();
            add(
                artifact,
                TensorSign {
                    kind: TensorSignKind::Payload,
                    tensor: name.clone(),
                    detail: format!("holds {title}"),
                    // What an archive or a pickle does is judged by itself.
                    confidence: if wrapped.kind.is_program() {
                        Confidence::High
                    } else {
                        Confidence::Low
                    },
                    evidence: input.evidence_at(place(wrapped.at, wrapped.length), title),
                },
            );
        }
        for found in std::mem::take(&mut self.payloads) {
            let is_container = !found.kind.is_program();
            if is_container && found.is_certain() {
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
                    evidence: input.evidence_at(place(found.at, found.length), found.kind.title()),
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
