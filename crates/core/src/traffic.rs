//! What is kept of an interaction once it is over: who did what with which model and tools, what was decided about it and
//! why. Never its words, unless whoever runs the service has switched on that they are kept.
//!
//! The gateway makes one of each exchange, the receiver of telemetry one of each interaction that it is told; the store
//! keeps them, and pages, figures and findings about run time are made of them.

mod measured;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use measured::{Measure, Measured};

use crate::exchange::{Origin, Unjudged, Usage};

/// What is done with an interaction; the later, the sterner.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It passes.
    #[default]
    Allow,
    /// It passes and is recorded.
    Flag,
    /// It passes without what was found.
    Redact,
    /// It waits until somebody agrees.
    Ask,
    /// It does not pass.
    Block,
}

impl Action {
    /// All of them, the mildest first.
    pub const ALL: [Self; 5] = [
        Self::Allow,
        Self::Flag,
        Self::Redact,
        Self::Ask,
        Self::Block,
    ];

    /// The name used in every output and in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Redact => "redact",
            Self::Ask => "ask",
            Self::Block => "block",
        }
    }

    /// Whether it keeps the interaction from going on by itself.
    #[must_use]
    pub const fn stops(self) -> bool {
        matches!(self, Self::Ask | Self::Block)
    }
}

/// How sure a rule is, in thousandths: 0 to 1000. Whole numbers have an order and equal themselves.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sureness(u16);

impl Sureness {
    /// As sure as can be.
    pub const FULL: Self = Self(1000);

    /// From a share of 0 to 1; what is no number counts as full, the careful side.
    #[must_use]
    pub fn of(share: f32) -> Self {
        if share.is_nan() {
            return Self::FULL;
        }
        Self((share.clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    /// As a share of 0 to 1.
    #[must_use]
    pub fn share(self) -> f32 {
        f32::from(self.0) / 1000.0
    }
}

/// Where evidence stands, without the text itself: a verdict may reach those who must not see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// JSON pointer of the string in its body.
    pub pointer: String,
    /// First byte in that string.
    pub start: u32,
    /// The byte behind the last one; equal to `start` where the whole string is meant.
    pub end: u32,
}

/// One rule that has something to say about an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// What the policy does about it.
    pub action: Action,
    /// The rule, as `area/name`.
    pub rule: String,
    /// How sure it is.
    pub score: Sureness,
    /// Where its evidence stands.
    pub places: Vec<Place>,
    /// One clause for people, without any of the matched text.
    pub note: String,
    /// Whether the rule could not judge, and this follows from its failure mode.
    #[serde(default)]
    pub failed: bool,
}

impl Reason {
    fn key(&self) -> impl Ord + '_ {
        (
            std::cmp::Reverse(self.action),
            std::cmp::Reverse(self.score),
            &self.rule,
            &self.places,
            &self.note,
            self.failed,
        )
    }
}

/// The sternest and surest first.
impl Ord for Reason {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Reason {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Who told about an interaction.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Teller {
    /// The gateway: it was in line, and what it decided was done.
    #[default]
    Gateway,
    /// The proxy in front of one MCP server.
    McpProxy,
    /// Telemetry: it was told afterwards, and nothing could be stopped.
    Telemetry,
}

impl Teller {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gateway, Self::McpProxy, Self::Telemetry];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::McpProxy => "mcp_proxy",
            Self::Telemetry => "telemetry",
        }
    }
}

