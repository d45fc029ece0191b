//! Whether a text holds passages of known documents, source code above all: winnowed fingerprints (Schleimer, Wilkerson
//! and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003). Only hashes are kept of a document.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::Signal;

/// Letters of one hash, blanks left out: what is shorter is never told.
const GRAM: usize = 24;
/// Hashes of a window, of which the least is a fingerprint: each passage of 24 + 16 - 1 letters gives one at least.
const WINDOW: usize = 16;
/// The multiplier of the rolling hash, odd and without pattern.
const BASE: u64 = 0x0000_0100_0000_01b3;
/// Fingerprints in a row from which a passage is told.
const LEAST: usize = 4;

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
            let power = (0..GRAM).fold(1_u64, |power, _| power.wrapping_mul(BASE));
            self.hash = self.hash.wrapping_sub(first.wrapping_mul(power));
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

    /// A scan of one text.
    #[must_use]
    pub fn scan(&self) -> SourceScan<'_> {
        SourceScan {
            known: self,
            winnow: Winnow::default(),
            run: None,
            signals: Vec::new(),
        }
    }
}

/// A text that comes in pieces, compared with known documents.
#[derive(Debug)]
pub struct SourceScan<'k> {
    known: &'k Fingerprints,
    winnow: Winnow,
    /// The document, where its passage began and ended, and how many fingerprints of it.
    run: Option<(usize, Range<usize>, usize)>,
    signals: Vec<Signal>,
}

impl SourceScan<'_> {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        for letter in piece.chars() {
            let Some((hash, range)) = self.winnow.push(letter) else {
                continue;
            };
            let document = self.known.known.get(&hash).copied().flatten();
            match (&mut self.run, document) {
                (Some((current, whole, count)), Some(document)) if *current == document => {
                    whole.end = whole.end.max(range.end);
                    *count = count.saturating_add(1);
                }
                // A line of other words between does not end a passage.
                (Some((_, whole, _)), None) if range.start.saturating_sub(whole.end) < 160 => {}
                (_, found) => {
                    self.end_run();
                    self.run = found.map(|document| (document, range, 1));
                }
            }
        }
    }

    /// Whether a passage long enough was seen already.
    #[must_use]
    pub fn leaks(&self) -> bool {
        !self.signals.is_empty() || self.run.as_ref().is_some_and(|(.., count)| *count >= LEAST)
    }

    /// Ends the text; gives a signal for each passage, in order.
    #[must_use]
    pub fn finish(mut self) -> Vec<Signal> {
        self.end_run();
        self.signals
    }

    fn end_run(&mut self) {
        if let Some((document, range, count)) = self.run.take()
            && count >= LEAST
        {
            let score = 70_usize.saturating_add(count.saturating_mul(2)).min(99);
            self.signals.push(Signal {
                about: self.known.names.get(document).cloned(),
                ..Signal::new("leak/source-code", range, u8::try_from(score).unwrap_or(99))
            });
        }
    }
}
