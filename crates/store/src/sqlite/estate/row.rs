//! Between columns and values.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, Type};
use rusqlite::{Row, RowIndex};
use stance_core::{Confidence, Severity};

/// Milliseconds since 1970.
pub(super) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time of a column.
pub(super) fn time<I: RowIndex + Copy>(row: &Row<'_>, index: I) -> rusqlite::Result<Timestamp> {
    at(row.get(index)?)
}

/// A time of a column that may be empty.
pub(super) fn time_if<I: RowIndex + Copy>(
    row: &Row<'_>,
    index: I,
) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(index)?.map(at).transpose()
}

fn at(ms: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| broken(Type::Integer, error))
}

/// What a column of JSON holds.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    index: &str,
) -> rusqlite::Result<T> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|error| broken(Type::Text, error))
}

/// A value that is told by its name.
pub(super) fn named<T>(
    row: &Row<'_>,
    index: &str,
    find: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let name: String = row.get(index)?;
    find(&name).ok_or_else(|| broken(Type::Text, UnknownName(name)))
}

/// A count; no column of counts is below 0.
pub(super) fn count<I: RowIndex>(row: &Row<'_>, index: I) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(index)?).unwrap_or_default())
}

/// A column of any type that SQLite knows.
pub(super) fn get<T: FromSql>(row: &Row<'_>, index: &str) -> rusqlite::Result<T> {
    row.get(index)
}

fn broken(kind: Type, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, kind, Box::new(error))
}

/// The number of a severity: 4 critical to 0 info, so that the worst sorts first when it descends.
pub(in crate::sqlite) const fn severity_number(severity: Severity) -> i64 {
    match severity {
        Severity::Critical => 4,
        Severity::High => 3,
        Severity::Medium => 2,
        Severity::Low => 1,
        Severity::Info => 0,
    }
}

/// The severity of a number.
pub(in crate::sqlite) fn severity(number: i64) -> Result<Severity, FromSqlError> {
    Severity::ALL
        .into_iter()
        .find(|one| severity_number(*one) == number)
        .ok_or(FromSqlError::OutOfRange(number))
}

/// The number of a confidence: 2 high to 0 low.
pub(super) const fn confidence_number(confidence: Confidence) -> i64 {
    match confidence {
        Confidence::High => 2,
        Confidence::Medium => 1,
        Confidence::Low => 0,
    }
}

/// The confidence of a number.
pub(super) fn confidence(number: i64) -> Result<Confidence, FromSqlError> {
    [Confidence::High, Confidence::Medium, Confidence::Low]
        .into_iter()
        .find(|one| confidence_number(*one) == number)
        .ok_or(FromSqlError::OutOfRange(number))
}

/// A word in the database that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known here")]
struct UnknownName(String);
