//! Where bytes come from.

use std::io;

/// Random access to the bytes of one file. Implementations read no more than
/// they are asked for, so that a 40 GB file costs its header.
pub trait Source {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Reads bytes from `offset` into `buffer` and says how many; fewer than asked for only at the end.
    ///
    /// # Errors
    /// Whatever the storage reports.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Whether there is nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes in memory as a source.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Source for Bytes<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|start| self.0.get(start..))
            .unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

/// A part of another source, counted from its own start.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    source: &'a dyn Source,
    start: u64,
    length: u64,
}

impl<'a> Slice<'a> {
    /// `length` bytes of `source` from `start`, cut at the source's end.
    #[must_use]
    pub fn new(source: &'a dyn Source, start: u64, length: u64) -> Self {
        let start = start.min(source.len());
        Self {
            source,
            start,
            length: length.min(source.len().saturating_sub(start)),
        }
    }
}

impl Source for Slice<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.length.saturating_sub(offset);
        let count = usize::try_from(rest)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        match buffer.get_mut(..count) {
            Some(buffer) if count > 0 => self
                .source
                .read_at(self.start.saturating_add(offset), buffer),
            _ => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_never_reads_past_its_end() {
        let slice = Slice::new(&Bytes(b"0123456789"), 3, 4);
        let mut buffer = [0; 8];
        assert_eq!(slice.read_at(1, &mut buffer).unwrap(), 3);
        assert_eq!(&buffer[..3], b"456");
        assert_eq!(slice.read_at(9, &mut buffer).unwrap(), 0);
        assert_eq!(Slice::new(&Bytes(b"01"), 5, 9).len(), 0);
    }
}
