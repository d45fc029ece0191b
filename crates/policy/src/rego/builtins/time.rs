//! `time.*`. The time itself is a value that whoever asks hands in.

use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan as _, Unit, Zoned, ZonedDifference};
use regorus::Value;

use super::context::now;
use super::zone::{distance, zone};
use super::{Function, Outcome, Refused, argument, kind, string, whole};

pub(super) const FUNCTIONS: &[Function] = &[
    ("time.now_ns", 0, |_| {
        now()
            .map(Value::from)
            .ok_or_else(|| Refused::argument("this evaluation has no time"))
    }),
    ("time.parse_rfc3339_ns", 1, |given| {
        let text = string(given, 0)?;
        // RFC 3339 wants a distance from UTC, and nothing else after the time.
        if text.contains('[') || !text.contains(['T', 't']) {
            return Err(Refused::argument(format!(
                "cannot parse {text} as RFC 3339"
            )));
        }
        let time: Timestamp = text
            .parse()
            .map_err(|_| Refused::argument(format!("cannot parse {text} as RFC 3339")))?;
        nanoseconds(time)
    }),
    ("time.parse_ns", 2, parse),
    ("time.parse_duration_ns", 1, duration),
    ("time.date", 1, |given| {
        let date = zoned(given, 0)?.date();
        Ok(list(&[
            date.year().into(),
            date.month().into(),
            date.day().into(),
        ]))
    }),
    ("time.clock", 1, |given| {
        let time = zoned(given, 0)?.time();
        Ok(list(&[
            time.hour().into(),
            time.minute().into(),
            time.second().into(),
        ]))
    }),
    ("time.weekday", 1, |given| {
        Ok(Value::from(match zoned(given, 0)?.weekday() {
            Weekday::Monday => "Monday",
            Weekday::Tuesday => "Tuesday",
            Weekday::Wednesday => "Wednesday",
            Weekday::Thursday => "Thursday",
            Weekday::Friday => "Friday",
            Weekday::Saturday => "Saturday",
            Weekday::Sunday => "Sunday",
        }))
    }),
    ("time.add_date", 4, add_date),
    ("time.diff", 2, difference),
    ("time.format", 1, format),
];

fn list(numbers: &[i64]) -> Value {
    Value::from(numbers.iter().copied().map(Value::from).collect::<Vec<_>>())
}

fn outside() -> Refused {
    Refused::argument("time outside of valid range")
}

fn nanoseconds(time: Timestamp) -> Outcome {
    i64::try_from(time.as_nanosecond())
        .map(Value::from)
        .map_err(|_| outside())
}

/// A time, or a time and a zone in an array.
fn zoned(given: &[Value], number: usize) -> Result<Zoned, Refused> {
    let (time, name) = match argument(given, number) {
        Value::Array(items) => (
            items.get(0).unwrap_or(&Value::Undefined),
            match items.get(1) {
                Some(Value::String(name)) => name.to_string(),
                None => String::new(),
                Some(other) => {
                    return Err(Refused::argument(format!(
                        "the time zone must be a string but is {}",
                        kind(other)
                    )));
                }
            },
        ),
        other => (other, String::new()),
    };
    if !matches!(time, Value::Number(_)) {
        return Err(Refused::argument(format!(
            "the time must be a number but is {}",
            kind(time)
        )));
    }
    let nanoseconds = time
        .as_i64()
        .map_err(|_| Refused::argument("timestamp too big"))?;
    let time = Timestamp::from_nanosecond(nanoseconds.into()).map_err(|_| outside())?;
    Ok(time.to_zoned(zone(&name)?))
}

fn add_date(given: &[Value]) -> Outcome {
    let start = zoned(given, 0)?;
    let number = |place: usize| -> Result<i64, Refused> { whole(given, place) };
    let (years, months, days) = (number(1)?, number(2)?, number(3)?);
    // As Go has it, a day beyond the end of a month flows over into the next.
    let date = start.date();
    let all = i64::from(date.year())
        .checked_add(years)
        .and_then(|year| year.checked_mul(12))
        .and_then(|it| it.checked_add(i64::from(date.month()).saturating_sub(1)))
        .and_then(|it| it.checked_add(months))
        .ok_or_else(outside)?;
    let year = i16::try_from(all.div_euclid(12)).map_err(|_| outside())?;
    let month = i8::try_from(all.rem_euclid(12).saturating_add(1)).map_err(|_| outside())?;
    let first = jiff::civil::Date::new(year, month, 1).map_err(|_| outside())?;
    let days = i64::from(date.day())
        .saturating_sub(1)
        .checked_add(days)
        .filter(|days| days.unsigned_abs() < 400_000)
        .ok_or_else(outside)?;
    let date = first.checked_add(days.days()).map_err(|_| outside())?;
    let moved = date
        .to_datetime(start.time())
        .to_zoned(start.time_zone().clone())
        .map_err(|_| outside())?;
    nanoseconds(moved.timestamp())
}

/// Years, months, days, hours, minutes and seconds between two times.
fn difference(given: &[Value]) -> Outcome {
    let (one, other) = (zoned(given, 0)?, zoned(given, 1)?);
    let other = other.with_time_zone(one.time_zone().clone());
    let (from, to) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let span = from
        .until(ZonedDifference::new(&to).largest(Unit::Year))
        .map_err(|error| Refused::argument(error.to_string()))?;
    Ok(list(&[
        span.get_years().into(),
        span.get_months().into(),
        span.get_days().into(),
        span.get_hours().into(),
        span.get_minutes(),
        span.get_seconds(),
    ]))
}

