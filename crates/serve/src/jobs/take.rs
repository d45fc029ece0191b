//! What was found goes into the estate.

use jiff::Timestamp;
use serde_json::Value;
use stance_document::Content;
use stance_store::sources::{RunEnd, Sources as _};
use stance_store::{Estate as _, Ingest, Objectives as _, RunNumber, SourceNumber, Vendors as _};

use super::books::BooksError;
use super::task::Task;

/// Folds what a source tells into the estate, and ends the run with what that changed, in counts.
pub(super) fn take(
    task: &Task<'_>,
    source: SourceNumber,
    run: RunNumber,
    content: Content,
    log: &str,
    now: Timestamp,
) -> Result<Value, BooksError> {
    let log = log.to_owned();
    let outcome = task.books.write(move |store| {
        let assets: Vec<_> = content.assets.into_values().collect();
        let ingested = store.ingest(&Ingest {
            source,
            run: Some(run),
            at: now,
            assets: &assets,
            relations: &content.relations,
            findings: &content.findings,
            coverage: &content.coverage,
            unjudged: &content.unjudged,
            judged: content.judged.as_ref(),
            deadlines: store.deadlines()?,
        })?;
        store.note_usage(source, &content.usage)?;
        let outcome = serde_json::to_value(ingested).unwrap_or_default();
        // In the same transaction: whoever sees that the run has succeeded sees what the scanner wrote.
        let end = RunEnd::Succeeded { outcome: &outcome };
        store.end_run(run, &end, &log, now)?;
        Ok(outcome)
    })?;
    for topic in ["assets", "findings", "changes", "score"] {
        task.tell(topic);
    }
    super::measure::ask(task.books, task.now())?;
    Ok(outcome)
}
