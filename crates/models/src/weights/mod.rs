//! What stands in the weights themselves: programs, archives and pickles between numbers or in
//! their low bits, numbers that are none, rows that stand out.
//!
//! Tensors are read only as far as [`Limits::tensor_bytes`](stance_read::Limits::tensor_bytes) allows; of
//! the others the first bytes of [`Limits::tensor_heads`](stance_read::Limits::tensor_heads) of them.
//!
//! Hiding places and what gives them away: replacing the low bytes of the mantissa (Wang, Liu,
//! Cui: "EvilModel", 2021), least significant bits, whole tensors that are a file. A payload that is
//! encrypted and spread over all weights looks like the noise it replaces and is not found here.

pub mod blocks;
mod low_bits;
mod numbers;
mod rows;
mod streams;

use stance_core::Confidence;
use stance_core::fact::{Artifact, GapReason, TensorSign, TensorSignKind};

use crate::payload::{self, KEPT, OVERLAP, Place, Wrapped};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::{Bytes, Slice, Source};

use low_bits::LowBits;
use numbers::Numbers;
use rows::Rows;

/// Bytes looked at at a time, all at once while they are near the processor; whole elements of any type.
pub const BLOCK: usize = 256 * 1024;
/// Bytes before those, for marks that come late in what they belong to.
const BEFORE: usize = 8 * 1024;
/// Smallest tensor whose numbers are counted: of fewer nothing is told.
const COUNTED: u64 = 512;
/// Bytes of a tensor that are looked at when it is not read whole.
const HEAD: u64 = 4096;
/// Containers inside tensors that are looked into.
const INNER: usize = 16;

/// How the elements of a tensor lie in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 64 bits, IEEE 754.
    F64,
    /// 32 bits, IEEE 754.
    F32,
    /// 16 bits, IEEE 754.
    F16,
    /// 16 bits, bfloat16.
    Bf16,
    /// Whole numbers, quantised blocks, bytes: nothing can be said of their values.
    Other,
}

impl Element {
    /// The element behind the name of a data type, in the spelling of any format.
    pub fn of(dtype: &str) -> Self {
        match dtype {
            "F64" | "FLOAT64" | "float64" | "<f8" | "DoubleStorage" | "DOUBLE" => Self::F64,
            "F32" | "FLOAT32" | "float32" | "<f4" | "FloatStorage" | "FLOAT" => Self::F32,
            "F16" | "float16" | "<f2" | "HalfStorage" | "FLOAT16" => Self::F16,
            "BF16" | "bfloat16" | "BFloat16Storage" | "BFLOAT16" => Self::Bf16,
            _ => Self::Other,
        }
    }

    /// Bytes of an element.
    pub const fn size(self) -> usize {
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
    pub fn decode(self, bytes: &[u8], values: &mut Vec<f64>) {
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
    pub const fn digits(self) -> i32 {
        self.precision().0
    }

    /// The distance between a number of this size and the next one.
    pub fn step(self, value: f64) -> f64 {
        let (digits, smallest) = self.precision();
        let bits = value.abs().to_bits() >> 52;
        let exponent = i32::try_from(bits).unwrap_or_default().saturating_sub(1023);
        2_f64.powi(exponent.max(smallest).saturating_sub(digits))
    }
}

/// The value of a number of 16 bits in IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    // The same bits as a number of 32 bits, whose exponent counts from another start.
    const SCALE: f32 = f32::from_bits(0x7780_0000);
    let magnitude = match (bits & 0x7c00, bits & 0x3ff) {
        (0x7c00, 0) => f32::INFINITY,
        (0x7c00, _) => f32::NAN,
        _ => f32::from_bits(u32::from(bits & 0x7fff) << 13) * SCALE,
    };
    f64::from(if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    })
}

/// A tensor and where its data lies in the file.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// What the file calls it.
    pub name: &'a str,
    /// What its numbers are.
    pub element: Element,
    /// Offset of its first byte.
    pub at: u64,
    /// Bytes.
    pub bytes: u64,
    /// Bytes of a row, where it is a matrix.
    pub row: Option<u64>,
}

/// Looks at the data of tensors; what is found goes to `artifact`.
pub fn examine<'t>(
    input: &Input<'_>,
    tensors: impl Iterator<Item = Tensor<'t>>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mut examination = Examination::new(input);
    for tensor in tensors {
        examination.tensor(tensor, artifact, facts);
    }
    examination.finish(facts);
}

/// A look at the tensors of one file, one after the other, under one budget.
pub(crate) struct Examination<'i, 'a> {
    input: &'i Input<'a>,
    /// Bytes that may still be looked at, and tensors of which the first bytes may.
    left: u64,
    heads: usize,
    /// Containers that may still be looked into.
    inner: usize,
    reader: Reader,
    passed_over: u64,
}

