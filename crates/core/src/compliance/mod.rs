//! How every control of every framework stands, from what rules found and people attested.
//!
//! | state | when |
//! |---|---|
//! | not applicable | somebody declared it so, with a reason |
//! | not met | a finding that counts is open under a rule that speaks of it, however old the scan is |
//! | partly | rules ran in a fresh scan and no such finding is open, but lesser ones are, or some are accepted, or none of the rules saw everything, or a source could not be looked at that one of them might have found something in |
//! | met | at least one rule that speaks of it ran over assets it applies to, in a fresh scan that left nothing out, nothing is open or accepted, and every source could be looked at that its rules might find something in |
//! | attested | rules say nothing now, but a person answers for it and the attestation holds |
//! | stale | the last scan that spoke of it is too old, or the attestation is over |
//! | no evidence | nothing of the above |
//!
//! No evidence is never a pass. A rule that ran but met no asset it applies to says nothing: that no pickle was met
//! does not show that pickles are handled well. A rule that is off, or whose scan left something out, does not undo
//! what another one shows; each is named in the reasons, so that `met` by one rule of twenty can be told from `met`
//! by all. An attestation fills in where rules say nothing; it never covers up what they found.

mod reason;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::control::{self, Control};
use crate::finding::Status;
use crate::severity::{Confidence, Severity};

pub use reason::Reason;

/// How a control stands; ordered, the best is the greatest, for those that rules or people speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Something that counts is open.
    NotMet,
    /// Nothing speaks of it.
    NoEvidence,
    /// What speaks of it is too old.
    Stale,
    /// Not all is well, or not all was seen.
    Partly,
    /// A person answers for it.
    Attested,
    /// Rules show it.
    Met,
    /// It does not concern this organisation.
    NotApplicable,
}

impl State {
    /// All states, in the order in which people are shown them.
    pub const ALL: [Self; 7] = [
        Self::Met,
        Self::Attested,
        Self::Partly,
        Self::NotMet,
        Self::Stale,
        Self::NoEvidence,
        Self::NotApplicable,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotMet => "not_met",
            Self::NoEvidence => "no_evidence",
            Self::Stale => "stale",
            Self::Partly => "partly",
            Self::Attested => "attested",
            Self::Met => "met",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotMet => "not met",
            Self::NoEvidence => "no evidence",
            Self::Stale => "stale",
            Self::Partly => "partly",
            Self::Attested => "attested",
            Self::Met => "met",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// What one rule shows: its last run over all sources, and its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEvidence {
    /// When it judged something last; if it never did, when it ran last. `None` if it never ran, or is off.
    pub last_run: Option<Timestamp>,
    /// How many facts, assets or files it judged then, good ones included.
    pub applied: u64,
    /// Whether those scans left nothing out.
    pub complete: bool,
    /// Open findings that count: medium or worse, and not merely a hint.
    pub failing: u64,
    /// Open findings of low severity, and hints.
    pub minor: u64,
    /// Findings that are accepted, allowed by a comment, or of a baseline. They are there.
    pub accepted: u64,
}

impl RuleEvidence {
    /// Counts one of its findings that is there. Informational ones ask for nothing and count nowhere.
    pub fn count(&mut self, severity: Severity, confidence: Confidence, status: Status) {
        let counter = match (status, severity, confidence) {
            (_, Severity::Info, _) => return,
            (Status::Accepted | Status::Suppressed | Status::Baseline, ..) => &mut self.accepted,
            (Status::Open, Severity::Low, _) | (Status::Open, _, Confidence::Low) => {
                &mut self.minor
            }
            (Status::Open, ..) => &mut self.failing,
        };
        *counter = counter.saturating_add(1);
    }

    /// Whether it met anything it applies to: only then its silence means something.
    const fn judged(&self) -> bool {
        self.last_run.is_some() && self.applied > 0
    }
}

/// A person's word that a control is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Who answers for it.
    pub by: String,
    /// The last day on which it holds, UTC.
    pub expires: Date,
}

