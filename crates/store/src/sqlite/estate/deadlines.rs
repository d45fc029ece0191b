//! Until when findings have to be fixed.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use stance_core::due::Deadlines;

use super::row::severity;
use crate::sqlite::Halt;
use crate::{FindingNumber, Redated};

pub(super) fn read(db: &Connection) -> Result<Deadlines, Halt> {
    let set = db
        .prepare_cached("SELECT critical, high, medium, low FROM deadlines")?
        .query_row([], |row| {
            Ok(Deadlines {
                critical: row.get(0)?,
                high: row.get(1)?,
                medium: row.get(2)?,
                low: row.get(3)?,
            })
        })
        .optional()?;
    Ok(set.unwrap_or_default())
}

pub(super) fn set(db: &Connection, deadlines: &Deadlines) -> Result<(), Halt> {
    db.prepare_cached(
        "INSERT INTO deadlines (id, critical, high, medium, low) VALUES (1, ?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET critical = excluded.critical, high = excluded.high, medium = excluded.medium,
             low = excluded.low",
    )?
    .execute(params![
        deadlines.critical,
        deadlines.high,
        deadlines.medium,
        deadlines.low
    ])?;
    Ok(())
}

/// An open finding, as far as its due date goes.
struct Open {
    number: i64,
    severity: i64,
    since: i64,
    due: Option<i64>,
}

pub(super) fn redate(db: &Connection, after: FindingNumber, most: usize) -> Result<Redated, Halt> {
    let deadlines = read(db)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    // `+counts`: the findings come in the order of their numbers, not by one of the indexes of what is open.
    let open: Vec<Open> = db
        .prepare_cached(
            "SELECT id, severity, since, due FROM finding WHERE +counts AND id > ?1 ORDER BY id LIMIT ?2",
        )?
        .query_map([after.0, most], |row| {
            Ok(Open {
                number: row.get(0)?,
                severity: row.get(1)?,
                since: row.get(2)?,
                due: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut change = db.prepare_cached("UPDATE finding SET due = ?2 WHERE id = ?1")?;
    let mut done = Redated {
        last: None,
        changed: 0,
    };
    for finding in open {
        let severity = severity(finding.severity).map_err(rusqlite::Error::from)?;
        let due = Timestamp::from_millisecond(finding.since)
            .ok()
            .and_then(|since| super::findings::due(&deadlines, severity, since));
        if due != finding.due {
            change.execute(params![finding.number, due])?;
            done.changed += 1;
        }
        done.last = Some(FindingNumber(finding.number));
    }
    Ok(done)
}
