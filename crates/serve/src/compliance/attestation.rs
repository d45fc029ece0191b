//! What somebody answers for, as pages and programs see it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::control;
use stance_store::{Attestation, AttestationState, Claim};

use crate::ask::Ask;
use crate::auth::Permission;
use crate::parts::Address;
use crate::people::People;
use crate::rule::control_text;

/// A person's word about a control.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AttestationView {
    /// Its number.
    pub(crate) number: i64,
    /// The control, `framework:id`.
    pub(crate) control: String,
    /// `met` or `not_applicable`.
    pub(crate) claim: &'static str,
    /// Why.
    pub(crate) reason: String,
    /// Address of what proves it.
    pub(crate) evidence: Option<String>,
    /// Who says so.
    pub(crate) requester: String,
    /// When they said it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) requested: Timestamp,
    /// Until when it holds.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) expires: Timestamp,
    /// requested, approved, rejected or withdrawn.
    pub(crate) state: &'static str,
    /// Whether its time is over.
    pub(crate) over: bool,
    /// Who approved, refused or took it back.
    pub(crate) decider: Option<String>,
    /// When.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) decided: Option<Timestamp>,
    /// What they said.
    pub(crate) note: Option<String>,
    #[serde(skip)]
    pub(crate) may_approve: bool,
    #[serde(skip)]
    pub(crate) may_end: bool,
}

impl AttestationView {
    /// An attestation as whoever asks may deal with it.
    pub(super) fn of(it: Attestation, people: &People, ask: &Asking) -> Self {
        let own = it.requester == ask.actor;
        let over = it.expires <= ask.now;
        let waits = it.state == AttestationState::Requested;
        let holds = it.state == AttestationState::Approved && !over;
        Self {
            number: it.number.0,
            claim: it.claim.name(),
            reason: it.reason,
            evidence: it.evidence,
            requester: people.name(&it.requester),
            requested: it.requested,
            expires: it.expires,
            state: it.state.name(),
            over,
            decider: it.decider.map(|name| people.name(&name)),
            decided: it.decided,
            note: it.note,
            may_approve: waits && !over && ask.may_approve && !own,
            may_end: (waits || holds) && (own || ask.may_approve),
            control: it.control,
        }
    }

    /// Whether it waits for a decision.
    pub(crate) fn waits(&self) -> bool {
        self.state == AttestationState::Requested.name()
    }

    /// What is said, in words.
    pub(crate) fn says(&self) -> &'static str {
        match Claim::named(self.claim) {
            Some(Claim::NotApplicable) => "not applicable",
            _ => "met",
        }
    }

    /// Where it stands, in words.
    pub(crate) fn stands(&self) -> &'static str {
        match AttestationState::named(self.state) {
            Some(AttestationState::Approved) if self.over => "stale",
            Some(AttestationState::Approved) => "attested",
            Some(AttestationState::Rejected) => "rejected",
            Some(AttestationState::Withdrawn) => "withdrawn",
            _ => "requested",
        }
    }

    /// The page of its control.
    pub(crate) fn href(&self) -> String {
        Address::new("/compliance/control")
            .with("id", &self.control)
            .to_string()
    }

    /// Framework and id of its control for people, with its title.
    pub(crate) fn about(&self) -> String {
        let text = control_text(&self.control);
        let title = control::find(&self.control).map_or("", |it| it.title);
        format!("{} {title}", text.label).trim().to_owned()
    }
}

/// Who asks, and when.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    pub(super) actor: String,
    pub(super) now: Timestamp,
    pub(super) may_attest: bool,
    pub(super) may_approve: bool,
}

impl Asking {
    pub(super) fn of(ask: &Ask) -> Self {
        Self {
            actor: ask.who.name(),
            now: ask.now,
            may_attest: ask.who.may(Permission::FindingsTriage),
            may_approve: ask.who.may(Permission::DecisionsApprove),
        }
    }
}
