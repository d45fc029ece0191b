//! What happens to a source happens to what it told: it is removed, or has another owner.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use stance_core::Environment;

use super::account;
use super::row::ms;
use crate::SourceNumber;
use crate::sqlite::Halt;

/// Nobody looks at the source any more: what only it told is gone, and its findings neither count nor are fixed.
pub(in crate::sqlite) fn retire(
    db: &Connection,
    source: SourceNumber,
    at: Timestamp,
) -> Result<(), Halt> {
    let at = ms(at);
    let touched = numbers(
        db,
        "SELECT asset FROM sighting WHERE source = ?1 AND present
         UNION SELECT asset FROM finding WHERE source = ?1 AND counts",
        source,
    )?;
    db.execute(
        "UPDATE sighting SET present = 0, gone = ?2 WHERE source = ?1 AND present",
        params![source.0, at],
    )?;
    db.execute("DELETE FROM relation WHERE source = ?1", [source.0])?;
    db.execute("DELETE FROM usage WHERE source = ?1", [source.0])?;
    db.execute(
        "INSERT INTO transition (finding, at, state, run)
         SELECT id, ?2, 'gone', NULL FROM finding WHERE source = ?1 AND state NOT IN ('fixed', 'gone')",
        params![source.0, at],
    )?;
    db.execute(
        "UPDATE finding SET state = 'gone', since = ?2, due = NULL
         WHERE source = ?1 AND state NOT IN ('fixed', 'gone')",
        params![source.0, at],
    )?;
    db.execute(
        "UPDATE change SET state = 'undone', decided = ?2, note = 'the source was removed'
         WHERE source = ?1 AND state = 'pending'",
        params![source.0, at],
    )?;
    account::settle(db, &touched, at)
}

/// The source has another owner or environment, and with it all of its own assets of which nobody said otherwise.
pub(in crate::sqlite) fn inherit(
    db: &Connection,
    source: SourceNumber,
    owner: Option<&str>,
    environment: Environment,
    at: Timestamp,
) -> Result<(), Halt> {
    let touched = numbers(
        db,
        "SELECT id FROM asset WHERE scope = ?1 AND NOT environment_set",
        source,
    )?;
    db.execute(
        "UPDATE asset SET owner = ?2 WHERE scope = ?1 AND NOT owner_set AND owner IS NOT ?2",
        params![source.0, owner],
    )?;
    // Where the source does not say, the part of the tree does.
    db.execute(
        "UPDATE asset SET environment = CASE
             WHEN ?2 <> 'unknown' THEN ?2 WHEN part = 'production' THEN 'unknown' ELSE 'test' END
         WHERE scope = ?1 AND NOT environment_set",
        params![source.0, environment.name()],
    )?;
    account::settle(db, &touched, ms(at))
}

fn numbers(db: &Connection, sql: &str, source: SourceNumber) -> Result<BTreeSet<i64>, Halt> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([source.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
