//! The gate that an answer goes through: what may not leave is stopped or taken out before anything of it is released.
//!
//! The law is that of `stream`: for every way of cutting a text into pieces, the same signals are told, and the same text
//! goes on. Each scan says up to where all is decided. Text behind the first such place waits, as long as the policy stops
//! or takes out what the scan finds; for rules that only tell, nothing waits.
//!
//! | what | held at most |
//! |---|---|
//! | an address | 4,096 bytes, then it ends there |
//! | a sequence of a terminal, a tag | 4,096 and 2,048 bytes |
//! | the operator's words | a passage that goes on, and ten words behind it; else as long as words are what a passage begins with |
//! | a marker | its own length |
//! | source code | a passage that goes on, and 160 bytes behind it; else 40 letters |

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use super::canary::{Canaries, CanaryScan};
use super::exfiltration::{Context, ExfiltrationScan};
use super::fingerprint::{Fingerprints, SourceScan};
use super::markup::{Looks, MarkupScan};
use super::overlap::{Overlap, OverlapScan};
use super::view::{BACK, Found, Scan, View};
use super::{Kind, Signal};
use crate::verdict::Action;

/// When so much is passed, it is dropped.
const DROP: usize = 8 << 10;

/// What an answer is compared with.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What was read and must not leave in an address.
    pub read: Arc<Context>,
    /// The operator's own words.
    pub operator: Option<Arc<Overlap>>,
    /// Canaries and markers of documents.
    pub markers: Option<Arc<Canaries>>,
    /// Documents of the organisation.
    pub documents: Option<Arc<Fingerprints>>,
    /// Who will see the answer.
    pub reader: Option<String>,
}

/// What is done about each kind of leak, and from which score on, of 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acts([(Action, u8); Kind::ALL.len()]);

impl Acts {
    /// Asks for each kind what is done about it, and from which score on.
    #[must_use]
    pub fn of(mut ask: impl FnMut(Kind) -> (Action, u8)) -> Self {
        Self(Kind::ALL.map(&mut ask))
    }

    /// The same where nobody can be asked: what would be asked about is stopped.
    #[must_use]
    pub fn unasked(self) -> Self {
        Self::of(|kind| match self.of_kind(kind) {
            (Action::Ask, least) => (Action::Block, least),
            other => other,
        })
    }

    /// The same for these kinds, and nothing about the others.
    #[must_use]
    pub fn only(self, kinds: &[Kind]) -> Self {
        Self::of(|kind| match kinds.contains(&kind) {
            true => self.of_kind(kind),
            false => (Action::Allow, 0),
        })
    }

    /// What is done about a kind, and from which score on.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> (Action, u8) {
        // The kinds are declared in the order of their list.
        self.0.get(kind as usize).copied().unwrap_or_default()
    }

    fn looks(&self, kinds: &[Kind]) -> bool {
        kinds
            .iter()
            .any(|kind| self.of_kind(*kind).0 != Action::Allow)
    }

    /// Whether something waits until these are decided.
    fn holds(&self, kinds: &[Kind]) -> bool {
        kinds
            .iter()
            .any(|kind| self.of_kind(*kind).0 >= Action::Redact)
    }

    /// The score from which a passage is told before it ended: where it is stopped.
    fn early(&self, kind: Kind) -> u8 {
        match self.of_kind(kind) {
            (action, least) if action.stops() => least,
            _ => u8::MAX,
        }
    }
}

/// One channel of an answer.
#[derive(Debug)]
pub struct Gate {
    acts: Acts,
    scans: Vec<(Box<dyn Look>, bool)>,
    /// What came and is still needed, and how many bytes before it are gone.
    text: String,
    base: usize,
    /// Up to where it was given on.
    released: usize,
    /// What is to be taken out.
    pending: Vec<(Range<usize>, Kind)>,
    found: Vec<Found>,
    signals: Vec<Signal>,
    stopped: bool,
}

trait Look: Scan + std::fmt::Debug + Send {}
impl<S: Scan + std::fmt::Debug + Send> Look for S {}

