//! An interaction as lists show it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::{Action, Teller};
use stance_store::traffic::SeenRow;

use super::figures::{micros_if, said};
use crate::format;

/// An interaction as lists show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Item {
    /// What names it.
    pub(crate) id: String,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) at: Timestamp,
    /// Who told: `gateway`, `mcp_proxy` or `telemetry`.
    pub(crate) teller: &'static str,
    /// `allow`, `flag`, `redact`, `ask` or `block`.
    pub(crate) decision: &'static str,
    /// The upstream or the service.
    pub(crate) place: Option<String>,
    /// What was done.
    pub(crate) operation: Option<String>,
    /// Who asked.
    pub(crate) identity: Option<String>,
    /// The model that was asked for; the one that answered where none was.
    pub(crate) model: Option<String>,
    /// The rule of the sternest reason.
    pub(crate) rule: Option<String>,
    /// How many tools were called.
    pub(crate) calls: u64,
    /// How much could not be judged.
    pub(crate) unjudged: u64,
    /// The status that the caller got.
    pub(crate) status: Option<u16>,
    /// Whether it went wrong.
    pub(crate) failed: bool,
    /// Tokens of the request.
    pub(crate) tokens_in: Option<u64>,
    /// Tokens of the answer.
    pub(crate) tokens_out: Option<u64>,
    /// Millionths of a US dollar, where the price is known.
    pub(crate) cost: Option<u64>,
    /// Microseconds until the last byte.
    pub(crate) total_us: Option<u64>,
    /// Microseconds of that which judging took.
    pub(crate) judging_us: Option<u64>,
    #[serde(skip)]
    action: Action,
}

impl Item {
    pub(crate) fn of(row: SeenRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            teller: row.teller.name(),
            decision: row.decision.name(),
            place: row.place,
            operation: row.operation,
            identity: row.identity,
            model: row.model,
            rule: row.rule,
            calls: row.calls,
            unjudged: row.unjudged,
            status: row.status,
            failed: row.failed,
            tokens_in: row.tokens_in,
            tokens_out: row.tokens_out,
            cost: row.cost,
            total_us: row.total_us,
            judging_us: row.judging_us,
            action: row.decision,
        }
    }

    /// Its page.
    pub(crate) fn href(&self) -> String {
        href(&self.id)
    }

    /// What was decided, in a word.
    pub(crate) fn said(&self) -> &'static str {
        said(self.action)
    }

    /// Tokens of both ways, in words.
    pub(super) fn tokens(&self) -> String {
        match (self.tokens_in, self.tokens_out) {
            (None, None) => "–".to_owned(),
            (tokens_in, tokens_out) => {
                let all = tokens_in
                    .unwrap_or_default()
                    .saturating_add(tokens_out.unwrap_or_default());
                format::compact(all)
            }
        }
    }

    /// How long it took, in words.
    pub(super) fn took(&self) -> String {
        micros_if(self.total_us)
    }

    /// What was done with what: `chat.completions at openai`.
    pub(crate) fn what(&self) -> String {
        match (&self.operation, &self.place) {
            (Some(operation), Some(place)) => format!("{operation} at {place}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "not told".to_owned(),
        }
    }
}

/// The page of an interaction.
pub(crate) fn href(id: &str) -> String {
    // Ids of traces may hold anything; what would end the path or the segment is written out.
    let mut path = "/traffic/interactions/".to_owned();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

/// What people call whoever told.
pub(super) fn told_by(teller: Teller) -> &'static str {
    match teller {
        Teller::Gateway => "the gateway, in line: what was decided was done",
        Teller::McpProxy => "the proxy of an MCP server, in line: what was decided was done",
        Teller::Telemetry => "telemetry, afterwards: nothing could be stopped",
    }
}
