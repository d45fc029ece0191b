//! Times in the forms that logs have.

use jiff::Timestamp;

use crate::value::Value;

/// A time: RFC 3339, the same without a zone (UTC), or a number of seconds, milliseconds or nanoseconds since 1970.
pub(super) fn time(value: &Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Text(text) => written(text.trim()),
        value => since(value.number()?),
    }
}

/// The first of these fields that has a time.
pub(super) fn of(value: &Value<'_>, names: &[&str]) -> Option<Timestamp> {
    names.iter().find_map(|name| time(value.get(name)?))
}

fn written(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Ok(number) = text.parse::<f64>() {
        return since(number);
    }
    // Exports of tables have a space instead of the T, and UTC without saying so.
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let zoned = text.replacen(' ', "T", 1);
    zoned
        .parse()
        .ok()
        .or_else(|| format!("{zoned}Z").parse().ok())
}

/// The unit follows from the size: seconds of this century have ten digits.
fn since(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number <= 0.0 {
        return None;
    }
    let nanoseconds = if number < 1e11 {
        number * 1e9
    } else if number < 1e14 {
        number * 1e6
    } else if number < 1e17 {
        number * 1e3
    } else {
        number
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is out of range saturates, and is then no time"
    )]
    let nanoseconds = nanoseconds as i128;
    Timestamp::from_nanosecond(nanoseconds).ok()
}