/// A source that could not be looked at: what it would tell now is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its number.
    pub source: i64,
    /// What people call it.
    pub name: String,
    /// Since when looking at it fails; if nobody ever looked, since when it is there.
    pub since: Timestamp,
    /// When it was last looked at with success.
    pub scanned: Option<Timestamp>,
    /// Areas of rules that judge what it holds, by what they judged there before, or by what its kind can hold; `None`
    /// for any.
    pub areas: Option<std::collections::BTreeSet<String>>,
}

impl Missing {
    /// Whether this rule, `area/name`, might find something there.
    #[must_use]
    pub fn concerns(&self, rule: &str) -> bool {
        let area = rule.split('/').next().unwrap_or_default();
        self.areas.as_ref().is_none_or(|areas| areas.contains(area))
    }
}

/// Everything that the states of controls are made of.
#[derive(Clone, Debug, Default)]
pub struct Inputs<'a> {
    /// Which rule speaks of which control: `area/name` and `key:id`. A pair may come more than once.
    pub links: Vec<(&'a str, &'a str)>,
    /// What rules show, by `area/name`; one that is missing never ran.
    pub rules: BTreeMap<&'a str, RuleEvidence>,
    /// Sources that could not be looked at.
    pub missing: Vec<Missing>,
    /// What people attest, by `key:id`; of several, the one that holds longest should be here.
    pub attestations: BTreeMap<&'a str, Attestation>,
    /// Controls that do not concern this organisation, by `key:id`, with why.
    pub not_applicable: BTreeMap<&'a str, &'a str>,
}

/// For how many days a scan counts as fresh, unless somebody says otherwise.
pub const FRESH_DAYS: u16 = 30;

/// How one control stands, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlState {
    /// The control.
    pub control: &'static Control,
    /// How it stands.
    pub state: State,
    /// Why, what decides first.
    pub reasons: Vec<Reason>,
    /// How many rules speak of it.
    pub rules: usize,
    /// How many of them ran over assets they apply to, in a fresh scan.
    pub ran: usize,
    /// Open findings of these rules, without informational ones.
    pub open: u64,
}

/// The state of every control, in the order of [`control::controls`]. `fresh_days` says how old a scan may be to
/// still count. References to controls that do not exist have no effect.
#[must_use]
pub fn states(inputs: &Inputs<'_>, now: Timestamp, fresh_days: u16) -> Vec<ControlState> {
    let mut links: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (rule, reference) in &inputs.links {
        links.entry(reference).or_default().push(rule);
    }
    for rules in links.values_mut() {
        rules.sort_unstable();
        rules.dedup();
    }
    control::controls()
        .map(|control| {
            let reference = format!("{}:{}", control.framework, control.id);
            let rules = links.get(&*reference).map_or(&[][..], Vec::as_slice);
            state(control, &reference, rules, inputs, now, fresh_days)
        })
        .collect()
}

