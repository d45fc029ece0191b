//! A source as the machine walks over it.

use super::place;
use stance_pickle::tape::{PIECE, Tape};
use stance_read::source::Source;

/// A source as a tape: read in windows as the machine gets there.
pub(crate) struct SourceTape<'a> {
    source: &'a dyn Source,
    start: u64,
    bytes: Vec<u8>,
    /// Why reading failed, where it did: the machine only sees an end.
    pub(crate) failed: Option<std::io::Error>,
}

impl<'a> SourceTape<'a> {
    pub(crate) fn new(source: &'a dyn Source) -> Self {
        Self {
            source,
            start: 0,
            bytes: Vec::new(),
            failed: None,
        }
    }
}

impl Tape for SourceTape<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn at(&mut self, position: u64, length: usize) -> &[u8] {
        let length = length.min(PIECE);
        let end = position.saturating_add(length as u64).min(self.len());
        let held = self.start.saturating_add(self.bytes.len() as u64);
        if position < self.start || end > held {
            let ahead = length.max(PIECE / 4);
            match place::read(self.source, position, ahead as u64) {
                Ok(bytes) => self.bytes = bytes,
                Err(error) => {
                    self.bytes = Vec::new();
                    self.failed.get_or_insert(error);
                }
            }
            self.start = position;
        }
        let from = usize::try_from(position.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let from = from.min(self.bytes.len());
        let to = from.saturating_add(length).min(self.bytes.len());
        self.bytes.get(from..to).unwrap_or_default()
    }
}
