//! What readers of records have in common.

use std::time::Duration;

use crate::interaction::{Dialect, Failure, Interaction};
use crate::json;
use crate::limits::Limits;
use crate::logs::Format;
use crate::value::Value;

/// An interaction that a format tells.
pub(super) fn begin(format: Format) -> Interaction {
    let mut interaction = Interaction::default();
    interaction.told_in(Dialect::Log(format));
    interaction
}

/// The first of these fields that has text or a number, as text.
pub(super) fn label(value: &Value<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| value.get(name)?.label())
}

/// The first of these fields that has a count.
pub(super) fn count(value: &Value<'_>, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| value.get(name)?.count())
}

/// The first of these fields that has a number.
pub(super) fn number(value: &Value<'_>, names: &[&str]) -> Option<f64> {
    names.iter().find_map(|name| value.get(name)?.number())
}

/// A field that is a map, or the same as JSON.
pub(super) fn map<'v, 'a: 'v>(
    value: &'v Value<'a>,
    name: &str,
    limits: Limits,
) -> Option<Value<'v>> {
    match value.get(name)? {
        Value::Text(text) => json::parse(text.as_bytes(), limits).ok(),
        value @ Value::Map(_) => Some(value.clone()),
        _ => None,
    }
}

/// So many milliseconds.
pub(super) fn milliseconds(number: Option<f64>) -> Option<Duration> {
    seconds(number.map(|number| number / 1000.0))
}

/// So many seconds.
pub(super) fn seconds(number: Option<f64>) -> Option<Duration> {
    Duration::try_from_secs_f64(number?).ok()
}

/// A failure by its status of HTTP, where that is one of an error.
pub(super) fn failed(status: Option<u64>) -> Option<Failure> {
    let status = u16::try_from(status?).ok()?;
    (status >= 400).then(|| Failure {
        kind: status.to_string(),
        message: String::new(),
        status: Some(status),
    })
}

/// A field with something in it, and where it stands.
pub(super) fn body<'v, 'a>(
    value: &'v Value<'a>,
    pointer: &'static str,
) -> Option<(&'static str, &'v Value<'a>)> {
    let names = pointer.split('/').skip(1);
    let found = names
        .into_iter()
        .try_fold(value, |value, name| value.get(name))?;
    (!found.is_empty()).then_some((pointer, found))
}
