//! Figures of spans, from running sums.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::millis_of;
use super::names::Names;
use super::tally::{Dimension, Duration, LEVELS, middle};
use crate::sqlite::Halt;
use crate::traffic::{By, Latency, Span, Step, Sums, Top, TrafficStep};

const MINUTE: i64 = LEVELS[0];
const HOUR: i64 = LEVELS[1];
const DAY: i64 = LEVELS[2];

/// For how long minutes are kept, in seconds.
const MINUTES_KEPT: i64 = 2 * DAY;

/// The columns of [`sums_of`], summed.
pub(super) const SUMMED: &str = "sum(requests), sum(flagged), sum(redacted), sum(asked), sum(blocked), sum(unjudged),
    sum(failed), sum(tokens_in), sum(tokens_out), sum(cost), sum(unpriced), sum(request_bytes), sum(answer_bytes),
    min(first), max(last)";

/// The sums of a row that has [`SUMMED`] from a column on.
pub(super) fn sums_of(row: &Row<'_>, from: usize) -> rusqlite::Result<Sums> {
    let count = |column: usize| -> rusqlite::Result<u64> {
        let count: Option<i64> = row.get(from + column)?;
        Ok(count.unwrap_or_default().unsigned_abs())
    };
    let time = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        let millis: Option<i64> = row.get(from + column)?;
        Ok(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    };
    Ok(Sums {
        requests: count(0)?,
        flagged: count(1)?,
        redacted: count(2)?,
        asked: count(3)?,
        blocked: count(4)?,
        unjudged: count(5)?,
        failed: count(6)?,
        tokens_in: count(7)?,
        tokens_out: count(8)?,
        cost: count(9)?,
        unpriced: count(10)?,
        request_bytes: count(11)?,
        answer_bytes: count(12)?,
        first: time(13)?,
        last: time(14)?,
    })
}

/// Adds others to sums.
pub(super) fn add(sums: &mut Sums, other: &Sums) {
    let pairs = [
        (&mut sums.requests, other.requests),
        (&mut sums.flagged, other.flagged),
        (&mut sums.redacted, other.redacted),
        (&mut sums.asked, other.asked),
        (&mut sums.blocked, other.blocked),
        (&mut sums.unjudged, other.unjudged),
        (&mut sums.failed, other.failed),
        (&mut sums.tokens_in, other.tokens_in),
        (&mut sums.tokens_out, other.tokens_out),
        (&mut sums.cost, other.cost),
        (&mut sums.unpriced, other.unpriced),
        (&mut sums.request_bytes, other.request_bytes),
        (&mut sums.answer_bytes, other.answer_bytes),
    ];
    for (sum, more) in pairs {
        *sum = sum.saturating_add(more);
    }
    sums.first = [sums.first, other.first].into_iter().flatten().min();
    sums.last = sums.last.max(other.last);
}

/// A part of a span that sums of one level make up: level, first second, the second behind the last.
pub(super) type Part = (i64, i64, i64);

/// Where the sums of interactions have their minutes; ?1 is the level of these.
pub(super) const SUMS: &str = "traffic_sum WHERE level = ?1 AND dimension = 0";

/// The fewest sums that make up a span: days in its middle, hours beside them, minutes at its ends.
pub(super) fn parts(db: &Connection, minutes: &str, span: Span) -> Result<Vec<Part>, Halt> {
    let (mut from, mut to) = span.seconds(MINUTE);
    let oldest: Option<i64> = db
        .prepare_cached(&format!("SELECT min(at) FROM {minutes}"))?
        .query_row([MINUTE], |row| row.get(0))?;
    // Where minutes are gone, the whole hour is told.
    let is_kept = |second: i64| oldest.is_some_and(|oldest| second >= oldest);
    let hour = |second: i64| second.div_euclid(HOUR) * HOUR;
    if !is_kept(from) {
        from = hour(from);
    }
    if !is_kept(hour(to)) {
        to = hour(to + HOUR - 1);
    }
    let mut parts = Vec::new();
    split(&LEVELS, from, to, &mut parts);
    Ok(parts)
}

/// Splits a span, whose ends are multiples of the first of the levels.
fn split(levels: &[i64], from: i64, to: i64, parts: &mut Vec<Part>) {
    let Some((level, larger)) = levels.split_first() else {
        return;
    };
    let mut part = |from: i64, to: i64| {
        if from < to {
            parts.push((*level, from, to));
        }
    };
    let Some(next) = larger.first() else {
        return part(from, to);
    };
    let (inner, outer) = (
        (from + next - 1).div_euclid(*next) * next,
        to.div_euclid(*next) * next,
    );
    if inner >= outer {
        return part(from, to);
    }
    part(from, inner);
    part(outer, to);
    split(larger, inner, outer, parts);
}

