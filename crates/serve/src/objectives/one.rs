//! One figure with its history.

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::kpi::{Kpi, Unit};
use stance_store::Objectives as _;

use super::list::{BySeverity, severities};
use super::{Figure, Span, figures, first_of, say, today};
use crate::ask::{Ask, Path, Query};
use crate::auth::Permission;
use crate::draw::trend::{Point, Trend, trend};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// A figure.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Objective {
    /// The figure with its history.
    #[serde(flatten)]
    figure: Figure,
    /// When it was measured last.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    measured: Option<Timestamp>,
    /// How many days the history goes back.
    days: u32,
    /// How findings stand by severity, for figures about findings.
    severities: Vec<BySeverity>,
    #[serde(skip)]
    may_change: bool,
}

/// The figure of a name.
pub(super) fn named(id: &str) -> Result<&'static Kpi, ApiError> {
    Kpi::find(id).ok_or_else(|| ApiError::not_found(format_args!("figure {id}")))
}

pub(super) async fn show(
    ask: Ask,
    Path(id): Path<String>,
    Query(span): Query<Span>,
) -> Result<View<Objective>, ApiError> {
    let kpi = named(&id)?;
    let days = span.days()?;
    let today = today(ask.now);
    let may_change = ask.who.may(Permission::SettingsManage);
    let view = ask
        .db
        .read(move |store| {
            let measured = store.measured(today)?;
            let figure = figures(store, Some(kpi.id), first_of(days, today), today)?.pop();
            let about_findings = ["open_", "remediation_", "findings_"]
                .iter()
                .any(|start| kpi.id.starts_with(start));
            Ok(Objective {
                figure: figure.ok_or_else(|| ApiError::internal("a figure without a value"))?,
                severities: if about_findings {
                    severities(store, measured.as_ref())?
                } else {
                    Vec::new()
                },
                measured: measured.map(|it| it.at),
                days,
                may_change,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "objectives/one.html")]
struct ObjectivePage<'a> {
    frame: Frame,
    view: &'a Objective,
    figure: &'a Figure,
}

impl Page for Objective {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(self.figure.title, Section::Objectives)
            .under("Objectives", "/objectives");
        ObjectivePage {
            frame,
            view: self,
            figure: &self.figure,
        }
        .render()
    }
}

/// Points of a drawn line, at most about so many.
const POINTS: usize = 400;
/// Days of the table.
const ROWS: usize = 31;

impl ObjectivePage<'_> {
    fn spans(&self) -> [(u32, bool); 4] {
        Span::offered(self.view.days)
    }

    fn trend(&self) -> String {
        let known: Vec<(Date, f64)> = self
            .figure
            .history
            .iter()
            .filter_map(|it| Some((it.day, it.value?)))
            .collect();
        let step = known.len().div_ceil(POINTS).max(1);
        // Counted from the end, so that the last day is always there.
        let mut points: Vec<Point> = known
            .iter()
            .rev()
            .step_by(step)
            .filter_map(|(day, value)| {
                let at = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
                Some(Point {
                    at,
                    value: *value,
                    low: *value,
                    high: *value,
                })
            })
            .collect();
        points.reverse();
        let unit = self.figure.kpi.unit;
        trend(&Trend {
            id: "kpi-trend",
            title: self.figure.title,
            points: &points,
            target: self.figure.target,
            events: &[],
            bounds: say::bounds(unit),
            write: say::writer(unit),
        })
    }

    fn has_history(&self) -> bool {
        self.figure.history.iter().any(|it| it.value.is_some())
    }

    /// The last days, the newest first: the day, the value, and how it stood.
    fn days(&self) -> Vec<(Date, String, &'static str, &'static str)> {
        let last = self.figure.history.iter().rev().take(ROWS);
        last.map(|it| {
            let state = self.figure.kpi.state(it.value);
            let value = it
                .value
                .map_or_else(|| "not known".to_owned(), |it| self.figure.written(it));
            let class = say::class(state);
            let word = match class {
                "good" => "on target",
                "warning" => "near",
                "bad" => "off target",
                _ => "",
            };
            (it.day, value, class, word)
        })
        .collect()
    }

    /// A value as the field of the form takes it.
    fn field(&self, value: Option<&f64>) -> String {
        value.map(ToString::to_string).unwrap_or_default()
    }

    fn unit_label(&self) -> &'static str {
        match self.figure.kpi.unit {
            Unit::Percent => " (%)",
            Unit::Count => "",
            Unit::Days => " (days)",
            Unit::Points => " (points)",
        }
    }

    fn days_in_words(&self, value: Option<&f64>) -> String {
        value.map_or_else(
            || "not known".to_owned(),
            |value| say::value(Unit::Days, *value),
        )
    }
}
