//! Figures to take along.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use schemars::JsonSchema;
use serde::Deserialize;

use super::one::named;
use super::{Figure, Span, figures, first_of, today};
use crate::ask::{Ask, Query};
use crate::csv::Csv;
use crate::error::ApiError;

/// Which figures, and how far back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Which {
    /// Name of a figure; all if not given.
    kpi: String,
    /// Days, 1 to 3,650; 30 if not given.
    days: Option<u32>,
}

pub(super) async fn csv(
    ask: Ask,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, ApiError> {
    let days = Span { days: which.days }.days()?;
    let only = match which.kpi.as_str() {
        "" => None,
        id => Some(named(id)?.id),
    };
    let today = today(ask.now);
    let all: Vec<Figure> = ask
        .db
        .read(move |store| figures(store, only, first_of(days, today), today))
        .await?;
    let mut csv = Csv::new(&[
        "day",
        "kpi",
        "title",
        "unit",
        "value",
        "target",
        "threshold",
        "state",
    ]);
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for figure in &all {
        for day in &figure.history {
            csv.row(&[
                day.day.to_string(),
                figure.id.to_owned(),
                figure.title.to_owned(),
                figure.unit.to_owned(),
                number(day.value),
                number(figure.target),
                number(figure.threshold),
                // By what is aimed for now.
                figure.kpi.state(day.value).name().to_owned(),
            ]);
        }
    }
    Ok((
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (
                CONTENT_DISPOSITION,
                "attachment; filename=\"objectives.csv\"",
            ),
        ],
        csv.finish(),
    ))
}
