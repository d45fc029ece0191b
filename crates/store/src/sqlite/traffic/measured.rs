//! Adding up metrics.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use stance_core::traffic::{Measure, Measured};

use super::bytes_of_hex;
use super::names::{Names, Numbers};
use super::sums::parts;
use super::tally::LEVELS;
use crate::StoreError;
use crate::sqlite::Halt;
use crate::traffic::{BATCH_MEASURED, By, MeasuredSums, Span};

/// Most names that one minute, hour or day counts one by one.
const MOST: i64 = 1_000;

/// Most series that are known; those that were silent longest go.
const SERIES: i64 = 100_000;

/// A series that begins with a point that counts since longer than this, in milliseconds, was counted before anybody looked:
/// what it had by then is of no minute.
const FRESH: i64 = 3_600_000;

/// The most that one point adds, and the most that a sum says.
const MOST_OF_ONE: u64 = 1_000_000_000_000;
const MOST_OF_SUM: i64 = 100_000_000_000_000;

/// Columns of sums, and their number.
const COLUMNS: &str = "calls, calls_us, served, served_us, failed, counted, tokens_in, tokens_out, first, first_us, cost";
const COUNT: usize = 11;

type Sums = [i64; COUNT];
type Cell = (i64, i64, i64, i64, i64);

/// Adds points; gives how many of them counted.
pub(super) fn measure(db: &Connection, points: &[Measured]) -> Result<usize, Halt> {
    if points.len() > BATCH_MEASURED {
        let text = format!(
            "at most {BATCH_MEASURED} points are kept at once, not {}",
            points.len()
        );
        return Err(StoreError::Refused(text).into());
    }
    let mut numbers = Numbers::default();
    let mut cells: HashMap<Cell, Sums> = HashMap::new();
    let mut counted = 0;
    for point in points {
        let Some((count, sum)) = added(db, point)? else {
            continue;
        };
        if count == 0 && sum == 0 {
            continue;
        }
        counted += 1;
        let at = point.at.as_second();
        let mut number = |by, name: Option<&str>| {
            let number = numbers.of(db, by, name.unwrap_or_default(), at)?;
            Ok::<_, Halt>(number.unwrap_or_default())
        };
        let service = number(By::Place, Some(&point.service))?;
        let model = number(By::Model, point.model.as_deref())?;
        let operation = number(By::Operation, Some(&point.operation))?;
        for level in LEVELS {
            let cell = (
                level,
                at.div_euclid(level) * level,
                service,
                model,
                operation,
            );
            add(cells.entry(cell).or_default(), point, count, sum);
        }
    }
    let mut cells: Vec<_> = cells.into_iter().collect();
    cells.sort_unstable_by_key(|(cell, _)| *cell);
    for (cell, sums) in cells {
        write(db, cell, &sums)?;
    }
    forget_series(db)?;
    Ok(counted)
}

fn add(sums: &mut Sums, point: &Measured, count: i64, sum: i64) {
    let [
        calls,
        calls_us,
        served,
        served_us,
        failed,
        counted,
        tokens_in,
        tokens_out,
        first,
        first_us,
        cost,
    ] = sums;
    let to = |column: &mut i64, more: i64| *column = column.saturating_add(more);
    match point.measure {
        Measure::TokensIn => {
            to(counted, count);
            to(tokens_in, sum);
        }
        Measure::TokensOut => to(tokens_out, sum),
        Measure::Calls | Measure::Served => {
            let (many, took) = match point.measure {
                Measure::Calls => (calls, calls_us),
                _ => (served, served_us),
            };
            to(many, count);
            to(took, sum);
            if point.failed {
                to(failed, count);
            }
        }
        Measure::FirstToken => {
            to(first, count);
            to(first_us, sum);
        }
        Measure::Cost => to(cost, sum),
    }
}

