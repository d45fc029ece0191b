//! What waits for the rest of what belongs to it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use stance_core::traffic::Seen;
use stance_telemetry::otlp::{SpanId, TraceId};
use stance_telemetry::{Interaction, Joiner};

/// Most interactions that wait, and most bytes of their words.
const MOST: usize = 20_000;
const BYTES: usize = 128 << 20;

/// Most that could not be written and comes up again; whoever sends more is told to come back.
const OWED: usize = 20_000;

/// Most requests whose digests are known.
const KNOWN: usize = 4_096;

type Key = (TraceId, SpanId);

pub(super) struct Joining {
    joiner: Joiner,
    wait: Duration,
    /// How often something was added to each that waits, and its record as of so many additions.
    records: HashMap<Key, (u32, Option<(u32, Seen)>)>,
    /// Bytes of words that came since nothing waited.
    bytes: usize,
    owed: Vec<Seen>,
    known: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

/// What became of an interaction that came.
#[derive(Default)]
pub(super) struct Joined {
    /// It belongs to no span: nothing more will come.
    pub(super) single: Option<Interaction>,
    /// All that is known of its span by now, and after how many additions.
    pub(super) whole: Option<(Interaction, u32)>,
    /// The oldest, which had to go.
    pub(super) evicted: Option<Ready>,
}

/// One that waited long enough.
pub(super) struct Ready {
    pub(super) interaction: Interaction,
    /// Its record, where all of it was judged.
    pub(super) seen: Option<Seen>,
}

impl Joining {
    pub(super) fn new(wait: Duration) -> Self {
        Self {
            joiner: Joiner::new(MOST),
            wait,
            records: HashMap::new(),
            bytes: 0,
            owed: Vec::new(),
            known: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Whether a request of this digest did not come before; from now on it did.
    pub(super) fn is_new(&mut self, digest: [u8; 32]) -> bool {
        if !self.known.insert(digest) {
            return false;
        }
        self.order.push_back(digest);
        if self.order.len() > KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// Adds an interaction to what is known of its span, unless it was before.
    pub(super) fn join(&mut self, it: Interaction, is_new: bool, now: Timestamp) -> Joined {
        let Some(key) = it.trace.zip(it.span) else {
            return Joined {
                single: Some(it),
                ..Joined::default()
            };
        };
        if !is_new && self.joiner.held(key.0, key.1).is_none() {
            // Done already, or never added: the record of a known id changes nothing.
            return Joined {
                single: Some(it),
                ..Joined::default()
            };
        }
        let mut evicted = None;
        if is_new {
            self.bytes = self.bytes.saturating_add(words(&it));
            evicted = self.joiner.push(it, now).map(|it| self.taken(it));
            self.records.entry(key).or_default().0 += 1;
        }
        let version = self.records.get(&key).map_or(0, |(version, _)| *version);
        let whole = self.joiner.held(key.0, key.1).cloned();
        Joined {
            whole: whole.map(|whole| (whole, version)),
            evicted,
            ..Joined::default()
        }
    }

    /// Remembers the record of what was known after so many additions.
    pub(super) fn judged(&mut self, it: &Interaction, version: u32, seen: &Seen) {
        let Some(key) = it.trace.zip(it.span) else {
            return;
        };
        if let Some((_, record)) = self.records.get_mut(&key)
            && record.as_ref().is_none_or(|(older, _)| *older <= version)
        {
            *record = Some((version, seen.clone()));
        }
    }

    /// Takes out what waited long enough, or everything.
    pub(super) fn ready(&mut self, now: Timestamp, everything: bool) -> Vec<Ready> {
        let ready = if everything || self.bytes > BYTES {
            self.joiner.finish()
        } else {
            self.joiner.ready(now, self.wait)
        };
        if self.joiner.is_empty() {
            self.bytes = 0;
        }
        ready.into_iter().map(|it| self.taken(it)).collect()
    }

    fn taken(&mut self, interaction: Interaction) -> Ready {
        let key = interaction.trace.zip(interaction.span);
        let seen = key
            .and_then(|key| self.records.remove(&key))
            .and_then(|(version, record)| record.filter(|(judged, _)| *judged == version))
            .map(|(_, seen)| seen);
        Ready { interaction, seen }
    }

    /// Takes back what could not be written.
    pub(super) fn owe(&mut self, seen: Vec<Seen>) {
        self.owed.extend(seen);
    }

    /// With what could not be written before.
    pub(super) fn with_owed(&mut self, more: Vec<Seen>) -> Vec<Seen> {
        let mut all = std::mem::take(&mut self.owed);
        all.extend(more);
        all
    }

    pub(super) fn is_full(&self) -> bool {
        self.owed.len() >= OWED
    }
}

fn words(it: &Interaction) -> usize {
    let parts = it.request.parts.iter().chain(&it.response.parts);
    parts.map(|part| part.text.len()).sum()
}
