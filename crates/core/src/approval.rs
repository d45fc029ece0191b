//! Questions that hold an interaction until somebody decides, and what was decided.
//!
//! A rule whose action is [`Action::Ask`](crate::traffic::Action::Ask) neither passes nor stops an interaction: a person or a
//! program does, within a time. A question tells who wants what and why; never words, unless its sender was told to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::traffic::Reason;

/// What is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// A request, before it goes on.
    #[default]
    Request,
    /// An answer, or the rest of one.
    Answer,
}

impl Held {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
        }
    }
}

/// A call of a tool that is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The tool.
    pub tool: String,
    /// What it would be given; only where that may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
}

/// What somebody has to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What names the question.
    pub id: String,
    /// What names the interaction: that of its receipt.
    pub interaction: String,
    /// Since when it waits.
    pub at: Timestamp,
    /// Until when.
    pub deadline: Timestamp,
    /// Whether it passes at the deadline if nobody answers; otherwise it is refused.
    pub passes_at_deadline: bool,
    /// What is held.
    pub held: Held,
    /// Who asked.
    pub identity: Option<String>,
    /// Which upstream it is for.
    pub upstream: String,
    /// What is asked for.
    pub operation: String,
    /// The model that is asked.
    pub model: Option<String>,
    /// The rules that ask, with how sure they are.
    pub reasons: Vec<Reason>,
    /// The calls of tools that it is about.
    pub calls: Vec<Call>,
}

/// What somebody says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it goes on.
    pub allow: bool,
    /// Who says so.
    pub by: String,
    /// Why, in their words.
    pub note: Option<String>,
    /// Whether the same of the same identity is decided alike for a while.
    pub remember: bool,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A person said so.
    Person,
    /// The webhook said so.
    Webhook,
    /// It was decided for the same identity, tools and rules not long before.
    Remembered,
    /// Nobody said anything in time.
    Deadline,
    /// Too many questions waited already.
    Full,
    /// Who waited for the answer went away.
    Withdrawn,
    /// New settings came, or the gateway was told to stop.
    Ended,
}

impl Way {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Webhook => "webhook",
            Self::Remembered => "remembered",
            Self::Deadline => "deadline",
            Self::Full => "full",
            Self::Withdrawn => "withdrawn",
            Self::Ended => "ended",
        }
    }
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The question.
    pub id: String,
    /// What was held.
    pub held: Held,
    /// Whether it went on.
    pub allowed: bool,
    /// How it ended.
    pub way: Way,
    /// Who decided, where anybody did.
    pub by: Option<String>,
    /// Why, in their words, or what kept the webhook from answering.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
    /// How long it waited, in milliseconds.
    pub waited_ms: u64,
    /// The rules that asked.
    pub rules: Vec<String>,
}

/// Why a decision was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The question does not wait: it was decided, it was withdrawn, or it never was.
    NotWaiting,
    /// The settings have decisions count once only.
    NotRemembered,
}

/// Where questions wait.
pub trait Desk: Send + Sync {
    /// Those that wait, the oldest first.
    fn waiting(&self) -> Vec<Question>;

    /// What became of the last ones, the newest first.
    fn decided(&self) -> Vec<(Question, Decided)>;

    /// Decides one. `way` is a person's or a program's.
    ///
    /// # Errors
    ///
    /// When it does not wait, or is to be remembered where nothing is.
    fn decide(&self, id: &str, way: Way, decision: Decision) -> Result<Question, NotTaken>;

    /// How long decisions may be remembered, in seconds; none where they are not.
    fn remembers(&self) -> Option<u64>;

    /// A number that is another one whenever a question came or went.
    fn version(&self) -> u64;
}
