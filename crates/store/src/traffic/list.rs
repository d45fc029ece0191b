//! Interactions by filter, in slices.

use jiff::Timestamp;
use stance_core::traffic::{Action, Teller};

/// Which interactions; what is not set lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenFilter {
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// With one of these decisions; with any when it is empty.
    pub decisions: Vec<Action>,
    /// About which this rule had something to say.
    pub rule: Option<String>,
    /// Asked by.
    pub identity: Option<String>,
    /// The model that was asked for; the one that answered where none was.
    pub model: Option<String>,
    /// In which this tool was called.
    pub tool: Option<String>,
    /// What was done.
    pub operation: Option<String>,
    /// Who told.
    pub teller: Option<Teller>,
    /// The upstream or the service.
    pub place: Option<String>,
    /// Of this session.
    pub session: Option<String>,
    /// Of this trace.
    pub trace: Option<String>,
    /// With this id of the answer, the provider's.
    pub answer: Option<String>,
    /// What names it begins with this.
    pub id: Option<String>,
    /// Only those of which something could not be judged.
    pub unjudged: bool,
    /// Only those that went wrong.
    pub failed: bool,
}

/// Which slice of which interactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenQuery {
    /// Which.
    pub filter: SeenFilter,
    /// What comes behind this, a [`SeenRow::key`] or [`SeenSlice::next`]; from the newest when there is none.
    pub after: Option<i64>,
    /// How many at most; 1 to [`SeenQuery::MOST`].
    pub limit: usize,
}

impl SeenQuery {
    /// Most rows of one slice.
    pub const MOST: usize = 1_000;

    /// The newest of these.
    #[must_use]
    pub fn newest(filter: SeenFilter, limit: usize) -> Self {
        Self {
            filter,
            after: None,
            limit,
        }
    }
}

/// An interaction as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// Its place in the order of time.
    pub key: i64,
    /// What names it.
    pub id: String,
    /// When it began, to the millisecond.
    pub at: Timestamp,
    /// Who told.
    pub teller: Teller,
    /// What was decided.
    pub decision: Action,
    /// The upstream or the service.
    pub place: Option<String>,
    /// What was done.
    pub operation: Option<String>,
    /// Who asked.
    pub identity: Option<String>,
    /// The model that was asked for; the one that answered where none was.
    pub model: Option<String>,
    /// The rule of its first reason.
    pub rule: Option<String>,
    /// How many tools were called.
    pub calls: u64,
    /// How much could not be judged.
    pub unjudged: u64,
    /// The status that the caller got.
    pub status: Option<u16>,
    /// Whether it went wrong.
    pub failed: bool,
    /// Tokens of the request.
    pub tokens_in: Option<u64>,
    /// Tokens of the answer.
    pub tokens_out: Option<u64>,
    /// Millionths of a US dollar.
    pub cost: Option<u64>,
    /// Microseconds until the last byte.
    pub total_us: Option<u64>,
    /// Microseconds of that which judging took.
    pub judging_us: Option<u64>,
}

/// Some interactions, and where the next ones begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenSlice {
    /// The rows, the newest first.
    pub rows: Vec<SeenRow>,
    /// Where the next slice begins; nothing when there are no older ones.
    pub next: Option<i64>,
    /// Set where the slice is shorter than it was to be because enough was looked at: how far back that went. There may be
    /// more behind it, which the next slice finds.
    pub looked: Option<Timestamp>,
}
