//! Appending: the log, the tree over it and its head, in the transaction of whoever changes something.

use rusqlite::{Connection, params};
use stance_govern::audit::{NewEntry, leaf};

use super::{STRIDE, damaged, head};

/// Appends an entry and gives its number.
///
/// Call it inside the transaction that does what the entry tells: both come about, or neither.
pub(crate) fn append(db: &Connection, entry: &NewEntry) -> rusqlite::Result<u64> {
    append_all(db, std::slice::from_ref(entry))
}

/// Appends entries in order and gives the number of the last one.
pub(crate) fn append_all(db: &Connection, entries: &[NewEntry]) -> rusqlite::Result<u64> {
    let (_, mut head) = head(db)?;
    let mut log = db.prepare_cached(
        "INSERT INTO audit_log (seq, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, detail,
             previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    // A hash that is there already is not replaced: verification tells that it is another one.
    let mut tree = db.prepare_cached(
        "INSERT INTO audit_nodes (level, position, hash) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    for new in entries {
        let seq = head.size.checked_add(1).ok_or_else(damaged)?;
        let entry = new
            .seal(seq, head.last)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        log.execute(params![
            number(seq)?,
            entry.at.as_millisecond(),
            entry.actor.kind.name(),
            entry.actor.id,
            entry.actor.name,
            entry.action,
            entry.object.kind,
            entry.object.id,
            entry.detail.as_str(),
            entry.previous,
            entry.hash,
        ])?;
        let mut completed = Vec::new();
        head.frontier.push(leaf(&entry.hash), |node, hash| {
            if node.level > 0 && node.level.is_multiple_of(STRIDE) {
                completed.push((node, hash));
            }
        });
        for (node, hash) in completed {
            tree.execute(params![node.level, number(node.index)?, hash])?;
        }
        head.size = seq;
        head.last = entry.hash;
    }
    db.prepare_cached("UPDATE audit_head SET size = ?1, last = ?2, frontier = ?3 WHERE id = 1")?
        .execute(params![
            number(head.size)?,
            head.last,
            head.frontier.to_bytes()
        ])?;
    Ok(head.size)
}

/// As SQLite counts.
pub(super) fn number(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|_| damaged())
}
