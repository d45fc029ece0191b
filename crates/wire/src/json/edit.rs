//! Replacing some bytes and keeping all others.

use std::ops::Range;

/// Ranges of bytes, and what stands there instead. Ranges do not overlap; where they do, the first wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits(Vec<(Range<usize>, Vec<u8>)>);

impl Edits {
    /// Puts `bytes` where `range` is.
    pub fn replace(&mut self, range: Range<usize>, bytes: Vec<u8>) {
        self.0.push((range, bytes));
    }

    /// Puts the string `text`, quotes included, where `range` is.
    pub fn replace_text(&mut self, range: Range<usize>, text: &str) {
        let mut bytes = Vec::with_capacity(text.len().saturating_add(2));
        super::encode(text, &mut bytes);
        self.replace(range, bytes);
    }

    /// Whether nothing is replaced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes longer the result is at most.
    fn more(&self) -> usize {
        self.0
            .iter()
            .fold(0_usize, |sum, (_, bytes)| sum.saturating_add(bytes.len()))
    }

    /// Moves every range by so many bytes.
    pub(crate) fn shift(&mut self, by: usize) {
        for (range, _) in &mut self.0 {
            *range = range.start.saturating_add(by)..range.end.saturating_add(by);
        }
    }

    /// Writes `bytes` with the replacements to `out`.
    pub fn apply(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        out.reserve(bytes.len().saturating_add(self.more()));
        let mut done = 0_usize;
        for (range, with) in &self.0 {
            let Some(before) = bytes.get(done..range.start) else {
                continue;
            };
            out.extend_from_slice(before);
            out.extend_from_slice(with);
            done = range.end;
        }
        out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    }

    /// `bytes` with the replacements.
    #[must_use]
    pub fn applied(mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.apply(bytes, &mut out);
        out
    }
}
