//! How the elements of one tensor differ between two models: read once, side by side, in blocks.

use std::io::{self, Read};

use super::bits::Bits;
use super::model::{Model, Stream, Tensor};
use super::rank::Sketch;
use super::rows::{RowFacts, Rows};
use stance_models::weights::Element;

/// Bytes of the narrower side that are held at once, a multiple of every element.
const BLOCK: u64 = 1 << 17;

/// Everything that is known of a tensor that differs.
pub(super) struct Change {
    pub(super) name: String,
    pub(super) element: Element,
    pub(super) elements: u64,
    pub(super) changed: u64,
    /// How many of those that differ are zero now.
    pub(super) zeroed: u64,
    pub(super) largest: f64,
    difference: f64,
    base: f64,
    tuned: f64,
    both: f64,
    /// The type to whose precision all elements were rounded, when that is all.
    pub(super) rounded: Option<&'static str>,
    /// The number of low bits in which all differences lie, and whether they were used before.
    pub(super) low_bits: Option<(u32, bool)>,
    pub(super) rows: Option<RowFacts>,
    pub(super) rank: Option<u64>,
}

impl Change {
    /// Length of the difference as a part of the length before.
    pub(super) fn relative(&self) -> Option<f64> {
        let is_number = self.element != Element::Other && self.base > 0.0;
        let relative = (self.difference / self.base).sqrt();
        (is_number && relative.is_finite()).then_some(relative)
    }

    /// Cosine of the angle between the two.
    pub(super) fn similarity(&self) -> Option<f64> {
        let length = (self.base * self.tuned).sqrt();
        let is_number = self.element != Element::Other && length > 0.0 && length.is_finite();
        is_number.then(|| (self.both / length).clamp(-1.0, 1.0))
    }

    /// Whether the difference can be reckoned with.
    pub(super) fn is_number(&self) -> bool {
        self.element != Element::Other
    }
}

/// What comes of comparing two tensors.
pub(super) enum Outcome {
    Equal,
    Changed(Box<Change>),
    /// In words why not.
    NotCompared(String),
}

/// Compares the first elements of two tensors, as many rows as both have.
pub(super) fn between(
    name: &str,
    (base, before): (&Model<'_>, &Tensor),
    (tuned, after): (&Model<'_>, &Tensor),
) -> io::Result<Outcome> {
    let elements = [before, after].map(|tensor| Element::of(&tensor.dtype));
    let sizes = elements.map(|element| element.size() as u64);
    let [one, other] = elements;
    if one != other && (one == Element::Other || other == Element::Other) {
        return Ok(Outcome::NotCompared(format!(
            "its numbers are {} in one and {} in the other, and quantised numbers are not compared",
            before.dtype, after.dtype
        )));
    }
    let count = |tensor: &Tensor, size: u64| tensor.bytes().checked_div(size).unwrap_or_default();
    let count = count(before, sizes[0]).min(count(after, sizes[1]));
    if one == other {
        match is_equal(
            count.saturating_mul(sizes[0]),
            (base, before),
            (tuned, after),
        )? {
            Ok(true) => return Ok(Outcome::Equal),
            Ok(false) => {}
            Err(why) => return Ok(Outcome::NotCompared(why)),
        }
    }
    let (mut left, mut right) = match (base.stream(before)?, tuned.stream(after)?) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(why), _) | (_, Err(why)) => return Ok(Outcome::NotCompared(why)),
    };
    let mut sums = Sums::new(elements, &after.shape, count);
    let mut blocks = [Vec::new(), Vec::new()];
    let mut rest = count;
    let at_once = BLOCK.checked_div(sizes[0].min(sizes[1])).unwrap_or(BLOCK);
    while rest > 0 {
        let wanted = rest.min(at_once);
        let [one, other] = &mut blocks;
        for ((stream, block), size) in [(&mut left, &mut *one), (&mut right, &mut *other)]
            .into_iter()
            .zip(sizes)
        {
            if !fill(stream, block, wanted.saturating_mul(size))? {
                return Ok(Outcome::NotCompared("it breaks off".to_owned()));
            }
        }
        sums.add(one, other);
        rest = rest.saturating_sub(wanted);
    }
    Ok(sums.finish(name))
}

/// Reads a block whole; says whether there was one.
fn fill(stream: &mut impl Read, block: &mut Vec<u8>, length: u64) -> io::Result<bool> {
    block.clear();
    stream.by_ref().take(length).read_to_end(block)?;
    Ok(block.len() as u64 == length)
}

