//! Compressed bytes on their way into a decoder: read from the source in small
//! pieces, so that a packed member is never held in memory as a whole.

use std::io::{self, BufRead, Read};

use crate::source::Source;

/// Most bytes that are held at a time.
const PIECE: u64 = 64 * 1024;

/// A range of a source, read from its start to its end.
pub struct Packed<'a> {
    source: &'a dyn Source,
    start: u64,
    /// Where the next piece is read from.
    next: u64,
    end: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl<'a> Packed<'a> {
    /// `length` bytes of `source` from `start`.
    pub fn new(source: &'a dyn Source, start: u64, length: u64) -> Self {
        let end = start.saturating_add(length).min(source.len());
        Self {
            source,
            start,
            next: start,
            end,
            buffer: Vec::new(),
            at: 0,
        }
    }

    /// How many bytes there are in all.
    pub(super) fn total(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// How many bytes were taken.
    pub(crate) fn used(&self) -> u64 {
        let waiting = self.buffer.len().saturating_sub(self.at) as u64;
        self.next.saturating_sub(self.start).saturating_sub(waiting)
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> u64 {
        self.total().saturating_sub(self.used())
    }

    /// The next bytes, at most `count` and at most a piece, without taking them.
    pub(super) fn ahead(&mut self, count: usize) -> &[u8] {
        let waiting = self.buffer.len().saturating_sub(self.at);
        if waiting < count && self.next < self.end {
            self.buffer.drain(..self.at.min(self.buffer.len()));
            self.at = 0;
            self.read_piece();
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        rest.get(..count).unwrap_or(rest)
    }

    /// Takes the next byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        if self.at >= self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            self.read_piece();
        }
        let byte = self.buffer.get(self.at).copied()?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    /// Passes over `count` bytes; false when there are fewer.
    pub(super) fn skip(&mut self, count: u64) -> bool {
        let enough = count <= self.left();
        let waiting = self.buffer.len().saturating_sub(self.at) as u64;
        if count <= waiting {
            self.at = self
                .at
                .saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
        } else {
            self.next = self
                .next
                .saturating_add(count.saturating_sub(waiting))
                .min(self.end);
            self.buffer.clear();
            self.at = 0;
        }
        enough
    }

    /// Takes `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = *self.ahead(N).first_chunk::<N>()?;
        self.skip(N as u64);
        Some(bytes)
    }

    /// Adds a piece to the buffer. A source that fails or ends early ends the range.
    fn read_piece(&mut self) {
        let held = self.buffer.len();
        let wanted = PIECE.min(self.end.saturating_sub(self.next));
        let length = held.saturating_add(usize::try_from(wanted).unwrap_or_default());
        self.buffer.resize(length, 0);
        let mut filled = held;
        while let Some(free) = self
            .buffer
            .get_mut(filled..)
            .filter(|free| !free.is_empty())
        {
            match self.source.read_at(self.next, free) {
                Ok(count) if count > 0 => {
                    filled = filled.saturating_add(count);
                    self.next = self.next.saturating_add(count as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => {
                    self.end = self.next;
                    break;
                }
            }
        }
        self.buffer.truncate(filled);
    }
}

impl Read for Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Packed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            self.read_piece();
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.buffer.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Bytes;

    #[test]
    fn what_was_taken_is_counted_over_all_ways_of_taking() {
        let bytes: Vec<u8> = (0..200_000_u32)
            .map(|number| (number % 251) as u8)
            .collect();
        let source = Bytes(&bytes);
        let mut packed = Packed::new(&source, 1000, 150_000);
        assert_eq!(packed.ahead(3), &bytes[1000..1003]);
        assert_eq!(packed.byte(), Some(bytes[1000]));
        assert!(packed.skip(70_000));
        assert_eq!(packed.used(), 70_001);
        assert_eq!(packed.array::<4>().unwrap(), bytes[71_001..71_005]);
        assert_eq!(packed.ahead(60_000).len(), 60_000);
        let mut rest = Vec::new();
        packed.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, &bytes[71_005..151_000]);
        assert_eq!((packed.used(), packed.left()), (150_000, 0));
        assert!(!packed.skip(1));
        assert_eq!(packed.byte(), None);
    }
}
