//! What the scanner remembers of what it has passed. It is small, and copied before each decision that may be taken back.

use super::words::{Hint, Word};

/// How far a word speaks of what follows, in bytes.
const REACH: usize = 72;
/// How many hints are remembered.
const HINTS: usize = 12;

/// What was passed. Places are relative to the text at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// Where the scanner goes on.
    pub(crate) at: usize,
    /// Up to where credentials were looked for.
    pub(crate) field: usize,
    /// Where the address on the web ends inside which the scanner is.
    pub(crate) address: usize,
    /// Where the labels end that were found to name no host.
    pub(crate) host: usize,
    hints: [Option<(Hint, usize)>; HINTS],
    next: usize,
    /// The two words passed last, the last one first, and where each ended.
    words: [(Word, usize); 2],
}

impl State {
    pub(crate) const fn new() -> Self {
        Self {
            at: 0,
            field: 0,
            address: 0,
            host: 0,
            hints: [None; HINTS],
            next: 0,
            words: [(Word::NONE, 0); 2],
        }
    }

    /// Forgets the first `count` bytes of the text.
    pub(crate) fn shift(&mut self, count: usize) {
        self.at = self.at.saturating_sub(count);
        self.field = self.field.saturating_sub(count);
        self.address = self.address.saturating_sub(count);
        self.host = self.host.saturating_sub(count);
        for (_, place) in self.hints.iter_mut().flatten() {
            *place = place.saturating_sub(count);
        }
        for (_, place) in &mut self.words {
            *place = place.saturating_sub(count);
        }
    }

    /// Remembers what a word hints at.
    pub(crate) fn hint(&mut self, hint: Hint, end: usize) {
        if let Some(slot) = self.hints.get_mut(self.next) {
            *slot = Some((hint, end));
        }
        self.next = self.next.saturating_add(1) % HINTS;
    }

    /// Whether a word shortly before `at` hints at this.
    pub(crate) fn hinted(&self, hint: Hint, at: usize) -> bool {
        self.hinted_within(hint, at, REACH)
    }

    /// Whether a word at most `reach` bytes before `at` hints at this.
    pub(crate) fn hinted_within(&self, hint: Hint, at: usize, reach: usize) -> bool {
        self.hints
            .iter()
            .flatten()
            .any(|(known, end)| *known == hint && at >= *end && at.saturating_sub(*end) <= reach)
    }

    /// Remembers a word.
    pub(crate) fn pass(&mut self, word: Word, end: usize) {
        let [last, _] = self.words;
        self.words = [(word, end), last];
    }

    /// The word before `at`, when nothing but `most` bytes stand between.
    pub(crate) fn last(&self, at: usize, most: usize) -> Word {
        let [(word, end), _] = self.words;
        if at >= end && at.saturating_sub(end) <= most {
            word
        } else {
            Word::NONE
        }
    }

    /// The word before the last one, when the two stood beside each other.
    pub(crate) fn last_but_one(&self) -> Word {
        let [(_, last), (word, end)] = self.words;
        // A word and the blank before it.
        if last.saturating_sub(end) <= 16 {
            word
        } else {
            Word::NONE
        }
    }
}
