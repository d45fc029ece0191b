//! An asset as lists and its page show it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::score::{Risk, Totals};
use stance_store::AssetRow;

/// An asset of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Item {
    /// Its number.
    pub(crate) number: i64,
    /// Its id in outputs of scans, `kind:key`.
    pub(crate) id: String,
    /// What it is.
    pub(crate) kind: String,
    /// What people call it.
    pub(crate) name: String,
    /// The strongest way in which it is known: observed, literal, constant, configuration, default, import, unresolved.
    pub(crate) how: String,
    /// Where in trees it was seen: production, test or documentation.
    pub(crate) part: String,
    /// Whether any source sees it.
    pub(crate) present: bool,
    /// How many sources see it.
    pub(crate) sources: u64,
    /// When it was first seen.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) first_seen: Timestamp,
    /// When it was last seen.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) last_seen: Timestamp,
    /// Who answers for it.
    pub(crate) owner: Option<String>,
    /// What it is for.
    pub(crate) purpose: Option<String>,
    /// production, staging, development, test or unknown.
    pub(crate) environment: String,
    /// critical, high, medium, low or unknown.
    pub(crate) criticality: String,
    /// restricted, confidential, internal, public or unknown.
    pub(crate) sensitivity: String,
    /// unreviewed, approved or rejected.
    pub(crate) approval: String,
    /// Open findings: critical, high, medium and low ones.
    pub(crate) findings: [u64; 4],
    /// How many points it takes from the score.
    pub(crate) takes: f64,
    /// How often people edited it.
    pub(crate) revision: u64,
}

impl Item {
    pub(crate) fn of(row: AssetRow, totals: &Totals) -> Self {
        let takes = if row.present {
            let relief = Risk {
                known: row.risk,
                assumed: row.risk,
                worst: row.risk,
            };
            totals.gain(relief).as_f64()
        } else {
            0.0
        };
        Self {
            number: row.number.0,
            id: row.id,
            kind: row.kind.to_string(),
            name: row.name,
            how: row.how,
            part: row.part,
            present: row.present,
            sources: row.sightings,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
            owner: row.owner,
            purpose: row.purpose,
            environment: row.environment,
            criticality: row.criticality,
            sensitivity: row.sensitivity,
            approval: row.approval.name().to_owned(),
            findings: [
                row.counts.critical,
                row.counts.high,
                row.counts.medium,
                row.counts.low,
            ],
            takes,
            revision: row.revision,
        }
    }

    /// Open findings by severity, those that there are.
    pub(crate) fn severities(&self) -> Vec<(&'static str, u64)> {
        ["critical", "high", "medium", "low"]
            .into_iter()
            .zip(self.findings)
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// What it takes from the score, as a loss.
    pub(crate) fn loss(&self) -> f64 {
        -self.takes
    }

    /// Its id without the kind, which stands beside it.
    pub(crate) fn key(&self) -> &str {
        self.id.split_once(':').map_or(&self.id, |(_, key)| key)
    }

    /// Whether the id says more than the name.
    pub(crate) fn has_key(&self) -> bool {
        self.key() != self.name
    }

    /// Its page.
    pub(crate) fn href(&self) -> String {
        format!("/inventory/{}", self.number)
    }
}
