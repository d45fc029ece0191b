//! Whether a text holds passages of known documents, source code above all: winnowed fingerprints (Schleimer, Wilkerson
//! and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003). Only hashes are kept of a document.

use std::collections::{HashMap, VecDeque};
use std::ops::{Deref, Range};

use super::Signal;
use super::view::{Found, Scan, View};

/// Letters of one hash, blanks left out: what is shorter is never told.
const GRAM: usize = 24;
/// Hashes of a window, of which the least is a fingerprint: each passage of 24 + 16 - 1 letters gives one at least.
const WINDOW: usize = 16;
/// The multiplier of the rolling hash, odd and without pattern.
const BASE: u64 = 0x0000_0100_0000_01b3;
/// Fingerprints in a row from which a passage is told.
const LEAST: usize = 4;
/// What the first letter of a gram counts for once it leaves.
const POWER: u64 = {
    let (mut power, mut left) = (1_u64, GRAM);
    while left > 0 {
        power = power.wrapping_mul(BASE);
        left = left.saturating_sub(1);
    }
    power
};

/// Rolls over the letters of a text and picks fingerprints.
#[derive(Clone, Debug, Default)]
struct Winnow {
    letters: VecDeque<(u64, usize, usize)>,
    hash: u64,
    at: usize,
    hashes: VecDeque<(u64, usize, usize)>,
    last: Option<(u64, usize)>,
}

impl Winnow {
    /// Takes a letter; gives the fingerprint that it brings about: hash and range.
    fn push(&mut self, letter: char) -> Option<(u64, Range<usize>)> {
        let start = self.at;
        self.at = start.saturating_add(letter.len_utf8());
        // Indentation and line ends differ between copies of the same code.
        if letter.is_whitespace() {
            return None;
        }
        let value = letter
            .to_lowercase()
            .next()
            .map_or(0, |one| u64::from(u32::from(one)).wrapping_add(1));
        self.hash = self.hash.wrapping_mul(BASE).wrapping_add(value);
        self.letters.push_back((value, start, self.at));
        if self.letters.len() > GRAM {
            let (first, ..) = self.letters.pop_front()?;
            self.hash = self.hash.wrapping_sub(first.wrapping_mul(POWER));
        }
        if self.letters.len() < GRAM {
            return None;
        }
        let (_, begin, _) = *self.letters.front()?;
        // Mixed, so that the least hash is no order of letters.
        let mixed = (self.hash ^ self.hash >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hashes.push_back((mixed, begin, self.at));
        if self.hashes.len() > WINDOW {
            self.hashes.pop_front();
        }
        if self.hashes.len() < WINDOW {
            return None;
        }
        let least = self
            .hashes
            .iter()
            .rev()
            .min_by_key(|(hash, ..)| *hash)
            .copied()?;
        let (hash, begin, end) = least;
        if self.last == Some((hash, begin)) {
            return None;
        }
        self.last = Some((hash, begin));
        Some((hash, begin..end))
    }
}

/// Fingerprints of the documents of an organisation.
#[derive(Clone, Debug, Default)]
pub struct Fingerprints {
    /// Which document a hash is of; a hash of several, such as of a licence, is of none.
    known: HashMap<u64, Option<usize>>,
    names: Vec<String>,
}

impl Fingerprints {
    /// Adds a document; gives how many fingerprints it has. One shorter than 39 letters has none.
    pub fn add(&mut self, name: &str, text: &str) -> usize {
        let number = self.names.len();
        self.names.push(name.to_owned());
        let mut winnow = Winnow::default();
        let mut count = 0_usize;
        for letter in text.chars() {
            if let Some((hash, _)) = winnow.push(letter) {
                count = count.saturating_add(1);
                self.known
                    .entry(hash)
                    .and_modify(|known| {
                        if *known != Some(number) {
                            *known = None;
                        }
                    })
                    .or_insert(Some(number));
            }
        }
        count
    }

    /// Leaves out what stands in a public text as well: licences, generated headers, open code.
    pub fn except(&mut self, text: &str) {
        let mut winnow = Winnow::default();
        for letter in text.chars() {
            if let Some((hash, _)) = winnow.push(letter) {
                self.known.remove(&hash);
            }
        }
    }

