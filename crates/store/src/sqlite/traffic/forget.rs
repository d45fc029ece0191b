//! Forgetting interactions: always the oldest.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::key_of;
use super::names::kind;
use crate::sqlite::Halt;
use crate::traffic::By;

/// Removes at most so many of those that began before a time; gives how many.
pub(in crate::sqlite) fn forget(
    db: &Connection,
    before: i64,
    most: i64,
) -> rusqlite::Result<usize> {
    oldest(db, key_of(before), most)
}

/// Removes at most so many of the oldest as long as there are more than `rows`; gives how many.
pub(super) fn beyond(db: &Connection, rows: u64, most: usize) -> Result<usize, Halt> {
    let there: i64 = db
        .prepare_cached("SELECT rows FROM traffic_state")?
        .query_row([], |row| row.get(0))?;
    let surplus = there.unsigned_abs().saturating_sub(rows);
    let most = surplus.min(most as u64);
    if most == 0 {
        return Ok(0);
    }
    Ok(oldest(
        db,
        i64::MAX,
        i64::try_from(most).unwrap_or(i64::MAX),
    )?)
}

/// Removes at most so many of the oldest with a key below `end`.
fn oldest(db: &Connection, end: i64, most: i64) -> rusqlite::Result<usize> {
    // The last one that goes: everything up to it does.
    let last: Option<i64> = db
        .prepare_cached(
            "SELECT max(key) FROM (SELECT key FROM interaction WHERE key < ?1 ORDER BY key LIMIT ?2)",
        )?
        .query_row(params![end, most], |row| row.get(0))
        .optional()?
        .flatten();
    let Some(last) = last else {
        return Ok(0);
    };
    for (by, table) in [(By::Rule, "rule"), (By::Tool, "tool")] {
        // The pairs are in the order of names, so each name is asked for.
        let sql = format!(
            "DELETE FROM interaction_{table} WHERE ({table}, key) IN (
                 SELECT {table}, key FROM traffic_name CROSS JOIN interaction_{table} ON {table} = id
                 WHERE kind = ?1 AND key <= ?2)"
        );
        db.prepare_cached(&sql)?.execute(params![kind(by), last])?;
    }
    for table in ["interaction_words", "interaction_detail"] {
        let sql = format!("DELETE FROM {table} WHERE key <= ?1");
        db.prepare_cached(&sql)?.execute([last])?;
    }
    let gone = db
        .prepare_cached("DELETE FROM interaction WHERE key <= ?1")?
        .execute([last])?;
    db.prepare_cached("UPDATE traffic_state SET rows = rows - ?1")?
        .execute([i64::try_from(gone).unwrap_or(i64::MAX)])?;
    Ok(gone)
}

/// Removes the words of at most so many interactions that began before a time; gives how many.
pub(in crate::sqlite) fn forget_words(
    db: &Connection,
    before: i64,
    most: i64,
) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "DELETE FROM interaction_words WHERE key IN (
             SELECT key FROM interaction_words WHERE key < ?1 ORDER BY key LIMIT ?2)",
    )?
    .execute(params![key_of(before), most])
}
