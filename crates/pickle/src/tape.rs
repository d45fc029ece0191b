//! The bytes of a stream, in memory or read in windows.

use stance_read::input::Input;
use stance_read::report::Facts;

/// Longest piece that is ever asked of a tape at once.
pub const PIECE: usize = 256 * 1024;

/// Bytes that the machine walks over. Only what is asked for is read, so that
/// the tensors between pickles cost nothing.
pub trait Tape {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes from `position`, at most `length` and at most [`PIECE`]; fewer at the end.
    fn at(&mut self, position: u64, length: usize) -> &[u8];

    /// How long the line at `position` is without its end; `None` when it does not end.
    fn line(&mut self, position: u64) -> Option<u64> {
        // Most lines are short names and numbers; a long one is looked through piece by piece.
        let mut ahead = 128;
        let mut passed: u64 = 0;
        loop {
            let piece = self.at(position.saturating_add(passed), ahead);
            if let Some(end) = memchr::memchr(b'\n', piece) {
                return Some(passed.saturating_add(end as u64));
            }
            if piece.len() < ahead {
                return None;
            }
            passed = passed.saturating_add(piece.len() as u64);
            ahead = ahead.saturating_mul(8).min(PIECE);
        }
    }
}

/// Bytes in memory.
pub(crate) struct Slice<'a>(pub(super) &'a [u8]);

impl Tape for Slice<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn at(&mut self, position: u64, length: usize) -> &[u8] {
        let start = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .min(self.0.len());
        let end = start.saturating_add(length.min(PIECE)).min(self.0.len());
        self.0.get(start..end).unwrap_or_default()
    }
}

/// A file, read in windows as the machine gets there.
pub struct Window<'a, 'i, 'f> {
    input: &'a Input<'i>,
    facts: &'a mut Facts<'f>,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a, 'i, 'f> Window<'a, 'i, 'f> {
    /// A window on a file.
    pub fn new(input: &'a Input<'i>, facts: &'a mut Facts<'f>) -> Self {
        Self {
            input,
            facts,
            start: 0,
            bytes: input.head().to_vec(),
        }
    }
}

impl Tape for Window<'_, '_, '_> {
    fn len(&self) -> u64 {
        self.input.len()
    }

    fn at(&mut self, position: u64, length: usize) -> &[u8] {
        let length = length.min(PIECE);
        let end = position.saturating_add(length as u64).min(self.len());
        let held = self.start.saturating_add(self.bytes.len() as u64);
        if position < self.start || end > held {
            // Small operands come in a row: read ahead, but never past a piece.
            let ahead = length.max(PIECE / 4) as u64;
            self.bytes = self
                .input
                .read(position, ahead, self.facts)
                .unwrap_or_default();
            self.start = position;
        }
        let from = usize::try_from(position.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let from = from.min(self.bytes.len());
        let to = from.saturating_add(length).min(self.bytes.len());
        self.bytes.get(from..to).unwrap_or_default()
    }
}
