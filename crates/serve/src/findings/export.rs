//! Findings to take along.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use stance_store::{Estate as _, Window};

use super::filter::Filter;
use super::item::Item;
use crate::ask::{Ask, Query};
use crate::csv::Csv;
use crate::error::ApiError;
use crate::people::People;

/// Most rows of one file.
const MOST: usize = 100_000;

pub(super) async fn csv(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, ApiError> {
    let query = filter.query(ask.now)?;
    let text = ask
        .db
        .read(move |store| {
            let totals = store.tally()?.totals;
            let people = People::all(store)?;
            let mut csv = Csv::new(&[
                "number",
                "severity",
                "confidence",
                "state",
                "rule",
                "message",
                "place",
                "source",
                "asset",
                "kind",
                "owner",
                "assignee",
                "first_seen",
                "since",
                "due",
                "score_back",
            ]);
            let mut window = Window::first(Window::MOST);
            let mut rows = 0;
            loop {
                let slice = store.findings(&query, &window)?;
                rows += slice.rows.len();
                for row in slice.rows {
                    let item = Item::of(row, &totals, &people);
                    csv.row(&[
                        item.number.to_string(),
                        item.severity,
                        item.confidence,
                        item.state,
                        item.rule,
                        item.message,
                        item.place,
                        item.source_name,
                        item.asset_name,
                        item.asset_kind,
                        item.owner.unwrap_or_default(),
                        item.assignee_name.unwrap_or_default(),
                        item.first_seen.to_string(),
                        item.since.to_string(),
                        item.due.map(|it| it.to_string()).unwrap_or_default(),
                        format!("{:.3}", item.gives_back),
                    ]);
                }
                match slice.next {
                    Some(next) if rows < MOST => window.after = Some(next),
                    _ => break,
                }
            }
            Ok(csv.finish())
        })
        .await?;
    Ok((
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"findings.csv\""),
        ],
        text,
    ))
}