/// Hours, minutes, seconds and their parts, as Go writes them: `1h30m`, `1.5s`, `-100ms`.
fn duration(given: &[Value]) -> Outcome {
    let text = string(given, 0)?;
    let invalid = || Refused::argument(format!("invalid duration {text}"));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1_i128, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Value::from(0_i64));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let digits = rest
            .find(|it: char| !it.is_ascii_digit())
            .ok_or_else(invalid)?;
        let (before, after) = rest.split_at_checked(digits).ok_or_else(invalid)?;
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => {
                let end = after
                    .find(|it: char| !it.is_ascii_digit())
                    .ok_or_else(invalid)?;
                after.split_at_checked(end).ok_or_else(invalid)?
            }
            None => ("", after),
        };
        if (before.is_empty() && fraction.is_empty()) || before.len() > 18 || fraction.len() > 18 {
            return Err(invalid());
        }
        let end = after
            .find(|it: char| it.is_ascii_digit() || it == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end).ok_or_else(invalid)?;
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(invalid()),
        };
        let number = |digits: &str| digits.parse::<i128>().unwrap_or_default();
        let scale = 10_i128
            .checked_pow(u32::try_from(fraction.len()).unwrap_or_default())
            .unwrap_or(i128::MAX);
        let part = number(before).saturating_mul(unit).saturating_add(
            number(fraction)
                .saturating_mul(unit)
                .checked_div(scale)
                .unwrap_or_default(),
        );
        total = total.saturating_add(part);
        rest = after;
    }
    i64::try_from(total.saturating_mul(sign))
        .map(Value::from)
        .map_err(|_| invalid())
}

/// The names of Go for layouts.
fn layout(name: &str) -> &str {
    match name {
        "ANSIC" => "Mon Jan _2 15:04:05 2006",
        "UnixDate" => "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate" => "Mon Jan 02 15:04:05 -0700 2006",
        "RFC822" => "02 Jan 06 15:04 MST",
        "RFC822Z" => "02 Jan 06 15:04 -0700",
        "RFC850" => "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123" => "Mon, 02 Jan 2006 15:04:05 MST",
        "RFC1123Z" => "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339" => "2006-01-02T15:04:05Z07:00",
        "RFC3339Nano" => "2006-01-02T15:04:05.999999999Z07:00",
        other => other,
    }
}

/// Parts of Go's layouts, longest first, and what `strftime` calls them.
const PARTS: &[(&str, &str)] = &[
    (".000000000", "%.9f"),
    (".999999999", "%.f"),
    (".000000", "%.6f"),
    (".000", "%.3f"),
    ("Z07:00", "%:z"),
    ("-07:00", "%:z"),
    ("-0700", "%z"),
    ("January", "%B"),
    ("Monday", "%A"),
    ("2006", "%Y"),
    ("Jan", "%b"),
    ("Mon", "%a"),
    ("MST", "%Z"),
    ("01", "%m"),
    ("02", "%d"),
    ("03", "%I"),
    ("04", "%M"),
    ("05", "%S"),
    ("06", "%y"),
    ("15", "%H"),
    ("PM", "%p"),
    ("_2", "%e"),
    ("1", "%-m"),
    ("2", "%-d"),
    ("3", "%-I"),
    ("4", "%-M"),
    ("5", "%-S"),
];

/// A layout of Go as a format of `strftime`.
fn strftime(layout: &str, parsing: bool) -> String {
    let mut format = String::new();
    let mut rest = layout;
    while let Some(first) = rest.chars().next() {
        if let Some((part, with)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
            format.push_str(with);
            // Go reads parts of a second that the layout does not name.
            if parsing && *part == "05" && !rest.starts_with("05.") {
                format.push_str("%.f");
            }
            rest = rest.get(part.len()..).unwrap_or_default();
            continue;
        }
        if first == '%' {
            format.push('%');
        }
        format.push(first);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    format
}

fn parse(given: &[Value]) -> Outcome {
    let (layout, text) = (layout(string(given, 0)?), string(given, 1)?);
    let invalid = || Refused::argument(format!("cannot parse {text} as {layout}"));
    // Go writes Z where the distance is none.
    let zulu = layout.contains("Z07:00") && text.ends_with('Z');
    let text = if zulu {
        format!("{}+00:00", text.trim_end_matches('Z'))
    } else {
        text.to_owned()
    };
    let read = jiff::fmt::strtime::parse(strftime(layout, true), &text).map_err(|_| invalid())?;
    let time = if let Ok(time) = read.to_timestamp() {
        time
    } else {
        let date = read.to_date().map_err(|_| invalid())?;
        let time = read.to_time().unwrap_or(jiff::civil::Time::midnight());
        date.to_datetime(time)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_err(|_| outside())?
            .timestamp()
    };
    nanoseconds(time)
}

fn format(given: &[Value]) -> Outcome {
    let time = zoned(given, 0)?;
    let wanted = match argument(given, 0) {
        Value::Array(items) => items.get(2).and_then(|it| it.as_string().ok()).cloned(),
        _ => None,
    };
    let layout = layout(wanted.as_deref().unwrap_or("RFC3339Nano"));
    let mut text = jiff::fmt::strtime::format(strftime(layout, false), &time)
        .map_err(|error| Refused::argument(error.to_string()))?;
    if layout.ends_with("Z07:00")
        && distance(text.get(text.len().saturating_sub(6)..).unwrap_or_default())
            .is_some_and(jiff::tz::Offset::is_zero)
    {
        text.truncate(text.len().saturating_sub(6));
        text.push('Z');
    }
    Ok(Value::from(text))
}