/// One piece of an interaction, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Whose words.
    pub origin: Origin,
    /// Whether it belongs to what was asked, or to what was answered.
    pub answer: bool,
    /// Where it stands: the JSON pointer of its string, the one that a [`Place`] names.
    pub pointer: String,
    /// Which tool it is from, for or about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Which call of a tool it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// How many bytes of words.
    pub bytes: u64,
    /// The words, where they are kept; redacted as they went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An interaction that is over, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What names it for good: that of its receipt, or of its trace and span.
    pub id: String,
    /// When it began.
    pub at: Timestamp,
    /// When it began by the clock of whoever told, where that cannot be: `at` is then when it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Timestamp>,
    /// Who told.
    pub teller: Teller,
    /// The upstream of the gateway, or the service that sent telemetry.
    pub place: String,
    /// What was done: `chat.completions`, `execute_tool`.
    pub operation: String,
    /// Who serves the model, where it is known: `openai`, `aws.bedrock`.
    pub provider: Option<String>,
    /// Who asked.
    pub identity: Option<String>,
    /// What it belongs together with: a session, a conversation.
    pub session: Option<String>,
    /// Its trace, in hex, where telemetry tells one.
    pub trace: Option<String>,
    /// The agent that did it.
    pub agent: Option<String>,
    /// The model that was asked for.
    pub model: Option<String>,
    /// The model that answered.
    pub answered: Option<String>,
    /// The id that the provider gave its answer: the same for all who tell about it.
    #[serde(default)]
    pub answer: Option<String>,
    /// Whether the answer came as a stream.
    pub stream: bool,
    /// The status that the caller got, of HTTP.
    pub status: Option<u16>,
    /// What was decided.
    pub decision: Action,
    /// Why, the sternest first.
    pub reasons: Vec<Reason>,
    /// The version of the policy.
    pub policy: String,
    /// What could not be judged, up to sixteen.
    pub unjudged: Vec<Unjudged>,
    /// How much of that there was in all.
    pub unjudged_count: u64,
    /// The pieces of it, up to what the teller keeps.
    pub pieces: Vec<Piece>,
    /// How many tools the request offers.
    pub tools: u64,
    /// Tools that were called.
    pub calls: Vec<String>,
    /// Bytes of the request.
    pub request_bytes: u64,
    /// Bytes of the answer.
    pub answer_bytes: u64,
    /// Tokens, as the provider counts them.
    pub usage: Usage,
    /// What it cost, in millionths of a US dollar, where a price is known.
    pub cost: Option<u64>,
    /// What went wrong.
    pub error: Option<String>,
    /// Microseconds until the first byte of the answer.
    pub first_byte_us: Option<u64>,
    /// Microseconds until the last byte.
    pub total_us: Option<u64>,
    /// Microseconds of that which judging took.
    pub judging_us: Option<u64>,
}

/// What a gateway that stands alone tells a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Interactions before these that could not be told.
    #[serde(default)]
    pub dropped: u64,
    /// Interactions that are over.
    pub seen: Vec<Seen>,
}

impl Seen {
    /// With nothing known but what names it.
    #[must_use]
    pub fn new(id: impl Into<String>, at: Timestamp, teller: Teller) -> Self {
        Self {
            id: id.into(),
            at,
            said: None,
            teller,
            place: String::new(),
            operation: String::new(),
            provider: None,
            identity: None,
            session: None,
            trace: None,
            agent: None,
            model: None,
            answered: None,
            answer: None,
            stream: false,
            status: None,
            decision: Action::Allow,
            reasons: Vec::new(),
            policy: String::new(),
            unjudged: Vec::new(),
            unjudged_count: 0,
            pieces: Vec::new(),
            tools: 0,
            calls: Vec::new(),
            request_bytes: 0,
            answer_bytes: 0,
            usage: Usage::default(),
            cost: None,
            error: None,
            first_byte_us: None,
            total_us: None,
            judging_us: None,
        }
    }

    /// How far a clock may be ahead.
    const AHEAD: SignedDuration = SignedDuration::from_mins(10);

    /// Nothing began before this: 2015 in seconds since 1970, when no model was behind an interface.
    const EARLIEST: i64 = 1_420_070_400;

    /// Takes `now`, when it came, where the time with which it was told cannot be; that is then in `said`.
    pub fn hold_to_time(&mut self, now: Timestamp) {
        let latest = now.saturating_add(Self::AHEAD).unwrap_or(Timestamp::MAX);
        if self.at > latest || self.at.as_second() < Self::EARLIEST {
            self.said = Some(self.at);
            self.at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_cannot_be_is_marked_and_put_right() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let seen = |second| {
            let mut seen = Seen::new(
                "1",
                Timestamp::from_second(second).unwrap(),
                Teller::Telemetry,
            );
            seen.hold_to_time(now);
            (seen.at == now, seen.said.map(Timestamp::as_second))
        };
        assert_eq!(seen(1_795_000_599), (false, None));
        assert_eq!(seen(1_700_000_000), (false, None), "a log of years ago");
        for wrong in [0, -5, 1_795_000_601, 200_000_000_000] {
            assert_eq!(seen(wrong), (true, Some(wrong)));
        }
    }
}