/// What a point adds to its series, which knows it from now on; nothing where it came before, or later ones did.
fn added(db: &Connection, point: &Measured) -> Result<Option<(i64, i64)>, Halt> {
    let series = bytes_of_hex(&point.series)
        .ok_or_else(|| StoreError::Refused("a series has no name in hexadecimal".to_owned()))?;
    let bounded = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let (count, sum) = (bounded(point.count), bounded(point.sum));
    let at = point.at.as_millisecond();
    let last: Option<(i64, i64, i64)> = db
        .prepare_cached("SELECT at, count, sum FROM measure_series WHERE series = ?1")?
        .query_row([&series], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if last.is_some_and(|(before, ..)| before >= at) {
        return Ok(None);
    }
    db.prepare_cached(
        "INSERT INTO measure_series (series, at, count, sum) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET at = excluded.at, count = excluded.count, sum = excluded.sum",
    )?
    .execute(params![series, at, count, sum])?;
    let most = bounded(MOST_OF_ONE);
    let of = |count: i64, sum: i64| Some((count.clamp(0, most), sum.clamp(0, most)));
    if !point.cumulative {
        return Ok(of(count, sum));
    }
    Ok(match last {
        // It began anew.
        Some((_, before, summed)) if count < before || sum < summed => of(count, sum),
        Some((_, before, summed)) => of(count - before, sum - summed),
        None => {
            let since = point.since.map(jiff::Timestamp::as_millisecond);
            match since {
                Some(since) if at.saturating_sub(since) <= FRESH => of(count, sum),
                _ => of(0, 0),
            }
        }
    })
}

fn write(db: &Connection, mut cell: Cell, sums: &Sums) -> Result<(), Halt> {
    let (level, at, service, model, operation) = cell;
    let is_there = db
        .prepare_cached(
            "SELECT 1 FROM measure_sum WHERE level = ?1 AND at = ?2 AND service = ?3 AND model = ?4 AND operation = ?5",
        )?
        .query_row(params![level, at, service, model, operation], |_| Ok(()))
        .optional()?
        .is_some();
    if !is_there {
        let crowd: i64 = db
            .prepare_cached("SELECT count(*) FROM measure_sum WHERE level = ?1 AND at = ?2")?
            .query_row(params![level, at], |row| row.get(0))?;
        if crowd >= MOST {
            cell = (level, at, 0, 0, 0);
        }
    }
    let (level, at, service, model, operation) = cell;
    let sets: Vec<String> = COLUMNS
        .split(", ")
        .map(|name| format!("{name} = min({name} + excluded.{name}, {MOST_OF_SUM})"))
        .collect();
    let sql = format!(
        "INSERT INTO measure_sum (level, at, service, model, operation, {COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT DO UPDATE SET {}",
        sets.join(", ")
    );
    let [a, b, c, d, e, f, g, h, i, j, k] = sums.map(|sum| sum.min(MOST_OF_SUM));
    db.prepare_cached(&sql)?.execute(params![
        level, at, service, model, operation, a, b, c, d, e, f, g, h, i, j, k
    ])?;
    Ok(())
}

/// Forgets series beyond those that are known at once, and those that were silent for two days.
fn forget_series(db: &Connection) -> Result<(), Halt> {
    db.prepare_cached(
        "DELETE FROM measure_series WHERE at < (SELECT max(at) FROM measure_series) - 172800000",
    )?
    .execute([])?;
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM measure_series")?
        .query_row([], |row| row.get(0))?;
    if count > SERIES {
        db.prepare_cached(
            "DELETE FROM measure_series WHERE series IN (SELECT series FROM measure_series ORDER BY at LIMIT ?1)",
        )?
        .execute([count - SERIES])?;
    }
    Ok(())
}

/// What was told in a span by service, model and operation, the most calls first; `n` at most.
pub(super) fn measured(db: &Connection, span: Span, n: usize) -> Result<Vec<MeasuredSums>, Halt> {
    let summed: Vec<String> = COLUMNS
        .split(", ")
        .map(|name| format!("sum({name})"))
        .collect();
    let sql = format!(
        "SELECT service, model, operation, {} FROM measure_sum
         WHERE level = ?1 AND at >= ?2 AND at < ?3 GROUP BY service, model, operation",
        summed.join(", ")
    );
    let mut all: HashMap<(i64, i64, i64), [u64; COUNT]> = HashMap::new();
    for (level, from, to) in parts(db, "measure_sum WHERE level = ?1", span)? {
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![level, from, to])?;
        while let Some(row) = rows.next()? {
            let sums = all
                .entry((row.get(0)?, row.get(1)?, row.get(2)?))
                .or_default();
            for (at, sum) in sums.iter_mut().enumerate() {
                *sum = sum.saturating_add(unsigned(row, at + 3)?);
            }
        }
    }
    let mut names = Names::default();
    let mut told = Vec::with_capacity(all.len());
    for (key, sums) in all {
        let mut name = |number: i64| names.of(db, Some(number).filter(|number| *number > 0));
        let named = MeasuredSums {
            service: name(key.0)?,
            model: name(key.1)?,
            operation: name(key.2)?,
            ..of(sums)
        };
        told.push(named);
    }
    told.sort_by(|one, other| {
        let key = |it: &MeasuredSums| {
            let tokens = it.tokens_in.saturating_add(it.tokens_out);
            std::cmp::Reverse((it.all(), tokens))
        };
        (key(one), &one.service, &one.model, &one.operation).cmp(&(
            key(other),
            &other.service,
            &other.model,
            &other.operation,
        ))
    });
    told.truncate(n);
    Ok(told)
}

fn of(sums: [u64; COUNT]) -> MeasuredSums {
    let [
        calls,
        calls_us,
        served,
        served_us,
        failed,
        counted,
        tokens_in,
        tokens_out,
        first,
        first_us,
        cost,
    ] = sums;
    MeasuredSums {
        calls,
        calls_us,
        served,
        served_us,
        failed,
        counted,
        tokens_in,
        tokens_out,
        first,
        first_us,
        cost,
        ..MeasuredSums::default()
    }
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, Halt> {
    Ok(row.get::<_, i64>(column)?.max(0).unsigned_abs())
}
