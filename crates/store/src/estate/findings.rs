//! Findings of the estate, and what people decide about them.

use jiff::Timestamp;
use serde::Serialize;
use stance_core::{AssetKind, Confidence, Finding, Severity};

use super::{Asked, AssetNumber, FindingNumber, RunNumber, SourceNumber, WaiverNumber};

/// Where a finding of the estate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// It stands since it was first seen.
    Open,
    /// It was fixed, accepted or dismissed, and stands again.
    Reopened,
    /// Somebody accepted the risk, here or in the configuration of what was scanned.
    Accepted,
    /// Somebody said that it is wrong.
    FalsePositive,
    /// The last look did not see it.
    Fixed,
    /// Its source was removed: nobody looks any more, which is no repair.
    Gone,
}

impl FindingState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Reopened,
        Self::Accepted,
        Self::FalsePositive,
        Self::Fixed,
        Self::Gone,
    ];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reopened => "reopened",
            Self::Accepted => "accepted",
            Self::FalsePositive => "false_positive",
            Self::Fixed => "fixed",
            Self::Gone => "gone",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it counts.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Open | Self::Reopened)
    }
}

/// Which states a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum States {
    /// What counts: open and reopened.
    #[default]
    Counting,
    /// One state that does not count, or one of the two that do.
    Only(FindingState),
    /// Every state.
    All,
}

/// A finding as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// Its number.
    pub number: FindingNumber,
    /// The source that tells it.
    pub source: SourceNumber,
    /// What people call the source.
    pub source_name: String,
    /// Its id over the scans of that source.
    pub id: String,
    /// The rule, `area/name`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where it stands.
    pub state: FindingState,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The file.
    pub path: String,
    /// The line.
    pub line: Option<u32>,
    /// The asset.
    pub asset: AssetNumber,
    /// What people call the asset.
    pub asset_name: String,
    /// What the asset is.
    pub asset_kind: AssetKind,
    /// Who answers for the asset.
    pub owner: Option<String>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// When it has to be dealt with.
    pub due: Option<Timestamp>,
    /// The waiver that accepts it, or asks to.
    pub waiver: Option<WaiverNumber>,
    /// What the score would gain if it were fixed, in the units of `core::score`.
    pub gives_back: i64,
}

/// What a scan made of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// The state that began then.
    pub state: FindingState,
    /// The run that saw it.
    pub run: Option<RunNumber>,
}

/// All that is known of a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingDetail {
    /// What lists show.
    pub row: FindingRow,
    /// As it was last told.
    pub finding: Finding,
    /// When it was fixed.
    pub fixed: Option<Timestamp>,
    /// How often it came back.
    pub reopened: u64,
    /// The waiver that accepts it, or asks to.
    pub waiver: Option<Waiver>,
    /// What scans made of it, in order.
    pub transitions: Vec<Transition>,
}

/// A risk that is accepted, or that somebody asks to accept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// Its number.
    pub number: WaiverNumber,
    /// What was asked for, and what became of it.
    #[serde(flatten)]
    pub asked: Asked,
    /// For how many findings.
    pub findings: u64,
}

/// Which findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingQuery {
    /// Part of the message, path or rule, in any case.
    pub text: Option<String>,
    /// In which states.
    pub states: States,
    /// Of one of these severities; of any when there is none.
    pub severities: Vec<Severity>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of the rules of this area.
    pub area: Option<String>,
    /// About this asset.
    pub asset: Option<AssetNumber>,
    /// About assets of these kinds.
    pub kinds: Vec<AssetKind>,
    /// Told by this source.
    pub source: Option<SourceNumber>,
    /// About assets of this owner; `Some("")` is without one.
    pub owner: Option<String>,
    /// Given to this person; `Some("")` is given to nobody.
    pub assignee: Option<String>,
    /// Whose due date is before this time.
    pub due_before: Option<Timestamp>,
    /// First seen at this time or later.
    pub since: Option<Timestamp>,
    /// With this fix, by the key of a group.
    pub fix: Option<String>,
    /// Part of this waiver.
    pub waiver: Option<WaiverNumber>,
    /// In which order.
    pub sort: FindingSort,
}

/// Orders of a list of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindingSort {
    /// The worst first.
    #[default]
    Severity,
    /// What gives the score most back first.
    GivesBack,
    /// The newest first.
    FirstSeen,
    /// What is due first.
    Due,
}

/// What findings are put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The rule.
    Rule,
    /// The asset.
    Asset,
    /// Who answers for the asset.
    Owner,
    /// What has to be done: the fix.
    Fix,
}

/// Findings that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingGroup {
    /// What they have in common, as a filter takes it.
    pub key: String,
    /// The same for people.
    pub title: String,
    /// How many by severity, critical first.
    pub counts: [u64; 5],
    /// What the score would gain if all of them were fixed, at most.
    pub gives_back: i64,
}

/// Groups of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingGroups {
    /// The groups, the worst first.
    pub groups: Vec<FindingGroup>,
    /// Whether all findings that fit were counted: behind some filters, only the first 20,000 are.
    pub complete: bool,
}

/// Who decides, and when.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Their login, or the name of their token.
    pub actor: &'a str,
    /// When.
    pub at: Timestamp,
}
