//! What was asked for, as pages and programs see it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::{Asked, Request, RequestState};

use super::day;
use crate::ask::Ask;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::parts::Address;
use crate::people::People;

/// Who asks, and when.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) actor: String,
    pub(crate) now: Timestamp,
    pub(crate) may_ask: bool,
    pub(crate) may_approve: bool,
}

impl Asking {
    pub(crate) fn of(ask: &Ask) -> Self {
        Self {
            actor: ask.who.name(),
            now: ask.now,
            may_ask: ask.who.may(Permission::FindingsTriage),
            may_approve: ask.who.may(Permission::DecisionsApprove),
        }
    }
}

/// What somebody asks for, who decided, and what comes after it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AskedView {
    /// Its number.
    pub(crate) number: i64,
    /// requested, approved, rejected, withdrawn, lapsed (its last day passed before anybody decided) or, of waivers,
    /// expired.
    pub(crate) state: &'static str,
    /// Why.
    pub(crate) reason: String,
    /// Who asks.
    pub(crate) requester: String,
    /// When.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) requested: Option<Timestamp>,
    /// Until when it holds.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) expires: Timestamp,
    /// Whether that is past.
    pub(crate) over: bool,
    /// Who approved, refused or took it back.
    pub(crate) decider: Option<String>,
    /// When; for what lapsed, when that was noticed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) decided: Option<Timestamp>,
    /// What they said.
    pub(crate) note: Option<String>,
    /// The number of the one that this one asks for again.
    pub(crate) renews: Option<i64>,
    /// The number of the one that asks for this one again.
    pub(crate) renewed: Option<i64>,
    #[serde(skip)]
    pub(crate) own: bool,
    #[serde(skip)]
    pub(crate) may_approve: bool,
    #[serde(skip)]
    pub(crate) may_end: bool,
    #[serde(skip)]
    pub(crate) may_renew: bool,
    /// Where it is decided, and the day until which it would usually be asked for again.
    #[serde(skip)]
    pub(crate) base: String,
    #[serde(skip)]
    pub(crate) usually: String,
}

impl AskedView {
    /// A request as whoever asks may deal with it.
    pub(crate) fn of(
        request: impl Into<Request>,
        it: Asked,
        people: &People,
        asking: &Asking,
    ) -> Self {
        let request = request.into();
        let own = it.requester == asking.actor;
        let over = it.expires <= asking.now;
        let waits = it.state == RequestState::Requested;
        let (base, days) = match request {
            Request::Waiver(_) => ("/waivers", 90),
            Request::Attestation(_) => ("/compliance/attestations", 365),
            Request::Expected(_) => ("/changes/expected", 7),
        };
        let again = match it.state {
            RequestState::Lapsed | RequestState::Expired => true,
            RequestState::Requested => own,
            RequestState::Approved => matches!(request, Request::Attestation(_)),
            RequestState::Rejected | RequestState::Withdrawn => false,
        };
        Self {
            number: request.number(),
            state: it.state.name(),
            reason: it.reason,
            requester: people.name(&it.requester),
            requested: it.requested,
            expires: it.expires,
            over,
            decider: it.decider.map(|name| people.name(&name)),
            decided: it.decided,
            note: it.note,
            renews: it.renews,
            own,
            may_approve: waits && !over && asking.may_approve && !own,
            may_end: waits && (own || asking.may_approve),
            may_renew: again && asking.may_ask && it.renewed.is_none(),
            renewed: it.renewed,
            base: format!("{base}/{}", request.number()),
            usually: day::after(asking.now, days),
        }
    }

    /// Whether it waits for a decision.
    pub(crate) fn waits(&self) -> bool {
        self.state == RequestState::Requested.name()
    }

    /// Whether its last day passed before anybody decided.
    pub(crate) fn lapsed(&self) -> bool {
        self.state == RequestState::Lapsed.name()
    }

    /// What tells its fields from those of others on the page.
    pub(crate) fn mark(&self) -> String {
        format!("-{}", self.number)
    }
}

/// The state that a filter names; none where it is empty.
pub(crate) fn state(name: &str) -> Result<Option<RequestState>, ApiError> {
    if name.is_empty() {
        return Ok(None);
    }
    RequestState::named(name)
        .map(Some)
        .ok_or_else(|| ApiError::invalid("state", "no such state"))
}

/// Links to all of a list and to each of some states: label, address, whether it is shown.
pub(crate) fn tabs(
    address: &Address,
    states: &[(RequestState, &'static str)],
) -> Vec<(&'static str, String, bool)> {
    let all = address.without("state").to_string();
    std::iter::once(("All", all, address.get("state").is_empty()))
        .chain(states.iter().map(|(state, label)| {
            let name = state.name();
            let to = address.with("state", name).to_string();
            (*label, to, address.has("state", name))
        }))
        .collect()
}
