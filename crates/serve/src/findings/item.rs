//! A finding as lists and its page show it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::score::Totals;
use stance_store::FindingRow;

use crate::people::People;

/// A finding of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Item {
    /// Its number.
    pub(crate) number: i64,
    /// Its id over the scans of its source.
    pub(crate) id: String,
    /// The rule, `area/name`.
    pub(crate) rule: String,
    /// critical, high, medium, low or info.
    pub(crate) severity: String,
    /// high, medium or low.
    pub(crate) confidence: String,
    /// open, reopened, accepted, `false_positive` or fixed.
    pub(crate) state: String,
    /// What is wrong, in one sentence; backticks mark code.
    pub(crate) message: String,
    /// File and line.
    pub(crate) place: String,
    /// Number of the source.
    pub(crate) source: i64,
    /// What people call the source.
    pub(crate) source_name: String,
    /// Number of the asset.
    pub(crate) asset: i64,
    /// What people call the asset.
    pub(crate) asset_name: String,
    /// What the asset is.
    pub(crate) asset_kind: String,
    /// Who answers for the asset.
    pub(crate) owner: Option<String>,
    /// Who works on it, `user:7`.
    pub(crate) assignee: Option<String>,
    /// Their name.
    pub(crate) assignee_name: Option<String>,
    /// When it was first seen.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) first_seen: Timestamp,
    /// Since when it is in this state.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) since: Timestamp,
    /// When it has to be dealt with.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(crate) due: Option<Timestamp>,
    /// Number of the waiver that accepts it, or asks to.
    pub(crate) waiver: Option<i64>,
    /// By how many points the score rises once it is fixed.
    pub(crate) gives_back: f64,
}

impl Item {
    pub(crate) fn of(row: FindingRow, totals: &Totals, people: &People) -> Self {
        let place = match row.line {
            Some(line) => format!("{}:{line}", row.path),
            None => row.path,
        };
        Self {
            number: row.number.0,
            id: row.id,
            rule: row.rule,
            severity: row.severity.to_string(),
            confidence: row.confidence.to_string(),
            state: row.state.name().to_owned(),
            message: row.message,
            place,
            source: row.source.0,
            source_name: row.source_name,
            asset: row.asset.0,
            asset_name: row.asset_name,
            asset_kind: row.asset_kind.to_string(),
            owner: row.owner,
            assignee_name: row.assignee.as_deref().map(|name| people.name(name)),
            assignee: row.assignee,
            first_seen: row.first_seen,
            since: row.since,
            due: row.due,
            waiver: row.waiver.map(|it| it.0),
            gives_back: points(totals, row.gives_back),
        }
    }
}

/// What an amount of risk comes to in points of the score.
pub(crate) fn points(totals: &Totals, risk: i64) -> f64 {
    let relief = stance_core::score::Risk {
        known: risk,
        assumed: risk,
        worst: risk,
    };
    totals.gain(relief).as_f64()
}
