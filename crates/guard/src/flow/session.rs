//! What is remembered of a session: who said which values, what the user asked for, what strangers' words demand.
//!
//! Everything is bounded by [`Limits`], whatever the length of the history; the defaults come to at most about half a
//! megabyte. What does not fit is dropped towards the careful side: a forgotten wish supports no call, a forgotten value
//! of a stranger counts as any unknown value being one, a forgotten command leaves what kind of action it demanded.

mod observe;

pub use observe::Source;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::asks::Ask;
use super::hash::Key;
use super::label::Label;
use super::lexicon::{Actions, Objects};
use super::provenance::{Marks, Table};

/// How much a session remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Hashes of what user and operator said.
    pub said: usize,
    /// Hashes of what strangers may have written.
    pub read: usize,
    /// Sentences of the user, and of the operator.
    pub wishes: usize,
    /// Messages of the user that still count as wishes.
    pub turns: u32,
    /// Passages that demand something.
    pub commands: usize,
    /// Parts that are known again when they are sent again.
    pub parts: usize,
    /// Bytes of one part that are read.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            said: 4096,
            read: 16_384,
            wishes: 64,
            turns: 4,
            commands: 160,
            parts: 1024,
            bytes: 1 << 18,
        }
    }
}

/// A sentence of the user's, and when it was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) turn: u32,
    pub(super) ask: Ask,
}

/// The state of a session, over exchanges and protocols.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    key: Key,
    limits: Limits,
    label: Label,
    turn: u32,
    pub(super) said: Table,
    pub(super) read: Table,
    pub(super) wishes: VecDeque<Wish>,
    /// What the operator's words ask for; wishes only where there is no user.
    standing: VecDeque<Ask>,
    /// What the model last spoke of, which a `yes` of the user makes a wish.
    proposal: Vec<Ask>,
    pub(super) commands: VecDeque<Ask>,
    /// What forgotten commands demanded.
    pub(super) forgotten: (Actions, Objects),
    /// Parts that were read, as hashes.
    parts: VecDeque<u64>,
    /// Calls that somebody approved, as hashes.
    approved: VecDeque<u64>,
    /// Bytes of parts that were not read.
    unread: u64,
}

impl Session {
    /// A new session. `key` is random and secret: whoever knows it could make values look alike.
    #[must_use]
    pub fn new(key: Key, limits: Limits) -> Self {
        Self {
            key,
            limits,
            label: Label::TRUSTED,
            turn: 0,
            said: Table::default(),
            read: Table::default(),
            wishes: VecDeque::new(),
            standing: VecDeque::new(),
            proposal: Vec::new(),
            commands: VecDeque::new(),
            forgotten: (Actions::NONE, Objects::NONE),
            parts: VecDeque::new(),
            approved: VecDeque::new(),
            unread: 0,
        }
    }

    /// The label of all that was read so far: what a call that follows may carry.
    #[must_use]
    pub const fn label(&self) -> Label {
        self.label
    }

    /// How many bytes of parts were not read because they were beyond the limits.
    #[must_use]
    pub const fn unread(&self) -> u64 {
        self.unread
    }

    /// Whether nobody who may say what is done was heard: neither a user nor an operator. So it is where only the messages
    /// between a client and its tools are seen.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        self.turn == 0 && self.standing.is_empty() && self.said.len() == 0
    }

    /// How many hashes and passages are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        [
            self.said.len(),
            self.read.len(),
            self.wishes.len(),
            self.standing.len(),
            self.commands.len(),
            self.parts.len(),
            self.approved.len(),
        ]
        .iter()
        .fold(0, |sum, part| sum.saturating_add(*part))
    }

    pub(super) const fn key(&self) -> Key {
        self.key
    }

    /// Where a value was seen.
    pub(super) fn marks(&self, hash: u64) -> Marks {
        self.said.get(hash).or(self.read.get(hash))
    }

    /// What counts as asked for: the last messages of the user, or, where there is no user, the operator's words.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Ask> + Clone {
        let users = self.wishes.iter().map(|wish| &wish.ask);
        let standing = if self.turn == 0 {
            self.standing.len()
        } else {
            0
        };
        users.chain(self.standing.iter().take(standing))
    }

    /// Remembers that somebody who may approve has approved this very call.
    pub fn approve(&mut self, call: &super::call::Call<'_>) {
        let hash = self.call_hash(call);
        push(&mut self.approved, hash, 64);
    }

    /// Whether this very call was approved.
    #[must_use]
    pub fn is_approved(&self, call: &super::call::Call<'_>) -> bool {
        !self.approved.is_empty() && self.approved.contains(&self.call_hash(call))
    }

    fn call_hash(&self, call: &super::call::Call<'_>) -> u64 {
        let text = format!(
            "{}\u{0}{}\u{0}{}\u{0}{}",
            call.server.unwrap_or_default(),
            call.tool,
            call.identity.unwrap_or_default(),
            call.arguments
        );
        self.key.hash(text.as_bytes())
    }
}

/// Puts a value behind the others; gives back the first if there are too many.
fn push<T>(list: &mut VecDeque<T>, value: T, most: usize) -> Option<T> {
    list.push_back(value);
    (list.len() > most).then(|| list.pop_front()).flatten()
}