/// The sums of a span.
pub(super) fn total(db: &Connection, span: Span) -> Result<TrafficStep, Halt> {
    let parts = parts(db, SUMS, span)?;
    let mut sums = Sums::default();
    let mut classes: [BTreeMap<i64, u64>; 3] = Default::default();
    for part in &parts {
        let sql = format!(
            "SELECT {SUMMED} FROM traffic_sum WHERE level = ?1 AND dimension = 0 AND at >= ?2 AND at < ?3"
        );
        let more = db
            .prepare_cached(&sql)?
            .query_row(params![part.0, part.1, part.2], |row| sums_of(row, 0))?;
        add(&mut sums, &more);
        for (kind, classes) in classes.iter_mut().enumerate() {
            let mut statement = db.prepare_cached(
                "SELECT class, sum(count) FROM traffic_latency
                 WHERE level = ?1 AND kind = ?2 AND at >= ?3 AND at < ?4 GROUP BY class",
            )?;
            let kind = i64::try_from(kind).unwrap_or_default();
            let mut rows = statement.query(params![part.0, kind, part.1, part.2])?;
            while let Some(row) = rows.next()? {
                let count: i64 = row.get(1)?;
                *classes.entry(row.get(0)?).or_default() += count.unsigned_abs();
            }
        }
    }
    let from = parts.iter().map(|part| part.1).min();
    let to = parts.iter().map(|part| part.2).max();
    let [judging, total, first_byte] = classes.map(|classes| latency(&classes));
    Ok(TrafficStep {
        span: Span {
            from: from.map_or(span.from, second),
            to: to.map_or(span.to, second),
        },
        sums,
        judging,
        total,
        first_byte,
    })
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// The sums of every step of a span.
pub(super) fn steps(db: &Connection, span: Span, step: Step) -> Result<Vec<TrafficStep>, Halt> {
    let (level, length) = (level(step), step.seconds());
    let (mut from, to) = span.seconds(length);
    let most = i64::try_from(Span::STEPS).unwrap_or(i64::MAX);
    from = from.max(to - most * length);
    let mut sums = sums_by_step(db, level, length, (from, to))?;
    let mut judging = latencies(db, Duration::Judging, level, length, (from, to))?;
    let mut total = latencies(db, Duration::Total, level, length, (from, to))?;
    let mut first_byte = latencies(db, Duration::FirstByte, level, length, (from, to))?;
    let count = usize::try_from((to - from) / length).unwrap_or_default();
    let begins = (from..to).step_by(usize::try_from(length).unwrap_or(1));
    Ok(begins
        .take(count)
        .map(|at| TrafficStep {
            span: Span {
                from: second(at),
                to: second(at + length),
            },
            sums: sums.remove(&at).unwrap_or_default(),
            judging: judging.remove(&at).unwrap_or_default(),
            total: total.remove(&at).unwrap_or_default(),
            first_byte: first_byte.remove(&at).unwrap_or_default(),
        })
        .collect())
}

/// The level of which steps are made.
pub(super) const fn level(step: Step) -> i64 {
    match step {
        Step::Minutes(_) => MINUTE,
        Step::Hours(_) => HOUR,
        Step::Days(_) => DAY,
    }
}

fn sums_by_step(
    db: &Connection,
    level: i64,
    length: i64,
    (from, to): (i64, i64),
) -> Result<HashMap<i64, Sums>, Halt> {
    let sql = format!(
        "SELECT at / ?4 * ?4, {SUMMED} FROM traffic_sum
         WHERE level = ?1 AND dimension = 0 AND at >= ?2 AND at < ?3 GROUP BY at / ?4"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![level, from, to, length], |row| {
        Ok((row.get(0)?, sums_of(row, 1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn latencies(
    db: &Connection,
    kind: Duration,
    level: i64,
    length: i64,
    (from, to): (i64, i64),
) -> Result<HashMap<i64, Latency>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT at / ?5 * ?5, class, sum(count) FROM traffic_latency
         WHERE level = ?1 AND kind = ?2 AND at >= ?3 AND at < ?4 GROUP BY at / ?5, class",
    )?;
    let mut rows = statement.query(params![level, kind as i64, from, to, length])?;
    let mut classes: HashMap<i64, BTreeMap<i64, u64>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(2)?;
        let classes = classes.entry(row.get(0)?).or_default();
        *classes.entry(row.get(1)?).or_default() += count.unsigned_abs();
    }
    let told = classes.into_iter();
    Ok(told.map(|(at, classes)| (at, latency(&classes))).collect())
}

/// The percentiles of counts by class.
fn latency(classes: &BTreeMap<i64, u64>) -> Latency {
    let count: u64 = classes.values().sum();
    let at = |percent: u64| {
        let wanted = (count * percent).div_ceil(100).max(1);
        let mut met = 0;
        let mut found = classes.iter().find(|(_, count)| {
            met += **count;
            met >= wanted
        });
        found.take().map(|(class, _)| middle(*class))
    };
    Latency {
        count,
        p50: at(50),
        p95: at(95),
        p99: at(99),
    }
}

/// The dimension of names alone.
pub(super) const fn dimension(by: By) -> Dimension {
    match by {
        By::Identity => Dimension::Identity,
        By::Model => Dimension::Model,
        By::Tool => Dimension::Tool,
        By::Rule => Dimension::Rule,
        By::Place => Dimension::Place,
        By::Operation => Dimension::Operation,
    }
}

/// The sums of each pair of names of a dimension in a span.
pub(super) fn by_name(
    db: &Connection,
    dimension: Dimension,
    parts: &[Part],
) -> Result<HashMap<(i64, i64), Sums>, Halt> {
    let mut all: HashMap<(i64, i64), Sums> = HashMap::new();
    let sql = format!(
        "SELECT name, other, {SUMMED} FROM traffic_sum
         WHERE level = ?1 AND dimension = ?2 AND at >= ?3 AND at < ?4 GROUP BY name, other"
    );
    for (level, from, to) in parts {
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![level, dimension as i64, from, to])?;
        while let Some(row) = rows.next()? {
            add(
                all.entry((row.get(0)?, row.get(1)?)).or_default(),
                &sums_of(row, 2)?,
            );
        }
    }
    Ok(all)
}

/// Those with most; rules that stopped most come first.
pub(super) fn top(db: &Connection, by: By, span: Span, n: usize) -> Result<Vec<Top>, Halt> {
    let mut all = by_name(db, dimension(by), &parts(db, SUMS, span)?)?;
    let beyond = all.remove(&(0, 0));
    let mut named = Vec::new();
    let mut names = Names::default();
    let mut ranked: Vec<_> = all.into_iter().collect();
    ranked.sort_unstable_by_key(|((name, _), sums)| {
        let stopped = if by == By::Rule { sums.stopped() } else { 0 };
        (std::cmp::Reverse((stopped, sums.requests)), *name)
    });
    for ((name, _), sums) in ranked.into_iter().take(n) {
        let name = names.of(db, Some(name))?;
        named.push(Top { name, sums });
    }
    named.extend(beyond.map(|sums| Top { name: None, sums }));
    Ok(named)
}

/// Removes at most so many sums from before a time, and the minutes that are kept for two days alone; gives how many.
pub(in crate::sqlite) fn forget(
    db: &Connection,
    before: i64,
    most: i64,
) -> rusqlite::Result<usize> {
    let before = before.div_euclid(1_000);
    let days: i64 = db.query_row("SELECT traffic_sums FROM retention", [], |row| row.get(0))?;
    let now = before.saturating_add(days * DAY);
    let mut gone = 0;
    for level in LEVELS {
        let before = match level {
            MINUTE => before.max(now - MINUTES_KEPT),
            _ => before,
        };
        let sums = db
            .prepare_cached(
                "DELETE FROM traffic_sum WHERE (level, dimension, at, name, other) IN (
                     SELECT level, dimension, at, name, other FROM traffic_sum
                     WHERE level = ?1 AND dimension BETWEEN 0 AND 8 AND at < ?2 LIMIT ?3)",
            )?
            .execute(params![level, before - level, most])?;
        let latencies = db
            .prepare_cached(
                "DELETE FROM traffic_latency WHERE (level, kind, at, class) IN (
                     SELECT level, kind, at, class FROM traffic_latency
                     WHERE level = ?1 AND kind BETWEEN 0 AND 2 AND at < ?2 LIMIT ?3)",
            )?
            .execute(params![level, before - level, most])?;
        let measured = db
            .prepare_cached(
                "DELETE FROM measure_sum WHERE (level, at, service, model, operation) IN (
                     SELECT level, at, service, model, operation FROM measure_sum WHERE level = ?1 AND at < ?2 LIMIT ?3)",
            )?
            .execute(params![level, before - level, most])?;
        gone = gone.max(sums).max(latencies).max(measured);
    }
    Ok(gone.max(forget_names(db, before, most)?))
}

/// Names that neither sums nor interactions have any more.
fn forget_names(db: &Connection, before: i64, most: i64) -> rusqlite::Result<usize> {
    let oldest: Option<i64> =
        db.query_row("SELECT min(key) FROM interaction", [], |row| row.get(0))?;
    let before = oldest.map_or(before, |key| before.min(millis_of(key).div_euclid(1_000)));
    db.prepare_cached(
        "DELETE FROM traffic_name WHERE id IN (SELECT id FROM traffic_name WHERE last < ?1 LIMIT ?2)",
    )?
    .execute(params![before - DAY - HOUR, most])
}
