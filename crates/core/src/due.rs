//! Until when a finding has to be fixed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::severity::Severity;

/// Days from when a finding is opened to the last day on which it may be open, by severity.
///
/// The defaults are what policies of vulnerability management have in common (FedRAMP asks for 30, 90 and 180 days
/// for high, moderate and low; a week for what is critical is common practice).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deadlines {
    /// Days for critical ones.
    pub critical: u16,
    /// Days for high ones.
    pub high: u16,
    /// Days for medium ones.
    pub medium: u16,
    /// Days for low ones.
    pub low: u16,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            critical: 7,
            high: 30,
            medium: 90,
            low: 180,
        }
    }
}

impl Deadlines {
    /// Days for a severity; `None` for what has none, for there is nothing to do.
    #[must_use]
    pub const fn days(&self, severity: Severity) -> Option<u16> {
        match severity {
            Severity::Critical => Some(self.critical),
            Severity::High => Some(self.high),
            Severity::Medium => Some(self.medium),
            Severity::Low => Some(self.low),
            Severity::Info => None,
        }
    }

    /// The last day, UTC, on which a finding that was opened, or reopened, at this time may be open. `None` where
    /// nothing is due, or where that day is beyond the year 9999.
    #[must_use]
    pub fn due(&self, severity: Severity, opened: Timestamp) -> Option<Date> {
        let days = self.days(severity)?;
        day(opened).checked_add(i64::from(days).days()).ok()
    }
}

/// How a finding stands against its due date; ordered, the most pressing is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// It has no due date.
    Never,
    /// There is time.
    Later,
    /// It is due today or within the days that are asked for.
    Soon,
    /// Its last day is over.
    Overdue,
}

impl Due {
    /// All of them, the most pressing first.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Soon, Self::Later, Self::Never];

    /// How many days before the due date a finding is due soon, unless somebody says otherwise.
    pub const SOON_DAYS: u16 = 3;

    /// How an open finding stands on `today`, UTC. The due date itself is not over yet, as the last day of a waiver
    /// is not.
    #[must_use]
    pub fn of(due: Option<Date>, today: Date, soon_days: u16) -> Self {
        let Some(due) = due else {
            return Self::Never;
        };
        if today > due {
            return Self::Overdue;
        }
        let soon = today
            .checked_add(i64::from(soon_days).days())
            .unwrap_or(Date::MAX);
        if due <= soon { Self::Soon } else { Self::Later }
    }

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Later => "later",
            Self::Soon => "soon",
            Self::Overdue => "overdue",
        }
    }
}

/// The day of a time, UTC.
fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_clock_runs_from_the_day_it_was_opened() {
        let deadlines = Deadlines::default();
        let opened: Timestamp = "2026-02-25T23:59:59Z".parse().unwrap();
        for (severity, due) in [
            (Severity::Critical, Some("2026-03-04")),
            (Severity::High, Some("2026-03-27")),
            (Severity::Medium, Some("2026-05-26")),
            (Severity::Low, Some("2026-08-24")),
            (Severity::Info, None),
        ] {
            assert_eq!(deadlines.due(severity, opened), due.map(date), "{severity}");
        }
        let own: Deadlines = serde_json::from_str(r#"{"critical": 1}"#).unwrap();
        assert_eq!(own.days(Severity::Critical), Some(1));
        assert_eq!(own.days(Severity::High), Some(30));
        assert_eq!(deadlines.due(Severity::Low, Timestamp::MAX), None);
    }

    #[test]
    fn the_due_date_is_the_last_day_that_is_not_over() {
        let due = Some(date("2026-03-04"));
        for (today, state) in [
            ("2026-02-28", Due::Later),
            ("2026-03-01", Due::Soon),
            ("2026-03-04", Due::Soon),
            ("2026-03-05", Due::Overdue),
        ] {
            assert_eq!(Due::of(due, date(today), Due::SOON_DAYS), state, "{today}");
        }
        assert_eq!(Due::of(due, date("2026-03-03"), 0), Due::Later);
        assert_eq!(Due::of(None, date("2026-03-03"), 0), Due::Never);
        assert_eq!(Due::of(Some(Date::MAX), Date::MAX, u16::MAX), Due::Soon);
        assert!(Due::ALL.is_sorted_by(|a, b| a > b));
    }
}
