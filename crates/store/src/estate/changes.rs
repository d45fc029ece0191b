//! Drift: where sources differ from their approved state, and who says that this is right.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use stance_core::AssetKind;
use stance_core::drift::Effect;

use super::{
    Asked, AssetNumber, ChangeNumber, Counted, Decision, ExpectedNumber, FindingNumber, RunNumber,
    Slice, SourceNumber, Window,
};
use crate::Result;

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The asset was not there.
    Appeared,
    /// A field of it is another.
    Changed,
    /// It is gone.
    Vanished,
}

impl ChangeKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Appeared, Self::Changed, Self::Vanished];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Changed => "changed",
            Self::Vanished => "vanished",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It waits for a decision.
    Pending,
    /// Somebody approved it: it is part of the approved state.
    Approved,
    /// It was announced and approved before it was seen.
    Expected,
    /// It is no matter of security and became part of the approved state by itself.
    Noted,
    /// The source is as approved again.
    Undone,
    /// The field changed once more before anybody decided.
    Replaced,
}

impl ChangeState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Approved,
        Self::Expected,
        Self::Noted,
        Self::Undone,
        Self::Replaced,
    ];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Expected => "expected",
            Self::Noted => "noted",
            Self::Undone => "undone",
            Self::Replaced => "replaced",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// One field of one asset that is not as it was approved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeRow {
    /// Its number.
    pub number: ChangeNumber,
    /// The source that differs.
    pub source: SourceNumber,
    /// What people call the source.
    pub source_name: String,
    /// The asset.
    pub asset: AssetNumber,
    /// What people call the asset.
    pub asset_name: String,
    /// What the asset is.
    pub asset_kind: AssetKind,
    /// Who answers for the asset.
    pub owner: Option<String>,
    /// The run that saw it.
    pub run: Option<RunNumber>,
    /// When it was seen.
    pub at: Timestamp,
    /// What it is.
    pub kind: ChangeKind,
    /// The field, `asset` for the asset as a whole, or the name of a relation.
    pub field: String,
    /// The approved value.
    pub before: Option<Value>,
    /// The value that was seen.
    pub after: Option<Value>,
    /// What it does to the posture.
    pub effect: Effect,
    /// Whether it is a matter of security.
    pub security: bool,
    /// Why, in one clause.
    pub reason: String,
    /// What became of it.
    pub state: ChangeState,
    /// Who decided.
    pub actor: Option<String>,
    /// When.
    pub decided: Option<Timestamp>,
    /// What they said.
    pub note: Option<String>,
    /// The announcement that it fits.
    pub expected: Option<ExpectedNumber>,
    /// The finding that stands while nobody approves it.
    pub finding: Option<FindingNumber>,
}

/// Which changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeQuery {
    /// In this state; in any when there is none.
    pub state: Option<ChangeState>,
    /// With this effect.
    pub effect: Option<Effect>,
    /// Seen by this source.
    pub source: Option<SourceNumber>,
    /// Of this asset.
    pub asset: Option<AssetNumber>,
    /// Seen by this run.
    pub run: Option<RunNumber>,
    /// Only matters of security.
    pub security: bool,
    /// Seen at this time or later.
    pub since: Option<Timestamp>,
    /// In which order.
    pub sort: ChangeSort,
}

/// Orders of a list of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangeSort {
    /// The newest first: a timeline.
    #[default]
    Newest,
    /// What weakens first, then the newest.
    Effect,
}

/// A change that somebody announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExpectedChange {
    /// Of this source; of any when there is none.
    pub source: Option<SourceNumber>,
    /// Pattern over the id of the asset, with `*` and `?`.
    pub asset: String,
    /// The field, or `*`.
    pub field: String,
    /// Why.
    pub reason: String,
    /// From when.
    pub opens: Timestamp,
    /// Until when.
    pub closes: Timestamp,
}

/// A change that was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpectedChange {
    /// Its number.
    pub number: ExpectedNumber,
    /// Of this source; of any when there is none.
    pub source: Option<SourceNumber>,
    /// Pattern over the id of the asset.
    pub asset: String,
    /// The field, or `*`.
    pub field: String,
    /// What was announced, until when, and what became of it.
    #[serde(flatten)]
    pub asked: Asked,
    /// From when.
    pub opens: Timestamp,
    /// How many changes it met.
    pub met: u64,
}

/// Changes of configuration, and the approved states of sources.
pub trait Drift {
    /// One slice of the changes that fit.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn changes(&self, query: &ChangeQuery, window: &Window) -> Result<Slice<ChangeRow>>;

    /// How many changes fit, counted up to `most`, and not for long.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn count_changes(&self, query: &ChangeQuery, most: u64) -> Result<Counted>;

    /// One change.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn change(&self, change: ChangeNumber) -> Result<Option<ChangeRow>>;

    /// Makes changes part of the approved state of their sources, each by itself: what else differs goes on waiting.
    /// Gives how many waited.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn approve_changes(
        &mut self,
        changes: &[ChangeNumber],
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<u64>;

    /// Announces a change, for somebody else to approve.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or the announcement makes no sense.
    fn expect_change(
        &mut self,
        change: &NewExpectedChange,
        decision: &Decision<'_>,
    ) -> Result<ExpectedNumber>;

    /// Announced changes, the newest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn expected_changes(&self, most: usize) -> Result<Vec<ExpectedChange>>;
}
