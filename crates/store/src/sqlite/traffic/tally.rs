//! Running sums, gathered for a batch and written once.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use stance_core::traffic::{Action, Seen};

use crate::sqlite::Halt;

/// The lengths of minutes, hours and days, in seconds.
pub(super) const LEVELS: [i64; 3] = [60, 3_600, 86_400];

/// Most names of one dimension that one minute, hour or day counts one by one.
const MOST: i64 = 2_000;

/// The most that one interaction adds to a sum, and the most that a sum says: whatever telemetry claims, sums of sums
/// stay numbers.
const MOST_OF_ONE: u64 = 1_000_000_000_000;
const MOST_OF_SUM: i64 = 100_000_000_000_000;

/// What sums are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub(super) enum Dimension {
    All = 0,
    Identity = 1,
    Model = 2,
    Tool = 3,
    Rule = 4,
    Place = 5,
    Operation = 6,
    RuleIdentity = 7,
    RuleModel = 8,
}

/// Which duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub(super) enum Duration {
    Judging = 0,
    Total = 1,
    FirstByte = 2,
}

/// What one interaction adds.
#[derive(Clone, Copy)]
struct Added {
    counts: [i64; 13],
    first: i64,
    last: i64,
}

impl Added {
    fn of(seen: &Seen, millis: i64) -> Self {
        let is = |yes: bool| i64::from(yes);
        let bounded = |value: u64| i64::try_from(value.min(MOST_OF_ONE)).unwrap_or_default();
        let (tokens_in, tokens_out) = (seen.usage.input, seen.usage.output);
        let has_tokens = tokens_in > Some(0) || tokens_out > Some(0);
        Self {
            counts: [
                1,
                is(seen.decision == Action::Flag),
                is(seen.decision == Action::Redact),
                is(seen.decision == Action::Ask),
                is(seen.decision == Action::Block),
                is(seen.unjudged_count > 0),
                is(failed(seen)),
                bounded(tokens_in.unwrap_or(0)),
                bounded(tokens_out.unwrap_or(0)),
                bounded(seen.cost.unwrap_or(0)),
                is(has_tokens && seen.cost.is_none()),
                bounded(seen.request_bytes),
                bounded(seen.answer_bytes),
            ],
            first: millis,
            last: millis,
        }
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in self.counts.iter_mut().zip(other.counts) {
            *sum = sum.saturating_add(more).min(MOST_OF_SUM);
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// Whether an interaction went wrong: it says so, or the caller got a status of an error that no decision explains.
pub(super) fn failed(seen: &Seen) -> bool {
    seen.error.is_some()
        || (!seen.decision.stops() && seen.status.is_some_and(|status| status >= 400))
}

/// The numbers of the names of an interaction.
pub(super) struct Numbered {
    pub(super) identity: Option<i64>,
    pub(super) model: Option<i64>,
    pub(super) place: Option<i64>,
    pub(super) operation: Option<i64>,
    pub(super) tools: Vec<i64>,
    pub(super) rules: Vec<i64>,
}

type Cell = (i64, Dimension, i64, i64, i64);

/// The sums of a batch.
#[derive(Default)]
pub(super) struct Tally {
    cells: HashMap<Cell, Added>,
    latencies: HashMap<(i64, Duration, i64, i64), i64>,
}

impl Tally {
    /// Adds an interaction that began at `millis`.
    pub(super) fn add(&mut self, seen: &Seen, names: &Numbered, millis: i64) {
        let added = Added::of(seen, millis);
        let second = millis.div_euclid(1_000);
        let durations = [
            (Duration::Judging, seen.judging_us),
            (Duration::Total, seen.total_us),
            (Duration::FirstByte, seen.first_byte_us),
        ];
        for level in LEVELS {
            let at = second.div_euclid(level) * level;
            for (dimension, name, other) in dimensions(names) {
                self.cells
                    .entry((level, dimension, at, name, other))
                    .and_modify(|sum| sum.add(&added))
                    .or_insert(added);
            }
            for (kind, micros) in durations {
                if let Some(micros) = micros {
                    *self
                        .latencies
                        .entry((level, kind, at, class(micros)))
                        .or_default() += 1;
                }
            }
        }
    }

    /// Takes one away that was added before, in this batch or an earlier one.
    pub(super) fn take(&mut self, seen: &Seen, names: &Numbered, millis: i64) {
        let mut less = Self::default();
        less.add(seen, names, millis);
        for (cell, mut added) in less.cells {
            for count in &mut added.counts {
                *count = -*count;
            }
            self.cells
                .entry(cell)
                .and_modify(|sum| sum.add(&added))
                .or_insert(added);
        }
        for (class, count) in less.latencies {
            *self.latencies.entry(class).or_default() -= count;
        }
    }

    /// Adds everything to what the database has.
    pub(super) fn write(self, db: &Connection) -> Result<(), Halt> {
        let mut crowds = HashMap::new();
        let mut cells: Vec<_> = self.cells.into_iter().collect();
        // In the order of the table, and the same for the same batch.
        cells.sort_unstable_by_key(|((level, dimension, at, name, other), _)| {
            (*level, *dimension as i64, *at, *name, *other)
        });
        for (cell, added) in cells {
            write(db, cell, &added, &mut crowds)?;
        }
        let mut statement = db.prepare_cached(
            "INSERT INTO traffic_latency (level, kind, at, class, count) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        let mut empty = db.prepare_cached(
            "DELETE FROM traffic_latency WHERE level = ?1 AND kind = ?2 AND at = ?3 AND class = ?4 AND count <= 0",
        )?;
        for ((level, kind, at, class), count) in self.latencies {
            statement.execute(params![level, kind as i64, at, class, count])?;
            if count < 0 {
                empty.execute(params![level, kind as i64, at, class])?;
            }
        }
        Ok(())
    }
}

/// Everything that an interaction counts for: dimension, name and second name.
fn dimensions(names: &Numbered) -> Vec<(Dimension, i64, i64)> {
    let single = [
        (Dimension::Identity, names.identity),
        (Dimension::Model, names.model),
        (Dimension::Place, names.place),
        (Dimension::Operation, names.operation),
    ];
    let mut all = vec![(Dimension::All, 0, 0)];
    all.extend(
        single
            .into_iter()
            .filter_map(|(dimension, name)| Some((dimension, name?, 0))),
    );
    all.extend(names.tools.iter().map(|tool| (Dimension::Tool, *tool, 0)));
    for rule in &names.rules {
        all.push((Dimension::Rule, *rule, 0));
        all.extend(
            names
                .identity
                .map(|who| (Dimension::RuleIdentity, *rule, who)),
        );
        all.extend(
            names
                .model
                .map(|model| (Dimension::RuleModel, *rule, model)),
        );
    }
    all
}

const ADD: &str =
    "INSERT INTO traffic_sum (level, dimension, at, name, other, requests, flagged, redacted, asked,
        blocked, unjudged, failed, tokens_in, tokens_out, cost, unpriced, request_bytes, answer_bytes, first, last)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, flagged = flagged + excluded.flagged,
        redacted = redacted + excluded.redacted, asked = asked + excluded.asked, blocked = blocked + excluded.blocked,
        unjudged = unjudged + excluded.unjudged, failed = failed + excluded.failed,
        tokens_in = min(tokens_in + excluded.tokens_in, ?21), tokens_out = min(tokens_out + excluded.tokens_out, ?21),
        cost = min(cost + excluded.cost, ?21), unpriced = unpriced + excluded.unpriced,
        request_bytes = min(request_bytes + excluded.request_bytes, ?21),
        answer_bytes = min(answer_bytes + excluded.answer_bytes, ?21),
        first = min(first, excluded.first), last = max(last, excluded.last)";

/// How many names a minute, hour or day has already, by what was looked up.
type Crowds = HashMap<(i64, Dimension, i64), i64>;

fn write(db: &Connection, cell: Cell, added: &Added, crowds: &mut Crowds) -> Result<(), Halt> {
    let (level, dimension, at, mut name, mut other) = cell;
    if dimension != Dimension::All && is_beyond(db, cell, crowds)? {
        (name, other) = (0, 0);
    }
    let [
        requests,
        flagged,
        redacted,
        asked,
        blocked,
        unjudged,
        failed,
        tokens_in,
        tokens_out,
        cost,
        unpriced,
        request_bytes,
        answer_bytes,
    ] = added.counts;
    db.prepare_cached(ADD)?.execute(params![
        level,
        dimension as i64,
        at,
        name,
        other,
        requests,
        flagged,
        redacted,
        asked,
        blocked,
        unjudged,
        failed,
        tokens_in,
        tokens_out,
        cost,
        unpriced,
        request_bytes,
        answer_bytes,
        added.first,
        added.last,
        MOST_OF_SUM
    ])?;
    if requests < 0 {
        db.prepare_cached(
            "DELETE FROM traffic_sum WHERE level = ?1 AND dimension = ?2 AND at = ?3 AND name = ?4 AND other = ?5
             AND requests <= 0",
        )?
        .execute(params![level, dimension as i64, at, name, other])?;
    }
    Ok(())
}

/// Whether a name is one too many in its minute, hour or day.
fn is_beyond(db: &Connection, cell: Cell, crowds: &mut Crowds) -> Result<bool, Halt> {
    let (level, dimension, at, name, other) = cell;
    let is_there = db
        .prepare_cached(
            "SELECT 1 FROM traffic_sum WHERE level = ?1 AND dimension = ?2 AND at = ?3 AND name = ?4 AND other = ?5",
        )?
        .query_row(params![level, dimension as i64, at, name, other], |_| Ok(()))
        .optional()?
        .is_some();
    if is_there {
        return Ok(false);
    }
    let crowd = match crowds.get_mut(&(level, dimension, at)) {
        Some(crowd) => crowd,
        None => {
            let count = db
                .prepare_cached(
                    "SELECT count(*) FROM traffic_sum WHERE level = ?1 AND dimension = ?2 AND at = ?3",
                )?
                .query_row(params![level, dimension as i64, at], |row| row.get(0))?;
            crowds.entry((level, dimension, at)).or_insert(count)
        }
    };
    if *crowd >= MOST {
        return Ok(true);
    }
    *crowd += 1;
    Ok(false)
}

/// The class of a duration: exact below 16, then eight to each doubling.
fn class(micros: u64) -> i64 {
    if micros < 16 {
        return i64::try_from(micros).unwrap_or_default();
    }
    let octave = micros.ilog2();
    let part = (micros >> (octave - 3)) & 7;
    16 + i64::from(octave - 4) * 8 + i64::try_from(part).unwrap_or_default()
}

/// The middle of a class, in microseconds.
pub(super) fn middle(class: i64) -> u64 {
    let class = u64::try_from(class).unwrap_or_default();
    if class < 16 {
        return class;
    }
    let (octave, part) = ((class - 16) / 8 + 4, (class - 16) % 8);
    let width = 1_u64 << (octave.min(63) - 3);
    (8 + part).saturating_mul(width).saturating_add(width / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_class_is_near_everything_in_it() {
        let mut before = -1;
        for micros in (0..4_000).chain((12..63).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit])) {
            let of = class(micros);
            assert!(of >= before, "classes rise");
            before = of;
            let off = middle(of).abs_diff(micros);
            assert!(off <= micros / 14, "{micros} is told as {}", middle(of));
        }
        assert!(middle(class(u64::MAX)) > 1 << 62);
    }
}
