//! Receipts: what every exchange leaves, whether it passed or not.
//!
//! A receipt never has words of the exchange. It tells who, when, which model and tools, what was decided by which rules and
//! policy, what was looked at and what was not, and how much and how long it was. Receipts are entries of a log whose form,
//! chain and checkpoints are those of the audit log, so `stance audit verify --log FILE` verifies them.

mod log;
mod resume;
mod writer;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use stance_core::approval::Decided;
use stance_core::exchange::{Unjudged, Usage};
use stance_core::traffic::{Action, Reason};
use stance_govern::audit::{Actor, ActorKind, NewEntry, Object};

pub use log::{Log, LogError, ORIGIN};

/// Most things that could not be judged that a receipt lists; how many there were in all stands beside them.
const MOST_UNJUDGED: usize = 16;

/// Most calls of tools that a receipt lists.
const MOST_CALLS: usize = 64;

/// Most questions that a receipt lists.
const MOST_ASKED: usize = 16;

/// Longest name of somebody else's in a receipt, in characters.
const NAME: usize = 200;

/// What an exchange leaves.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Receipt {
    /// What names it for good.
    #[serde(skip)]
    pub id: String,
    /// Who asked, by what tells most: `jwt:ISSUER#NAME`, `spiffe://…`, `cert:NAME`, or the name of the virtual key; none for a
    /// caller with a key of the provider.
    #[serde(skip)]
    pub identity: Option<String>,
    /// All that the caller proved: `key:NAME` beside the above.
    pub proven: Vec<String>,
    /// Which upstream was asked, and how often.
    pub upstream: String,
    /// How often it was asked, this time included.
    pub tries: u32,
    /// What was asked for: `chat.completions`.
    pub operation: String,
    /// The model that the request names, and the one that answered.
    pub model: Option<String>,
    /// The model that answered, where it says so.
    pub answered: Option<String>,
    /// Whether the answer came as a stream.
    pub stream: bool,
    /// The status that the caller got.
    pub status: u16,
    /// What was decided.
    pub decision: Action,
    /// Why: what the judge tells, without words of the exchange.
    pub reasons: Vec<Reason>,
    /// The version of the policy.
    pub policy: String,
    /// Which classifier of the user's own was asked, and about how many texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classifier: Option<crate::judge::classify::Asked>,
    /// What somebody was asked, and who decided what, when, and how long it waited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Decided>,
    /// Whose words were looked at, and how many bytes of each.
    pub scanned: Vec<Scanned>,
    /// What was there and could not be judged.
    pub unjudged: Vec<Unjudged>,
    /// How much of that there was in all.
    pub unjudged_count: u64,
    /// Tools that the request offers.
    pub tools: u64,
    /// Tools that the model calls.
    pub calls: Vec<String>,
    /// Bytes of the request as it came.
    pub request_bytes: u64,
    /// Bytes of the answer as it went on.
    pub answer_bytes: u64,
    /// Tokens, as the provider counts them.
    pub usage: Usage,
    /// Whether these are from the lengths of texts, because the provider did not tell all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// What that cost by the prices in the settings, in millionths of a US dollar; none where there is no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_microdollars: Option<u64>,
    /// Why the answer ended, in the provider's words.
    pub ended: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Microseconds from the first byte of the request to the first of the answer.
    pub first_byte_us: u64,
    /// Microseconds from the first byte of the request to the last of the answer.
    pub total_us: u64,
    /// Microseconds of that which judging took.
    pub judging_us: u64,
    /// Receipts before this one that could not be written.
    #[serde(skip_serializing_if = "is_zero")]
    pub lost_before: u64,
}

/// Whose words were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scanned {
    /// Whose.
    pub origin: &'static str,
    /// How many bytes.
    pub bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Receipt {
    /// Takes over what could not be judged, up to what a receipt lists.
    pub(crate) fn missed(&mut self, gaps: &[Unjudged]) {
        self.unjudged_count = self.unjudged_count.saturating_add(gaps.len() as u64);
        let room = MOST_UNJUDGED.saturating_sub(self.unjudged.len());
        self.unjudged.extend(gaps.iter().take(room).cloned());
    }

    /// Takes over what became of a question, up to what a receipt lists.
    pub(crate) fn decided(&mut self, decided: Decided) {
        if self.asked.len() < MOST_ASKED {
            self.asked.push(decided);
        }
    }

    /// Takes over that the model calls a tool.
    pub(crate) fn called(&mut self, tool: &str) {
        if self.calls.len() < MOST_CALLS {
            self.calls.push(short(tool));
        }
    }

    /// As an entry of the log.
    pub(crate) fn entry(&self, at: Timestamp) -> NewEntry {
        let detail =
            serde_json::to_value(self).unwrap_or_else(|error| json!({"error": error.to_string()}));
        let who = self.identity.as_deref().unwrap_or("anonymous");
        NewEntry {
            at,
            actor: Actor {
                kind: ActorKind::Token,
                id: who.to_owned(),
                name: who.to_owned(),
            },
            action: "interaction.judge".to_owned(),
            object: Object {
                kind: "interaction".to_owned(),
                id: self.id.clone(),
            },
            detail,
        }
    }
}

/// A name of somebody else's, cut to what a receipt holds.
pub(crate) fn short(name: &str) -> String {
    name.chars().take(NAME).collect()
}
