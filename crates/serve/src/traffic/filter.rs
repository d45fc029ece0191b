//! Which interactions, as an address says it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use stance_core::traffic::{Action, Teller};
use stance_store::traffic::{SeenFilter, SeenQuery};

use super::span::Back;
use crate::error::ApiError;
use crate::findings::given;
use crate::http::cursor;

/// The query of a list of interactions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// `1h`, `24h`, `7d` or `30d`, in whole steps until now; of any time if neither it nor `from` is given.
    pub(super) span: String,
    /// Began at this time or later, RFC 3339.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) from: Option<Timestamp>,
    /// Began before this time, RFC 3339.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) to: Option<Timestamp>,
    /// One or several of `allow`, `flag`, `redact`, `ask`, `block`.
    pub(super) decision: Vec<String>,
    /// Id of a rule that had something to say.
    pub(super) rule: String,
    /// Who asked.
    pub(super) identity: String,
    /// The model that was asked for.
    pub(super) model: String,
    /// A tool that was called.
    pub(super) tool: String,
    /// What was done, such as `chat.completions`.
    pub(super) operation: String,
    /// `gateway`, `mcp_proxy` or `telemetry`.
    pub(super) teller: String,
    /// The upstream or the service.
    pub(super) place: String,
    /// What interactions belong together with.
    pub(super) session: String,
    /// A trace, in hexadecimal.
    pub(super) trace: String,
    /// The id that the provider gave its answer, such as `chatcmpl-…`.
    pub(super) answer: String,
    /// What names the interaction begins with this.
    pub(super) id: String,
    /// `true`: only those of which something could not be judged.
    pub(super) unjudged: bool,
    /// `true`: only those that went wrong.
    pub(super) failed: bool,
    /// Where the list goes on, as the slice before gave it.
    pub(super) after: String,
    /// How many at most, 1 to 1,000; 50 if not given.
    pub(super) limit: Option<usize>,
}

impl Filter {
    /// What the store is asked for.
    pub(super) fn query(&self, now: Timestamp) -> Result<SeenQuery, ApiError> {
        let from = match (self.from, self.span.as_str()) {
            (None, "") => None,
            (None, name) => Some(Back::named(name)?.until(now).from),
            (from, _) => from,
        };
        let limit = self.limit.unwrap_or(50);
        if !(1..=SeenQuery::MOST).contains(&limit) {
            return Err(ApiError::invalid("limit", "1 to 1,000"));
        }
        Ok(SeenQuery {
            filter: SeenFilter {
                from,
                to: self.to,
                decisions: decisions(&self.decision)?,
                rule: given(&self.rule),
                identity: given(&self.identity),
                model: given(&self.model),
                tool: given(&self.tool),
                operation: given(&self.operation),
                teller: teller(&self.teller)?,
                place: given(&self.place),
                session: given(&self.session),
                trace: given(&self.trace),
                answer: given(&self.answer),
                id: given(&self.id),
                unjudged: self.unjudged,
                failed: self.failed,
            },
            after: match self.after.as_str() {
                "" => None,
                text => Some(cursor::decode(text)?),
            },
            limit,
        })
    }

    /// Filters by a name that are set: key, what it is called, the name.
    pub(super) fn named(&self) -> Vec<(&'static str, &'static str, &str)> {
        [
            ("rule", "Rule", &self.rule),
            ("identity", "Identity", &self.identity),
            ("model", "Model", &self.model),
            ("tool", "Tool", &self.tool),
            ("operation", "Operation", &self.operation),
            ("place", "Place", &self.place),
            ("session", "Session", &self.session),
            ("trace", "Trace", &self.trace),
            ("answer", "Answer", &self.answer),
            ("id", "Id", &self.id),
        ]
        .into_iter()
        .filter(|(_, _, value)| !value.is_empty())
        .map(|(key, label, value)| (key, label, value.as_str()))
        .collect()
    }
}

fn decisions(names: &[String]) -> Result<Vec<Action>, ApiError> {
    names
        .iter()
        .map(|name| {
            Action::ALL
                .into_iter()
                .find(|action| action.name() == name)
                .ok_or_else(|| {
                    ApiError::invalid("decision", "one of allow, flag, redact, ask, block")
                })
        })
        .collect()
}

fn teller(name: &str) -> Result<Option<Teller>, ApiError> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = Teller::ALL.into_iter().find(|teller| teller.name() == name);
    known
        .map(Some)
        .ok_or_else(|| ApiError::invalid("teller", "one of gateway, mcp_proxy, telemetry"))
}
