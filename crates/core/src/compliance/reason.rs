//! Why a control stands as it does.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{Attestation, Missing};

/// One reason, from one rule or person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// Somebody declared that it does not concern the organisation.
    NotApplicable {
        /// Why.
        reason: String,
    },
    /// Findings that count are open.
    Open {
        /// The rule.
        rule: String,
        /// How many.
        count: u64,
    },
    /// Findings of low severity, or hints, are open.
    Minor {
        /// The rule.
        rule: String,
        /// How many.
        count: u64,
    },
    /// Findings are accepted, allowed by a comment or of a baseline.
    Accepted {
        /// The rule.
        rule: String,
        /// How many.
        count: u64,
    },
    /// A source could not be looked at in which one of the rules might find something.
    Unseen {
        /// The number of the source.
        source: i64,
        /// What people call it.
        name: String,
        /// Since when looking at it fails; if nobody ever looked, since when it is there.
        since: Timestamp,
        /// When it was last looked at with success.
        scanned: Option<Timestamp>,
    },
    /// It ran, but the scan left something out.
    Gaps {
        /// The rule.
        rule: String,
    },
    /// It ran over everything it applies to and found nothing.
    Clean {
        /// The rule.
        rule: String,
        /// How many facts, assets or files it judged.
        judged: u64,
    },
    /// A person answers for it.
    Attested {
        /// Who.
        by: String,
        /// Until when.
        expires: Date,
    },
    /// A person answered for it, and the time is over.
    AttestationExpired {
        /// Who.
        by: String,
        /// Until when.
        expires: Date,
    },
    /// It ran too long ago.
    Old {
        /// The rule.
        rule: String,
        /// When.
        last_run: Timestamp,
    },
    /// It ran and met nothing it applies to.
    NothingToJudge {
        /// The rule.
        rule: String,
    },
    /// It never ran, or is off.
    NotRun {
        /// The rule.
        rule: String,
    },
    /// No rule speaks of it.
    NoRule,
}

impl Reason {
    pub(super) fn of(attestation: &Attestation, today: Date) -> Self {
        let (by, expires) = (attestation.by.clone(), attestation.expires);
        if today > expires {
            Self::AttestationExpired { by, expires }
        } else {
            Self::Attested { by, expires }
        }
    }

    pub(super) fn unseen(missing: &Missing) -> Self {
        Self::Unseen {
            source: missing.source,
            name: missing.name.clone(),
            since: missing.since,
            scanned: missing.scanned,
        }
    }

    /// What decides goes first.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::NotApplicable { .. } => 0,
            Self::Open { .. } => 1,
            Self::Minor { .. } => 2,
            Self::Accepted { .. } => 3,
            Self::Unseen { .. } | Self::Gaps { .. } => 4,
            Self::Clean { .. } => 5,
            Self::Attested { .. } | Self::AttestationExpired { .. } => 6,
            Self::Old { .. } => 7,
            Self::NothingToJudge { .. } => 8,
            Self::NotRun { .. } => 9,
            Self::NoRule => 10,
        }
    }
}

impl fmt::Display for Reason {
    /// One clause without a period.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |count: &u64| if *count == 1 { "finding" } else { "findings" };
        match self {
            Self::NotApplicable { reason } => write!(f, "declared not applicable: {reason}"),
            Self::Open { rule, count } => write!(f, "{count} open {} of {rule}", many(count)),
            Self::Minor { rule, count } => {
                write!(f, "{count} open minor {} of {rule}", many(count))
            }
            Self::Accepted { rule, count } => {
                write!(f, "{count} accepted {} of {rule}", many(count))
            }
            Self::Unseen {
                name,
                since,
                scanned: Some(_),
                ..
            } => write!(f, "{name} could not be looked at since {since:.0}"),
            Self::Unseen { name, since, .. } => {
                write!(f, "{name}, added {since:.0}, was never looked at")
            }
            Self::Gaps { rule } => write!(f, "{rule} ran in a scan that left something out"),
            Self::Clean { rule, judged: 1 } => write!(f, "{rule} judged 1 thing and found nothing"),
            Self::Clean { rule, judged } => {
                write!(f, "{rule} judged {judged} things and found nothing")
            }
            Self::Attested { by, expires } => write!(f, "attested by {by} until {expires}"),
            Self::AttestationExpired { by, expires } => {
                write!(f, "the attestation by {by} expired on {expires}")
            }
            Self::Old { rule, last_run } => {
                write!(f, "{rule} judged something last on {last_run:.0}")
            }
            Self::NothingToJudge { rule } => write!(f, "{rule} met nothing it applies to"),
            Self::NotRun { rule } => write!(f, "{rule} did not run"),
            Self::NoRule => f.write_str("no rule speaks of it"),
        }
    }
}
