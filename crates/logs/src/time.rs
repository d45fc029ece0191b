//! Times as logs write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Formats without an offset, taken as UTC.
const CIVIL: [&str; 9] = [
    "%d-%b-%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%b %d, %Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
];

/// Formats of a day.
const DAYS: [&str; 4] = ["%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%d %b %Y"];

/// A time as a log writes it, in seconds since 1970 UTC. `year` is taken where the log names none.
pub(crate) fn parse(text: &[u8], year: i16) -> Option<i64> {
    let text = std::str::from_utf8(text.get(..text.len().min(64))?).ok()?;
    let text = text.trim().trim_matches(['[', ']', '"']);
    if let Some(seconds) = epoch(text) {
        return Some(seconds);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    if let Ok(time) = Timestamp::strptime("%d/%b/%Y:%H:%M:%S %z", text) {
        return Some(time.as_second());
    }
    let utc = |time: DateTime| Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second());
    // Fractions and the names of zones behind the seconds do not matter.
    let plain = text.split(['.', 'Z']).next().unwrap_or(text);
    let plain = plain.strip_suffix(" UTC").unwrap_or(plain);
    for format in CIVIL {
        if let Ok(time) = DateTime::strptime(format, plain) {
            return utc(time);
        }
    }
    if let Ok(time) = DateTime::strptime("%Y %b %e %H:%M:%S", format!("{year} {plain}")) {
        return utc(time);
    }
    for format in DAYS {
        if let Ok(day) = Date::strptime(format, plain) {
            return utc(day.at(0, 0, 0, 0));
        }
    }
    None
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
        _ => None,
    }
}

/// Seconds since 1970 as RFC 3339, UTC.
pub(crate) fn show(seconds: i64) -> Option<String> {
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_time_is_the_same_time() {
        for text in [
            "1700000000.123456",
            "1700000000",
            "1700000000123",
            "2023-11-14T22:13:20Z",
            "2023-11-14T23:13:20.5+01:00",
            "14/Nov/2023:23:13:20 +0100",
            "14-Nov-2023 22:13:20.123",
            "2023/11/14 22:13:20",
            "2023-11-14 22:13:20 UTC",
            "Tue Nov 14 22:13:20 2023",
            "Nov 14 22:13:20",
            "11/14/2023 10:13:20 PM",
        ] {
            assert_eq!(parse(text.as_bytes(), 2023), Some(1_700_000_000), "{text}");
        }
        assert_eq!(show(1_700_000_000).unwrap(), "2023-11-14T22:13:20Z");
        for text in ["", "-", "99999999999999999999", "yesterday", "\u{0}"] {
            assert_eq!(parse(text.as_bytes(), 2023), None, "{text}");
        }
    }
}
