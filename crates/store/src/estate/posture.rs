//! How the score stood over time, and what moved it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::score::{Cause, Points};

use super::{AssetNumber, FindingNumber};

/// The score at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PosturePoint {
    /// When.
    pub at: Timestamp,
    /// The score.
    pub score: Points,
    /// The least that it can be.
    pub lower: Points,
    /// The most that it can be.
    pub upper: Points,
    /// Open findings by severity, critical first.
    pub findings: [u64; 5],
    /// Assets that were there.
    pub assets: u64,
}

/// What an asset moved the score by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Why.
    pub cause: Cause,
    /// The asset.
    pub asset: AssetNumber,
    /// What people called it then.
    pub asset_name: String,
    /// By how much, in billionths of a point; above 0 is better.
    pub value: i64,
    /// How many findings of it opened then.
    pub opened: u64,
    /// How many of them no longer count.
    pub closed: u64,
    /// The worst of these findings.
    pub finding: Option<FindingNumber>,
    /// What it says.
    pub message: Option<String>,
}
