//! Figures day by day, what they are made of, and what is aimed for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use stance_core::Severity;
use stance_core::kpi::{AssetCounts, Inputs, Lifetime, Measure, Remediation};
use stance_core::score::Points;

use super::row::{count, get, json, ms, severity, time};
use super::{deadlines, pulse, tally};
use crate::sqlite::record::json as write;
use crate::sqlite::{Halt, Sqlite};
use crate::{Aim, DayMeasure, FindingNumber, MeasuredDay, Objectives, Redated, Result};

/// Waivers that end within this time are about to.
const EXPIRING: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Objectives for Sqlite {
    fn kpi_inputs(&self, since: Timestamp, now: Timestamp) -> Result<Inputs> {
        self.reading(|db| inputs(db, since, now))
    }

    fn record_measures(
        &mut self,
        at: Timestamp,
        measures: &[Measure],
        remediation: &BTreeMap<Severity, Remediation>,
    ) -> Result<()> {
        self.whole(|db| record(db, at, measures, remediation))
    }

    fn measured(&self, today: Date) -> Result<Option<MeasuredDay>> {
        self.reading(|db| {
            let last = db
                .prepare_cached(
                    "SELECT day, at, remediation FROM measured_day WHERE day <= ?1 ORDER BY day DESC LIMIT 1",
                )?
                .query_row([today.to_string()], |row| {
                    Ok(MeasuredDay {
                        day: day(row, "day")?,
                        at: time(row, "at")?,
                        remediation: json(row, "remediation")?,
                    })
                })
                .optional()?;
            Ok(last)
        })
    }

    fn measures(&self, kpi: Option<&str>, from: Date, to: Date) -> Result<Vec<DayMeasure>> {
        self.reading(|db| {
            let of = if kpi.is_some() { "kpi = ?3 AND" } else { "" };
            let sql = format!(
                "SELECT kpi, day, value FROM measure WHERE {of} day >= ?1 AND day <= ?2 ORDER BY kpi, day"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let read = |row: &Row<'_>| {
                Ok(DayMeasure {
                    kpi: get(row, "kpi")?,
                    day: day(row, "day")?,
                    value: get(row, "value")?,
                })
            };
            let (from, to) = (from.to_string(), to.to_string());
            let rows = match kpi {
                Some(kpi) => statement.query_map(params![from, to, kpi], read)?,
                None => statement.query_map(params![from, to], read)?,
            };
            Ok(rows.collect::<std::result::Result<_, _>>()?)
        })
    }

    fn aims(&self) -> Result<BTreeMap<String, Aim>> {
        self.reading(|db| {
            let mut statement = db.prepare_cached("SELECT kpi, target, threshold FROM aim")?;
            let rows = statement.query_map([], |row| {
                let aim = Aim {
                    target: get(row, "target")?,
                    threshold: get(row, "threshold")?,
                };
                Ok((get(row, "kpi")?, aim))
            })?;
            Ok(rows.collect::<std::result::Result<_, _>>()?)
        })
    }

    fn set_aim(&mut self, kpi: &str, aim: Option<Aim>) -> Result<()> {
        self.whole(|db| {
            match aim {
                Some(aim) => db
                    .prepare_cached(
                        "INSERT INTO aim (kpi, target, threshold) VALUES (?1, ?2, ?3)
                         ON CONFLICT (kpi) DO UPDATE SET target = excluded.target, threshold = excluded.threshold",
                    )?
                    .execute(params![kpi, aim.target, aim.threshold])?,
                None => db
                    .prepare_cached("DELETE FROM aim WHERE kpi = ?1")?
                    .execute([kpi])?,
            };
            Ok(())
        })
    }

    fn deadlines(&self) -> Result<stance_core::due::Deadlines> {
        self.reading(deadlines::read)
    }

    fn set_deadlines(&mut self, deadlines: &stance_core::due::Deadlines) -> Result<()> {
        self.whole(|db| deadlines::set(db, deadlines))
    }

    fn redate(&mut self, after: FindingNumber, most: usize) -> Result<Redated> {
        self.whole(|db| deadlines::redate(db, after, most))
    }
}

fn inputs(db: &Connection, since: Timestamp, now: Timestamp) -> std::result::Result<Inputs, Halt> {
    let health = pulse::health(db)?;
    if health.last_scan.is_none() {
        return Ok(Inputs::default());
    }
    let tally = tally::tally(db)?;
    let (lifetimes, overdue) = lifetimes(db, since, now)?;
    let score = tally.totals.score().map(|it| it.value);
    let open = Severity::ALL
        .into_iter()
        .map(|severity| {
            let number = super::row::severity_number(severity);
            let place = usize::try_from(4 - number).unwrap_or_default();
            let open = tally.findings.get(place).copied().unwrap_or_default();
            (severity, open)
        })
        .collect();
    let fixed = lifetimes
        .values()
        .flatten()
        .filter(|(it, _)| it.fixed.is_some())
        .map(|(_, count)| count)
        .sum();
    let assets = db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(judged), 0), coalesce(sum(approval = 'approved'), 0), count(owner)
             FROM asset INDEXED BY asset_figures WHERE present",
        )?
        .query_row([], |row| {
            Ok(AssetCounts {
                all: count(row, 0)?,
                judged: count(row, 1)?,
                sanctioned: count(row, 2)?,
                owned: count(row, 3)?,
            })
        })?;
    Ok(Inputs {
        assets: Some(assets),
        files: (health.files > 0).then_some((health.files, health.left_out)),
        open: Some(open),
        fixed: Some(fixed),
        remediation: lifetimes
            .into_iter()
            .map(|(severity, groups)| (severity, Remediation::of_groups(groups, now)))
            .collect(),
        controls: None,
        detections_stopped: None,
        score_before: score_before(db, since, now)?,
        score_after: score,
        waivers_expiring: Some(expiring(db, now)?),
        overdue: Some(overdue),
    })
}

