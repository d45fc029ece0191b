//! The inventory beyond lists: what ties assets together, where they come from, and all of it to take along.

use serde::Serialize;
use stance_core::{Asset, AssetKind, Relation, RelationKind};

use super::{AssetNumber, AssetQuery, AssetRow, Slice, SourceNumber, Window};
use crate::Result;

/// Which way relations of an asset go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The asset acts upon others.
    Out,
    /// Others act upon the asset.
    In,
}

/// A relation of an asset, seen from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// What they have to do with each other.
    pub kind: RelationKind,
    /// The asset at the other end.
    pub other: AssetNumber,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub asset_kind: AssetKind,
    /// Whether any source sees it.
    pub present: bool,
    /// Where a source saw the relation: the file.
    pub path: String,
    /// The line.
    pub line: Option<u32>,
    /// How many sources see the relation.
    pub sources: u64,
}

/// How many relations of a kind an asset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TieCount {
    /// Which way they go.
    pub direction: Direction,
    /// What they are.
    pub kind: RelationKind,
    /// How many, each source counted by itself, up to [`TieCount::MOST`] over all kinds of a direction.
    pub count: u64,
}

impl TieCount {
    /// Relations are counted up to this.
    pub const MOST: u64 = 20_000;
}

/// Assets as they were told, with what ties them together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extract {
    /// The assets, each id once: what several sources see is merged, and what has the id of another asset in another
    /// source has the number of its source behind it.
    pub assets: Vec<Asset>,
    /// The relations between them.
    pub relations: Vec<Relation>,
    /// Whether these are all that fit.
    pub complete: bool,
}

/// A source, as filters name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceName {
    /// Its number.
    pub number: SourceNumber,
    /// What people call it.
    pub name: String,
    /// directory, git, bom, logs, host or push.
    pub kind: String,
}

/// What ties assets together, and words that filters take.
pub trait Inventory {
    /// One slice of the relations of an asset, of one kind or of all by kind.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn ties(
        &self,
        asset: AssetNumber,
        direction: Direction,
        kind: Option<RelationKind>,
        window: &Window,
    ) -> Result<Slice<Tie>>;

    /// How many relations an asset has, by direction and kind.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn tie_counts(&self, asset: AssetNumber) -> Result<Vec<TieCount>>;

    /// Assets of some kinds that are tied to one, but by being a dependency; the riskiest first, at most `most`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn tied(
        &self,
        asset: AssetNumber,
        kinds: &[AssetKind],
        most: usize,
    ) -> Result<Vec<(AssetRow, RelationKind, Direction)>>;

    /// Assets that fit as they were told, at most `most`, and the relations between them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn extract(&self, query: &AssetQuery, most: usize) -> Result<Extract>;

    /// Who answers for assets, in order, at most `most`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn owners(&self, most: usize) -> Result<Vec<String>>;

    /// Sources by name, those that hold a text in it, at most `most`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn source_names(&self, text: &str, most: usize) -> Result<Vec<SourceName>>;
}
