//! Interactions to take along.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use stance_store::Traffic as _;
use stance_store::traffic::SeenQuery;

use super::filter::Filter;
use super::item::Item;
use crate::ask::{Ask, Query};
use crate::csv::Csv;
use crate::error::ApiError;

/// Most rows of one file, and most slices that are looked at for it.
const MOST: usize = 100_000;
const SLICES: usize = 200;

pub(super) async fn csv(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, ApiError> {
    let mut query = filter.query(ask.now)?;
    query.limit = SeenQuery::MOST;
    let text = ask
        .db
        .read(move |store| {
            let mut csv = Csv::new(&[
                "id",
                "at",
                "decision",
                "rule",
                "identity",
                "model",
                "operation",
                "place",
                "teller",
                "calls",
                "not_judged",
                "status",
                "failed",
                "tokens_in",
                "tokens_out",
                "cost_usd",
                "total_us",
                "judging_us",
            ]);
            let mut rows = 0;
            for _ in 0..SLICES {
                let slice = store.seen_list(&query)?;
                rows += slice.rows.len();
                for row in slice.rows {
                    csv.row(&cells(Item::of(row)));
                }
                query.after = slice.next;
                if slice.next.is_none() || rows >= MOST {
                    break;
                }
            }
            Ok(csv.finish())
        })
        .await?;
    Ok((
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (
                CONTENT_DISPOSITION,
                "attachment; filename=\"interactions.csv\"",
            ),
        ],
        text,
    ))
}

fn cells(item: Item) -> [String; 18] {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        item.id,
        item.at.to_string(),
        item.decision.to_owned(),
        item.rule.unwrap_or_default(),
        item.identity.unwrap_or_default(),
        item.model.unwrap_or_default(),
        item.operation.unwrap_or_default(),
        item.place.unwrap_or_default(),
        item.teller.to_owned(),
        item.calls.to_string(),
        item.unjudged.to_string(),
        number(item.status.map(u64::from)),
        item.failed.to_string(),
        number(item.tokens_in),
        number(item.tokens_out),
        item.cost
            .map(|cost| format!("{:.6}", cost as f64 / 1e6))
            .unwrap_or_default(),
        number(item.total_us),
        number(item.judging_us),
    ]
}
