//! The states of all controls, as the store knows them now.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::compliance::{
    self, ControlState, FRESH_DAYS, Inputs, Missing, RuleEvidence, State, states,
};
use stance_store::{Attestation, Attestations as _, Claim, Estate as _, SourceHealth, Sqlite};

use crate::draw::stack::Part;
use crate::error::ApiError;
use crate::people::People;

/// The states, and what they are made of.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) states: Vec<ControlState>,
    pub(crate) rules: BTreeMap<String, RuleEvidence>,
    /// What people answer for and somebody approved, by control; some of it may be over.
    pub(crate) attestations: BTreeMap<String, Attestation>,
    /// Sources that could not be looked at.
    pub(crate) missing: Vec<Missing>,
    /// How much the last looks met.
    pub(crate) looked: SourceHealth,
    pub(crate) people: People,
}

pub(super) fn worked_out(store: &Sqlite, now: Timestamp) -> Result<Standing, ApiError> {
    let links: Vec<(&str, &str)> = stance_rules::all()
        .flat_map(|entry| entry.meta.controls.iter().map(|it| (entry.meta.id, *it)))
        .collect();
    let ids: Vec<&str> = stance_rules::all().map(|entry| entry.meta.id).collect();
    let fresh = now - SignedDuration::from_hours(24 * i64::from(FRESH_DAYS));
    let rules = store.rule_evidence(&ids, fresh)?;
    let missing = store.missing()?;
    let looked = store.health()?;
    let people = People::all(store)?;
    let attestations: BTreeMap<String, Attestation> = store
        .standing_attestations()?
        .into_iter()
        .map(|it| (it.control.clone(), it))
        .collect();
    let mut inputs = Inputs {
        links,
        rules: rules.iter().map(|(id, it)| (id.as_str(), *it)).collect(),
        missing: missing.clone(),
        ..Inputs::default()
    };
    for (control, it) in &attestations {
        if it.claim == Claim::NotApplicable && it.asked.expires > now {
            inputs.not_applicable.insert(control, &it.asked.reason);
        } else {
            let said = compliance::Attestation {
                by: people.name(&it.asked.requester),
                expires: it.asked.expires.to_zoned(TimeZone::UTC).date(),
            };
            inputs.attestations.insert(control, said);
        }
    }
    Ok(Standing {
        states: states(&inputs, now, FRESH_DAYS),
        rules,
        missing,
        looked,
        attestations,
        people,
    })
}

/// How many controls are in a state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Count {
    /// The state: `not_met`.
    pub(crate) state: &'static str,
    /// How many.
    pub(crate) count: u64,
    #[serde(skip)]
    pub(crate) title: &'static str,
    #[serde(skip)]
    pub(crate) class: &'static str,
}

pub(super) fn counts(of: &BTreeMap<State, u64>) -> Vec<Count> {
    State::ALL
        .into_iter()
        .map(|state| Count {
            state: state.name(),
            count: of.get(&state).copied().unwrap_or_default(),
            title: state.title(),
            class: class(state),
        })
        .collect()
}

/// The class of the colour of a state.
pub(super) const fn class(state: State) -> &'static str {
    match state {
        State::NotMet => "not-met",
        State::NoEvidence => "no-evidence",
        State::Stale => "stale",
        State::Partly => "partly",
        State::Attested => "attested",
        State::Met => "met",
        State::NotApplicable => "not-applicable",
    }
}

pub(super) fn parts(counts: &[Count]) -> Vec<Part<'_>> {
    counts
        .iter()
        .map(|it| Part {
            class: it.class,
            label: it.title,
            count: it.count,
        })
        .collect()
}

/// A control with its state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// Framework and id, `owasp-llm-2025:LLM01`.
    pub(crate) reference: String,
    /// Its id in the framework.
    pub(crate) id: &'static str,
    /// Its title; empty where the text of the publisher is not free.
    pub(crate) title: &'static str,
    /// `met`, `attested`, `partly`, `not_met`, `stale`, `no_evidence` or `not_applicable`.
    pub(crate) state: &'static str,
    /// Why, what decides first.
    pub(crate) reasons: Vec<String>,
    /// How many rules speak of it.
    pub(crate) rules: usize,
    /// How many of them say something now.
    pub(crate) ran: usize,
    /// Open findings of these rules.
    pub(crate) open: u64,
    #[serde(skip)]
    pub(crate) state_title: &'static str,
}

impl Row {
    pub(super) fn of(it: &ControlState) -> Self {
        Self {
            reference: format!("{}:{}", it.control.framework, it.control.id),
            id: it.control.id,
            title: it.control.title,
            state: it.state.name(),
            reasons: it.reasons.iter().map(ToString::to_string).collect(),
            rules: it.rules,
            ran: it.ran,
            open: it.open,
            state_title: it.state.title(),
        }
    }

    /// Its page.
    pub(crate) fn href(&self) -> String {
        crate::parts::Address::new("/compliance/control")
            .with("id", &self.reference)
            .to_string()
    }

    /// What decides.
    pub(crate) fn why(&self) -> &str {
        self.reasons.first().map_or("", String::as_str)
    }
}
