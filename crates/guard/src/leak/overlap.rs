//! Whether an answer repeats what the operator sent: shingles of five folded words that both hold.

use std::collections::HashSet;
use std::ops::{Deref, Range};

use super::Signal;
use super::shingle::{Window, Words};
use super::view::{Found, Scan, View};

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
    /// What shingles begin with: one to four words.
    begins: HashSet<u64>,
    /// What the asking side wrote itself, and may be answered with.
    allowed: HashSet<u64>,
    /// Whether the text was longer than what is remembered.
    pub cut: bool,
}

impl Overlap {
    /// Of the operator's text. What is shorter than five words gives nothing to compare: a canary serves better there.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut known = Self::default();
        known.cut = shingles(text, |window, hash| {
            known.begins.extend(window.begins());
            known.shingles.insert(hash);
            known.shingles.len() < MOST
        });
        known
    }

    /// Leaves out what the user sent as well: to repeat that is no leak.
    #[must_use]
    pub fn allowing(mut self, text: &str) -> Self {
        let allowed = &mut self.allowed;
        shingles(text, |_, hash| {
            allowed.insert(hash);
            allowed.len() < MOST
        });
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
    pub fn scan(&self) -> OverlapScan<&Self> {
        OverlapScan::new(self, u8::MAX)
    }
}

/// Gives every shingle of a text until it is enough; whether there were more.
fn shingles(text: &str, mut each: impl FnMut(&Window<WORDS>, u64) -> bool) -> bool {
    let mut words = Words::default();
    let mut window = Window::<WORDS>::new();
    for letter in text.chars().chain(std::iter::once(' ')) {
        if let Some(word) = words.push(letter)
            && let Some((hash, _)) = window.push(word)
            && !each(&window, hash)
        {
            return true;
        }
    }
    false
}

/// An answer that comes in pieces, compared with what must not be repeated.
#[derive(Debug)]
pub struct OverlapScan<K> {
    known: K,
    total: usize,
    words: Words,
    window: Window<WORDS>,
    /// Where shared words began and ended, how many shingles, and how many in a row are missing since.
    run: Option<(Range<usize>, usize, usize)>,
    seen: HashSet<u64>,
    /// The score from which a passage is told before it ended.
    early: u8,
    told: bool,
    at: usize,
    found: Vec<Found>,
}

impl<K: Deref<Target = Overlap>> OverlapScan<K> {
    /// A scan that tells a passage at its end, or as soon as its score is `early`.
    pub(super) fn new(known: K, early: u8) -> Self {
        Self {
            total: known.len().max(1),
            known,
            words: Words::default(),
            window: Window::new(),
            run: None,
            seen: HashSet::new(),
            early,
            told: false,
            at: 0,
            found: Vec::new(),
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        for letter in piece.chars() {
            self.at = self.at.saturating_add(letter.len_utf8());
            if let Some(word) = self.words.push(letter) {
                self.word(word);
            }
        }
    }

    /// Ends the answer; gives a signal for each passage, in order.
    #[must_use]
    pub fn finish(mut self) -> Vec<Signal> {
        self.end();
        self.found.into_iter().map(|one| one.signal).collect()
    }

    fn end(&mut self) {
        if let Some(word) = self.words.finish() {
            self.word(word);
        }
        self.end_run();
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
        !self.found.is_empty()
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
            let run = match self.run.take() {
                Some((whole, count, _)) => (whole.start..range.end, count.saturating_add(1), 0),
                None => (range, 1, 0),
            };
            if !self.told && self.is_enough(run.1) && score(run.1) >= self.early {
                self.told = true;
                self.tell(run.0.clone(), run.1);
            }
            self.run = Some(run);
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
        let was_told = std::mem::take(&mut self.told);
        if let Some((range, count, _)) = self.run.take()
            && self.is_enough(count)
            && !was_told
        {
            self.tell(range, count);
        }
    }

    fn tell(&mut self, range: Range<usize>, count: usize) {
        self.found.push(Found {
            signal: Signal::new("leak/system-prompt", range, score(count)),
            known_at: self.at,
        });
    }
}

fn score(count: usize) -> u8 {
    u8::try_from(60_usize.saturating_add(count)).map_or(99, |score| score.min(99))
}

impl<K: Deref<Target = Overlap>> Scan for OverlapScan<K> {
    fn run(&mut self, view: &View<'_>, found: &mut Vec<Found>) {
        self.push(view.from(self.at));
        if view.complete {
            self.end();
        }
        found.append(&mut self.found);
    }

    fn live(&self) -> usize {
        let run = self.run.as_ref().map(|(range, ..)| range.start);
        // The word at hand may go on, and those before it may be what a shingle begins with.
        let hand = self.words.live();
        let begins = self
            .window
            .ends()
            .filter(|(hash, _)| self.known.begins.contains(hash))
            .map(|(_, start)| start);
        run.into_iter().chain(begins).fold(hand, usize::min)
    }
}
