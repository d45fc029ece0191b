//! Whether something changed since one last looked.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::row::{count, ms, time_if};
use crate::sqlite::Halt;
use crate::{Pulse, SourceHealth};

/// Each mark is made of what only grows, or of sums, and read by index.
pub(super) fn pulse(db: &Connection) -> Result<Pulse, Halt> {
    let pulse = db
        .prepare_cached(
            "SELECT
                 coalesce((SELECT max(id) FROM transition), 0) * 31
                     + coalesce((SELECT sum(value) FROM tally WHERE name LIKE 'finding:%'), 0),
                 coalesce((SELECT max(id) FROM asset), 0) * 31
                     + coalesce((SELECT sum(value) FROM tally WHERE name LIKE 'asset:%'), 0),
                 coalesce((SELECT max(id) FROM change), 0) * 31
                     + coalesce((SELECT value FROM tally WHERE name = 'change'), 0),
                 coalesce((SELECT max(id) FROM run), 0) * 1000003
                     + coalesce((SELECT sum(id * (state = 'running')) + count(*) FROM run
                                 WHERE state IN ('queued', 'running')), 0) * 31
                     + (SELECT coalesce(sum(coalesce(scanned, 0) % 1000003 + revision * 7 + (removed IS NOT NULL)), 0)
                         FROM source),
                 coalesce((SELECT max(at) FROM posture), 0)",
        )?
        .query_row([], |row| {
            Ok(Pulse {
                findings: row.get(0)?,
                assets: row.get(1)?,
                changes: row.get(2)?,
                sources: row.get(3)?,
                score: row.get(4)?,
            })
        })?;
    Ok(pulse)
}

pub(super) fn health(db: &Connection) -> Result<SourceHealth, Halt> {
    let health = db
        .prepare_cached(
            "SELECT count(*),
                 coalesce(sum((SELECT state FROM run WHERE run.source = source.id
                     AND state IN ('succeeded', 'failed') ORDER BY run.id DESC LIMIT 1) = 'failed'), 0),
                 coalesce(sum(scanned IS NULL), 0),
                 (SELECT count(*) FROM run WHERE state IN ('queued', 'running') AND state = 'running'),
                 max(scanned),
                 coalesce(sum(coverage ->> '$.files'), 0),
                 coalesce(sum((SELECT sum(value) FROM json_each(coverage, '$.skipped'))), 0)
             FROM source WHERE removed IS NULL AND enabled",
        )?
        .query_row([], |row| {
            Ok(SourceHealth {
                sources: count(row, 0)?,
                failing: count(row, 1)?,
                unseen: count(row, 2)?,
                running: count(row, 3)?,
                last_scan: time_if(row, 4)?,
                files: count(row, 5)?,
                left_out: count(row, 6)?,
            })
        })?;
    Ok(health)
}

/// Looks within this time are one visit, in milliseconds.
const ONE_VISIT: i64 = 30 * 60 * 1_000;

/// When the visit before this one was, if somebody looks now.
pub(super) fn last_visit(
    db: &Connection,
    person: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, Halt> {
    let known = db
        .prepare_cached("SELECT at, previous FROM visit WHERE person = ?1")?
        .query_row([person], |row| {
            Ok((row.get::<_, i64>(0)?, time_if(row, 0)?, time_if(row, 1)?))
        })
        .optional()?;
    Ok(match known {
        None => None,
        Some((at, _, previous)) if ms(now).saturating_sub(at) < ONE_VISIT => previous,
        Some((_, at, _)) => at,
    })
}

pub(super) fn visit(
    db: &Connection,
    person: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, Halt> {
    let previous = last_visit(db, person, now)?;
    db.prepare_cached(
        "INSERT INTO visit (person, at, previous) VALUES (?1, ?2, ?3)
         ON CONFLICT (person) DO UPDATE SET at = max(at, excluded.at), previous = excluded.previous",
    )?
    .execute(params![person, ms(now), previous.map(ms)])?;
    Ok(previous)
}
