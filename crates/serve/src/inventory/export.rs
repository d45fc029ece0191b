//! Assets to take along: as a table, and as a bill of materials.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use jiff::Timestamp;
use stance_core::policy::Policy;
use stance_core::{Coverage, Snapshot};
use stance_store::{Estate as _, Extract, Inventory as _, Window};

use super::filter::Filter;
use super::item::Item;
use crate::ask::{Ask, Query};
use crate::csv::Csv;
use crate::error::ApiError;

/// Most rows of one table.
const MOST_ROWS: usize = 100_000;

/// Most assets of one bill.
const MOST_PARTS: usize = 20_000;

pub(super) async fn csv(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, ApiError> {
    let query = filter.query()?;
    let text = ask
        .db
        .read(move |store| {
            let totals = store.tally()?.totals;
            let mut csv = Csv::new(&[
                "number",
                "kind",
                "name",
                "id",
                "owner",
                "purpose",
                "environment",
                "criticality",
                "sensitivity",
                "approval",
                "critical",
                "high",
                "medium",
                "low",
                "takes_from_score",
                "known_by",
                "part",
                "sources",
                "first_seen",
                "last_seen",
            ]);
            let mut window = Window::first(Window::MOST);
            let mut rows = 0;
            loop {
                let slice = store.assets(&query, &window)?;
                rows += slice.rows.len();
                for row in slice.rows {
                    csv.row(&cells(Item::of(row, &totals)));
                }
                match slice.next {
                    Some(next) if rows < MOST_ROWS => window.after = Some(next),
                    _ => break,
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
                "attachment; filename=\"inventory.csv\"",
            ),
        ],
        text,
    ))
}

fn cells(item: Item) -> Vec<String> {
    let [critical, high, medium, low] = item.findings.map(|count| count.to_string());
    vec![
        item.number.to_string(),
        item.kind,
        item.name,
        item.id,
        item.owner.unwrap_or_default(),
        item.purpose.unwrap_or_default(),
        item.environment,
        item.criticality,
        item.sensitivity,
        item.approval,
        critical,
        high,
        medium,
        low,
        format!("{:.3}", item.takes),
        item.how,
        item.part,
        item.sources.to_string(),
        item.first_seen.to_string(),
        item.last_seen.to_string(),
    ]
}

pub(super) async fn bom(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, ApiError> {
    let query = filter.query()?;
    let now = ask.now;
    let text = ask
        .db
        .read(move |store| {
            let extract = store.extract(&query, MOST_PARTS)?;
            if !extract.complete {
                return Err(ApiError::invalid(
                    "filter",
                    format!("a bill has at most {MOST_PARTS} assets; choose a source or a kind"),
                ));
            }
            let name = match query.source {
                Some(source) => store
                    .source_names("", usize::MAX)?
                    .into_iter()
                    .find(|it| it.number == source)
                    .map_or_else(|| format!("source {source}"), |it| it.name),
                None => "inventory".to_owned(),
            };
            bill(extract, &name, now)
        })
        .await?;
    Ok((
        [
            (CONTENT_TYPE, "application/vnd.cyclonedx+json; version=1.6"),
            (
                CONTENT_DISPOSITION,
                "attachment; filename=\"inventory.cdx.json\"",
            ),
        ],
        text,
    ))
}

/// The bill of an extract: as a scan that saw nothing else would have written it.
fn bill(extract: Extract, name: &str, now: Timestamp) -> Result<String, ApiError> {
    let coverage = Coverage::default();
    let mut snapshot = Snapshot::new(name, now, Policy::default(), Vec::new(), coverage);
    snapshot.assets = extract
        .assets
        .into_iter()
        .map(|asset| (asset.id.clone(), asset))
        .collect();
    snapshot.relations = extract.relations;
    let created = Some(now.to_string());
    let bill = stance_bom::inventory::bill(&snapshot, env!("CARGO_PKG_VERSION"), created);
    let written = stance_bom::cyclonedx::write(&bill, stance_bom::cyclonedx::Version::V1_6);
    serde_json::to_string_pretty(&written).map_err(ApiError::internal)
}
