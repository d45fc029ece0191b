//! A view into a file that reads ahead, for structures that are walked field by field.

use crate::input::Input;
use crate::report::Facts;
use crate::source::Source;

/// Bytes read at once after a jump; each further read in a row doubles, up to [`LARGEST`].
const SMALLEST: usize = 4 * 1024;

/// Most bytes read at once on the way, and the longest range that can be asked for.
pub const LARGEST: usize = 1024 * 1024;

/// Why a range cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The file, or the structure, ends before it.
    End,
    /// It is longer than what is looked at, or all reading that is allowed was done.
    Limit,
    /// The storage failed.
    Failed,
}

/// A file, of which at most a budget of bytes is read.
pub struct Window<'a> {
    source: &'a dyn Source,
    start: u64,
    buffer: Vec<u8>,
    read: u64,
    budget: u64,
    ahead: usize,
}

impl<'a> Window<'a> {
    /// A view that begins with the head of `input` and reads at most `budget` further bytes.
    pub fn new(input: &Input<'a>, budget: u64) -> Self {
        Self {
            source: input.source(),
            start: 0,
            buffer: input.head().to_vec(),
            read: 0,
            budget,
            ahead: SMALLEST,
        }
    }

    /// A view of bytes at hand.
    pub fn of_bytes(source: &'a dyn Source) -> Self {
        Self {
            source,
            start: 0,
            buffer: Vec::new(),
            read: 0,
            budget: u64::MAX,
            ahead: SMALLEST,
        }
    }

    /// Bytes in the file.
    pub fn len(&self) -> u64 {
        self.source.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Says how much was read.
    pub fn finish(self, facts: &mut Facts<'_>) {
        facts.count_bytes(self.read);
    }

    /// The bytes of `offset..offset + length`.
    pub fn get(&mut self, offset: u64, length: usize) -> Result<&[u8], Stop> {
        let end = offset.checked_add(length as u64).ok_or(Stop::End)?;
        if end > self.source.len() {
            return Err(Stop::End);
        }
        if length > LARGEST {
            return Err(Stop::Limit);
        }
        if self.within(offset, length).is_none() {
            self.fill(offset, length)?;
        }
        let from = self.within(offset, length).ok_or(Stop::Failed)?;
        let end = from.saturating_add(length);
        self.buffer.get(from..end).ok_or(Stop::Failed)
    }

    /// The index of `offset` in the buffer when the whole range is there.
    fn within(&self, offset: u64, length: usize) -> Option<usize> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        (from.checked_add(length)? <= self.buffer.len()).then_some(from)
    }

    fn fill(&mut self, offset: u64, length: usize) -> Result<(), Stop> {
        let reached = self.start.saturating_add(self.buffer.len() as u64);
        let onward = (self.start..=reached).contains(&offset);
        self.ahead = if onward {
            self.ahead.saturating_mul(2).min(LARGEST)
        } else {
            SMALLEST
        };
        let rest = usize::try_from(self.source.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = length.max(self.ahead).min(rest);
        if self.read.saturating_add(wanted as u64) > self.budget {
            return Err(Stop::Limit);
        }
        let mut buffer = vec![0; wanted];
        let mut filled = 0_usize;
        while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
            let at = offset.saturating_add(filled as u64);
            match self.source.read_at(at, free) {
                Ok(0) => break,
                Ok(count) => filled = filled.saturating_add(count),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Stop::Failed),
            }
        }
        buffer.truncate(filled);
        self.read = self.read.saturating_add(filled as u64);
        self.start = offset;
        self.buffer = buffer;
        Ok(())
    }

    /// One byte.
    pub fn u8(&mut self, offset: u64) -> Result<u8, Stop> {
        self.get(offset, 1)?.first().copied().ok_or(Stop::End)
    }

    /// Two bytes, least significant first.
    pub fn u16(&mut self, offset: u64) -> Result<u16, Stop> {
        self.array(offset).map(u16::from_le_bytes)
    }

    /// Four bytes, least significant first.
    pub fn u32(&mut self, offset: u64) -> Result<u32, Stop> {
        self.array(offset).map(u32::from_le_bytes)
    }

    /// Eight bytes, least significant first.
    pub fn u64(&mut self, offset: u64) -> Result<u64, Stop> {
        self.array(offset).map(u64::from_le_bytes)
    }

    fn array<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], Stop> {
        self.get(offset, N)?.first_chunk().copied().ok_or(Stop::End)
    }

    /// Text of `length` bytes, of which at most `keep` are kept; what is no UTF-8 is replaced.
    pub fn text(&mut self, offset: u64, length: u64, keep: usize) -> Result<String, Stop> {
        let end = offset.checked_add(length).ok_or(Stop::End)?;
        if end > self.source.len() {
            return Err(Stop::End);
        }
        let kept = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(keep)
            .min(LARGEST);
        self.get(offset, kept)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}
