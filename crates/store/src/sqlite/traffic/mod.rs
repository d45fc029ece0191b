//! What passed at run time, in SQLite.

mod detail;
mod detections;
mod find;
mod forget;
mod keep;
mod list;
mod measured;
mod names;
mod pack;
mod sums;
mod tally;
mod told;
mod waiting;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use sha2::{Digest as _, Sha256};
use stance_core::traffic::{Measured, Seen};

use super::{Halt, Sqlite};
use crate::traffic::{
    By, Detection, DetectionQuery, MeasuredSums, SeenFilter, SeenQuery, SeenSlice, Span, Step, Top,
    Traffic, TrafficSize, TrafficStep,
};
use crate::{Counted, Result};

pub(super) use forget::{forget, forget_words};
pub(super) use sums::forget as forget_sums;

/// Bits of a key below its milliseconds.
const LOW: u32 = 21;

/// The last millisecond that a key can have: in the year 2109.
const LAST: i64 = (1 << 42) - 1;

/// The first key of a millisecond.
pub(super) fn key_of(millis: i64) -> i64 {
    millis.clamp(0, LAST) << LOW
}

/// The millisecond of a key.
const fn millis_of(key: i64) -> i64 {
    key >> LOW
}

/// A number that stands for a text in an index: the first 63 bits of its SHA-256.
fn digest(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    let first = digest
        .iter()
        .take(8)
        .fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    i64::try_from(first >> 1).unwrap_or_default()
}

/// An id as its column holds it: half as long where it is hexadecimal.
fn id_value(id: &str) -> Value {
    match bytes_of_hex(id) {
        Some(bytes) => Value::Blob(bytes),
        None => Value::Text(id.to_owned()),
    }
}

/// What lower-case hexadecimal digits say; nothing when they are anything else.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

/// The id of a column.
fn id_text(value: Value) -> String {
    match value {
        Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Value::Text(text) => text,
        Value::Null | Value::Integer(_) | Value::Real(_) => String::new(),
    }
}

/// A number as a column holds it.
fn column(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn size(db: &Connection) -> std::result::Result<TrafficSize, Halt> {
    let (rows, counter): (i64, i64) = db
        .prepare_cached("SELECT rows, counter FROM traffic_state")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let oldest: Option<i64> = db
        .prepare_cached("SELECT min(key) FROM interaction")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(TrafficSize {
        rows: rows.unsigned_abs(),
        counter: counter.unsigned_abs(),
        oldest: oldest.and_then(|key| jiff::Timestamp::from_millisecond(millis_of(key)).ok()),
    })
}

impl Traffic for Sqlite {
    fn keep(&mut self, seen: &[Seen]) -> Result<usize> {
        self.whole(|db| keep::keep(db, seen))
    }

    fn seen(&self, id: &str) -> Result<Option<Seen>> {
        self.reading(|db| find::seen(db, id))
    }

    fn seen_list(&self, query: &SeenQuery) -> Result<SeenSlice> {
        self.reading(|db| list::slice(db, query))
    }

    fn count_seen(&self, filter: &SeenFilter, most: u64) -> Result<Counted> {
        self.reading(|db| list::count_seen(db, filter, most))
    }

    fn measure(&mut self, points: &[Measured]) -> Result<usize> {
        self.whole(|db| measured::measure(db, points))
    }

    fn measured(&self, span: Span, n: usize) -> Result<Vec<MeasuredSums>> {
        self.reading(|db| measured::measured(db, span, n))
    }

    fn traffic_sums(&self, span: Span, step: Step) -> Result<Vec<TrafficStep>> {
        self.reading(|db| sums::steps(db, span, step))
    }

    fn traffic_total(&self, span: Span) -> Result<TrafficStep> {
        self.reading(|db| sums::total(db, span))
    }

    fn traffic_top(&self, by: By, span: Span, n: usize) -> Result<Vec<Top>> {
        self.reading(|db| sums::top(db, by, span, n))
    }

    fn detections(&self, query: &DetectionQuery) -> Result<Vec<Detection>> {
        self.reading(|db| detections::detections(db, query))
    }

    fn traffic_names(&self, by: By, text: &str, n: usize) -> Result<Vec<String>> {
        self.reading(|db| names::containing(db, by, text, n))
    }

    fn traffic_size(&self) -> Result<TrafficSize> {
        self.reading(size)
    }

    fn hold_seen(&mut self, seen: &[Seen]) -> Result<()> {
        self.whole(|db| waiting::hold(db, seen))
    }

    fn end_waiting(&mut self, ids: &[&str]) -> Result<()> {
        self.whole(|db| waiting::end(db, ids))
    }

    fn release_seen(&mut self) -> Result<usize> {
        self.whole(waiting::release)
    }

    fn forget_beyond(&mut self, rows: u64, most: usize) -> Result<usize> {
        self.whole(|db| forget::beyond(db, rows, most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_out_of_their_columns_as_they_went_in() {
        for id in [
            "0123456789abcdef0123456789abcdef",
            "ABCDEF",
            "abc",
            "a1b2-c3",
            "4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7",
        ] {
            assert_eq!(id_text(id_value(id)), id);
        }
        assert!(matches!(id_value("00ff"), Value::Blob(bytes) if bytes == [0, 255]));
    }

    #[test]
    fn keys_keep_the_order_of_time() {
        assert!(key_of(-5) == 0 && key_of(i64::MAX) > 0);
        assert_eq!(millis_of(key_of(1_795_000_000_000) + 5), 1_795_000_000_000);
    }
}