    /// How many fingerprints there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is nothing to compare with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A scan of one text.
    #[must_use]
    pub fn scan(&self) -> SourceScan<&Self> {
        SourceScan::new(self, u8::MAX)
    }
}

/// A text that comes in pieces, compared with known documents.
#[derive(Debug)]
pub struct SourceScan<K> {
    known: K,
    winnow: Winnow,
    /// The passage at hand.
    run: Option<Run>,
    /// The score from which a passage is told before it ended.
    early: u8,
    found: Vec<Found>,
}

/// A passage that is shared with a document.
#[derive(Clone, Debug)]
struct Run {
    document: usize,
    range: Range<usize>,
    /// How many fingerprints of it.
    count: usize,
    told: bool,
}

impl Run {
    fn score(&self) -> u8 {
        let score = 70_usize.saturating_add(self.count.saturating_mul(2));
        u8::try_from(score).map_or(99, |score| score.min(99))
    }
}

impl<K: Deref<Target = Fingerprints>> SourceScan<K> {
    /// A scan that tells a passage at its end, or as soon as its score is `early`.
    pub(super) fn new(known: K, early: u8) -> Self {
        Self {
            known,
            winnow: Winnow::default(),
            run: None,
            early,
            found: Vec::new(),
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        for letter in piece.chars() {
            let Some((hash, range)) = self.winnow.push(letter) else {
                continue;
            };
            let document = self.known.known.get(&hash).copied().flatten();
            match (&mut self.run, document) {
                (Some(run), Some(document)) if run.document == document => {
                    run.range.end = run.range.end.max(range.end);
                    run.count = run.count.saturating_add(1);
                }
                // A line of other words between does not end a passage.
                (Some(run), None) if range.start.saturating_sub(run.range.end) < 160 => {}
                (_, found) => {
                    self.end_run();
                    self.run = found.map(|document| Run {
                        document,
                        range,
                        count: 1,
                        told: false,
                    });
                }
            }
            if let Some(run) = self
                .run
                .take_if(|run| !run.told && run.count >= LEAST && run.score() >= self.early)
            {
                self.tell(&run);
                self.run = Some(Run { told: true, ..run });
            }
        }
    }

    /// Whether a passage long enough was seen already.
    #[must_use]
    pub fn leaks(&self) -> bool {
        !self.found.is_empty() || self.run.as_ref().is_some_and(|run| run.count >= LEAST)
    }

    /// Ends the text; gives a signal for each passage, in order.
    #[must_use]
    pub fn finish(mut self) -> Vec<Signal> {
        self.end_run();
        self.found.into_iter().map(|one| one.signal).collect()
    }

    fn end_run(&mut self) {
        if let Some(run) = self.run.take()
            && run.count >= LEAST
            && !run.told
        {
            self.tell(&run);
        }
    }

    fn tell(&mut self, run: &Run) {
        self.found.push(Found {
            signal: Signal {
                about: self.known.names.get(run.document).cloned(),
                ..Signal::new("leak/source-code", run.range.clone(), run.score())
            },
            known_at: self.winnow.at,
        });
    }
}

impl<K: Deref<Target = Fingerprints>> Scan for SourceScan<K> {
    fn run(&mut self, view: &View<'_>, found: &mut Vec<Found>) {
        self.push(view.from(self.winnow.at));
        if view.complete {
            self.end_run();
        }
        found.append(&mut self.found);
    }

    fn live(&self) -> usize {
        let run = self.run.as_ref().map(|run| run.range.start);
        // Fingerprints that may still be picked, and letters that make the next ones.
        let window = self
            .winnow
            .hashes
            .iter()
            .find(|(hash, ..)| self.known.known.contains_key(hash))
            .map(|(_, begin, _)| *begin);
        let letters = &self.winnow.letters;
        let open = letters
            .len()
            .checked_sub(GRAM.saturating_sub(1))
            .map_or_else(|| letters.front(), |place| letters.get(place))
            .map(|(_, start, _)| *start);
        [run, window, open]
            .into_iter()
            .flatten()
            .fold(self.winnow.at, usize::min)
    }
}
