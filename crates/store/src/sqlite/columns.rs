//! Columns as values: times, JSON, names of closed lists.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// A time in milliseconds since 1970.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let millis: i64 = row.get(column)?;
    Timestamp::from_millisecond(millis)
        .map_err(|error| unreadable(column, Type::Integer, error.to_string()))
}

/// A time, where there is one.
pub(super) fn time_if_any(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let millis: Option<i64> = row.get(column)?;
    match millis {
        Some(_) => time(row, column).map(Some),
        None => Ok(None),
    }
}

/// A value that is kept as JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, Type::Text, error.to_string()))
}

/// A value that is kept as JSON, where there is one.
pub(super) fn json_if_any<T: DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    match text {
        Some(_) => json(row, column).map(Some),
        None => Ok(None),
    }
}

/// One of a closed list of names.
pub(super) fn named<T>(
    row: &Row<'_>,
    column: usize,
    find: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    find(&name).ok_or_else(|| unreadable(column, Type::Text, format!("`{name}` is not known")))
}

fn unreadable(column: usize, kind: Type, reason: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, reason.into())
}

/// There is no row of this number.
pub(super) fn not_found(what: &'static str, number: i64) -> StoreError {
    StoreError::NotFound {
        what,
        id: number.to_string(),
    }
}
