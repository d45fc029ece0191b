//! One interaction, whole.

use jiff::Timestamp;
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::de::DeserializeOwned;
use stance_core::exchange::Usage;
use stance_core::traffic::{Action, Seen, Teller};

use super::detail::{Answered, Detail, Words};
use super::names::Names;
use super::pack::unpack;
use super::{id_text, id_value, millis_of};
use crate::sqlite::Halt;

const SEEN: &str =
    "SELECT key, id, teller, decision, status, tokens_in, tokens_out, cost, total_us, judging_us,
    place, operation, identity, model, body
    FROM interaction JOIN interaction_detail USING (key) WHERE ";

/// The interaction of an id.
pub(super) fn seen(db: &Connection, id: &str) -> Result<Option<Seen>, Halt> {
    whole(db, "id", id_value(id))
}

/// The interaction of a key.
pub(super) fn by_key(db: &Connection, key: i64) -> Result<Option<Seen>, Halt> {
    whole(db, "key", Value::Integer(key))
}

fn whole(db: &Connection, column: &str, value: Value) -> Result<Option<Seen>, Halt> {
    let found = db
        .prepare_cached(&format!("{SEEN} {column} = ?1"))?
        .query_row([value], |row| {
            let key: i64 = row.get(0)?;
            let named = [row.get(10)?, row.get(11)?, row.get(12)?, row.get(13)?];
            Ok((key, of_row(row)?, named, packed::<Detail>(row, 14)?))
        })
        .optional()?;
    let Some((key, mut seen, [place, operation, identity, model], detail)) = found else {
        return Ok(None);
    };
    let mut names = Names::default();
    let mut name = |spelt: Option<String>, number: Option<i64>| match spelt {
        Some(name) => Ok(Some(name)),
        None => names.of(db, number),
    };
    seen.place = name(detail.place.clone(), place)?.unwrap_or_default();
    seen.operation = name(detail.operation.clone(), operation)?.unwrap_or_default();
    seen.identity = name(detail.identity.clone(), identity)?;
    let model = name(detail.model.clone(), model)?;
    fill(&mut seen, detail, model);
    let words = db
        .prepare_cached("SELECT body FROM interaction_words WHERE key = ?1")?
        .query_row([key], |row| packed::<Words>(row, 0))
        .optional()?;
    for (number, text) in words.unwrap_or_default() {
        if let Some(piece) = seen.pieces.get_mut(number) {
            piece.text = Some(text);
        }
    }
    Ok(Some(seen))
}

/// What the columns say, without names.
fn of_row(row: &Row<'_>) -> rusqlite::Result<Seen> {
    let at = Timestamp::from_millisecond(millis_of(row.get(0)?)).unwrap_or_default();
    let mut seen = Seen::new(id_text(row.get::<_, Value>(1)?), at, teller(row.get(2)?));
    seen.decision = action(row.get(3)?);
    seen.status = row.get(4)?;
    seen.usage = Usage {
        input: count(row, 5)?,
        output: count(row, 6)?,
        ..Usage::default()
    };
    seen.cost = count(row, 7)?;
    seen.total_us = count(row, 8)?;
    seen.judging_us = count(row, 9)?;
    Ok(seen)
}

fn fill(seen: &mut Seen, detail: Detail, model: Option<String>) {
    (seen.model, seen.answered) = match detail.answered {
        Answered::Unknown => (model, None),
        Answered::Same => (model.clone(), model),
        Answered::Alone => (None, model),
        Answered::Other(answered) => (model, Some(answered)),
    };
    seen.at = detail.at.unwrap_or(seen.at);
    seen.said = detail.said;
    seen.provider = detail.provider;
    seen.agent = detail.agent;
    seen.answer = detail.answer;
    seen.session = detail.session;
    seen.trace = detail.trace;
    seen.stream = detail.stream;
    seen.policy = detail.policy;
    seen.reasons = detail.reasons;
    seen.unjudged = detail.unjudged;
    seen.unjudged_count = detail.unjudged_count;
    seen.pieces = detail.pieces;
    seen.tools = detail.tools;
    seen.calls = detail.calls;
    seen.request_bytes = detail.request_bytes;
    seen.answer_bytes = detail.answer_bytes;
    seen.usage.cached = detail.cached;
    seen.usage.reasoning = detail.reasoning;
    seen.error = detail.error;
    seen.first_byte_us = detail.first_byte_us;
}

/// A packed document of a column.
fn packed<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let broken = |reason: String| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, reason.into())
    };
    let body = row.get_ref(column)?.as_blob()?;
    let document = unpack(body).ok_or_else(|| broken("it is damaged".to_owned()))?;
    serde_json::from_slice(&document).map_err(|error| broken(error.to_string()))
}

/// A count of a column that may be empty.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(i64::unsigned_abs))
}

/// The decision of a number.
pub(super) fn action(number: i64) -> Action {
    let all = Action::ALL.into_iter();
    all.into_iter()
        .find(|action| *action as i64 == number)
        .unwrap_or_default()
}

/// The teller of a number.
pub(super) fn teller(number: i64) -> Teller {
    Teller::ALL
        .into_iter()
        .find(|one| super::keep::teller(*one) == number)
        .unwrap_or_default()
}