impl<'i, 'a> Examination<'i, 'a> {
    pub(crate) fn new(input: &'i Input<'a>) -> Self {
        let limits = &input.options().limits;
        Self {
            input,
            // Tensors may lie over each other, but no byte is worth looking at often.
            left: limits.tensor_bytes.min(input.len().saturating_mul(2)),
            heads: limits.tensor_heads,
            inner: INNER,
            reader: Reader::default(),
            passed_over: 0,
        }
    }

    /// How many of the bytes of a tensor would be looked at.
    pub(crate) fn wants(&self, bytes: u64) -> u64 {
        if bytes <= self.left {
            bytes
        } else if self.heads > 0 {
            HEAD.min(bytes)
        } else {
            0
        }
    }

    /// Takes the bytes of a tensor from what may be looked at, and says how many are.
    fn take(&mut self, bytes: u64) -> u64 {
        let wanted = self.wants(bytes);
        if let Some(left) = self.left.checked_sub(bytes) {
            self.left = left;
        } else if let Some(heads) = self.heads.checked_sub(1) {
            self.heads = heads;
        } else {
            self.passed_over = self.passed_over.saturating_add(1);
        }
        wanted
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
        let passed_over = self.passed_over;
        let looked_at = self.take(bytes);
        if self.passed_over > passed_over {
            return;
        }
        let whole = looked_at == bytes;
        let mut look = Look::new(tensor);
        if input.options().limits.tensor_bytes < u64::MAX {
            // Padding rows are nothing to tell of unless somebody asked to look closely.
            look.rows = None;
        }
        self.reader.ahead = if whole { self.left } else { 0 };
        look.read(input, looked_at, &mut self.reader, facts);
        look.report(input, whole, artifact);
        let name = short(tensor.name);
        for at in look.containers {
            if let Some(left) = self.inner.checked_sub(1) {
                self.inner = left;
                let slice = Slice::new(input.source(), at, end.saturating_sub(at));
                look_into(input, &name, &slice, artifact, facts);
            }
        }
        for wrapped in look
            .wrapped
            .iter()
            .filter(|wrapped| !wrapped.content.is_empty())
        {
            if let Some(left) = self.inner.checked_sub(1) {
                self.inner = left;
                look_into(input, &name, &Bytes(&wrapped.content), artifact, facts);
            }
        }
    }

    /// Looks at data that had to be put together or unpacked, as the member of the file that it is.
    pub(crate) fn bytes(
        &mut self,
        name: &str,
        element: Element,
        data: &[u8],
        artifact: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        let wanted = usize::try_from(self.take(data.len() as u64)).unwrap_or(usize::MAX);
        let data = data.get(..wanted.min(data.len())).unwrap_or(data);
        if data.is_empty() {
            return;
        }
        let path = format!("{}!{}", self.input.path(), short(name)).into();
        let source = Bytes(data);
        let unpacked = Input::member(self.input, path, &source, facts);
        let tensor = Tensor {
            name,
            element,
            at: 0,
            bytes: data.len() as u64,
            row: None,
        };
        let mut found = Artifact::new(artifact.format, 0, artifact.evidence.clone());
        examine(&unpacked, std::iter::once(tensor), &mut found, facts);
        artifact.absorb(found);
    }

    /// Says what was passed over.
    pub(crate) fn finish(self, facts: &mut Facts<'_>) {
        if self.passed_over > 0 && self.input.options().limits.tensor_bytes == u64::MAX {
            facts.gap(
                GapReason::Limit,
                format!(
                    "{} tensors lie over others and were not looked at again",
                    self.passed_over
                ),
                self.input.evidence(),
            );
        }
    }
}

/// What has been read of a file, and the buffers of those who look at it.
#[derive(Default)]
struct Reader {
    /// Bytes of the file from `start` on.
    block: Vec<u8>,
    start: u64,
    /// Bytes that may be read beyond a tensor, for the small ones behind it.
    ahead: u64,
    buffers: low_bits::Buffers,
}

impl Reader {
    /// Most bytes read beyond a tensor.
    const AHEAD: u64 = 64 * 1024;

    /// Makes `block` start at `start` and reach to `end`, where the file does. `None` when it cannot
    /// be read.
    fn fill(
        &mut self,
        input: &Input<'_>,
        start: u64,
        end: u64,
        facts: &mut Facts<'_>,
    ) -> Option<()> {
        let reached = self.start.saturating_add(self.block.len() as u64);
        let skipped = start
            .checked_sub(self.start)
            .filter(|_| start <= reached)
            .and_then(|skipped| usize::try_from(skipped).ok());
        let follows = skipped.is_some();
        if end <= reached && follows {
            // Small tensors are in it one after the other: they are not moved to its start.
            return Some(());
        }
        self.block.drain(..skipped.unwrap_or(self.block.len()));
        self.start = start;
        let ahead = if follows {
            self.ahead.min(Self::AHEAD)
        } else {
            0
        };
        let at = start.saturating_add(self.block.len() as u64);
        let wanted = end.saturating_add(ahead).saturating_sub(at);
        input.read_onto(at, wanted, &mut self.block, facts)
    }

