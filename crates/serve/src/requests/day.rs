//! Days of forms, UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::error::ApiError;

/// The first moment of the day in a field.
pub(crate) fn start_of(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    Ok(day(field, text)?.timestamp())
}

/// The last moment of the day in a field.
pub(crate) fn end_of(field: &str, text: &str) -> Result<Timestamp, ApiError> {
    let end = day(field, text)?.end_of_day().map_err(|_| wrong(field))?;
    Ok(end.timestamp())
}

/// The day so many days from now, as fields show it.
pub(crate) fn after(now: Timestamp, days: i64) -> String {
    let then = now + SignedDuration::from_hours(24 * days);
    then.strftime("%Y-%m-%d").to_string()
}

fn day(field: &str, text: &str) -> Result<Zoned, ApiError> {
    let day: Date = text.parse().map_err(|_| wrong(field))?;
    day.to_zoned(TimeZone::UTC).map_err(|_| wrong(field))
}

fn wrong(field: &str) -> ApiError {
    ApiError::invalid(field, "a day such as 2027-02-28")
}

/// Whether a last day is still to come, and not more than `most` days from now.
pub(crate) fn within(end: Timestamp, now: Timestamp, most: Option<i64>) -> Result<(), ApiError> {
    if end <= now {
        return Err(ApiError::invalid("expires", "a day that is still to come"));
    }
    if most.is_some_and(|most| end.duration_since(now) > SignedDuration::from_hours(24 * most)) {
        return Err(ApiError::invalid("expires", "at most two years from now"));
    }
    Ok(())
}
