//! The estate: what all sources together know now, and what people decided about it.
//!
//! A scan of a source is folded into current state; what a source tells again changes nothing. The numbers here are the
//! ids in addresses: a number is never used twice.

mod assets;
mod attestations;
mod changes;
mod findings;
mod ingest;
mod inventory;
mod objectives;
mod page;
mod posture;
mod requests;
mod saved;
mod vendors;

use jiff::Timestamp;

pub use assets::{
    Approval, AssetCounts, AssetDetail, AssetEdit, AssetQuery, AssetRow, AssetSort, Neighbour,
    Neighbourhood, SightingRow,
};
pub use attestations::{Attestation, AttestationQuery, Attestations, Claim, NewAttestation};
pub use changes::{
    ChangeKind, ChangeQuery, ChangeRow, ChangeSort, ChangeState, Drift, ExpectedChange,
    NewExpectedChange,
};
pub use findings::{
    Decision, FindingDetail, FindingGroup, FindingGroups, FindingQuery, FindingRow, FindingSort,
    FindingState, GroupBy, States, Transition, Waiver,
};
pub use ingest::{Ingest, Ingested};
pub use inventory::{Direction, Extract, Inventory, SourceName, Tie, TieCount};
pub use objectives::{Aim, DayMeasure, MeasuredDay, Objectives, Redated};
pub use page::{Counted, Key, Position, Slice, Window};
pub use posture::{Movement, PosturePoint};
pub use requests::{Asked, Request, RequestState, Requests};
pub use saved::{MOST_SAVED, SavedView, SavedViews};
pub use vendors::{Standing, VendorUse, Vendors};

use crate::Result;

/// Makes a number of a row that cannot be taken for the number of another kind of row.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

numbers! {
    /// The number of a source.
    SourceNumber,
    /// The number of a look at a source.
    RunNumber,
    /// The number of an asset of the estate.
    AssetNumber,
    /// The number of a finding of the estate.
    FindingNumber,
    /// The number of a waiver.
    WaiverNumber,
    /// The number of a change.
    ChangeNumber,
    /// The number of a change that somebody announced.
    ExpectedNumber,
    /// The number of what somebody answers for.
    AttestationNumber,
}

/// Sums over the whole estate, exact at every moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Assets that some source sees, by kind; kinds without one are left out.
    pub assets: std::collections::BTreeMap<String, u64>,
    /// Open findings by severity, critical first.
    pub findings: [u64; 5],
    /// Changes that wait for a decision.
    pub changes: u64,
    /// The sums behind the score.
    pub totals: stance_core::score::Totals,
}

impl Tally {
    /// All assets that some source sees.
    #[must_use]
    pub fn all_assets(&self) -> u64 {
        self.assets.values().sum()
    }

    /// All open findings.
    #[must_use]
    pub fn all_findings(&self) -> u64 {
        self.findings.iter().sum()
    }
}

/// How the sources are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SourceHealth {
    /// Sources that are looked at.
    pub sources: u64,
    /// Those whose last run failed.
    pub failing: u64,
    /// Those at which nobody looked yet.
    pub unseen: u64,
    /// Runs under way.
    pub running: u64,
    /// When a source was last looked at with success.
    pub last_scan: Option<Timestamp>,
    /// Files that the last looks met, and those of them that were left out or not judged.
    pub files: u64,
    /// Files that were left out or not judged.
    pub left_out: u64,
}

/// Marks of what there is; the numbers mean nothing but that they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Of findings.
    pub findings: i64,
    /// Of assets.
    pub assets: i64,
    /// Of changes.
    pub changes: i64,
    /// Of sources and runs.
    pub sources: i64,
    /// Of the score.
    pub score: i64,
}

