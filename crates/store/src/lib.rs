//! The only door to the database.
//!
//! [`Store`] says what the product wants to do, never how: one method for each
//! intent, each of them whole or not at all. [`Sqlite`] does it in one file.

pub mod accounts;
pub mod advisories;
pub mod audit;
pub mod backup;
mod error;
mod estate;
pub mod jobs;
mod life;
pub mod notifications;
pub mod retention;
pub mod sources;
mod sqlite;
pub mod traffic;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::{Asset, AssetId, Coverage, Finding, FindingId, Relation};

pub use accounts::Accounts;
pub use advisories::Advisories;
pub use audit::AuditLog;
pub use error::StoreError;
pub use estate::*;
pub use jobs::{JobId, Jobs};
pub use life::State;
pub use notifications::Notifications;
pub use retention::Retention;
pub use sources::Sources;
pub use sqlite::{Closeness, Examined, SCHEMA_VERSION, Sqlite, copy, examine, examine_form};
pub use traffic::Traffic;

/// What everything here gives.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Everything that the product asks of a database: what a backend has to do, and `store_suite!` (in the tests of this
/// crate) holds it to.
pub trait Backend:
    Accounts
    + Attestations
    + AuditLog
    + Drift
    + Estate
    + Inventory
    + Jobs
    + Notifications
    + Objectives
    + Requests
    + Retention
    + SavedViews
    + Sources
    + Store
    + Traffic
    + Vendors
{
}

impl<T> Backend for T where
    T: Accounts
        + Attestations
        + AuditLog
        + Drift
        + Estate
        + Inventory
        + Jobs
        + Notifications
        + Objectives
        + Requests
        + Retention
        + SavedViews
        + Sources
        + Store
        + Traffic
        + Vendors
{
}

/// The number of a scan; later scans have higher numbers, and none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScanId(pub i64);

impl std::fmt::Display for ScanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A finished scan, to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewScan<'a> {
    /// What names the target for good, such as the canonical path of a tree:
    /// scans of one target are one history.
    pub target: &'a str,
    /// What people call the target.
    pub name: &'a str,
    /// The version of the program that scanned.
    pub tool_version: &'a str,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// The inventory.
    pub assets: &'a BTreeMap<AssetId, Asset>,
    /// How the assets hang together.
    pub relations: &'a [Relation],
    /// What the rules say, with their ids set; an id that is there twice counts once.
    pub findings: &'a [Finding],
    /// What was looked at.
    pub coverage: &'a Coverage,
    /// Files, without the members of containers, that the scan met and did not judge or not wholly:
    /// a finding in one of them that the scan does not tell is not fixed.
    pub unjudged: &'a BTreeSet<&'a str>,
}

/// A scan that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Its number.
    pub id: ScanId,
    /// What names the target for good.
    pub target: String,
    /// What people call the target.
    pub name: String,
    /// The version of the program that scanned.
    pub tool_version: String,
    /// When it began; milliseconds are kept.
    pub started: Timestamp,
    /// When it ended; milliseconds are kept.
    pub finished: Timestamp,
    /// What was looked at.
    pub coverage: Coverage,
}

/// What a scan changed in the life of its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Findings that were never seen before and stand.
    pub opened: Vec<FindingId>,
    /// Findings that were fixed or accepted, and stand again.
    pub reopened: Vec<FindingId>,
    /// Findings that people accepted since the scan before.
    pub accepted: Vec<FindingId>,
    /// Findings that are gone.
    pub fixed: Vec<FindingId>,
    /// Assets that were not there in the scan before.
    pub appeared: Vec<AssetId>,
    /// Assets that are gone.
    pub vanished: Vec<AssetId>,
}

/// A scan as the store took it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub scan: ScanId,
    /// What it changed.
    pub changes: Changes,
}

/// What became of a finding over the scans of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingLife {
    /// As it was last seen.
    pub finding: Finding,
    /// Where it stands.
    pub state: State,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// What became of an asset over the scans of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct AssetLife {
    /// As it was last seen.
    pub asset: Asset,
    /// Whether the last scan saw it.
    pub present: bool,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

/// How one kind of thing differs between two scans. That something stands on
/// another line is no difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<T> {
    /// Only in the later scan.
    pub appeared: Vec<T>,
    /// In both, but not the same: before and after.
    pub changed: Vec<(T, T)>,
    /// Only in the earlier scan.
    pub vanished: Vec<T>,
}

impl<T> Difference<T> {
    /// Whether both scans tell the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.appeared.is_empty() && self.changed.is_empty() && self.vanished.is_empty()
    }
}

/// How two scans differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// In their inventories.
    pub assets: Difference<Asset>,
    /// In what the rules say.
    pub findings: Difference<Finding>,
}

/// What the product wants of its database. Every method is one transaction: a
/// crash leaves the state before it.
pub trait Store {
    /// Records a finished scan and tells what it changed.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; then nothing of the scan is recorded.
    fn record_scan(&mut self, scan: &NewScan<'_>) -> Result<Recorded>;

    /// The last scan of a target; of any target when none is given.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn last_scan(&self, target: Option<&str>) -> Result<Option<Scan>>;

    /// Scans of a target, or of all, the latest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn scans(&self, target: Option<&str>, limit: usize) -> Result<Vec<Scan>>;

    /// One scan.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoScan`] when there is none of this number.
    fn scan(&self, id: ScanId) -> Result<Scan>;

    /// The inventory of a scan, in order of id.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoScan`] when there is none of this number.
    fn assets_of(&self, scan: ScanId) -> Result<Vec<Asset>>;

    /// The relations of a scan, in the order in which it told them.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoScan`] when there is none of this number.
    fn relations_of(&self, scan: ScanId) -> Result<Vec<Relation>>;

    /// The findings of a scan, in the order in which it told them.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoScan`] when there is none of this number.
    fn findings_of(&self, scan: ScanId) -> Result<Vec<Finding>>;

    /// Every finding that any scan of a target told, in order of id.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn findings_life(&self, target: &str) -> Result<Vec<FindingLife>>;

    /// Every asset that any scan of a target saw, in order of id.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn assets_life(&self, target: &str) -> Result<Vec<AssetLife>>;

    /// What changed from one scan to another.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoScan`] when there is none of one of the numbers.
    fn diff(&self, before: ScanId, after: ScanId) -> Result<Diff>;

    /// Removes all but the last `keep` scans of each target (at least one) and
    /// gives how many it removed. What became of findings and assets stays.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn prune(&mut self, keep: usize) -> Result<usize>;
}
