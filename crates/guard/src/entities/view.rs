//! A text of which more may come, and which knows when a look went past what is there.
//!
//! Every recogniser reads through [`View`]. A decision that was taken without touching the end of an unfinished text is
//! the same however the text goes on; one that touched it is taken back and taken again when more is there. That is
//! the whole of split invariance: it holds for every recogniser without a thought of its own.

use std::cell::Cell;
use std::ops::Range;

/// A text, and whether it is all.
#[derive(Debug)]
pub(crate) struct View<'t> {
    text: &'t str,
    complete: bool,
    starved: Cell<bool>,
}

impl<'t> View<'t> {
    pub(crate) fn new(text: &'t str, complete: bool) -> Self {
        Self {
            text,
            complete,
            starved: Cell::new(false),
        }
    }

    /// Whether a look went past the end since this was asked last.
    pub(crate) fn take_starved(&self) -> bool {
        self.starved.replace(false)
    }

    pub(crate) const fn is_complete(&self) -> bool {
        self.complete
    }

    /// The byte at a place.
    #[inline]
    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        let byte = self.text.as_bytes().get(at).copied();
        if byte.is_none() && !self.complete {
            self.starved.set(true);
        }
        byte
    }

    /// The byte before a place.
    #[inline]
    pub(crate) fn before(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at.checked_sub(1)?).copied()
    }

    /// Where the run of bytes that begins at `from` and passes `test` ends, at most `most` further.
    #[inline]
    pub(crate) fn run(&self, from: usize, most: usize, test: impl Fn(u8) -> bool) -> usize {
        let end = from.saturating_add(most);
        let mut at = from;
        while at < end {
            match self.byte(at) {
                Some(byte) if test(byte) => at = at.saturating_add(1),
                _ => break,
            }
        }
        at
    }

    /// What is there from a place on, `most` bytes at most. Who reads it to its end asks for the byte behind it, where that
    /// could go on with what was read.
    #[inline]
    pub(crate) fn ahead(&self, from: usize, most: usize) -> &'t [u8] {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        rest.get(..most).unwrap_or(rest)
    }

    /// The text of a range that was looked at; empty where a border falls into a character.
    #[inline]
    pub(crate) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// What is there of the text; for skips that decide nothing.
    pub(crate) const fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The next place at or after `at` where a character begins.
    pub(crate) fn boundary(&self, at: usize) -> usize {
        let mut at = at;
        while at < self.text.len() && !self.text.is_char_boundary(at) {
            at = at.saturating_add(1);
        }
        at
    }

    /// Whether `literal`, in small letters, stands at a place in any case of ASCII.
    pub(crate) fn says(&self, at: usize, literal: &str) -> bool {
        literal.bytes().enumerate().all(|(index, wanted)| {
            self.byte(at.saturating_add(index))
                .is_some_and(|byte| byte.to_ascii_lowercase() == wanted)
        })
    }
}
