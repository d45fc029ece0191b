//! Whether an answer repeats what the operator sent: shingles of five folded words that both hold.

use std::collections::HashSet;
use std::ops::Range;

use super::Signal;
use super::shingle::{Window, Words};

/// Words of a shingle.
const WORDS: usize = 5;
/// Most words of a known text that are remembered.
const MOST: usize = 64 << 10;
/// Shared shingles in a row from which a passage is told: five and these make ten words.
const LEAST: usize = 6;

/// The words of a text that must not be repeated.
#[derive(Clone, Debug, Default)]
pub struct Overlap {
    shingles: HashSet<u64>,
    /// What the asking side wrote itself, and may be answered with.
    allowed: HashSet<u64>,
    /// Whether the text was longer than what is remembered.
    pub cut: bool,
}

impl Overlap {
    /// Of the operator's text. What is shorter than five words gives nothing to compare: a canary serves better there.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (shingles, cut) = shingles(text);
        Self {
            shingles,
            allowed: HashSet::new(),
            cut,
        }
    }

    /// Leaves out what the user sent as well: to repeat that is no leak.
    #[must_use]
    pub fn allowing(mut self, text: &str) -> Self {
        self.allowed.extend(shingles(text).0);
        self
    }

    /// How many shingles must not be repeated.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shingles.difference(&self.allowed).count()
    }

    /// Whether there is nothing to compare with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A scan of one answer.
    #[must_use]
    pub fn scan(&self) -> OverlapScan<'_> {
        OverlapScan {
            known: self,
            total: self.len().max(1),
            words: Words::default(),
            window: Window::new(),
            run: None,
            seen: HashSet::new(),
            signals: Vec::new(),
        }
    }
}

fn shingles(text: &str) -> (HashSet<u64>, bool) {
    let mut words = Words::default();
    let mut window = Window::<WORDS>::new();
    let mut found = HashSet::new();
    for letter in text.chars().chain(std::iter::once(' ')) {
        if let Some(word) = words.push(letter)
            && let Some((hash, _)) = window.push(word)
        {
            if found.len() >= MOST {
                return (found, true);
            }
            found.insert(hash);
        }
    }
    (found, false)
}

/// An answer that comes in pieces, compared with what must not be repeated.
#[derive(Debug)]
pub struct OverlapScan<'k> {
    known: &'k Overlap,
    total: usize,
    words: Words,
    window: Window<WORDS>,
    /// Where shared words began and ended, how many shingles, and how many in a row are missing since.
    run: Option<(Range<usize>, usize, usize)>,
    seen: HashSet<u64>,
    signals: Vec<Signal>,
}

impl OverlapScan<'_> {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        for letter in piece.chars() {
            if let Some(word) = self.words.push(letter) {
                self.word(word);
            }
        }
    }

    /// Ends the answer; gives a signal for each passage, in order.
    #[must_use]
    pub fn finish(mut self) -> Vec<Signal> {
        if let Some(word) = self.words.finish() {
            self.word(word);
        }
        self.end_run();
        self.signals
    }

    /// Which share of what must not be repeated was repeated so far, of 100.
    #[must_use]
    pub fn share(&self) -> u8 {
        let share = self.seen.len().saturating_mul(100).checked_div(self.total);
        u8::try_from(share.unwrap_or_default()).unwrap_or(100)
    }

    /// Whether a passage long enough was repeated already: known before the answer ends.
    #[must_use]
    pub fn leaks(&self) -> bool {
        !self.signals.is_empty()
            || self
                .run
                .as_ref()
                .is_some_and(|(_, count, _)| self.is_enough(*count))
    }

    fn word(&mut self, word: super::shingle::Word) {
        let Some((hash, range)) = self.window.push(word) else {
            return;
        };
        if self.known.shingles.contains(&hash) && !self.known.allowed.contains(&hash) {
            self.seen.insert(hash);
            match &mut self.run {
                Some((whole, count, missing)) => {
                    whole.end = range.end;
                    *count = count.saturating_add(1);
                    *missing = 0;
                }
                None => self.run = Some((range, 1, 0)),
            }
        } else if let Some((_, _, missing)) = &mut self.run {
            // One word changed spoils five shingles; more than two end the passage.
            *missing = missing.saturating_add(1);
            if *missing > WORDS.saturating_mul(2) {
                self.end_run();
            }
        }
    }

    /// Six shingles, or half of a text that has fewer than twelve.
    fn is_enough(&self, count: usize) -> bool {
        count >= LEAST.min(self.total.div_ceil(2))
    }

    fn end_run(&mut self) {
        if let Some((range, count, _)) = self.run.take()
            && self.is_enough(count)
        {
            let score = 60_usize.saturating_add(count).min(99);
            self.signals.push(Signal::new(
                "leak/system-prompt",
                range,
                u8::try_from(score).unwrap_or(99),
            ));
        }
    }
}
