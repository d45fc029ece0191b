//! Moments, ages and days that something is due. All in UTC.

use jiff::Timestamp;

use super::At;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The moment as machines read it, to the second: `2026-11-21T08:40:00Z`.
pub fn rfc3339(at: impl At) -> String {
    at.at().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The moment in full, for people: `21 Nov 2026, 08:40 UTC`.
pub fn spoken(at: impl At) -> String {
    at.at().strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// Its day: `21 Nov 2026`.
pub fn date(at: impl At) -> String {
    at.at().strftime("%-d %b %Y").to_string()
}

/// Its day, with the year only when it is not the year of `now`: `21 Nov`.
pub fn short_date(at: impl At, now: impl At) -> String {
    let (at, now) = (at.at(), now.at());
    let year = |moment: Timestamp| moment.strftime("%Y").to_string();
    if year(at) == year(now) {
        at.strftime("%-d %b").to_string()
    } else {
        date(at)
    }
}

/// The time of day: `08:40:07`.
pub fn time(at: impl At) -> String {
    at.at().strftime("%H:%M:%S").to_string()
}

/// How long ago, in one word for a column: `now`, `2 min`, `5 h`, `3 d`, `4 mo`, `2 y`. What lies ahead (a clock that was
/// wrong) is `now`. The script keeps it fresh by the same table.
pub fn age(at: impl At, now: impl At) -> String {
    span(now.at().as_second().saturating_sub(at.at().as_second()))
}

fn span(seconds: i64) -> String {
    match seconds {
        i64::MIN..MINUTE => "now".to_owned(),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => match seconds / DAY {
            days @ 0..90 => format!("{days} d"),
            days @ 90..730 => format!("{} mo", days / 30),
            days => format!("{} y", days / 365),
        },
    }
}

/// How long ago, in a sentence: `just now`, `2 min ago`.
pub fn ago(at: impl At, now: impl At) -> String {
    match age(at, now) {
        text if text == "now" => "just now".to_owned(),
        text => format!("{text} ago"),
    }
}

/// When it is due: `today`, `3 d`, `overdue 2 d`.
pub fn due(at: impl At, now: impl At) -> String {
    let (at, now) = (at.at(), now.at());
    if is_overdue(at, now) {
        return match span(now.as_second().saturating_sub(at.as_second())).as_str() {
            "now" => "overdue".to_owned(),
            text => format!("overdue {text}"),
        };
    }
    let day = |moment: Timestamp| moment.as_second().div_euclid(DAY);
    match day(at).saturating_sub(day(now)) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => span(days.saturating_mul(DAY)),
    }
}

/// Whether the moment has passed.
pub fn is_overdue(at: impl At, now: impl At) -> bool {
    at.at() < now.at()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn ages_shrink_to_one_unit() {
        let now = at("2026-11-21T10:42:00Z");
        for (then, text) in [
            ("2026-11-21T10:41:30Z", "now"),
            ("2026-11-21T11:00:00Z", "now"),
            ("2026-11-21T10:40:00Z", "2 min"),
            ("2026-11-21T08:40:00Z", "2 h"),
            ("2026-11-18T08:40:00Z", "3 d"),
            ("2026-07-20T08:40:00Z", "4 mo"),
            ("2023-07-20T08:40:00Z", "3 y"),
        ] {
            assert_eq!(age(at(then), now), text, "{then}");
        }
        assert_eq!(ago(now, now), "just now");
        assert_eq!(ago(at("2026-11-21T08:40:00Z"), now), "2 h ago");
    }

    #[test]
    fn what_is_due_says_how_urgent_it_is() {
        let now = at("2026-11-21T10:42:00Z");
        for (then, text) in [
            ("2026-11-21T23:00:00Z", "today"),
            ("2026-11-22T01:00:00Z", "tomorrow"),
            ("2026-11-24T01:00:00Z", "3 d"),
            ("2026-11-19T08:00:00Z", "overdue 2 d"),
            ("2026-11-21T10:41:50Z", "overdue"),
        ] {
            assert_eq!(due(at(then), now), text, "{then}");
        }
    }

    #[test]
    fn moments_are_written_in_utc() {
        let moment = at("2026-11-01T08:04:07.123456Z");
        assert_eq!(rfc3339(moment), "2026-11-01T08:04:07Z");
        assert_eq!(spoken(moment), "1 Nov 2026, 08:04 UTC");
        assert_eq!(time(moment), "08:04:07");
        assert_eq!(short_date(moment, at("2026-01-01T00:00:00Z")), "1 Nov");
        assert_eq!(short_date(moment, at("2027-01-01T00:00:00Z")), "1 Nov 2026");
    }
}
