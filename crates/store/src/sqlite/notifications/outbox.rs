//! What is to be told, until a message tells it.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::notifications::{Event, Gathered, SubscriptionNumber, Untold, Waiting};
use crate::sqlite::Halt;
use crate::sqlite::columns::{named, time};
use crate::sqlite::estate::row::{severity, severity_number};
use crate::sqlite::estate::{change_row, finding_row, waiver_row};

/// Wants this event, and is switched on.
const WANTS: &str = "enabled AND instr(' ' || events || ' ', ' ' || ?1 || ' ') > 0";

pub(super) fn unsettled(db: &Connection) -> Result<bool, Halt> {
    let sql = "SELECT EXISTS (SELECT 1 FROM notice WHERE delivery IS NULL)
         OR EXISTS (SELECT 1 FROM delivery WHERE state = 'waiting')";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

pub(super) fn waiting(db: &Connection) -> Result<Vec<Waiting>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT subscription, event FROM notice WHERE delivery IS NULL ORDER BY subscription, event",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Waiting {
            subscription: SubscriptionNumber(row.get(0)?),
            event: named(row, 1, Event::named)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn gather(db: &Connection, waiting: Waiting, most: usize) -> Result<Gathered, Halt> {
    let key = params![waiting.subscription.0, waiting.event.name()];
    let mut gathered = Gathered::default();
    let mut counts = db.prepare_cached(
        "SELECT severity, count(*) FROM notice WHERE subscription = ?1 AND event = ?2 AND delivery IS NULL
         GROUP BY severity",
    )?;
    let rows = counts.query_map(key, |row| {
        Ok((severity(row.get(0)?)?, row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    for row in rows {
        let (severity, count) = row?;
        gathered.total += count;
        gathered.severities.insert(severity, count);
    }
    let mut first = db.prepare_cached(
        "SELECT subject FROM notice WHERE subscription = ?1 AND event = ?2 AND delivery IS NULL
         ORDER BY severity DESC, id LIMIT ?3",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let subjects: Vec<i64> = first
        .query_map(
            params![waiting.subscription.0, waiting.event.name(), most],
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    for subject in subjects {
        match waiting.event {
            Event::FindingOpened | Event::FindingOverdue => {
                gathered.findings.extend(finding_row(db, subject)?);
            }
            Event::ChangeWeakening => gathered.changes.extend(change_row(db, subject)?),
            Event::WaiverExpiring => gathered.waivers.extend(waiver_row(db, subject)?),
        }
    }
    Ok(gathered)
}

pub(super) fn untold(
    db: &Connection,
    now: Timestamp,
    soon: Timestamp,
    most: usize,
) -> Result<Vec<Untold>, Halt> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    let overdue = format!(
        "SELECT subscription.id, finding.id, due, severity FROM subscription CROSS JOIN finding
         WHERE {WANTS} AND counts AND due < ?2 AND severity >= least AND NOT EXISTS (
             SELECT 1 FROM notice WHERE notice.subscription = subscription.id AND event = ?1
                 AND subject = finding.id AND mark = due)
         LIMIT ?3"
    );
    let expiring = format!(
        "SELECT subscription.id, waiver.id, expires, 3 FROM subscription CROSS JOIN waiver
         WHERE {WANTS} AND state = 'approved' AND expires > ?2 AND expires <= ?4 AND NOT EXISTS (
             SELECT 1 FROM notice WHERE notice.subscription = subscription.id AND event = ?1
                 AND subject = waiver.id AND mark = expires)
         LIMIT ?3"
    );
    for (event, sql) in [
        (Event::FindingOverdue, overdue),
        (Event::WaiverExpiring, expiring),
    ] {
        let mut statement = db.prepare_cached(&sql)?;
        let (name, now, soon) = (event.name(), now.as_millisecond(), soon.as_millisecond());
        let values: &[&dyn rusqlite::ToSql] = match event {
            Event::WaiverExpiring => &[&name, &now, &most, &soon],
            _ => &[&name, &now, &most],
        };
        let rows = statement.query_map(values, |row| {
            Ok(Untold {
                subscription: SubscriptionNumber(row.get(0)?),
                event,
                subject: row.get(1)?,
                mark: time(row, 2)?,
                severity: severity(row.get(3)?)?,
            })
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

pub(super) fn tell(db: &Connection, untold: &[Untold], now: Timestamp) -> Result<(), Halt> {
    let mut add = db.prepare_cached(
        "INSERT INTO notice (subscription, event, subject, mark, severity, at)
         SELECT id, ?2, ?3, ?4, ?5, ?6 FROM subscription WHERE id = ?1 AND enabled
         ON CONFLICT DO NOTHING",
    )?;
    for one in untold {
        add.execute(params![
            one.subscription.0,
            one.event.name(),
            one.subject,
            one.mark.as_millisecond(),
            severity_number(one.severity),
            now.as_millisecond(),
        ])?;
    }
    Ok(())
}
