//! Who did what, for the audit log, in the transaction that does it.

use rusqlite::Connection;

use super::ingest::Fold;
use crate::Decision;
use crate::sqlite::Halt;

/// The result of a look at a source.
pub(super) fn scan(_fold: &Fold<'_>) -> Result<(), Halt> {
    Ok(())
}

/// A decision of a person about some things of a kind.
pub(super) fn decided(
    _db: &Connection,
    _decision: &Decision<'_>,
    _action: &str,
    _kind: &str,
    _numbers: &[i64],
    _detail: &serde_json::Value,
) -> Result<(), Halt> {
    Ok(())
}
