//! What a rule says about an asset.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::asset::AssetId;
use crate::digest::stable_id;
use crate::evidence::{Evidence, Locus};
use crate::severity::{Confidence, Severity};

/// A stable hash of rule, asset and place; a re-scan meets the same id again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingId(pub Box<str>);

impl FindingId {
    /// The id as 32 hexadecimal characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It stands and counts.
    Open,
    /// A waiver of the configuration accepts it.
    Accepted,
    /// A comment beside it allows it.
    Suppressed,
    /// A baseline recorded it before.
    Baseline,
}

impl Status {
    /// All statuses, open first.
    pub const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Suppressed, Self::Baseline];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Suppressed => "suppressed",
            Self::Baseline => "baseline",
        }
    }
}

/// One judgement, with its proof. It cannot be built without evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable over scans, see [`Finding::fingerprint`].
    pub id: FindingId,
    /// The rule that says so, `area/name`.
    pub rule: Cow<'static, str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The asset it is about.
    pub asset: AssetId,
    /// One sentence: what is wrong, with the names that matter.
    pub message: String,
    /// The first place and what was seen there; never missing.
    pub evidence: Evidence,
    /// Further places that belong to the same finding.
    pub more_evidence: Vec<Evidence>,
    /// What else was seen, one sentence each.
    pub notes: Vec<String>,
    /// What to do here, when it is more exact than the rule's own fix.
    pub fix: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Why it is not open: the reason of the waiver or comment.
    pub status_reason: Option<String>,
}

impl Finding {
    /// A finding at one place. The id is set by [`Finding::identify`] once all
    /// findings of a scan are known.
    #[must_use]
    pub fn new(
        rule: impl Into<Cow<'static, str>>,
        severity: Severity,
        asset: AssetId,
        evidence: Evidence,
        message: impl Into<String>,
    ) -> Self {
        Self {
            id: FindingId(Box::default()),
            rule: rule.into(),
            severity,
            confidence: Confidence::High,
            asset,
            message: message.into(),
            evidence,
            more_evidence: Vec::new(),
            notes: Vec::new(),
            fix: None,
            status: Status::Open,
            status_reason: None,
        }
    }

    /// What identifies the finding apart from its occurrence: rule, asset, path
    /// and what was seen, but not the line number, so that code moving up or
    /// down keeps its findings.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let place = match &self.evidence.locus {
            Locus::File => String::new(),
            Locus::Line { .. } => {
                // White space changes with the formatter; the words do not.
                let words: Vec<&str> = self.evidence.excerpt.split_whitespace().collect();
                words.join(" ")
            }
            Locus::Bytes { offset, .. } => format!("{offset}:{}", self.evidence.excerpt),
        };
        stable_id(&[
            &self.rule,
            self.asset.as_str(),
            &self.evidence.path,
            &place,
            &self.message,
        ])
    }

    /// Gives every finding its id. Findings with the same fingerprint (the same
    /// line twice in one file) are told apart by their order in the file.
    /// `findings` must be sorted by place for the ids to be stable.
    pub fn identify(findings: &mut [Self]) {
        let mut seen = std::collections::HashMap::<String, u32>::new();
        for finding in findings {
            let fingerprint = finding.fingerprint();
            let nth = seen.entry(fingerprint.clone()).or_insert(0);
            finding.id = FindingId(if *nth == 0 {
                fingerprint.into()
            } else {
                stable_id(&[&fingerprint, &nth.to_string()]).into()
            });
            *nth = nth.saturating_add(1);
        }
    }

    /// Whether it counts towards the exit code.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}
