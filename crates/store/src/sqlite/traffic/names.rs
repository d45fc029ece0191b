//! Names that many rows have, each kept once.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::sqlite::Halt;
use crate::traffic::{By, LONGEST_NAME};

/// Most names of one kind; what comes with more of them has [`OTHERS`].
const MOST: i64 = 50_000;

/// Rules and tools are fewer: forgetting asks for each of them.
const MOST_OF_FEW: i64 = 5_000;

/// The name of everything that has one name too many.
pub(super) const OTHERS: &str = "(others)";

/// The number of a kind in the database.
pub(super) const fn kind(by: By) -> i64 {
    match by {
        By::Identity => 1,
        By::Model => 2,
        By::Tool => 3,
        By::Rule => 4,
        By::Place => 5,
        By::Operation => 6,
    }
}

/// The part of a name that is kept.
pub(super) fn clipped(name: &str) -> &str {
    name.get(..name.floor_char_boundary(LONGEST_NAME))
        .unwrap_or(name)
}

/// Numbers of names, made where there are none yet.
#[derive(Default)]
pub(super) struct Numbers {
    known: HashMap<(By, String), Known>,
    counts: HashMap<By, i64>,
}

/// The number of a name, and the last hour in which it was met.
#[derive(Clone, Copy)]
struct Known {
    number: i64,
    last: i64,
}

impl Numbers {
    /// The number of a name that was met at a time, in seconds; none for an empty one.
    pub(super) fn of(
        &mut self,
        db: &Connection,
        by: By,
        name: &str,
        at: i64,
    ) -> Result<Option<i64>, Halt> {
        let name = clipped(name);
        if name.is_empty() {
            return Ok(None);
        }
        let hour = at.div_euclid(3_600) * 3_600;
        let key = (by, name.to_owned());
        let mut known = match self.known.get(&key) {
            Some(known) => *known,
            None => self.look_up(db, by, name, hour)?,
        };
        if known.last < hour {
            known.last = hour;
            db.prepare_cached("UPDATE traffic_name SET last = ?2 WHERE id = ?1")?
                .execute(params![known.number, hour])?;
        }
        self.known.insert(key, known);
        Ok(Some(known.number))
    }

    fn look_up(&mut self, db: &Connection, by: By, name: &str, hour: i64) -> Result<Known, Halt> {
        let found = db
            .prepare_cached("SELECT id, last FROM traffic_name WHERE kind = ?1 AND name = ?2")?
            .query_row(params![kind(by), name], |row| {
                let (number, last) = (row.get(0)?, row.get(1)?);
                Ok(Known { number, last })
            })
            .optional()?;
        if let Some(known) = found {
            return Ok(known);
        }
        if self.is_full(db, by)? && name != OTHERS {
            return self.look_up(db, by, OTHERS, hour);
        }
        db.prepare_cached("INSERT INTO traffic_name (kind, name, last) VALUES (?1, ?2, ?3)")?
            .execute(params![kind(by), name, hour])?;
        *self.counts.entry(by).or_default() += 1;
        Ok(Known {
            number: db.last_insert_rowid(),
            last: hour,
        })
    }

    fn is_full(&mut self, db: &Connection, by: By) -> Result<bool, Halt> {
        let count = match self.counts.get(&by) {
            Some(count) => *count,
            None => {
                let count = db
                    .prepare_cached("SELECT count(*) FROM traffic_name WHERE kind = ?1")?
                    .query_row([kind(by)], |row| row.get(0))?;
                self.counts.insert(by, count);
                count
            }
        };
        let most = match by {
            By::Tool | By::Rule => MOST_OF_FEW,
            By::Identity | By::Model | By::Place | By::Operation => MOST,
        };
        Ok(count >= most)
    }
}

/// The number of a name, where it was ever met.
pub(super) fn number(db: &Connection, by: By, name: &str) -> Result<Option<i64>, Halt> {
    Ok(db
        .prepare_cached("SELECT id FROM traffic_name WHERE kind = ?1 AND name = ?2")?
        .query_row(params![kind(by), clipped(name)], |row| row.get(0))
        .optional()?)
}

/// Names of numbers, each read once.
#[derive(Default)]
pub(super) struct Names(HashMap<i64, Option<String>>);

impl Names {
    /// The name of a number.
    pub(super) fn of(
        &mut self,
        db: &Connection,
        number: Option<i64>,
    ) -> Result<Option<String>, Halt> {
        let Some(number) = number else {
            return Ok(None);
        };
        if let Some(name) = self.0.get(&number) {
            return Ok(name.clone());
        }
        let name: Option<String> = db
            .prepare_cached("SELECT name FROM traffic_name WHERE id = ?1")?
            .query_row([number], |row| row.get(0))
            .optional()?;
        self.0.insert(number, name.clone());
        Ok(name)
    }
}

/// Names that contain a text, whatever the case of its letters.
pub(super) fn containing(
    db: &Connection,
    by: By,
    text: &str,
    n: usize,
) -> Result<Vec<String>, Halt> {
    let mut statement = db.prepare_cached(
        "SELECT name FROM traffic_name WHERE kind = ?1 AND instr(lower(name), ?2) > 0 ORDER BY name LIMIT ?3",
    )?;
    let most = i64::try_from(n).unwrap_or(i64::MAX);
    let names = statement.query_map(params![kind(by), text.to_lowercase(), most], |row| {
        row.get(0)
    })?;
    Ok(names.collect::<Result<_, _>>()?)
}
