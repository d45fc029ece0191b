//! Entries to take along.

use axum::response::IntoResponse;
use stance_store::audit::{AuditLog as _, AuditQuery, Entry};

use super::checkpoint::file;
use super::filter::Filter;
use crate::ask::{Ask, Query};
use crate::csv::Csv;
use crate::error::ApiError;

/// Most entries of one file; `stance audit export` writes all.
const MOST: usize = 100_000;

/// The fitting entries as a table, the newest first.
pub(super) async fn csv(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, ApiError> {
    let entries = read(&ask, filter.query()?).await?;
    let mut csv = Csv::new(&[
        "seq",
        "at",
        "actor_kind",
        "actor",
        "actor_name",
        "action",
        "object_kind",
        "object",
        "detail",
        "hash",
    ]);
    for entry in entries {
        csv.row(&[
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.actor.kind.name().to_owned(),
            entry.actor.id,
            entry.actor.name,
            entry.action,
            entry.object.kind,
            entry.object.id,
            entry.detail.as_str().to_owned(),
            stance_core::digest::hex(&entry.hash),
        ]);
    }
    Ok(file("text/csv; charset=utf-8", "audit.csv", csv.finish()))
}

/// The fitting entries as lines of canonical JSON, as `stance audit export` writes them, the newest first.
pub(super) async fn lines(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, ApiError> {
    let entries = read(&ask, filter.query()?).await?;
    let mut text = String::new();
    for entry in entries {
        text.push_str(&entry.line());
        text.push('\n');
    }
    Ok(file("application/x-ndjson", "audit.jsonl", text))
}

async fn read(ask: &Ask, query: AuditQuery) -> Result<Vec<Entry>, ApiError> {
    ask.db
        .read(move |store| Ok(store.audit_entries(&query, MOST)?))
        .await
}
