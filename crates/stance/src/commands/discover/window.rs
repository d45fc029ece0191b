//! `--since` and `--until`.

use anyhow::bail;
use jiff::Timestamp;

/// A moment as people write it, in seconds since 1970 UTC: a time, a day, or how long before `now`.
pub(super) fn moment(text: &str, now: Timestamp) -> anyhow::Result<i64> {
    let text = text.trim();
    if let Some((number, unit)) = text
        .char_indices()
        .last()
        .and_then(|(at, unit)| Some((text.get(..at)?.parse::<i64>().ok()?, unit)))
    {
        let seconds = match unit {
            'm' => Some(60),
            'h' => Some(3600),
            'd' => Some(86_400),
            'w' => Some(7 * 86_400),
            _ => None,
        };
        if let Some(ago) = seconds.and_then(|seconds| number.checked_mul(seconds)) {
            return Ok(now.as_second().saturating_sub(ago));
        }
    }
    let is_time = text.len() >= 10 && text.contains(['-', '/', ':']);
    match stance_logs::time(text.as_bytes(), now.as_second()) {
        Some(time) if is_time => Ok(time),
        _ => bail!(
            "`{text}` is no time; write 2026-11-01, 2026-11-01T12:00:00Z, or how long ago, such as 30d or 12h"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_a_day_or_a_while_ago() {
        let now = "2026-11-26T12:00:00Z".parse().unwrap();
        let seconds = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        let day = seconds("2026-11-25T12:00:00Z");
        assert_eq!(moment("1d", now).unwrap(), day);
        assert_eq!(moment("24h", now).unwrap(), day);
        assert_eq!(moment("2026-11-25T12:00:00Z", now).unwrap(), day);
        assert_eq!(
            moment("2026-11-25", now).unwrap(),
            seconds("2026-11-25T00:00:00Z")
        );
        for text in ["", "d", "yesterday", "12", "5x"] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }
}