/// Whether the bytes are the same, which is cheaper to tell than how they differ.
fn is_equal(
    length: u64,
    (base, before): (&Model<'_>, &Tensor),
    (tuned, after): (&Model<'_>, &Tensor),
) -> io::Result<Result<bool, String>> {
    let streams: (Stream<'_>, Stream<'_>) = (base.stream(before)?, tuned.stream(after)?);
    let (mut left, mut right) = match streams {
        (Ok(left), Ok(right)) => (left, right),
        (Err(why), _) | (_, Err(why)) => return Ok(Err(why)),
    };
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let mut rest = length;
    while rest > 0 {
        let wanted = rest.min(BLOCK);
        let is_there = fill(&mut left, &mut one, wanted)? && fill(&mut right, &mut other, wanted)?;
        if !is_there {
            return Ok(Err("it breaks off".to_owned()));
        }
        if one != other {
            return Ok(Ok(false));
        }
        rest = rest.saturating_sub(wanted);
    }
    Ok(Ok(true))
}

/// Everything that is counted while two tensors are read.
struct Sums {
    elements: [Element; 2],
    seen: u64,
    values: [Vec<f64>; 2],
    /// Whether all differences are what rounding to this type leaves.
    narrowed: [(Element, &'static str, bool); 2],
    sketch: Option<Sketch>,
    bits: Option<Bits>,
    rows: Option<Rows>,
    change: Change,
}

impl Sums {
    fn new(elements: [Element; 2], shape: &[u64], count: u64) -> Self {
        let [one, other] = elements;
        let (row, rows) = match shape {
            [rows, rest @ ..] if !rest.is_empty() && *rows > 1 => {
                let all = rest
                    .iter()
                    .fold(1_u64, |all, side| all.saturating_mul(*side));
                // Rows of quantised blocks are counted in bytes.
                let row = if one == Element::Other {
                    count.checked_div(*rows).unwrap_or_default()
                } else {
                    all
                };
                (row, count.checked_div(row).unwrap_or_default())
            }
            _ => (0, 0),
        };
        let is_same = one == other;
        let wider = if one.size() > other.size() {
            one
        } else {
            other
        };
        Self {
            elements,
            seen: 0,
            values: [Vec::new(), Vec::new()],
            narrowed: [Element::Bf16, Element::F16].map(|narrow| {
                let name = if narrow == Element::Bf16 {
                    "BF16"
                } else {
                    "F16"
                };
                (
                    narrow,
                    name,
                    is_same && matches!(one, Element::F32 | Element::F64),
                )
            }),
            sketch: Sketch::new(if is_same { one } else { wider }, rows, row),
            change: Change {
                name: String::new(),
                element: if is_same { one } else { wider },
                elements: count,
                changed: 0,
                zeroed: 0,
                largest: 0.0,
                difference: 0.0,
                base: 0.0,
                tuned: 0.0,
                both: 0.0,
                rounded: None,
                low_bits: None,
                rows: None,
                rank: None,
            },
            bits: is_same.then(|| Bits::new(one)).flatten(),
            rows: Rows::new(rows, row),
        }
    }

    fn add(&mut self, one: &[u8], other: &[u8]) {
        let [of_one, of_other] = self.elements;
        let [mut base, mut tuned] = std::mem::take(&mut self.values);
        base.clear();
        tuned.clear();
        of_one.decode(one, &mut base);
        of_other.decode(other, &mut tuned);
        if let Some(bits) = &mut self.bits {
            bits.add(one, other);
        }
        let change = &mut self.change;
        for (from, to) in base.iter().zip(&tuned) {
            let difference = to - from;
            change.base += from * from;
            change.tuned += to * to;
            change.both += from * to;
            if !differs(*from, *to, self.elements) {
                continue;
            }
            change.changed = change.changed.saturating_add(1);
            change.difference += difference * difference;
            change.largest = change.largest.max(difference.abs());
            change.zeroed = change.zeroed.saturating_add(u64::from(*to == 0.0));
            for (narrow, _, is_narrowed) in &mut self.narrowed {
                *is_narrowed = *is_narrowed && difference.abs() <= narrow.step(*from);
            }
        }
        if let Some(rows) = &mut self.rows {
            let mut at = 0_usize;
            while let (Some(from), Some(to)) = (base.get(at..), tuned.get(at..))
                && !from.is_empty()
            {
                let (row, column) = rows.place(self.seen.saturating_add(at as u64));
                let length = usize::try_from(rows.width().saturating_sub(column))
                    .unwrap_or(usize::MAX)
                    .min(from.len());
                let from = from.get(..length).unwrap_or_default();
                let to = to.get(..length).unwrap_or_default();
                rows.add((row, column), from, to, |from, to| {
                    differs(from, to, self.elements)
                });
                if let Some(sketch) = &mut self.sketch {
                    sketch.add(row, column, from, to);
                }
                at = at.saturating_add(length.max(1));
            }
        }
        self.seen = self.seen.saturating_add(base.len() as u64);
        self.values = [base, tuned];
    }

    fn finish(self, name: &str) -> Outcome {
        let mut change = self.change;
        if change.changed == 0 {
            return Outcome::Equal;
        }
        let [one, other] = self.elements;
        let zeros = self.bits.as_ref().map_or(0, Bits::zeros);
        change.rounded = if one == other {
            let is_narrowed = |(narrow, _, is_narrowed): &&(Element, &str, bool)| {
                let digits = one.digits().saturating_sub(narrow.digits());
                *is_narrowed && i32::try_from(zeros).is_ok_and(|zeros| zeros >= digits)
            };
            self.narrowed
                .iter()
                .find(is_narrowed)
                .map(|(_, name, _)| *name)
        } else {
            None
        };
        change.rank = self.sketch.and_then(|sketch| sketch.rank());
        change.low_bits = self.bits.and_then(|bits| bits.low());
        change.rows = self
            .rows
            .map(|rows| rows.facts(change.changed == change.zeroed));
        change.name = name.to_owned();
        Outcome::Changed(Box::new(change))
    }
}

/// Whether two numbers are more than the rounding between their types apart.
fn differs(from: f64, to: f64, [one, other]: [Element; 2]) -> bool {
    if from.to_bits() == to.to_bits() || from == to {
        return false;
    }
    if one == other {
        return true;
    }
    let size = from.abs().max(to.abs());
    let step = one.step(size).max(other.step(size));
    (to - from).abs() > step || from.is_nan() != to.is_nan()
}
