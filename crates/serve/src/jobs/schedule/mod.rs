//! When a source is looked at again: an interval, or five fields of cron, in UTC.

mod cron;
mod words;

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

pub use cron::Cron;

/// The shortest interval: whoever wants less wants a push.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// The longest interval.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// When something happens again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// So long after the last time.
    Every(SignedDuration),
    /// Whenever the fields fit.
    Cron(Cron),
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// It is neither.
    #[error(
        "`{0}` is no schedule: write an interval such as `1h` or `PT15M`, or five fields of cron such as `15 3 * * 1-5`"
    )]
    Neither(String),
    /// An interval that is too short or too long.
    #[error("an interval is between one minute and 366 days")]
    Interval,
    /// A field of cron.
    #[error("the {field} of the schedule cannot be `{found}`: {expected}")]
    Field {
        /// Which one.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: String,
    },
    /// A date that no calendar has.
    #[error("the schedule never comes: no such month has such a day")]
    Never,
}

impl Schedule {
    /// The first time after `now`, to the second for intervals and to the minute for cron. It never lies before a time that
    /// the same schedule gives for an earlier `now`, which is how a clock that was set back is noticed.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::Every(interval) => now.checked_add(*interval).unwrap_or(Timestamp::MAX),
            Self::Cron(cron) => cron.next_after(now).unwrap_or(Timestamp::MAX),
        }
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let shown = || text.chars().take(60).collect::<String>();
        let named = match text.to_ascii_lowercase().as_str() {
            "@hourly" | "hourly" => Some("0 * * * *"),
            "@daily" | "@midnight" | "daily" => Some("0 0 * * *"),
            "@weekly" | "weekly" => Some("0 0 * * 0"),
            "@monthly" | "monthly" => Some("0 0 1 * *"),
            _ => None,
        };
        if let Some(fields) = named {
            return fields.parse().map(Self::Cron);
        }
        if text.len() > 200 {
            return Err(ScheduleError::Neither(shown()));
        }
        if text.split_whitespace().count() == 5
            && let Ok(cron) = text.parse()
        {
            return Ok(Self::Cron(cron));
        }
        match text.parse::<Span>() {
            Ok(span) => {
                let interval = span
                    .to_duration(SpanRelativeTo::days_are_24_hours())
                    .map_err(|_| ScheduleError::Interval)?;
                if interval < SHORTEST || interval > LONGEST {
                    return Err(ScheduleError::Interval);
                }
                Ok(Self::Every(interval))
            }
            Err(_) if text.split_whitespace().count() == 5 => text.parse().map(Self::Cron),
            Err(_) => Err(ScheduleError::Neither(shown())),
        }
    }
}

impl fmt::Display for Schedule {
    /// In words: `every hour`, `daily at 03:15 UTC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(interval) => words::interval(*interval, f),
            Self::Cron(cron) => words::cron(cron, f),
        }
    }
}

#[cfg(test)]
mod tests;
