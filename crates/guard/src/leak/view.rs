//! A text that comes in pieces, as far as it is there, and who looks through it.

use std::ops::Range;

use super::Signal;

/// How much before a place may be looked back at, in bytes.
pub(super) const BACK: usize = 1024;

/// What is there of a text. Places count from the begin of the whole text, of which what nobody looks back at is gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'t> {
    text: &'t str,
    base: usize,
    /// Whether no more will come.
    pub(super) complete: bool,
}

impl<'t> View<'t> {
    pub(super) const fn new(text: &'t str, base: usize, complete: bool) -> Self {
        Self {
            text,
            base,
            complete,
        }
    }

    /// A text that is all there.
    pub(super) const fn whole(text: &'t str) -> Self {
        Self::new(text, 0, true)
    }

    /// The place behind the last byte.
    pub(super) const fn end(&self) -> usize {
        self.base.saturating_add(self.text.len())
    }

    /// The text from a place on.
    pub(super) fn from(&self, place: usize) -> &'t str {
        self.text
            .get(place.saturating_sub(self.base)..)
            .unwrap_or_default()
    }

    pub(super) fn get(&self, range: Range<usize>) -> &'t str {
        let range = range.start.saturating_sub(self.base)..range.end.saturating_sub(self.base);
        self.text.get(range).unwrap_or_default()
    }

    /// What stands before a place, as far as is looked back: the same however the text came.
    pub(super) fn before(&self, place: usize) -> &'t str {
        let end = place.saturating_sub(self.base);
        let mut from = end.saturating_sub(BACK);
        while !self.text.is_char_boundary(from) {
            from = from.saturating_add(1);
        }
        self.text.get(from..end).unwrap_or_default()
    }
}

/// A signal, and the place up to which the text had to be there before it was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) signal: Signal,
    pub(super) known_at: usize,
}

/// Looks through a text that comes in pieces.
pub(super) trait Scan {
    /// Looks at what came since the last time.
    fn run(&mut self, view: &View<'_>, found: &mut Vec<Found>);

    /// The first place that a signal may begin at that is not known yet: all before it is decided.
    fn live(&self) -> usize;
}
