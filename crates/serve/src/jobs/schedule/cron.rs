//! Five fields: minute, hour, day of the month, month, day of the week, as `crontab(5)` describes them.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::ScheduleError;

/// The longest that two times may lie apart: a 29th of February that falls on a weekday in a month of its own comes
/// after 40 years at the latest, over a year that is no leap year.
const MOST_DAYS: u32 = 366 * 41;

/// What may stand in a field.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

const MINUTE: Field = Field {
    name: "minute",
    first: 0,
    last: 59,
    names: &[],
};
const HOUR: Field = Field {
    name: "hour",
    first: 0,
    last: 23,
    names: &[],
};
const DAY: Field = Field {
    name: "day of the month",
    first: 1,
    last: 31,
    names: &[],
};
const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
/// Sunday is 0, and also 7.
const WEEKDAY: Field = Field {
    name: "day of the week",
    first: 0,
    last: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

/// Numbers that fit, one bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set(u64);

impl Set {
    pub(super) const fn has(self, number: u32) -> bool {
        self.0 >> number & 1 == 1
    }

    pub(super) fn numbers(self) -> impl Iterator<Item = u32> {
        (0..64).filter(move |number| self.has(*number))
    }
}

/// The five fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    pub(super) minutes: Set,
    pub(super) hours: Set,
    pub(super) days: Set,
    pub(super) months: Set,
    pub(super) weekdays: Set,
    /// Whether the field says `*`: only then the other one of the two decides alone.
    pub(super) any_day: bool,
    pub(super) any_weekday: bool,
    pub(super) text: String,
}

impl FromStr for Cron {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(ScheduleError::Neither(text.chars().take(60).collect()));
        };
        let Set(weekdays) = WEEKDAY.parse(weekday)?;
        let cron = Self {
            minutes: MINUTE.parse(minute)?,
            hours: HOUR.parse(hour)?,
            days: DAY.parse(day)?,
            months: MONTH.parse(month)?,
            // 7 is Sunday as 0 is.
            weekdays: Set((weekdays | weekdays >> 7) & 0x7f),
            any_day: day.starts_with('*'),
            any_weekday: weekday.starts_with('*'),
            text: fields.join(" "),
        };
        let start = Timestamp::UNIX_EPOCH;
        match cron.next_after(start) {
            Some(_) => Ok(cron),
            None => Err(ScheduleError::Never),
        }
    }
}

impl Field {
    fn parse(&self, text: &str) -> Result<Set, ScheduleError> {
        let wrong = || ScheduleError::Field {
            field: self.name,
            found: text.chars().take(40).collect(),
            expected: format!(
                "`*`, a number from {} to {}, a range such as `{}-{}`, a list of these with commas, and a step behind `/`",
                self.first,
                self.last,
                self.first,
                self.last.min(self.first + 4)
            ),
        };
        let mut set = 0_u64;
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => {
                    let step: u32 = step.parse().map_err(|_| wrong())?;
                    (
                        range,
                        Some(step).filter(|step| *step > 0).ok_or_else(wrong)?,
                    )
                }
                None => (part, 1),
            };
            let (first, last) = match range.split_once('-') {
                _ if range == "*" => (self.first, self.last),
                Some((first, last)) => (
                    self.number(first).ok_or_else(wrong)?,
                    self.number(last).ok_or_else(wrong)?,
                ),
                // `5/15` is from 5 on, as most implementations have it.
                None if part.contains('/') => (self.number(range).ok_or_else(wrong)?, self.last),
                None => {
                    let number = self.number(range).ok_or_else(wrong)?;
                    (number, number)
                }
            };
            if first > last {
                return Err(wrong());
            }
            for number in (first..=last).step_by(usize::try_from(step).map_err(|_| wrong())?) {
                set |= 1 << number;
            }
        }
        Ok(Set(set))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        if let Some(place) = self.names.iter().position(|name| *name == lower) {
            return Some(self.first + u32::try_from(place).ok()?);
        }
        // `parse` alone would take a sign.
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits)?;
        (self.first..=self.last).contains(&number).then_some(number)
    }
}

impl Cron {
    /// The first minute after `now` in which the fields fit; `None` when there is none.
    pub(super) fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let civil = now.to_zoned(TimeZone::UTC).datetime();
        let mut date = civil.date();
        let mut from = (civil.hour(), civil.minute());
        for _ in 0..MOST_DAYS {
            if self.fits(date) {
                for hour in self.hours.numbers() {
                    for minute in self.minutes.numbers() {
                        let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
                        if (hour, minute) > from {
                            let at = date.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).ok()?;
                            return Some(at.timestamp());
                        }
                    }
                }
            }
            date = date.checked_add(1.day()).ok()?;
            from = (-1, -1);
        }
        None
    }

    /// Either of the two kinds of days is enough when both are told, both are needed when one of them is `*`.
    fn fits(&self, date: Date) -> bool {
        let number = |number: i8| u32::from(number.unsigned_abs());
        let day = self.days.has(number(date.day()));
        let weekday = self
            .weekdays
            .has(number(date.weekday().to_sunday_zero_offset()));
        let fits = if self.any_day || self.any_weekday {
            day && weekday
        } else {
            day || weekday
        };
        fits && self.months.has(number(date.month()))
    }
}
