//! Times as logs write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Formats without an offset, taken as UTC.
const CIVIL: [&str; 13] = [
    "%d-%b-%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%b %d %Y %H:%M:%S",
    // Only where the day is larger than any month.
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
];

/// Formats of a day.
const DAYS: [&str; 8] = [
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d %b %Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%b %d, %Y",
    "%d-%b-%Y",
];

/// A time as a log writes it, in seconds since 1970 UTC. Where the log names no year it is the last one in which the
/// time is not later than `now`.
#[must_use]
pub fn parse(text: &[u8], now: i64) -> Option<i64> {
    const DAY: i64 = 86_400;
    let year = Timestamp::from_second(now)
        .ok()?
        .to_zoned(TimeZone::UTC)
        .year();
    let time = parse_in(text, year)?;
    if time > now.saturating_add(DAY)
        && let Some(before) = parse_in(text, year.saturating_sub(1))
    {
        return Some(before);
    }
    Some(time)
}

fn parse_in(text: &[u8], year: i16) -> Option<i64> {
    let text = std::str::from_utf8(text.get(..text.len().min(64))?).ok()?;
    let text = text.trim().trim_matches(['[', ']', '"']);
    if let Some(seconds) = epoch(text) {
        return Some(seconds);
    }
    if let Some(seconds) = fixed(text) {
        return Some(seconds);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    if let Ok(time) = Timestamp::strptime("%d/%b/%Y:%H:%M:%S %z", text) {
        return Some(time.as_second());
    }
    // Day and hour from two columns of a table.
    if text.contains([',', '\t', '"', '=']) {
        let words: Vec<&str> = text
            .split([',', '\t', '"', ' '])
            .map(|word| word.strip_prefix("time=").unwrap_or(word))
            .filter(|word| !word.is_empty())
            .collect();
        if let [day, hour] = words.as_slice()
            && let Some(time) = parse_plain(&format!("{day} {hour}"), year)
        {
            return Some(time);
        }
    }
    parse_plain(text, year)
}

fn parse_plain(text: &str, year: i16) -> Option<i64> {
    let utc = |time: DateTime| Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second());
    // Fractions and the names of zones behind the seconds do not matter.
    let plain = text.split(['.', 'Z']).next().unwrap_or(text);
    let plain = plain.strip_suffix(" UTC").unwrap_or(plain);
    for format in CIVIL {
        // A point parts the day from the month here, not a second from its fraction.
        let plain = if format.contains('.') { text } else { plain };
        if let Ok(time) = DateTime::strptime(format, plain) {
            return utc(time);
        }
    }
    if let Ok(time) = DateTime::strptime("%Y %b %e %H:%M:%S", format!("{year} {plain}")) {
        return utc(time);
    }
    for format in DAYS {
        let plain = if format.contains('.') { text } else { plain };
        if let Ok(day) = Date::strptime(format, plain) {
            return utc(day.at(0, 0, 0, 0));
        }
    }
    None
}

/// `2026-11-26T12:00:00`, with a blank or a slash as well, a fraction, and an offset; what most lines have, so that it is
/// read by its places.
fn fixed(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        bytes.get(from..to)?.iter().try_fold(0_i64, |sum, byte| {
            byte.is_ascii_digit().then(|| {
                sum.saturating_mul(10)
                    .saturating_add(i64::from(byte & 0x0f))
            })
        })
    };
    let is = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|byte| marks.contains(byte));
    if !(is(4, b"-/") && is(7, b"-/") && is(10, b"T ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let small = |number: i64| i8::try_from(number).ok();
    let day = Date::new(
        i16::try_from(number(0, 4)?).ok()?,
        small(number(5, 7)?)?,
        small(number(8, 10)?)?,
    )
    .ok()?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = bytes.get(19..)?;
    let fraction = rest
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        .count();
    let offset = match rest.get(fraction..)? {
        b"" | b"Z" | b" UTC" => 0,
        [sign @ (b'+' | b'-'), digits @ ..] => {
            let start = fraction.saturating_add(20);
            let minutes = match digits.len() {
                2 => Some(0),
                4 => number(start.saturating_add(2), start.saturating_add(4)),
                5 => number(start.saturating_add(3), start.saturating_add(5)),
                _ => None,
            }?;
            let hours = number(start, start.saturating_add(2))?;
            let seconds = hours
                .saturating_mul(3600)
                .saturating_add(minutes.saturating_mul(60));
            if *sign == b'-' {
                seconds.saturating_neg()
            } else {
                seconds
            }
        }
        _ => return None,
    };
    let midnight = day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    Some(
        midnight
            .saturating_add(hour.saturating_mul(3600))
            .saturating_add(minute.saturating_mul(60))
            .saturating_add(second)
            .saturating_sub(offset),
    )
}

/// Seconds since 1970, perhaps with a fraction; milli- and microseconds are known by their length.
fn epoch(text: &str) -> Option<i64> {
    let whole = text.split('.').next().unwrap_or(text);
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9..=11 => Some(number),
        12..=14 => number.checked_div(1000),
        15..=17 => number.checked_div(1_000_000),
        18..=19 => number.checked_div(1_000_000_000),
        _ => None,
    }
}

/// Seconds since 1970 as RFC 3339, UTC.
#[must_use]
pub fn show(seconds: i64) -> Option<String> {
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day after the time of the test.
    const NOW: i64 = 1_700_086_400;

    #[test]
    fn a_time_without_a_year_is_never_in_the_future() {
        let new_year = 1_704_067_200;
        assert_eq!(parse(b"Dec 31 23:00:00", new_year), Some(new_year - 3600));
    }

    #[test]
    fn every_way_to_write_a_time_is_the_same_time() {
        for text in [
            "1700000000.123456",
            "1700000000",
            "1700000000123",
            "2023-11-14T22:13:20Z",
            "2023-11-14T23:13:20.5+01:00",
            "2023-11-14T17:13:20.123456-0500",
            "2023-11-14T22:13:20,123+00",
            "2023-11-14T22:13:20",
            "14/Nov/2023:23:13:20 +0100",
            "14-Nov-2023 22:13:20.123",
            "2023/11/14 22:13:20",
            "2023-11-14 22:13:20 UTC",
            "Tue Nov 14 22:13:20 2023",
            "Nov 14 22:13:20",
            "11/14/2023 10:13:20 PM",
            "14/11/2023 22:13:20",
            "14.11.2023 22:13:20",
            "Nov 14 2023 22:13:20",
            "1700000000123456789",
            "2023-11-14,22:13:20",
            "2023-11-14\",\"22:13:20",
            "2023-11-14 time=22:13:20",
        ] {
            assert_eq!(parse(text.as_bytes(), NOW), Some(1_700_000_000), "{text}");
        }
        assert_eq!(show(1_700_000_000).unwrap(), "2023-11-14T22:13:20Z");
        for text in ["", "-", "99999999999999999999", "yesterday", "\u{0}"] {
            assert_eq!(parse(text.as_bytes(), NOW), None, "{text}");
        }
    }
}
