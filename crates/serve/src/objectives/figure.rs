//! A figure as pages and programs see it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::kpi::{Better, KPIS, Kpi, State, Unit};
use stance_store::{Aim, DayMeasure, Objectives as _, Sqlite};

use super::say;
use crate::error::ApiError;

/// What a figure was on a day.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct DayValue {
    /// The day, UTC.
    pub(crate) day: Date,
    /// The value; none where it was not known.
    pub(crate) value: Option<f64>,
}

/// A figure with its last value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Figure {
    /// A stable name: `asset_coverage`.
    pub(crate) id: &'static str,
    /// What people call it.
    pub(crate) title: &'static str,
    /// Exactly what is counted.
    pub(crate) definition: &'static str,
    /// `percent`, `count`, `days` or `points`.
    pub(crate) unit: &'static str,
    /// `higher` or `lower`.
    pub(crate) better: &'static str,
    /// The last value; none where it is not known, which is not 0.
    pub(crate) value: Option<f64>,
    /// What is aimed for.
    pub(crate) target: Option<f64>,
    /// What must not be missed.
    pub(crate) threshold: Option<f64>,
    /// Whether target and threshold are the organisation's own.
    pub(crate) own_aim: bool,
    /// `met`, `near` (the target is missed, the threshold is not), `missed`, `no_target` or `unknown`.
    pub(crate) state: &'static str,
    /// By how much it changed since the first known value of the span.
    pub(crate) change: Option<f64>,
    /// What it was on the days of the span, the oldest first; days without a measure are left out.
    pub(crate) history: Vec<DayValue>,
    #[serde(skip)]
    pub(crate) kpi: Kpi,
    #[serde(skip)]
    pub(crate) standing: State,
}

/// All figures in their order, as of the last day that was measured up to `to`, with the history since `from`; or one
/// of them.
pub(crate) fn figures(
    store: &Sqlite,
    only: Option<&str>,
    from: Date,
    to: Date,
) -> Result<Vec<Figure>, ApiError> {
    let last = store.measured(to)?.map(|it| it.day);
    let aims = store.aims()?;
    let from = last.map_or(from, |last| from.min(last));
    let mut history: BTreeMap<String, Vec<DayMeasure>> = BTreeMap::new();
    for measure in store.measures(only, from, to)? {
        history
            .entry(measure.kpi.clone())
            .or_default()
            .push(measure);
    }
    let figures = KPIS
        .iter()
        .filter(|kpi| only.is_none_or(|only| only == kpi.id));
    Ok(figures
        .map(|kpi| {
            let days = history.remove(kpi.id).unwrap_or_default();
            Figure::of(kpi, aims.get(kpi.id), days, last)
        })
        .collect())
}

impl Figure {
    fn of(kpi: &Kpi, aim: Option<&Aim>, days: Vec<DayMeasure>, last: Option<Date>) -> Self {
        let own = aim.map(|aim| kpi.aiming(aim.target, aim.threshold));
        let kpi = own.unwrap_or(*kpi);
        let history: Vec<DayValue> = days
            .into_iter()
            .map(|it| DayValue {
                day: it.day,
                value: it.value,
            })
            .collect();
        let value = history
            .last()
            .filter(|it| Some(it.day) == last)
            .and_then(|it| it.value);
        let known: Vec<f64> = history.iter().filter_map(|it| it.value).collect();
        let first = known.first().filter(|_| known.len() > 1);
        let standing = kpi.state(value);
        Self {
            id: kpi.id,
            title: kpi.title,
            definition: kpi.definition,
            unit: unit(kpi.unit),
            better: match kpi.better {
                Better::Higher => "higher",
                Better::Lower => "lower",
            },
            value,
            target: kpi.target,
            threshold: kpi.threshold,
            own_aim: own.is_some(),
            state: standing.name(),
            change: value.zip(first).map(|(value, first)| value - first),
            history,
            kpi,
            standing,
        }
    }

    /// Its page.
    pub(crate) fn href(&self) -> String {
        format!("/objectives/{}", self.id)
    }

    /// The value in digits, or that there is none.
    pub(crate) fn digits(&self) -> String {
        self.value.map_or_else(
            || "not known".to_owned(),
            |value| say::digits(self.kpi.unit, value),
        )
    }

    /// The word after the digits.
    pub(crate) fn unit_word(&self) -> &'static str {
        self.value
            .map_or("", |value| say::unit_word(self.kpi.unit, value))
    }

    /// A value of this figure in words.
    pub(crate) fn written(&self, value: f64) -> String {
        say::value(self.kpi.unit, value)
    }

    /// The class of the mark of its state.
    pub(crate) const fn class(&self) -> &'static str {
        say::class(self.standing)
    }

    /// What is aimed for, or why there is no value.
    pub(crate) fn note(&self) -> String {
        if self.value.is_none() {
            return say::unknown(self.id).to_owned();
        }
        self.target().map_or_else(
            || "no target".to_owned(),
            |target| format!("target: {target}"),
        )
    }

    /// The target in words.
    pub(crate) fn target(&self) -> Option<String> {
        self.target.map(|aim| say::aim(&self.kpi, aim))
    }

    /// The threshold in words.
    pub(crate) fn threshold(&self) -> Option<String> {
        self.threshold.map(|aim| say::aim(&self.kpi, aim))
    }

    /// By how much it changed, in words, where it did.
    pub(crate) fn moved(&self) -> Option<String> {
        let change = self.change.filter(|change| change.abs() > 1e-9)?;
        Some(say::change(self.kpi.unit, change))
    }

    /// Whether the change is for the better.
    pub(crate) fn tone(&self) -> &'static str {
        let change = self.change.unwrap_or_default();
        let better = match self.kpi.better {
            Better::Higher => change,
            Better::Lower => -change,
        };
        if better > 1e-9 {
            "up"
        } else if better < -1e-9 {
            "down"
        } else {
            "same"
        }
    }

    /// Why there is no value.
    pub(crate) fn unknown(&self) -> &'static str {
        say::unknown(self.id)
    }

    /// Its shape over the span; nothing where nothing is known.
    pub(crate) fn spark(&self) -> String {
        let known: Vec<f64> = self.history.iter().filter_map(|it| it.value).collect();
        match (known.first(), known.last()) {
            (Some(first), Some(last)) if known.len() > 1 => {
                let (first, last) = (self.written(*first), self.written(*last));
                let label = format!("{}: from {first} to {last}", self.title);
                crate::draw::spark::spark(&label, &known)
            }
            _ => String::new(),
        }
    }
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "percent",
        Unit::Count => "count",
        Unit::Days => "days",
        Unit::Points => "points",
    }
}
