//! Tensors whose elements lie in another order than that of their indices.

use super::error::Error;
use super::place::{self, Place};
use super::tensor::Tensor;
use super::write::Sink;
use stance_read::source::Source;

/// Bytes of a tensor in another order that are put in order at once.
const BLOCK: u64 = 8 << 20;
/// How far apart elements may be for what lies between them to be read along.
const NEAR: u64 = 64 << 10;

/// Turns each word round.
pub(super) fn swap(bytes: &mut [u8], word: usize) {
    if word > 1 {
        for word in bytes.chunks_exact_mut(word) {
            word.reverse();
        }
    }
}

/// One dimension: how many indices, and how far apart they are in the source and in the result,
/// in elements.
#[derive(Clone, Copy, Debug)]
struct Dimension {
    side: u64,
    from: u64,
    to: u64,
}

/// Puts the elements of a tensor in order, a block of the result at a time. Within a block the source
/// is read in its own order, so that a transposed matrix costs one read per column and block, not one
/// per element.
pub(super) struct Gather<'a> {
    /// Dimensions that are walked one index at a time.
    outer: Vec<Dimension>,
    /// The dimension of which a block takes several indices.
    across: Dimension,
    inner: Vec<Dimension>,
    /// Indices of `across` in a block.
    rows: u64,
    size: u64,
    word: usize,
    start: u64,
    window: Window<'a>,
}

impl<'a> Gather<'a> {
    pub(super) fn new(
        tensor: &Tensor,
        place: &'a Place,
        source: &'a dyn Source,
        word: usize,
    ) -> Self {
        let mut dimensions: Vec<Dimension> = Vec::new();
        let mut to = 1_u64;
        for (side, stride) in tensor.shape.iter().zip(&tensor.strides).rev() {
            if *side > 1 {
                dimensions.push(Dimension {
                    side: *side,
                    from: *stride,
                    to,
                });
            }
            to = to.saturating_mul(*side);
        }
        dimensions.reverse();
        let size = tensor.dtype.size();
        let fits = |dimension: &Dimension| dimension.to.saturating_mul(size) <= BLOCK;
        let at = dimensions.iter().position(fits).unwrap_or_default();
        let inner = dimensions.split_off(at.saturating_add(1).min(dimensions.len()));
        let across = dimensions.pop().unwrap_or(Dimension {
            side: 1,
            from: 0,
            to: 1,
        });
        let row = across.to.saturating_mul(size).max(1);
        Self {
            outer: dimensions,
            rows: BLOCK.checked_div(row).unwrap_or(1).clamp(1, across.side),
            across,
            inner,
            size,
            word,
            start: tensor.start,
            window: Window::new(place, source),
        }
    }

    pub(super) fn run(mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        let outer = self.outer.clone();
        let mut block = Vec::new();
        let mut indices = vec![0_u64; outer.len()];
        loop {
            let base = offset(&outer, &indices, |dimension| dimension.from);
            let mut row = 0_u64;
            while row < self.across.side {
                let rows = self.rows.min(self.across.side.saturating_sub(row));
                let from = base.saturating_add(row.saturating_mul(self.across.from));
                self.fill(from, rows, &mut block)?;
                swap(&mut block, self.word);
                sink(&block)?;
                row = row.saturating_add(rows);
            }
            if !advance(&outer, &mut indices) {
                return Ok(());
            }
        }
    }

    /// Puts `rows` indices of `across` from the element `from` on into `block`.
    fn fill(&mut self, from: u64, rows: u64, block: &mut Vec<u8>) -> Result<(), Error> {
        let length = rows
            .saturating_mul(self.across.to)
            .saturating_mul(self.size);
        block.clear();
        block.resize(usize::try_from(length).unwrap_or_default(), 0);
        let mut dimensions = vec![Dimension {
            side: rows,
            ..self.across
        }];
        dimensions.extend(&self.inner);
        dimensions.sort_by_key(|dimension| std::cmp::Reverse(dimension.from));
        let Some(last) = dimensions.pop() else {
            return Ok(());
        };
        let mut indices = vec![0_u64; dimensions.len()];
        loop {
            let at = from.saturating_add(offset(&dimensions, &indices, |one| one.from));
            let to = offset(&dimensions, &indices, |one| one.to);
            self.run_of(last, at, to, block)?;
            if !advance(&dimensions, &mut indices) {
                return Ok(());
            }
        }
    }

