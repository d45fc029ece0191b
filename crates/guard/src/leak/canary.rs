//! Canaries and markers of documents: strings that stand nowhere but where they were put.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Signal;

/// A string whose appearance tells something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The string. Case makes no difference.
    pub text: String,
    /// What it stands for: the name of the prompt, the document or the tenant.
    pub about: String,
    /// The tenant whose it is; none for a canary, which nobody may see.
    pub tenant: Option<String>,
}

/// Shortest marker: what is shorter comes about by chance.
const LEAST: usize = 8;

/// Many markers, looked for at once.
#[derive(Debug)]
pub struct Canaries {
    automaton: Option<AhoCorasick>,
    markers: Vec<Marker>,
    /// Markers that were left out because they are shorter than eight bytes.
    pub too_short: usize,
    longest: usize,
}

impl Canaries {
    /// Of these markers.
    ///
    /// # Errors
    ///
    /// When their automaton grows beyond what the library allows.
    pub fn new(markers: Vec<Marker>) -> Result<Self, aho_corasick::BuildError> {
        let count = markers.len();
        let markers: Vec<Marker> = markers
            .into_iter()
            .filter(|one| one.text.len() >= LEAST)
            .collect();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(markers.iter().map(|one| &one.text))?;
        Ok(Self {
            longest: markers
                .iter()
                .map(|one| one.text.len())
                .max()
                .unwrap_or_default(),
            automaton: (!markers.is_empty()).then_some(automaton),
            too_short: count.saturating_sub(markers.len()),
            markers,
        })
    }

    /// A scan of one text that this tenant will see.
    #[must_use]
    pub const fn scan<'c>(&'c self, tenant: Option<&'c str>) -> CanaryScan<'c> {
        CanaryScan {
            known: self,
            tenant,
            held: String::new(),
            dropped: 0,
            signals: Vec::new(),
        }
    }
}

/// A text that comes in pieces, looked through for markers.
#[derive(Debug)]
pub struct CanaryScan<'c> {
    known: &'c Canaries,
    tenant: Option<&'c str>,
    /// The end of what came, as long as the longest marker may begin in it.
    held: String,
    dropped: usize,
    signals: Vec<Signal>,
}

impl CanaryScan<'_> {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        let Some(automaton) = &self.known.automaton else {
            return;
        };
        let before = self.held.len();
        self.held.push_str(piece);
        for found in automaton.find_overlapping_iter(&self.held) {
            // What ends in the old part was told before.
            if found.end() <= before {
                continue;
            }
            let Some(marker) = self.known.markers.get(found.pattern().as_usize()) else {
                continue;
            };
            let rule = match (&marker.tenant, self.tenant) {
                (None, _) => "leak/canary",
                (Some(owner), Some(reader)) if owner == reader => continue,
                (Some(_), _) => "leak/other-tenant",
            };
            let range = self.dropped.saturating_add(found.start())
                ..self.dropped.saturating_add(found.end());
            self.signals.push(Signal {
                about: Some(marker.about.clone()),
                ..Signal::new(rule, range, 99)
            });
        }
        let mut keep = self.held.len().saturating_sub(self.known.longest);
        while !self.held.is_char_boundary(keep) {
            keep = keep.saturating_sub(1);
        }
        self.held.drain(..keep);
        self.dropped = self.dropped.saturating_add(keep);
    }

    /// What was found so far.
    #[must_use]
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// How many bytes at the end may be the begin of a marker: to be held back by whoever hides it.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held.len()
    }
}
