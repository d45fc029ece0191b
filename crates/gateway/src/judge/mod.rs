//! Who decides about an exchange. The gateway carries; it does not judge.

pub mod classify;
mod guarded;

pub use guarded::{Guarded, Pins, PinsError, edit_pins, read_pins};

use std::collections::BTreeMap;

use stance_core::approval::Call;
use stance_core::exchange::Exchange;
use stance_core::traffic::{Action, Reason};
use stance_wire::{Channel, ChannelKey, Filter};

use crate::witness::Pieces;

/// What is known before the first byte of a body.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Who asks: the name of the virtual key.
    pub identity: Option<String>,
    /// Which upstream.
    pub upstream: String,
    /// Where that is, such as `https://api.openai.com`, where it is known.
    pub address: Option<String>,
    /// The agent or program that asks, where somebody tells which.
    pub agent: Option<String>,
    /// What is asked for.
    pub operation: String,
    /// What names the exchange for good.
    pub id: String,
    /// What the caller says that its exchanges belong together by.
    pub session: Option<String>,
}

/// What may happen now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ruling {
    /// It goes on.
    #[default]
    Pass,
    /// It does not. The words are for the caller, and never have words of the exchange.
    Refuse(String),
}

/// What is told in the receipt.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The sternest of the reasons.
    pub decision: Action,
    /// Why, without words of the exchange.
    pub reasons: Vec<Reason>,
    /// The version of the policy.
    pub policy: String,
    /// What a classifier of the user's own was asked, where there is one.
    pub classifier: Option<classify::Asked>,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ended {
    /// The status that the caller got.
    pub status: u16,
    /// What was used up.
    pub usage: stance_core::exchange::Usage,
}

/// What waits for somebody's decision.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// The rules that ask.
    pub reasons: Vec<Reason>,
    /// The calls of tools that it is about, with what they would be given.
    pub calls: Vec<Call>,
}

/// Makes what judges one exchange.
pub trait Judge: Send + Sync {
    /// Begins.
    fn begin(&self, subject: Subject) -> Box<dyn Interaction>;

    /// Whether this caller may call a tool at all, whatever with: one that it may not is not even offered. `holds` says whether
    /// somebody can be asked about the call.
    fn may_call(&self, subject: &Subject, tool: &str, holds: bool) -> bool {
        let _ = (subject, tool, holds);
        true
    }
}

/// Judges one exchange, from its request to the end of its answer.
pub trait Interaction: Send {
    /// Looks at a request as a whole, before anything of it is changed.
    fn request(&mut self, exchange: &Exchange) -> Ruling;

    /// What the texts of the request go through.
    fn asked(&mut self) -> &mut dyn Filter;

    /// What the texts of the answer go through.
    fn answer(&mut self) -> &mut dyn Filter;

    /// Looks at what the answer was as a whole; of a stream, when most of it is gone already.
    fn answered(&mut self, exchange: &Exchange) -> Ruling;

    /// Looks at the exchange once it is over, among all others: `at` in milliseconds since 1970, and how it ended.
    fn closed(&mut self, at: i64, ended: &Ended) {
        let _ = (at, ended);
    }

    /// Says that whoever carries this exchange can hold it: what a rule asks about then waits, and is told by
    /// [`Self::question`]. Without this, it is stopped as by a rule that blocks.
    fn can_hold(&mut self) {}

    /// What somebody has to decide before anything goes on. Asked after a request and an answer were looked at, and where a
    /// stream waits ([`Filter::waits`]).
    fn question(&self) -> Option<Open> {
        None
    }

    /// Takes what was decided about the question.
    fn decided(&mut self, allowed: bool) {
        let _ = allowed;
    }

    /// Why the answer was stopped, where it was; for the caller.
    fn refusal(&self) -> String;

    /// How words of the exchange are kept, where they are: without what policy hides.
    fn kept(&self, words: &str) -> String {
        words.to_owned()
    }

    /// For the receipt.
    fn told(&self) -> Told;
}

/// Lets everything pass as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Observe;

impl Judge for Observe {
    fn begin(&self, _: Subject) -> Box<dyn Interaction> {
        Box::new(Passing(stance_wire::Identity))
    }
}

struct Passing(stance_wire::Identity);

impl Interaction for Passing {
    fn request(&mut self, _: &Exchange) -> Ruling {
        Ruling::Pass
    }

    fn asked(&mut self) -> &mut dyn Filter {
        &mut self.0
    }

    fn answer(&mut self) -> &mut dyn Filter {
        &mut self.0
    }

    fn answered(&mut self, _: &Exchange) -> Ruling {
        Ruling::Pass
    }

    fn refusal(&self) -> String {
        "The answer was withheld by policy.".to_owned()
    }

    fn told(&self) -> Told {
        Told {
            decision: Action::Allow,
            ..Told::default()
        }
    }
}

/// Counts what passes through a filter, by whose words it is: what a receipt tells as looked at.
pub(crate) struct Counting<'f> {
    pub(crate) inner: &'f mut dyn Filter,
    pub(crate) counts: &'f mut Counts,
    /// Of a stream: where its pieces are gathered.
    pub(crate) pieces: Option<&'f mut Pieces>,
}

/// Most calls of one stream that are told.
const MOST_CALLS: usize = 64;

/// Bytes by whose words they are, and the tools that a stream calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) bytes: BTreeMap<&'static str, u64>,
    pub(crate) calls: BTreeMap<ChannelKey, String>,
}

impl Counts {
    fn add(&mut self, origin: &'static str, bytes: usize) {
        let count = self.bytes.entry(origin).or_default();
        *count = count.saturating_add(bytes as u64);
    }
}

impl Counting<'_> {
    fn gather(&mut self, channel: &Channel, came: usize, out: &str, before: usize) {
        if let Some(pieces) = &mut self.pieces {
            pieces.delta(channel, came, out.get(before..).unwrap_or_default());
        }
    }
}

impl Filter for Counting<'_> {
    fn part(&mut self, part: &stance_core::Part) -> Option<String> {
        self.counts.add(part.origin.name(), part.text.len());
        let changed = self.inner.part(part);
        if let Some(pieces) = &mut self.pieces {
            pieces.within(part, changed.as_deref());
        }
        changed
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        self.counts.add(channel.key.origin().name(), text.len());
        if let Some(tool) = &channel.tool
            && self.counts.calls.len() < MOST_CALLS
            && !self.counts.calls.contains_key(&channel.key)
        {
            self.counts.calls.insert(channel.key, tool.clone());
        }
        let before = out.len();
        self.inner.push(channel, text, out);
        self.gather(channel, text.len(), out, before);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        let before = out.len();
        self.inner.finish(channel, out);
        self.gather(channel, 0, out, before);
    }

    fn offered(&mut self, tools: &[stance_core::exchange::ToolDefinition]) {
        self.inner.offered(tools);
    }

    fn blocks(&self) -> bool {
        self.inner.blocks()
    }

    fn waits(&self) -> bool {
        self.inner.waits()
    }
}
