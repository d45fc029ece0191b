//! The schema, and how an older one becomes the present one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::explain;
use crate::{Result, StoreError};

/// The steps; the number of a step is its place in the list, from 1. A step
/// that was released is never changed: a later one corrects it.
const STEPS: &[&str] = &[
    include_str!("../../migrations/0001_scans.sql"),
    include_str!("../../migrations/0002_life.sql"),
    include_str!("../../migrations/0003_audit.sql"),
    include_str!("../../migrations/0004_estate.sql"),
    include_str!("../../migrations/0010_accounts.sql"),
    include_str!("../../migrations/0020_jobs.sql"),
    include_str!("../../migrations/0040_compliance.sql"),
    include_str!("../../migrations/0050_objectives.sql"),
    include_str!("../../migrations/0055_size.sql"),
    include_str!("../../migrations/0060_notifications.sql"),
    include_str!("../../migrations/0061_retention.sql"),
    include_str!("../../migrations/0070_judged.sql"),
    include_str!("../../migrations/0080_requests.sql"),
    include_str!("../../migrations/0081_usage.sql"),
    include_str!("../../migrations/0090_traffic.sql"),
    include_str!("../../migrations/0091_waiting.sql"),
    include_str!("../../migrations/0092_measured.sql"),
];

/// The schema version that this program writes.
pub const SCHEMA_VERSION: i64 = STEPS.len() as i64;

/// Marks the file as ours: `STNC`.
const APPLICATION_ID: i64 = 0x5354_4e43;

/// Whether the file is ours to change: new, or of a version that is known here.
/// Reads only, so that the file of another program or a later version stays as it is.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<()> {
    let explain = |error| explain(path, error);
    // In this order: another process that makes the file right now brings tables and mark in one
    // transaction, so that whoever sees its tables sees its mark afterwards.
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(explain)?;
    let owner: i64 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(explain)?;
    if owner != APPLICATION_ID && tables > 0 {
        return Err(StoreError::NotOurs {
            path: path.to_owned(),
        });
    }
    let found = version(connection).map_err(explain)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: SCHEMA_VERSION,
        });
    }
    Ok(())
}

/// Brings the schema up to date in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let explain = |error| explain(path, error);
    if version(connection).map_err(explain)? == SCHEMA_VERSION {
        return Ok(());
    }
    // Another process may migrate at the same time: what counts is what stands
    // there once nobody else writes.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(explain)?;
    check(&transaction, path)?;
    let done = usize::try_from(version(&transaction).map_err(explain)?).unwrap_or_default();
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step).map_err(explain)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| transaction.pragma_update(None, "user_version", SCHEMA_VERSION))
        .map_err(explain)?;
    transaction.commit().map_err(explain)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