fn state(
    control: &'static Control,
    reference: &str,
    rules: &[&str],
    inputs: &Inputs<'_>,
    now: Timestamp,
    fresh_days: u16,
) -> ControlState {
    let mut seen = Seen::default();
    for rule in rules {
        let evidence = inputs.rules.get(rule).copied().unwrap_or_default();
        seen.add(rule, evidence, now, fresh_days);
    }
    for missing in &inputs.missing {
        if rules.iter().any(|rule| missing.concerns(rule)) {
            seen.missing = true;
            seen.reasons.push(Reason::unseen(missing));
        }
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    let attestation = inputs.attestations.get(reference);
    let state = if let Some(reason) = inputs.not_applicable.get(reference) {
        seen.reasons.insert(
            0,
            Reason::NotApplicable {
                reason: (*reason).to_owned(),
            },
        );
        State::NotApplicable
    } else if let Some(state) = seen.state() {
        if let Some(attestation) = attestation {
            seen.reasons.push(Reason::of(attestation, today));
        }
        state
    } else {
        match attestation {
            Some(attestation) => {
                seen.reasons.insert(0, Reason::of(attestation, today));
                if today > attestation.expires {
                    State::Stale
                } else {
                    State::Attested
                }
            }
            None if seen.old => State::Stale,
            None => State::NoEvidence,
        }
    };
    if rules.is_empty() {
        seen.reasons.push(Reason::NoRule);
    }
    // Stable: rules keep their order within a kind of reason.
    seen.reasons.sort_by_key(Reason::rank);
    ControlState {
        control,
        state,
        reasons: seen.reasons,
        rules: rules.len(),
        ran: seen.ran,
        open: seen.open,
    }
}

/// What the rules of one control show together.
#[derive(Default)]
struct Seen {
    reasons: Vec<Reason>,
    ran: usize,
    open: u64,
    failing: bool,
    /// Whether one of them ran in a fresh scan that left nothing out.
    complete: bool,
    /// Whether lesser findings are open, or some are accepted.
    blemished: bool,
    /// Whether one of them ran, but too long ago.
    old: bool,
    /// Whether a source could not be looked at that one of them might find something in.
    missing: bool,
}

impl Seen {
    fn add(&mut self, rule: &str, evidence: RuleEvidence, now: Timestamp, fresh_days: u16) {
        let rule = rule.to_owned();
        let RuleEvidence {
            failing,
            minor,
            accepted,
            ..
        } = evidence;
        self.open = self.open.saturating_add(failing).saturating_add(minor);
        self.failing |= failing > 0;
        self.blemished |= minor > 0 || accepted > 0;
        for (count, reason) in [
            (
                failing,
                Reason::Open {
                    rule: rule.clone(),
                    count: failing,
                },
            ),
            (
                minor,
                Reason::Minor {
                    rule: rule.clone(),
                    count: minor,
                },
            ),
            (
                accepted,
                Reason::Accepted {
                    rule: rule.clone(),
                    count: accepted,
                },
            ),
        ] {
            if count > 0 {
                self.reasons.push(reason);
            }
        }
        let Some(last_run) = evidence.last_run else {
            self.reasons.push(Reason::NotRun { rule });
            return;
        };
        if !evidence.judged() {
            self.reasons.push(Reason::NothingToJudge { rule });
            return;
        }
        let most = SignedDuration::from_hours(i64::from(fresh_days).saturating_mul(24));
        // A run in the future, by a clock that went back, is not old.
        if now.duration_since(last_run) > most {
            self.old = true;
            self.reasons.push(Reason::Old { rule, last_run });
            return;
        }
        self.ran = self.ran.saturating_add(1);
        if evidence.complete {
            self.complete = true;
            if failing == 0 && minor == 0 && accepted == 0 {
                self.reasons.push(Reason::Clean {
                    rule,
                    judged: evidence.applied,
                });
            }
        } else {
            self.reasons.push(Reason::Gaps { rule });
        }
    }

    /// What the rules say; `None` where they say nothing now.
    const fn state(&self) -> Option<State> {
        if self.failing {
            Some(State::NotMet)
        } else if self.ran == 0 {
            None
        } else if self.complete && !self.blemished && !self.missing {
            Some(State::Met)
        } else {
            Some(State::Partly)
        }
    }
}

/// How many controls of a framework are in each state; states without any are missing.
#[must_use]
pub fn summary<'a>(
    states: impl IntoIterator<Item = &'a ControlState>,
) -> BTreeMap<&'static str, BTreeMap<State, u64>> {
    let mut summary: BTreeMap<&'static str, BTreeMap<State, u64>> = BTreeMap::new();
    for it in states {
        let count = summary
            .entry(it.control.framework)
            .or_default()
            .entry(it.state)
            .or_default();
        *count = count.saturating_add(1);
    }
    summary
}

/// Controls met, and those with evidence (met, partly, not met, stale): what [`crate::kpi::Inputs::controls`] takes.
/// Attested ones count on neither side, for nothing but a word stands behind them.
#[must_use]
pub fn adherence<'a>(states: impl IntoIterator<Item = &'a ControlState>) -> (u64, u64) {
    let (mut met, mut evidenced) = (0_u64, 0_u64);
    for it in states {
        match it.state {
            State::Met => {
                met = met.saturating_add(1);
                evidenced = evidenced.saturating_add(1);
            }
            State::Partly | State::NotMet | State::Stale => {
                evidenced = evidenced.saturating_add(1);
            }
            State::Attested | State::NoEvidence | State::NotApplicable => {}
        }
    }
    (met, evidenced)
}
