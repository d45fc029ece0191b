//! What only the page of one interaction needs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::exchange::Unjudged;
use stance_core::traffic::{Piece, Reason, Seen};

/// What the columns of an interaction do not say.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    /// Where the key does not say it exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
    /// Where the column has the beginning of it, or less; in the order place, operation, identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    /// The model that was asked for, where the column does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    pub(super) answered: Answered,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) policy: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unjudged: Vec<Unjudged>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) unjudged_count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pieces: Vec<Piece>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) tools: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) calls: Vec<String>,
    pub(super) request_bytes: u64,
    pub(super) answer_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cached: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_byte_us: Option<u64>,
}

/// The model that answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answered {
    /// It is not known.
    #[default]
    Unknown,
    /// The one that was asked for.
    Same,
    /// It is known and none was asked for: the column has it.
    Alone,
    /// Another.
    Other(String),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The words of one piece, and which piece that is.
pub(super) type Words = Vec<(usize, String)>;

impl Detail {
    /// Of an interaction, without what its columns say.
    pub(super) fn of(seen: &Seen) -> Self {
        let answered = match (&seen.model, &seen.answered) {
            (_, None) => Answered::Unknown,
            (None, Some(_)) => Answered::Alone,
            (Some(asked), Some(answered)) if asked == answered => Answered::Same,
            (Some(_), Some(answered)) => Answered::Other(answered.clone()),
        };
        let mut pieces = seen.pieces.clone();
        for piece in &mut pieces {
            piece.text = None;
        }
        Self {
            said: seen.said,
            provider: seen.provider.clone(),
            agent: seen.agent.clone(),
            answer: seen.answer.clone(),
            session: seen.session.clone(),
            trace: seen.trace.clone(),
            answered,
            stream: seen.stream,
            policy: seen.policy.clone(),
            reasons: seen.reasons.clone(),
            unjudged: seen.unjudged.clone(),
            unjudged_count: seen.unjudged_count,
            pieces,
            tools: seen.tools,
            calls: seen.calls.clone(),
            request_bytes: seen.request_bytes,
            answer_bytes: seen.answer_bytes,
            cached: seen.usage.cached,
            reasoning: seen.usage.reasoning,
            error: seen.error.clone(),
            first_byte_us: seen.first_byte_us,
            ..Self::default()
        }
    }
}

/// The words of the pieces that have some.
pub(super) fn words(seen: &Seen) -> Words {
    let texts = seen.pieces.iter().enumerate();
    texts
        .filter_map(|(number, piece)| Some((number, piece.text.clone()?)))
        .collect()
}
