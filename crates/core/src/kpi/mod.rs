//! Figures by which an organisation steers: what each means, how it is computed, and how it stands.
//!
//! Nothing known is never 0: each figure has a value or none, and one without a value has neither met nor missed its
//! target.

mod definitions;
mod remediation;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::score::Points;
use crate::severity::Severity;

pub use definitions::KPIS;
pub use remediation::{Lifetime, Remediation, fixed_within};

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Hundredths of a whole, 0 to 100.
    Percent,
    /// How many.
    Count,
    /// Days of 24 hours.
    Days,
    /// Points of the posture score.
    Points,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// One figure: what it means and what is aimed for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Kpi {
    /// A stable name: `asset_coverage`.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Exactly what is counted, in a sentence or two.
    pub definition: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// What is aimed for; `None` where there is nothing to aim for in general.
    pub target: Option<f64>,
    /// What must not be missed.
    pub threshold: Option<f64>,
}

impl Kpi {
    /// The figure of this name.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        KPIS.iter().find(|kpi| kpi.id == id)
    }

    /// The same with a target and a threshold of the organisation's own.
    #[must_use]
    pub const fn aiming(self, target: Option<f64>, threshold: Option<f64>) -> Self {
        Self {
            target,
            threshold,
            ..self
        }
    }

    /// How a value stands.
    #[must_use]
    pub fn state(&self, value: Option<f64>) -> State {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return State::Unknown;
        };
        let reaches = |aim: f64| match self.better {
            Better::Higher => value >= aim,
            Better::Lower => value <= aim,
        };
        match (self.target, self.threshold) {
            (None, None) => State::NoTarget,
            (Some(target), _) if reaches(target) => State::Met,
            (None, Some(threshold)) if reaches(threshold) => State::Met,
            (Some(_), Some(threshold)) if reaches(threshold) => State::Near,
            _ => State::Missed,
        }
    }
}

/// How a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The target is reached.
    Met,
    /// The target is missed, the threshold is not.
    Near,
    /// The threshold is missed, or the target where there is no threshold.
    Missed,
    /// There is a value but nothing to hold it against.
    NoTarget,
    /// There is no value.
    Unknown,
}

impl State {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Near => "near",
            Self::Missed => "missed",
            Self::NoTarget => "no_target",
            Self::Unknown => "unknown",
        }
    }
}

/// One figure with its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measure {
    /// Which figure, with what is aimed for.
    pub kpi: Kpi,
    /// Its value in its unit; `None` where it is not known.
    pub value: Option<f64>,
    /// How it stands.
    pub state: State,
}

/// What the figures are made of. Everything may be missing; a period is that of the page or report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Counts of assets.
    pub assets: Option<AssetCounts>,
    /// Files of the last scan of each source: how many were met, and how many of them were left out with a gap.
    pub files: Option<(u64, u64)>,
    /// Open findings by severity; a severity that is missing has none. `None` before the first scan.
    pub open: Option<BTreeMap<Severity, u64>>,
    /// Findings fixed in the period, see [`fixed_within`].
    pub fixed: Option<u64>,
    /// How long fixing took, by severity.
    pub remediation: BTreeMap<Severity, Remediation>,
    /// Controls met, and those with evidence at all (met, partly, not met, stale).
    pub controls: Option<(u64, u64)>,
    /// Interactions that were blocked or redacted in the period; `None` where nothing watches.
    pub detections_stopped: Option<u64>,
    /// The posture score at the beginning of the period.
    pub score_before: Option<Points>,
    /// The posture score at its end.
    pub score_after: Option<Points>,
    /// Waivers whose last day is within the next 30 days.
    pub waivers_expiring: Option<u64>,
    /// Open findings whose due date is over, see [`crate::due::Due`].
    pub overdue: Option<u64>,
}

/// Counts of assets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AssetCounts {
    /// All of them.
    pub all: u64,
    /// Those that the last scan of their source looked at as a whole.
    pub judged: u64,
    /// Those that are sanctioned.
    pub sanctioned: u64,
    /// Those with an owner.
    pub owned: u64,
}

/// All figures in the order of [`KPIS`].
#[must_use]
pub fn measure(inputs: &Inputs) -> Vec<Measure> {
    KPIS.iter()
        .map(|kpi| {
            let value = inputs.value(kpi.id);
            Measure {
                kpi: *kpi,
                value,
                state: kpi.state(value),
            }
        })
        .collect()
}

impl Inputs {
    /// The value of one figure; `None` where it is not known, or no figure has this name.
    #[must_use]
    pub fn value(&self, id: &str) -> Option<f64> {
        let of_assets =
            |count: fn(AssetCounts) -> u64| self.assets.and_then(|it| percent(count(it), it.all));
        match id {
            "asset_coverage" => of_assets(|it| it.judged),
            "file_coverage" => self
                .files
                .and_then(|(met, gaps)| percent(met.saturating_sub(gaps), met)),
            "sanctioned" => of_assets(|it| it.sanctioned),
            "owned" => of_assets(|it| it.owned),
            "findings_fixed" => self.fixed.map(number),
            "compliance_adherence" => self
                .controls
                .and_then(|(met, evidenced)| percent(met, evidenced)),
            "detections_stopped" => self.detections_stopped.map(number),
            "score_improvement" => self
                .score_after
                .zip(self.score_before)
                .map(|(after, before)| after.minus(before).as_f64()),
            "waivers_expiring" => self.waivers_expiring.map(number),
            "findings_overdue" => self.overdue.map(number),
            _ => self.by_severity(id),
        }
    }

    fn by_severity(&self, id: &str) -> Option<f64> {
        let (figure, severity) = id.rsplit_once('_')?;
        let severity: Severity = severity.parse().ok()?;
        match figure {
            "open" => {
                let open = self.open.as_ref()?;
                Some(number(open.get(&severity).copied().unwrap_or_default()))
            }
            "remediation_median" => self.remediation.get(&severity)?.median,
            "remediation_p90" => self.remediation.get(&severity)?.p90,
            _ => None,
        }
    }
}

/// Hundredths of `whole`, at most 100; `None` of nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (number(part) / number(whole) * 100.0).min(100.0))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}
