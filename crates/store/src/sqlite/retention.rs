//! Keeping and forgetting, in batches that hold nobody up for long.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::columns::time_if_any;
use super::{Halt, Sqlite, traffic};
use crate::retention::{Old, Passing, Retention, RetentionSettings, Space};
use crate::{Result, StoreError};

/// Where it is, and which of it is from before ?1: table, column of its number, its time, condition.
const fn place(passing: Passing) -> (&'static str, &'static str, &'static str, &'static str) {
    match passing {
        Passing::Runs => (
            "run",
            "id",
            "finished",
            "finished < ?1
             AND EXISTS (SELECT 1 FROM run AS later WHERE later.source = run.source AND later.id > run.id)
             AND (state <> 'succeeded' OR EXISTS (SELECT 1 FROM run AS later
                 WHERE later.source = run.source AND later.id > run.id AND later.state = 'succeeded'))",
        ),
        Passing::Logs => ("run", "id", "finished", "finished < ?1 AND log IS NOT NULL"),
        Passing::Jobs => (
            "job",
            "id",
            "finished",
            "finished < ?1 AND state IN ('done', 'failed', 'cancelled')",
        ),
        Passing::Deliveries => (
            "delivery",
            "id",
            "finished",
            "finished < ?1 AND state <> 'waiting'",
        ),
        Passing::Changes => ("change", "id", "at", "at < ?1 AND state <> 'pending'"),
        Passing::Score => (
            "posture",
            "at",
            "at",
            "at < ?1 AND EXISTS (SELECT 1 FROM posture AS later
                 WHERE later.at > posture.at AND later.at < (posture.at / 86400000 + 1) * 86400000)",
        ),
        Passing::Traffic => ("interaction", "key", "key >> 21", "key < ?1 << 21"),
        Passing::Words => ("interaction_words", "key", "key >> 21", "key < ?1 << 21"),
        // Hours, as those are what people see.
        Passing::TrafficSums => (
            "traffic_sum",
            "at",
            "at * 1000",
            "level = 3600 AND dimension = 0 AND at < ?1 / 1000 - 3600",
        ),
    }
}

/// A notice outlives its message as long as what it told goes on: it is why that is not told again.
const NOTICES: &str = "DELETE FROM notice WHERE id IN (
    SELECT id FROM notice WHERE at < ?1 AND delivery IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.id = notice.delivery AND state = 'waiting')
        AND NOT (event = 'finding.overdue' AND EXISTS (
            SELECT 1 FROM finding WHERE finding.id = subject AND counts AND due = mark))
    LIMIT ?2)";

fn forget(
    db: &Connection,
    passing: Passing,
    before: i64,
    most: i64,
) -> std::result::Result<usize, Halt> {
    let (table, number, _, condition) = place(passing);
    let old = format!("SELECT {number} FROM {table} WHERE {condition} LIMIT ?2");
    let bounds = params![before, most];
    let gone = match passing {
        Passing::Logs => {
            let logs = db
                .prepare_cached(&format!("UPDATE run SET log = NULL WHERE id IN ({old})"))?
                .execute(bounds)?;
            let keys = db
                .prepare_cached(
                    "DELETE FROM upload WHERE id IN (
                         SELECT id FROM upload WHERE received < ?1 AND document IS NULL LIMIT ?2)",
                )?
                .execute(bounds)?;
            logs.max(keys)
        }
        Passing::Runs => {
            db.prepare_cached(&format!("DELETE FROM upload WHERE run IN ({old})"))?
                .execute(bounds)?;
            delete(db, table, number, &old, before, most)?
        }
        Passing::Deliveries => {
            let notices = db.prepare_cached(NOTICES)?.execute(bounds)?;
            notices.max(delete(db, table, number, &old, before, most)?)
        }
        Passing::Jobs | Passing::Changes | Passing::Score => {
            delete(db, table, number, &old, before, most)?
        }
        Passing::Traffic => traffic::forget(db, before, most)?,
        Passing::Words => traffic::forget_words(db, before, most)?,
        Passing::TrafficSums => traffic::forget_sums(db, before, most)?,
    };
    Ok(gone)
}

fn delete(
    db: &Connection,
    table: &str,
    number: &str,
    old: &str,
    before: i64,
    most: i64,
) -> rusqlite::Result<usize> {
    db.prepare_cached(&format!("DELETE FROM {table} WHERE {number} IN ({old})"))?
        .execute(params![before, most])
}