    /// Copies the elements of one dimension.
    fn run_of(&mut self, of: Dimension, from: u64, to: u64, block: &mut [u8]) -> Result<(), Error> {
        let size = usize::try_from(self.size).unwrap_or(1);
        let byte = |element: u64| element.saturating_mul(self.size);
        // As many at once as one read may have.
        let apart = byte(of.from).max(1);
        let together = NEAR.checked_div(apart).unwrap_or(1).max(1);
        let mut index = 0_u64;
        while index < of.side {
            let count = together.min(of.side.saturating_sub(index));
            let first = from.saturating_add(index.saturating_mul(of.from));
            let span =
                byte(count.saturating_sub(1).saturating_mul(of.from)).saturating_add(self.size);
            let at = self.start.saturating_add(byte(first));
            let bytes = self.window.get(at, span)?;
            for step in 0..count {
                let source =
                    usize::try_from(byte(step.saturating_mul(of.from))).unwrap_or(usize::MAX);
                let target = to.saturating_add(index.saturating_add(step).saturating_mul(of.to));
                let target = usize::try_from(byte(target)).unwrap_or(usize::MAX);
                let element = bytes.get(source..source.saturating_add(size));
                let place = block.get_mut(target..target.saturating_add(size));
                match (element, place) {
                    (Some(element), Some(place)) => place.copy_from_slice(element),
                    _ => return Err(Error::Broken("a tensor leaves its storage".to_owned())),
                }
            }
            index = index.saturating_add(count);
        }
        Ok(())
    }
}

fn offset(dimensions: &[Dimension], indices: &[u64], step: impl Fn(&Dimension) -> u64) -> u64 {
    dimensions
        .iter()
        .zip(indices)
        .fold(0_u64, |sum, (dimension, index)| {
            sum.saturating_add(index.saturating_mul(step(dimension)))
        })
}

/// The next index; false after the last.
fn advance(dimensions: &[Dimension], indices: &mut [u64]) -> bool {
    for (dimension, index) in dimensions.iter().zip(indices.iter_mut()).rev() {
        *index = index.saturating_add(1);
        if *index < dimension.side {
            return true;
        }
        *index = 0;
    }
    false
}

/// A view into a place of which any part can be read.
struct Window<'a> {
    place: &'a Place,
    source: &'a dyn Source,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    fn new(place: &'a Place, source: &'a dyn Source) -> Self {
        Self {
            place,
            source,
            start: 0,
            bytes: Vec::new(),
        }
    }

    fn get(&mut self, at: u64, length: u64) -> Result<&[u8], Error> {
        let ends = || Error::from(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        let wanted = usize::try_from(length).unwrap_or(usize::MAX);
        let Place::Raw {
            start: base,
            length: whole,
        } = self.place
        else {
            let from = usize::try_from(at).unwrap_or(usize::MAX);
            let bytes = self.place.in_memory();
            return bytes
                .get(from..from.saturating_add(wanted))
                .ok_or_else(ends);
        };
        let end = at.saturating_add(length);
        let held = self.start.saturating_add(self.bytes.len() as u64);
        if at < self.start || end > held {
            if end > *whole {
                return Err(ends());
            }
            // Going on from where the last read ended, or nearly so, it pays to read ahead.
            let onward = at >= self.start && at < held.saturating_add(NEAR / 8);
            let ahead = if onward { length.max(NEAR) } else { length };
            let ahead = ahead.min(whole.saturating_sub(at));
            self.bytes
                .resize(usize::try_from(ahead).unwrap_or_default(), 0);
            let filled = place::fill(self.source, base.saturating_add(at), &mut self.bytes)?;
            self.bytes.truncate(filled);
            self.start = at;
        }
        let from = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.bytes
            .get(from..from.saturating_add(wanted))
            .ok_or_else(ends)
    }
}
