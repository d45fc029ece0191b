//! Time zones as policies name them. There is no database of zones: UTC, and distances from it.

use jiff::tz::{Offset, TimeZone};

use super::Refused;

/// The zone of a name: empty or `UTC`, or a distance such as `+05:30`.
pub(super) fn zone(name: &str) -> Result<TimeZone, Refused> {
    if matches!(name, "" | "UTC" | "Etc/UTC" | "GMT" | "Z") {
        return Ok(TimeZone::UTC);
    }
    distance(name).map(TimeZone::fixed).ok_or_else(|| {
        Refused::argument(format!(
            "unknown time zone {name}: there is no database of time zones here; give UTC or a distance such as +05:30"
        ))
    })
}

/// `+05:30` or `-0800`.
pub(super) fn distance(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|it| *it != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.parse().ok()?;
    let seconds = hours
        .checked_mul(60)?
        .checked_add(minutes)?
        .checked_mul(60)?;
    Offset::from_seconds(seconds.checked_mul(sign)?).ok()
}
