//! Figures of spans of time.

use jiff::Timestamp;
use stance_core::traffic::Action;

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment behind its last.
    pub to: Timestamp,
}

impl Span {
    /// Most steps of one span.
    pub const STEPS: usize = 1_500;

    /// Its ends in seconds since 1970, widened to multiples of `seconds`; the end is not before the beginning.
    #[must_use]
    pub fn seconds(self, seconds: i64) -> (i64, i64) {
        let from = self.from.as_second().div_euclid(seconds);
        let millis = self.to.as_millisecond();
        let to =
            millis.div_euclid(seconds * 1000) + i64::from(millis.rem_euclid(seconds * 1000) > 0);
        (from * seconds, to.max(from) * seconds)
    }
}

/// How long the steps of a span are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many minutes; minutes are kept for two days.
    Minutes(u16),
    /// So many hours.
    Hours(u16),
    /// So many days, of UTC.
    Days(u16),
}

impl Step {
    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minutes(count) => 60 * i64::from(count.max(1)),
            Self::Hours(count) => 3_600 * i64::from(count.max(1)),
            Self::Days(count) => 86_400 * i64::from(count.max(1)),
        }
    }
}

/// By what interactions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Who asked.
    Identity,
    /// The model that was asked for; the one that answered where none was.
    Model,
    /// Tools that were called.
    Tool,
    /// Rules that had something to say.
    Rule,
    /// Upstreams and services.
    Place,
    /// What was done.
    Operation,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::Model,
        Self::Tool,
        Self::Rule,
        Self::Place,
        Self::Operation,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Model => "model",
            Self::Tool => "tool",
            Self::Rule => "rule",
            Self::Place => "place",
            Self::Operation => "operation",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Interactions.
    pub requests: u64,
    /// Of these, flagged.
    pub flagged: u64,
    /// Redacted.
    pub redacted: u64,
    /// Held until somebody agrees.
    pub asked: u64,
    /// Blocked.
    pub blocked: u64,
    /// Of which something could not be judged.
    pub unjudged: u64,
    /// That went wrong.
    pub failed: u64,
    /// Tokens of requests.
    pub tokens_in: u64,
    /// Tokens of answers.
    pub tokens_out: u64,
    /// Millionths of a US dollar, of those with a known price.
    pub cost: u64,
    /// With tokens and without a known price.
    pub unpriced: u64,
    /// Bytes of requests.
    pub request_bytes: u64,
    /// Bytes of answers.
    pub answer_bytes: u64,
    /// When the first one began.
    pub first: Option<Timestamp>,
    /// When the last one began.
    pub last: Option<Timestamp>,
}

impl Sums {
    /// How many ended with a decision.
    #[must_use]
    pub fn decided(&self, action: Action) -> u64 {
        match action {
            Action::Allow => {
                let others = self.flagged + self.redacted + self.asked + self.blocked;
                self.requests.saturating_sub(others)
            }
            Action::Flag => self.flagged,
            Action::Redact => self.redacted,
            Action::Ask => self.asked,
            Action::Block => self.blocked,
        }
    }

    /// How many did not go on by themselves.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        self.asked + self.blocked
    }

    /// Tokens of both ways.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.tokens_in.saturating_add(self.tokens_out)
    }
}

/// How long something took, in microseconds; off by at most 7 %. Nothing where nothing told it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// How many told it.
    pub count: u64,
    /// Half took at most this.
    pub p50: Option<u64>,
    /// 95 of 100.
    pub p95: Option<u64>,
    /// 99 of 100.
    pub p99: Option<u64>,
}

/// The figures of one step of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrafficStep {
    /// The moments that it counts.
    pub span: Span,
    /// What was counted.
    pub sums: Sums,
    /// How long judging took.
    pub judging: Latency,
    /// How long interactions took.
    pub total: Latency,
    /// How long the first byte of the answer took.
    pub first_byte: Latency,
}

/// The figures of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The name; nothing for what is beyond those that are counted one by one.
    pub name: Option<String>,
    /// What was counted.
    pub sums: Sums,
}
