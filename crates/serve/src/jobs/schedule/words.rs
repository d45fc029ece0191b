//! Schedules in words.

use std::fmt;

use jiff::SignedDuration;

use super::cron::{Cron, Set};

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

pub(super) fn interval(interval: SignedDuration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let seconds = interval.as_secs();
    for (length, name) in [
        (604_800, "week"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ] {
        if seconds % length == 0 {
            return match seconds / length {
                1 => write!(f, "every {name}"),
                count => write!(f, "every {count} {name}s"),
            };
        }
    }
    write!(f, "every {interval:#}")
}

pub(super) fn cron(cron: &Cron, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let every_month = only_one(cron.months).is_none() && cron.months.numbers().count() == 12;
    let minute = only_one(cron.minutes);
    let days = match (cron.any_day, cron.any_weekday) {
        (true, true) => Some("daily".to_owned()),
        (true, false) => Some(weekdays(cron.weekdays)),
        (false, true) => only_one(cron.days).map(|day| format!("on day {day} of the month")),
        (false, false) => None,
    };
    match (minute, only_one(cron.hours), days) {
        (Some(minute), Some(hour), Some(days)) if every_month => {
            write!(f, "{days} at {hour:02}:{minute:02} UTC")
        }
        (Some(minute), None, Some(days))
            if every_month && days == "daily" && cron.hours.numbers().count() == 24 =>
        {
            write!(f, "hourly at :{minute:02}")
        }
        _ => write!(f, "cron {} (UTC)", cron.text),
    }
}

fn only_one(set: Set) -> Option<u32> {
    let mut numbers = set.numbers();
    numbers.next().filter(|_| numbers.next().is_none())
}

/// `Mon to Fri`, `Sun, Wed`.
fn weekdays(set: Set) -> String {
    let numbers: Vec<u32> = set.numbers().collect();
    let name = |number: &u32| {
        let place = usize::try_from(*number).unwrap_or_default();
        WEEKDAYS.get(place).copied().unwrap_or_default()
    };
    match numbers.as_slice() {
        [first, .., last]
            if numbers.len() > 2
                && last - first + 1 == u32::try_from(numbers.len()).unwrap_or(0) =>
        {
            format!("{} to {}", name(first), name(last))
        }
        all => all.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}
