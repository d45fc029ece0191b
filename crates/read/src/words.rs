//! Which of many words a text holds, in one pass.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Words that are looked for as whole identifiers, or as they stand.
#[derive(Debug, Default)]
pub(crate) struct Words {
    automaton: Option<AhoCorasick>,
    words: Vec<Box<str>>,
    numbers: HashMap<Box<str>, usize>,
}

impl Words {
    /// The number of a word, added when it is new.
    pub(crate) fn number(&mut self, word: &str) -> usize {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = self.words.len();
        self.words.push(word.into());
        self.numbers.insert(word.into(), number);
        number
    }

    /// The numbers of the words of several conjunctions.
    pub(crate) fn conjunctions(&mut self, conjunctions: &[Vec<Box<str>>]) -> Vec<Vec<usize>> {
        conjunctions
            .iter()
            .map(|all| all.iter().map(|word| self.number(word)).collect())
            .collect()
    }

    /// Makes the automaton; words added later are not found.
    pub(crate) fn build(&mut self) {
        self.automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(self.words.iter().map(|word| word.as_bytes()))
            .ok();
    }

    /// Calls `found` with number and place of every occurrence, whatever stands around it.
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(usize, std::ops::Range<usize>)) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        for hit in automaton.find_overlapping_iter(text) {
            found(hit.pattern().as_usize(), hit.start()..hit.end());
        }
    }

    /// The words that a text holds.
    pub(crate) fn in_text(&self, text: &[u8]) -> Seen {
        let mut seen = Seen::new(self.words.len());
        self.each(text, |number, place| {
            if is_whole(text, &place) {
                seen.insert(number);
            }
        });
        seen
    }
}

/// Whether what stands at `place` is not a part of a longer identifier.
pub(crate) fn is_whole(text: &[u8], place: &std::ops::Range<usize>) -> bool {
    let before = place.start.checked_sub(1).and_then(|at| text.get(at));
    let after = text.get(place.end);
    let first = text.get(place.start);
    let last = place.end.checked_sub(1).and_then(|at| text.get(at));
    let cut = (joins(before) && joins(first)) || (joins(last) && joins(after));
    !cut
}

/// Whether a byte can stand inside an identifier.
pub fn joins(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
}

/// A set of word numbers.
#[derive(Debug, Default, Clone)]
pub struct Seen(Vec<u64>);

impl Seen {
    /// The empty set for that many words.
    pub fn new(words: usize) -> Self {
        Self(vec![0; words.div_ceil(64)])
    }

    /// Notes that a word was seen.
    pub fn insert(&mut self, number: usize) {
        if let Some(bits) = self.0.get_mut(number / 64) {
            *bits |= 1 << (number % 64);
        }
    }

    /// Whether a word was seen.
    pub fn contains(&self, number: usize) -> bool {
        self.0
            .get(number / 64)
            .is_some_and(|bits| bits & (1 << (number % 64)) != 0)
    }
}
