//! How much a key may ask for: requests within a minute, tokens within a day.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::settings::Key;

/// What every key has left. It outlives a change of the settings, and not the process.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    keys: Mutex<HashMap<String, Left>>,
}

#[derive(Debug)]
struct Left {
    /// Requests that may be made at once, and when that was so.
    requests: f64,
    at: Instant,
    /// Tokens that were used on a day.
    day: Date,
    tokens: u64,
}

/// Why a request is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    pub(crate) what: &'static str,
    /// Seconds until it is worth asking again.
    pub(crate) after: u64,
}

impl Limits {
    /// Takes one request from what the key has.
    pub(crate) fn take(
        &self,
        name: &str,
        key: &Key,
        now: Timestamp,
        instant: Instant,
    ) -> Result<(), Over> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let most = key.requests_per_minute.map(f64::from);
        let left = keys.entry(name.to_owned()).or_insert_with(|| Left {
            requests: most.unwrap_or_default(),
            at: instant,
            day: day(now),
            tokens: 0,
        });
        left.turn(now);
        if key.tokens_per_day.is_some_and(|most| left.tokens >= most) {
            return Err(Over {
                what: "the tokens of this key for today are used up",
                after: until_tomorrow(now),
            });
        }
        let Some(most) = most else { return Ok(()) };
        let passed = instant.saturating_duration_since(left.at).as_secs_f64();
        left.requests = (left.requests + passed * most / 60.0).min(most.max(1.0));
        left.at = instant;
        if left.requests < 1.0 {
            let seconds = (1.0 - left.requests) * 60.0 / most.max(f64::MIN_POSITIVE);
            return Err(Over {
                what: "this key makes too many requests",
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most an hour, at least nothing"
                )]
                after: seconds.ceil().clamp(1.0, 3600.0) as u64,
            });
        }
        left.requests -= 1.0;
        Ok(())
    }

    /// Counts what an exchange used.
    pub(crate) fn spend(&self, name: &str, tokens: u64, now: Timestamp) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = keys.get_mut(name) {
            left.turn(now);
            left.tokens = left.tokens.saturating_add(tokens);
        }
    }
}

impl Left {
    /// Begins a day anew.
    fn turn(&mut self, now: Timestamp) {
        let today = day(now);
        if self.day != today {
            self.day = today;
            self.tokens = 0;
        }
    }
}

fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

fn until_tomorrow(now: Timestamp) -> u64 {
    let passed = now.as_second().rem_euclid(86_400);
    u64::try_from(86_400 - passed).unwrap_or(86_400)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(requests: Option<u32>, tokens: Option<u64>) -> Key {
        Key {
            sha256: String::new(),
            upstreams: Vec::new(),
            models: Vec::new(),
            requests_per_minute: requests,
            tokens_per_day: tokens,
        }
    }

    #[test]
    fn requests_come_back_with_time() {
        let limits = Limits::default();
        let key = key(Some(2), None);
        let (now, start) = (Timestamp::UNIX_EPOCH, Instant::now());
        let take = |seconds| limits.take("it", &key, now, start + Duration::from_secs(seconds));
        assert!(take(0).is_ok() && take(0).is_ok());
        assert_eq!(take(1).unwrap_err().after, 29);
        assert!(take(31).is_ok());
        assert!(take(32).is_err());
    }

    #[test]
    fn tokens_are_there_again_the_next_day() {
        let limits = Limits::default();
        let key = key(None, Some(100));
        let noon: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let take = |now| limits.take("it", &key, now, Instant::now());
        assert!(take(noon).is_ok());
        limits.spend("it", 100, noon);
        assert_eq!(take(noon).unwrap_err().after, 12 * 3600);
        assert!(take("2026-11-28T00:00:01Z".parse().unwrap()).is_ok());
    }
}
