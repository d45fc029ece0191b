//! What was found goes into the estate.

use jiff::Timestamp;
use serde_json::Value;
use stance_core::due::Deadlines;
use stance_document::Content;
use stance_store::{Estate as _, Ingest, RunNumber, SourceNumber};

use super::books::BooksError;
use super::task::Task;

/// Folds what a source tells into the estate, and ends the run with what that changed, in counts.
pub(super) fn take(
    task: &Task<'_>,
    source: SourceNumber,
    run: RunNumber,
    content: Content,
    now: Timestamp,
) -> Result<Value, BooksError> {
    let ingested = task.books.write(move |store| {
        let assets: Vec<_> = content.assets.into_values().collect();
        Ok(store.ingest(&Ingest {
            source,
            run: Some(run),
            at: now,
            assets: &assets,
            relations: &content.relations,
            findings: &content.findings,
            coverage: &content.coverage,
            unjudged: &content.unjudged,
            deadlines: Deadlines::default(),
        })?)
    })?;
    for topic in ["assets", "findings", "changes", "overview"] {
        task.tell(topic);
    }
    Ok(serde_json::to_value(ingested).unwrap_or_default())
}
