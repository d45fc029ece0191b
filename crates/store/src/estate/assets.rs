//! Assets of the estate: rows of lists, all that is known of one, and what people say of them.

use jiff::Timestamp;
use serde::Serialize;
use stance_core::{Asset, AssetKind, RelationKind};

use super::{AssetNumber, SourceNumber};

/// Whether the organisation wants an asset in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nobody said yet.
    #[default]
    Unreviewed,
    /// It is sanctioned.
    Approved,
    /// It is not to be used.
    Rejected,
}

impl Approval {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unreviewed, Self::Approved, Self::Rejected];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreviewed => "unreviewed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// Open findings of an asset by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AssetCounts {
    /// Critical ones.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
    /// Low ones.
    pub low: u64,
}

/// An asset as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetRow {
    /// Its number.
    pub number: AssetNumber,
    /// The source it belongs to; none for what is one thing everywhere.
    pub scope: Option<SourceNumber>,
    /// Its id inside that scope.
    pub id: String,
    /// What it is.
    pub kind: AssetKind,
    /// What people call it.
    pub name: String,
    /// The strongest way in which it is known.
    pub how: String,
    /// The most important part of a tree in which it was seen.
    pub part: String,
    /// Whether any source sees it.
    pub present: bool,
    /// How many sources see it.
    pub sightings: u64,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Where it runs.
    pub environment: String,
    /// How much depends on it.
    pub criticality: String,
    /// How sensitive what it holds or sees is.
    pub sensitivity: String,
    /// Whether it is wanted.
    pub approval: Approval,
    /// Its open findings.
    pub counts: AssetCounts,
    /// What it weighs in the score, in the units of `core::score`.
    pub importance: i64,
    /// What it takes from the score, in the same units.
    pub risk: i64,
    /// How often people edited it.
    pub revision: u64,
}

/// What one source sees of an asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SightingRow {
    /// The source.
    pub source: SourceNumber,
    /// What people call the source.
    pub source_name: String,
    /// Whether it still sees it.
    pub present: bool,
    /// When it first did.
    pub first_seen: Timestamp,
    /// When it last did.
    pub last_seen: Timestamp,
    /// The asset as this source tells it.
    pub asset: Asset,
}

/// All that is known of an asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetDetail {
    /// What lists show.
    pub row: AssetRow,
    /// Why it was approved or rejected.
    pub approval_reason: Option<String>,
    /// Each source's view, the freshest first; at most 50.
    pub sightings: Vec<SightingRow>,
}

/// How an asset of a neighbourhood hangs together with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// The asset that acts.
    pub from: AssetNumber,
    /// What they have to do with each other.
    pub kind: RelationKind,
    /// The asset acted upon.
    pub to: AssetNumber,
    /// Where one of the sources saw it: path, and line if there is one.
    pub path: String,
    /// The line.
    pub line: Option<u32>,
}

/// An asset and what is around it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbourhood {
    /// The assets, the one in the middle first, then by distance.
    pub assets: Vec<(AssetRow, u32)>,
    /// The relations between them.
    pub relations: Vec<Neighbour>,
    /// How many more there would have been.
    pub left_out: u64,
}

/// Which assets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetQuery {
    /// Part of the name or id, in any case.
    pub text: Option<String>,
    /// Of one of these kinds; of any when there is none.
    pub kinds: Vec<AssetKind>,
    /// Seen by this source.
    pub source: Option<SourceNumber>,
    /// Of this owner; `Some("")` is without one.
    pub owner: Option<String>,
    /// In one of these environments.
    pub environments: Vec<String>,
    /// Of one of these sensitivities.
    pub sensitivities: Vec<String>,
    /// Wanted or not.
    pub approval: Option<Approval>,
    /// With open findings of at least this severity (4 critical to 1 low).
    pub at_least: Option<u8>,
    /// In this part of trees: production, test, documentation.
    pub part: Option<String>,
    /// First seen at this time or later.
    pub since: Option<Timestamp>,
    /// Gone ones instead of present ones.
    pub gone: bool,
    /// In which order.
    pub sort: AssetSort,
}

/// Orders of a list of assets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssetSort {
    /// What takes most from the score first.
    #[default]
    Risk,
    /// By name.
    Name,
    /// The newest first.
    FirstSeen,
}

/// What people say of assets; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetEdit {
    /// Who answers for it; `Some(None)` gives the word back to the source.
    pub owner: Option<Option<String>>,
    /// What it is for.
    pub purpose: Option<Option<String>>,
    /// Where it runs; `Some(None)` gives the word back to the source.
    pub environment: Option<Option<String>>,
    /// How much depends on it.
    pub criticality: Option<String>,
    /// How sensitive what it holds is.
    pub sensitivity: Option<Option<String>>,
    /// Whether it is wanted, and why.
    pub approval: Option<(Approval, Option<String>)>,
    /// The revision that the editor saw; an edit of one asset that was edited since is refused.
    pub revision: Option<u64>,
}