impl Gate {
    /// A gate for one channel, or none where there is nothing to look for.
    #[must_use]
    pub fn new(acts: Acts, known: &Known) -> Option<Self> {
        let mut scans: Vec<(Box<dyn Look>, bool)> = Vec::new();
        let mut add = |kinds: &[Kind], scan: &dyn Fn() -> Option<Box<dyn Look>>| {
            if acts.looks(kinds) {
                scans.extend(scan().map(|scan| (scan, acts.holds(kinds))));
            }
        };
        add(&[Kind::Exfiltration, Kind::RemoteImage], &|| {
            Some(Box::new(ExfiltrationScan::new(known.read.clone())))
        });
        add(&[Kind::TerminalEscape, Kind::Direction], &|| {
            Some(Box::new(MarkupScan::new(Looks::Sequences)))
        });
        add(&[Kind::Script], &|| {
            Some(Box::new(MarkupScan::new(Looks::Markup)))
        });
        add(&[Kind::Canary, Kind::OtherTenant], &|| {
            let markers = known.markers.clone().filter(|it| !it.is_empty())?;
            Some(Box::new(CanaryScan::new(markers, known.reader.as_deref())))
        });
        add(&[Kind::SystemPrompt], &|| {
            let operator = known.operator.clone().filter(|it| !it.is_empty())?;
            let early = acts.early(Kind::SystemPrompt);
            Some(Box::new(OverlapScan::new(operator, early)))
        });
        add(&[Kind::SourceCode], &|| {
            let documents = known.documents.clone().filter(|it| !it.is_empty())?;
            let early = acts.early(Kind::SourceCode);
            Some(Box::new(SourceScan::new(documents, early)))
        });
        (!scans.is_empty()).then(|| Self {
            acts,
            scans,
            text: String::new(),
            base: 0,
            released: 0,
            pending: Vec::new(),
            found: Vec::new(),
            signals: Vec::new(),
            stopped: false,
        })
    }

    /// Takes the next piece, and gives on what is decided. Once something stops it, nothing goes on any more.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        if self.stopped {
            return;
        }
        self.text.push_str(piece);
        self.advance(false, out);
        self.forget();
    }

    /// Ends the text, and gives on the rest.
    pub fn finish(&mut self, out: &mut String) {
        if !self.stopped {
            self.advance(true, out);
        }
    }

    /// What was found since it was asked the last time, in the order in which it was known.
    pub fn take_signals(&mut self) -> Vec<Signal> {
        std::mem::take(&mut self.signals)
    }

    /// Whether something was found that stops the answer.
    #[must_use]
    pub const fn stops(&self) -> bool {
        self.stopped
    }

    /// Bytes that came and were not given on.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.base
            .saturating_add(self.text.len())
            .saturating_sub(self.released)
    }

    fn advance(&mut self, complete: bool, out: &mut String) {
        let view = View::new(&self.text, self.base, complete);
        let mut limit = view.end();
        for (scan, holds) in &mut self.scans {
            scan.run(&view, &mut self.found);
            if *holds && !complete {
                limit = limit.min(scan.live());
            }
        }
        // As if every byte had come by itself: what is known first counts first.
        self.found.sort_by(|one, other| {
            let key = |it: &Found| (it.known_at, it.signal.range.start, it.signal.rule);
            key(one).cmp(&key(other))
        });
        for one in std::mem::take(&mut self.found) {
            let kind = one.signal.kind();
            let (action, least) = self.acts.of_kind(kind);
            if action == Action::Allow || one.signal.score < least {
                continue;
            }
            if action == Action::Redact {
                self.pending.push((one.signal.range.clone(), kind));
            }
            self.signals.push(one.signal);
            // What is asked about goes on once it is told: whoever asks holds it.
            if action == Action::Block {
                self.stopped = true;
                self.text.clear();
                return;
            }
        }
        self.release(limit, out);
    }

    /// Gives on everything before `limit`, without what is to be taken out.
    fn release(&mut self, limit: usize, out: &mut String) {
        self.pending
            .sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut used = 0_usize;
        while let Some((range, kind)) = self.pending.get(used).cloned() {
            // Everything that overlaps is taken out as one.
            let (start, mut end) = (range.start, range.end);
            let mut next = used.saturating_add(1);
            while let Some((more, _)) = self.pending.get(next).filter(|it| it.0.start < end) {
                end = end.max(more.end);
                next = next.saturating_add(1);
            }
            if end > limit {
                break;
            }
            self.give(start, out);
            if end > self.released {
                out.push_str(kind.placeholder());
                self.released = end;
            }
            used = next;
        }
        self.pending.drain(..used);
        let open = self.pending.first().map_or(limit, |(range, _)| range.start);
        self.give(open.min(limit), out);
    }

    fn give(&mut self, to: usize, out: &mut String) {
        let view = View::new(&self.text, self.base, false);
        if to > self.released {
            out.push_str(view.get(self.released..to));
            self.released = to;
        }
    }

    /// Drops what nobody looks back at.
    fn forget(&mut self) {
        let needed = self
            .scans
            .iter()
            .map(|(scan, _)| scan.live())
            .fold(self.released, usize::min);
        let mut gone = needed.saturating_sub(self.base.saturating_add(BACK * 2));
        if gone < DROP {
            return;
        }
        while !self.text.is_char_boundary(gone) {
            gone = gone.saturating_sub(1);
        }
        self.text.drain(..gone);
        self.base = self.base.saturating_add(gone);
    }
}
