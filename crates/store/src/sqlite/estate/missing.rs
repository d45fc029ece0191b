//! Sources that could not be looked at, and what they could have told about.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::Connection;
use stance_core::compliance::Missing;

use super::drift;
use super::row::{get, named, time, time_if};
use crate::sources::SourceKind;
use crate::sqlite::Halt;

pub(super) fn missing(db: &Connection) -> Result<Vec<Missing>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT id, name, kind, created, scanned,
             (SELECT min(coalesce(finished, started, queued)) FROM run
                 WHERE run.source = source.id AND state = 'failed' AND run.id > coalesce(
                     (SELECT max(good.id) FROM run AS good
                          WHERE good.source = source.id AND good.state = 'succeeded'), 0)) AS failing
         FROM source
         WHERE removed IS NULL AND enabled AND (scanned IS NULL OR (SELECT state FROM run
             WHERE run.source = source.id AND state IN ('succeeded', 'failed') ORDER BY run.id DESC LIMIT 1) = 'failed')
         ORDER BY name COLLATE NOCASE, id",
    )?;
    let rows = statement.query_map([], |row| {
        let created: Timestamp = time(row, "created")?;
        let missing = Missing {
            source: get(row, "id")?,
            name: get(row, "name")?,
            since: time_if(row, "failing")?.unwrap_or(created),
            scanned: time_if(row, "scanned")?,
            areas: None,
        };
        Ok((missing, named(row, "kind", SourceKind::named)?))
    })?;
    let mut all = Vec::new();
    for row in rows {
        let (mut missing, kind) = row?;
        let told = told(db, missing.source)?;
        missing.areas = if told.is_empty() {
            kind.areas()
                .map(|areas| areas.iter().map(|area| (*area).to_owned()).collect())
        } else {
            Some(told)
        };
        // Any source can differ from its approved state, and each that fails leaves something out.
        if let Some(areas) = &mut missing.areas {
            areas.extend(["coverage", "governance"].map(str::to_owned));
        }
        all.push(missing);
    }
    Ok(all)
}

/// Areas of the rules that judged something in the last look, which those that found something did; none where the
/// source does not tell.
fn told(db: &Connection, source: i64) -> Result<BTreeSet<String>, Halt> {
    let mut judged = db.prepare_cached(
        "SELECT DISTINCT substr(rule, 1, instr(rule, '/') - 1) FROM judged
         WHERE source = ?1 AND subjects > 0 AND rule <> ?2",
    )?;
    let rows = judged.query_map((source, drift::RULE), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