/// What all sources together know, and what people say of it.
pub trait Estate {
    /// Folds what a source tells now into the estate: assets, relations and findings appear, change, vanish; where the
    /// source differs from its approved state, changes wait for a decision. The first state of a source is its approved
    /// one. A run that is named becomes succeeded in the same transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or there is no such source; then nothing of it is taken in.
    fn ingest(&mut self, ingest: &Ingest<'_>) -> Result<Ingested>;

    /// Sums over the estate.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn tally(&self) -> Result<Tally>;

    /// How the score stood in a time, in about `most` points, the first of them from before it.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn posture(&self, since: Timestamp, until: Timestamp, most: u32) -> Result<Vec<PosturePoint>>;

    /// What moved the score most since a time, by asset.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn movements(&self, since: Timestamp, most: usize) -> Result<Vec<Movement>>;

    /// Marks of what there is, for those who watch: each is another one once something of its kind changed.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn pulse(&self) -> Result<Pulse>;

    /// How the sources are.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn health(&self) -> Result<SourceHealth>;

    /// What these rules show: their open and accepted findings, and what they judged in the last looks at all sources.
    /// `fresh` is how old a look may be to count while there is a newer one. Where a source does not tell what its
    /// rules judged, it is known only of those that found something, be it fixed since on an asset that is still there.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn rule_evidence(
        &self,
        rules: &[&str],
        fresh: Timestamp,
    ) -> Result<std::collections::BTreeMap<String, stance_core::compliance::RuleEvidence>>;

    /// Sources that are looked at and could not be the last time, or were not yet, in order of name; with the areas of
    /// rules that judge what is there: those that judged something in the last look, otherwise those of its kind.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn missing(&self) -> Result<Vec<stance_core::compliance::Missing>>;

    /// When somebody last looked, as [`Estate::visit`] tells it, without noting that they look.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn last_visit(&self, person: &str, now: Timestamp) -> Result<Option<Timestamp>>;

    /// Notes that somebody looks, and tells when they last did before; looks within half an hour are one.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn visit(&mut self, person: &str, now: Timestamp) -> Result<Option<Timestamp>>;

    /// One slice of the assets that fit.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn assets(&self, query: &AssetQuery, window: &Window) -> Result<Slice<AssetRow>>;

    /// How many assets fit, counted up to `most`, and not for long.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn count_assets(&self, query: &AssetQuery, most: u64) -> Result<Counted>;

    /// All that is known of an asset.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn asset(&self, asset: AssetNumber) -> Result<Option<AssetDetail>>;

    /// What an asset hangs together with, up to `depth` relations away and at most `most` assets, the nearest and
    /// riskiest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn neighbourhood(&self, asset: AssetNumber, depth: u32, most: usize) -> Result<Neighbourhood>;

    /// Sets what people say of some assets, and gives how many there were.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or one of them was edited since the revision that the edit names.
    fn edit_assets(
        &mut self,
        assets: &[AssetNumber],
        edit: &AssetEdit,
        decision: &Decision<'_>,
    ) -> Result<u64>;

    /// One slice of the findings that fit.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn findings(&self, query: &FindingQuery, window: &Window) -> Result<Slice<FindingRow>>;

    /// How many findings fit, counted up to `most`, and not for long.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn count_findings(&self, query: &FindingQuery, most: u64) -> Result<Counted>;

    /// The findings that fit, in groups, the worst first; at most `most` groups.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn finding_groups(
        &self,
        by: GroupBy,
        query: &FindingQuery,
        most: usize,
    ) -> Result<FindingGroups>;

    /// All that is known of a finding.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn finding(&self, finding: FindingNumber) -> Result<Option<FindingDetail>>;

    /// Gives findings to somebody, or to nobody.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn assign(
        &mut self,
        findings: &[FindingNumber],
        assignee: Option<&str>,
        decision: &Decision<'_>,
    ) -> Result<u64>;

    /// Says something about findings, for their history.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn comment(
        &mut self,
        findings: &[FindingNumber],
        text: &str,
        decision: &Decision<'_>,
    ) -> Result<u64>;

    /// Says that findings are wrong: they do not count while a scan tells the same. Gives how many were open.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn dismiss(
        &mut self,
        findings: &[FindingNumber],
        reason: &str,
        decision: &Decision<'_>,
    ) -> Result<u64>;

    /// Says that findings count again, whatever was decided before. Gives how many did not count.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn reopen(
        &mut self,
        findings: &[FindingNumber],
        reason: &str,
        decision: &Decision<'_>,
    ) -> Result<u64>;

    /// Asks to accept a risk until a time. The findings count until somebody else approves.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, none of the findings is open, or the time is past.
    fn request_waiver(
        &mut self,
        findings: &[FindingNumber],
        reason: &str,
        expires: Timestamp,
        decision: &Decision<'_>,
    ) -> Result<WaiverNumber>;

    /// One waiver.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn waiver(&self, waiver: WaiverNumber) -> Result<Option<Waiver>>;

    /// Waivers in a state, or all, the ones that end first in front.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn waivers(&self, state: Option<RequestState>, most: usize) -> Result<Vec<Waiver>>;
}