impl Retention for Sqlite {
    fn retention(&self) -> Result<RetentionSettings> {
        self.reading(|db| {
            let sql =
                "SELECT runs, logs, jobs, deliveries, changes, score, traffic, words, traffic_sums, traffic_rows, revision
                 FROM retention";
            Ok(db.prepare_cached(sql)?.query_row([], |row| {
                let mut days = [0; 9];
                for (column, days) in days.iter_mut().enumerate() {
                    *days = row.get(column)?;
                }
                let rows: i64 = row.get(9)?;
                Ok(RetentionSettings::new(days, rows.unsigned_abs(), row.get(10)?))
            })?)
        })
    }

    fn set_retention(&mut self, settings: &RetentionSettings) -> Result<()> {
        for passing in Passing::ALL {
            let (least, most) = passing.bounds();
            let days = settings.days(passing);
            if !(least..=most).contains(&days) {
                let name = passing.name();
                let text = format!("{name} are kept for {least} to {most} days, not {days}");
                return Err(StoreError::Refused(text));
            }
        }
        let (least, most) = RetentionSettings::ROWS;
        if !(least..=most).contains(&settings.rows) {
            let text = format!(
                "at least {least} and at most {most} interactions are kept, not {}",
                settings.rows
            );
            return Err(StoreError::Refused(text));
        }
        let rows = i64::try_from(settings.rows).unwrap_or(i64::MAX);
        let days = |passing| settings.days(passing);
        let set = self.write(|db| {
            db.execute(
                "UPDATE retention SET runs = ?1, logs = ?2, jobs = ?3, deliveries = ?4, changes = ?5, score = ?6,
                     traffic = ?7, words = ?8, traffic_sums = ?9, traffic_rows = ?10, revision = revision + 1
                 WHERE revision = ?11",
                params![
                    days(Passing::Runs),
                    days(Passing::Logs),
                    days(Passing::Jobs),
                    days(Passing::Deliveries),
                    days(Passing::Changes),
                    days(Passing::Score),
                    days(Passing::Traffic),
                    days(Passing::Words),
                    days(Passing::TrafficSums),
                    rows,
                    settings.revision
                ],
            )
        })?;
        if set == 0 {
            return Err(StoreError::Edited {
                what: "the retention".to_owned(),
            });
        }
        Ok(())
    }

    fn old(&self, passing: Passing, before: Timestamp, most: u64) -> Result<Old> {
        self.reading(|db| {
            let (table, number, time, condition) = place(passing);
            // By what has an index.
            let order = match passing {
                Passing::Traffic | Passing::Words | Passing::TrafficSums => number,
                _ => time,
            };
            let sql = format!(
                "SELECT count(*), min(time) FROM (SELECT {time} AS time FROM {table} WHERE {condition} ORDER BY {order} LIMIT ?2)"
            );
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            Ok(db
                .prepare_cached(&sql)?
                .query_row(params![before.as_millisecond(), most], |row| {
                    Ok(Old {
                        count: row.get::<_, i64>(0)?.unsigned_abs(),
                        oldest: time_if_any(row, 1)?,
                    })
                })?)
        })
    }

    fn forget(&mut self, passing: Passing, before: Timestamp, most: usize) -> Result<usize> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.whole(|db| forget(db, passing, before.as_millisecond(), most))
    }

    fn space(&self) -> Result<Space> {
        self.reading(|db| {
            let figure = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            let size = figure("page_size")?.unsigned_abs();
            Ok(Space {
                bytes: size * figure("page_count")?.unsigned_abs(),
                free: size * figure("freelist_count")?.unsigned_abs(),
                gives_back: figure("auto_vacuum")? == INCREMENTAL,
            })
        })
    }

    fn give_back(&mut self, pages: u32) -> Result<u64> {
        self.whole(|db| {
            let free = || -> rusqlite::Result<i64> {
                db.pragma_query_value(None, "freelist_count", |row| row.get(0))
            };
            let before = free()?;
            let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
            let mut rows = statement.query([])?;
            // Each step gives back one page.
            while rows.next()?.is_some() {}
            Ok((before - free()?).max(0).unsigned_abs())
        })
    }
}

/// What `PRAGMA auto_vacuum` calls it.
const INCREMENTAL: i64 = 2;