    /// Where `start..end` lies in the block, as far as it is there.
    fn place(&self, start: u64, end: u64) -> Option<std::ops::Range<usize>> {
        let from = usize::try_from(start.checked_sub(self.start)?).ok()?;
        let to = usize::try_from(end.checked_sub(self.start)?).ok()?;
        Some(from..to.min(self.block.len()))
    }
}

/// A container that was found inside something else is looked into like any other.
pub fn look_into(
    input: &Input<'_>,
    name: &str,
    content: &dyn Source,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mark = facts.mark();
    stance_read::scan_member(input, name, content, facts);
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
}

impl<'t> Look<'t> {
    fn new(tensor: Tensor<'t>) -> Self {
        let counted = if tensor.bytes >= COUNTED {
            tensor.element
        } else {
            Element::Other
        };
        Self {
            payloads: Vec::new(),
            wrapped: Vec::new(),
            numbers: Numbers::new(counted),
            low_bits: LowBits::new(counted),
            rows: tensor.row.and_then(|row| Rows::new(counted, row)),
            containers: Vec::new(),
            tensor,
        }
    }

    fn read(&mut self, input: &Input<'_>, length: u64, reader: &mut Reader, facts: &mut Facts<'_>) {
        let searched_for = match self.tensor.element {
            Element::Other => Place::Anything,
            _ => Place::Numbers,
        };
        let end = self.tensor.at.saturating_add(length);
        let (mut from, mut at) = (self.tensor.at, self.tensor.at);
        // Where the search goes on, further back than what is new.
        let mut searched = self.tensor.at;
        while at < end {
            let until = at.saturating_add(BLOCK as u64).min(end);
            if reader.fill(input, from, until, facts).is_none() {
                return;
            }
            let Some(place) = reader.place(from, until) else {
                return;
            };
            let Some(block) = reader.block.get(place) else {
                return;
            };
            let offset = |place: u64| {
                let offset = usize::try_from(place.saturating_sub(from)).unwrap_or(usize::MAX);
                offset.min(block.len())
            };
            let fresh = offset(at)..block.len();
            let reached = from.saturating_add(block.len() as u64);
            let to = if reached >= end {
                block.len()
            } else {
                block.len().saturating_sub(OVERLAP)
            };
            // Nothing is looked for inside what was found.
            let behind = |found: &payload::Found| found.at.saturating_add(found.length);
            let behind = self.payloads.last().map_or(0, behind);
            let starts = offset(searched.max(behind))..to;
            let known = self.payloads.len();
            if known < KEPT {
                payload::find(
                    block,
                    starts.clone(),
                    from,
                    searched_for,
                    &mut self.payloads,
                );
            }
            if self.wrapped.len() < KEPT {
                payload::find_wrapped(block, starts.clone(), from, &mut self.wrapped);
                if at == self.tensor.at {
                    self.wrapped.extend(payload::compressed_at(block, from));
                }
                // Of one compressed stream the content says what it is.
                for found in self.payloads.get(known..).unwrap_or_default() {
                    self.wrapped.extend(payload::inside(block, from, found));
                }
            }
            let news = block.get(fresh.clone()).unwrap_or_default();
            self.numbers.add(news);
            if let Some(rows) = &mut self.rows {
                rows.add(news);
            }
            self.low_bits.add(block, fresh, starts, &mut reader.buffers);
            if reached < until {
                // It became shorter.
                return;
            }
            at = until;
            searched = from.saturating_add(to as u64);
            from = searched.saturating_sub(BEFORE as u64).max(self.tensor.at);
        }
    }

    fn report(&mut self, input: &Input<'_>, whole: bool, artifact: &mut Artifact) {
        let name = short(self.tensor.name);
        let element = self.tensor.element;
        for wrapped in &self.wrapped {
            let title = wrapped.title();
            let end = wrapped.at.saturating_add(wrapped.length);
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
                    evidence: input.evidence_at(wrapped.at..end, title),
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
                    evidence: input.evidence_at(
                        found.at..found.at.saturating_add(found.length),
                        found.kind.title(),
                    ),
                },
            );
        }
        let range = self.tensor.at..self.tensor.at.saturating_add(self.tensor.bytes);
        if let Some(hidden) = self.low_bits.payload() {
            add(
                artifact,
                TensorSign {
                    kind: TensorSignKind::LowBitPayload,
                    tensor: name.clone(),
                    detail: format!("{} hold {}", hidden.place, hidden.what),
                    confidence: Confidence::High,
                    evidence: input.evidence_at(range.clone(), hidden.what),
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