type Groups = Vec<(Lifetime, u64)>;

/// Findings that were fixed since then, and those that are open, by severity, with how many share a lifetime; and how
/// many of the open ones are overdue. What one scan opens has one beginning: the groups are as many as scans that opened
/// something, times those that fixed it.
fn lifetimes(
    db: &Connection,
    since: Timestamp,
    now: Timestamp,
) -> std::result::Result<(BTreeMap<Severity, Groups>, u64), Halt> {
    let mut all: BTreeMap<Severity, Groups> = BTreeMap::new();
    let mut overdue = 0;
    let mut add = |row: &Row<'_>, fixed: Option<Timestamp>| -> rusqlite::Result<()> {
        let of = severity(row.get("severity")?)?;
        let lifetime = Lifetime {
            first_seen: time(row, "first_seen")?,
            fixed,
        };
        let many = count(row, "many")?;
        all.entry(of).or_default().push((lifetime, many));
        Ok(())
    };
    let mut statement = db.prepare_cached(
        "SELECT severity, first_seen, count(*) AS many, coalesce(sum(due < ?1), 0) AS overdue
         FROM finding INDEXED BY finding_open_since WHERE state IN ('open', 'reopened')
         GROUP BY severity, first_seen",
    )?;
    let mut rows = statement.query([ms(now)])?;
    while let Some(row) = rows.next()? {
        add(row, None)?;
        overdue += count(row, "overdue")?;
    }
    let mut statement = db.prepare_cached(
        "SELECT fixed, severity, first_seen, count(*) AS many FROM finding INDEXED BY finding_fixed_at
         WHERE state = 'fixed' AND fixed >= ?1 AND fixed <= ?2 GROUP BY fixed, severity, first_seen",
    )?;
    let mut rows = statement.query([ms(since), ms(now)])?;
    while let Some(row) = rows.next()? {
        add(row, Some(time(row, "fixed")?))?;
    }
    Ok((all, overdue))
}

const DAY: i64 = 86_400_000;

/// The score at the beginning of the period or, where nothing was known then, the first one of an earlier day than
/// today's.
fn score_before(
    db: &Connection,
    since: Timestamp,
    now: Timestamp,
) -> std::result::Result<Option<Points>, Halt> {
    let today = ms(now) - ms(now).rem_euclid(DAY);
    let before = db
        .prepare_cached(
            "SELECT score FROM (SELECT at, score FROM posture WHERE at <= ?1 ORDER BY at DESC LIMIT 1)
             UNION ALL
             SELECT score FROM (SELECT at, score FROM posture WHERE at > ?1 AND at < ?2 ORDER BY at LIMIT 1)
             LIMIT 1",
        )?
        .query_row([ms(since), today], |row| row.get(0))
        .optional()?;
    Ok(before.map(Points))
}

fn expiring(db: &Connection, now: Timestamp) -> std::result::Result<u64, Halt> {
    let until = now.checked_add(EXPIRING).unwrap_or(Timestamp::MAX);
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM waiver WHERE state = 'approved' AND expires > ?1 AND expires <= ?2",
        )?
        .query_row([ms(now), ms(until)], |row| count(row, 0))?)
}

fn record(
    db: &Connection,
    at: Timestamp,
    measures: &[Measure],
    remediation: &BTreeMap<Severity, Remediation>,
) -> std::result::Result<(), Halt> {
    let day = at.to_zoned(TimeZone::UTC).date().to_string();
    db.prepare_cached(
        "INSERT INTO measured_day (day, at, remediation) VALUES (?1, ?2, ?3)
         ON CONFLICT (day) DO UPDATE SET at = excluded.at, remediation = excluded.remediation",
    )?
    .execute(params![day, ms(at), write(remediation)?])?;
    let mut put = db.prepare_cached(
        "INSERT INTO measure (kpi, day, value) VALUES (?1, ?2, ?3)
         ON CONFLICT (kpi, day) DO UPDATE SET value = excluded.value",
    )?;
    for measure in measures {
        // SQLite takes a value that is no number for NULL: not known.
        put.execute(params![measure.kpi.id, day, measure.value])?;
    }
    Ok(())
}

fn day(row: &Row<'_>, index: &str) -> rusqlite::Result<Date> {
    super::row::named(row, index, |text| text.parse().ok())
}
