//! Canaries and markers of documents: strings that stand nowhere but where they were put.

use std::collections::HashMap;
use std::ops::Deref;

use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use sha2::{Digest as _, Sha256};
use stance_core::glob;

use super::Signal;
use super::view::{Found, Scan, View};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needle {
    /// The string. Case makes no difference.
    Text(String),
    /// SHA-256 of a word of letters, digits, `-` and `_`, in lower case: then the word itself stands nowhere.
    Sha256([u8; 32]),
}

/// A string whose appearance tells something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What is looked for.
    pub needle: Needle,
    /// What it stands for: the name of the prompt, the document or the tenant.
    pub about: String,
    /// Patterns of the identities that may see it; empty for a canary, which nobody may see.
    pub tenants: Vec<String>,
}

/// Shortest marker: what is shorter comes about by chance.
pub const SHORTEST_MARKER: usize = 8;

/// Longest word whose digest is looked at.
const LONGEST_WORD: usize = 256;

/// Many markers, looked for at once.
#[derive(Debug)]
pub struct Canaries {
    automaton: Option<NFA>,
    start: StateID,
    /// How much of a marker each state has seen.
    depths: HashMap<StateID, usize>,
    texts: Vec<(usize, Marker)>,
    digests: HashMap<[u8; 32], Marker>,
}

impl Canaries {
    /// Of these markers; those shorter than [`SHORTEST_MARKER`] bytes are left out.
    ///
    /// # Errors
    ///
    /// When their automaton grows beyond what the library allows.
    pub fn new(markers: Vec<Marker>) -> Result<Self, String> {
        let (mut texts, mut digests) = (Vec::new(), HashMap::new());
        for marker in markers {
            match &marker.needle {
                Needle::Text(text) if text.len() >= SHORTEST_MARKER => {
                    texts.push((text.len(), marker));
                }
                Needle::Text(_) => {}
                Needle::Sha256(digest) => drop(digests.insert(*digest, marker)),
            }
        }
        let mut known = Self {
            automaton: None,
            start: StateID::default(),
            depths: HashMap::new(),
            texts,
            digests,
        };
        if !known.texts.is_empty() {
            known.compile().map_err(|error| error.to_string())?;
        }
        Ok(known)
    }

    fn compile(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        let needles = || {
            self.texts
                .iter()
                .filter_map(|(_, marker)| match &marker.needle {
                    Needle::Text(text) => Some(text.as_str()),
                    Needle::Sha256(_) => None,
                })
        };
        let automaton = NFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(needles())?;
        self.start = automaton.start_state(Anchored::No)?;
        for needle in needles() {
            let mut state = self.start;
            for (depth, byte) in (1..).zip(needle.bytes()) {
                state = automaton.next_state(Anchored::No, state, byte);
                self.depths.insert(state, depth);
            }
        }
        self.automaton = Some(automaton);
        Ok(())
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.digests.is_empty()
    }
}

/// Looks for markers in a text that comes in pieces.
#[derive(Debug)]
pub(super) struct CanaryScan<K> {
    known: K,
    /// Who will see the text.
    reader: Option<String>,
    state: StateID,
    /// The word at hand, where digests are looked for, and where it began.
    word: String,
    word_start: Option<usize>,
    at: usize,
}

impl<K: Deref<Target = Canaries>> CanaryScan<K> {
    /// A scan of one text that this identity will see.
    pub(super) fn new(known: K, reader: Option<&str>) -> Self {
        Self {
            state: known.start,
            known,
            reader: reader.map(ToOwned::to_owned),
            word: String::new(),
            word_start: None,
            at: 0,
        }
    }

    fn letter(&mut self, letter: char, found: &mut Vec<Found>) {
        let start = self.at;
        self.at = start.saturating_add(letter.len_utf8());
        if let Some(automaton) = &self.known.automaton {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                self.state = automaton.next_state(Anchored::No, self.state, byte);
            }
            if automaton.is_match(self.state) {
                for index in 0..automaton.match_len(self.state) {
                    let pattern = automaton.match_pattern(self.state, index).as_usize();
                    if let Some((length, marker)) = self.known.texts.get(pattern) {
                        let from = self.at.saturating_sub(*length);
                        found.extend(self.tell(marker, from, self.at, self.at));
                    }
                }
            }
        }
        if self.known.digests.is_empty() {
            return;
        }
        if letter.is_alphanumeric() || matches!(letter, '-' | '_') {
            self.word_start.get_or_insert(start);
            if self.word.len() <= LONGEST_WORD {
                self.word.extend(letter.to_lowercase());
            }
        } else {
            self.end_word(start, self.at, found);
        }
    }

    fn end_word(&mut self, end: usize, known_at: usize, found: &mut Vec<Found>) {
        let Some(start) = self.word_start.take() else {
            return;
        };
        if (SHORTEST_MARKER..=LONGEST_WORD).contains(&self.word.len()) {
            let digest: [u8; 32] = Sha256::digest(self.word.as_bytes()).into();
            if let Some(marker) = self.known.digests.get(&digest) {
                found.extend(self.tell(marker, start, end, known_at));
            }
        }
        self.word.clear();
    }

    fn tell(&self, marker: &Marker, start: usize, end: usize, known_at: usize) -> Option<Found> {
        let rule = if marker.tenants.is_empty() {
            "leak/canary"
        } else if self.reader.as_deref().is_some_and(|reader| {
            let mut tenants = marker.tenants.iter();
            tenants.any(|pattern| glob::matches(pattern, reader))
        }) {
            return None;
        } else {
            "leak/other-tenant"
        };
        Some(Found {
            signal: Signal {
                about: Some(marker.about.clone()),
                ..Signal::new(rule, start..end, 99)
            },
            known_at,
        })
    }
}

impl<K: Deref<Target = Canaries>> Scan for CanaryScan<K> {
    fn run(&mut self, view: &View<'_>, found: &mut Vec<Found>) {
        for letter in view.from(self.at).chars() {
            self.letter(letter, found);
        }
        if view.complete {
            self.end_word(self.at, self.at, found);
            self.state = self.known.start;
        }
    }

    fn live(&self) -> usize {
        let depth = self.known.depths.get(&self.state).copied();
        let text = self.at.saturating_sub(depth.unwrap_or_default());
        let is_short = self.word.len() <= LONGEST_WORD;
        self.word_start
            .filter(|_| is_short)
            .map_or(text, |start| start.min(text))
    }
}

/// Markers in a whole text that this identity will see.
#[must_use]
pub fn canaries(text: &str, known: &Canaries, reader: Option<&str>) -> Vec<Signal> {
    let mut found = Vec::new();
    CanaryScan::new(known, reader).run(&View::whole(text), &mut found);
    found.into_iter().map(|one| one.signal).collect()
}
