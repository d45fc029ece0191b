//! What is noted beside an answer: when a session, a token or a page was last used.
//!
//! It is noted once in a minute, and an answer does not wait long for it: a large document that is taken in keeps the
//! only writer busy for seconds.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use stance_store::Sqlite;

use crate::app::App;
use crate::error::ApiError;

/// How exactly it is noted.
pub(crate) const EXACT: SignedDuration = SignedDuration::from_secs(60);

/// How long an answer waits for it.
const PATIENCE: Duration = Duration::from_millis(25);

/// Most names that are known; a name that is forgotten is only noted once more.
const MOST: usize = 10_000;

/// When what was last noted.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<HashMap<String, Timestamp>>);

impl Notes {
    /// Whether it is to be noted now.
    fn is_due(&self, name: &str, now: Timestamp) -> bool {
        let recent = |last: Timestamp| (last..last + EXACT).contains(&now);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(name).is_some_and(|last| recent(*last)) {
            return false;
        }
        if known.len() >= MOST {
            known.retain(|_, last| recent(*last));
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(name.to_owned(), now);
        true
    }
}

/// Notes something by its name, unless that was done a moment ago. If the writer is busy it is noted later; if that
/// fails, it is not noted this time.
pub(crate) async fn note(
    app: &App,
    name: &str,
    now: Timestamp,
    work: impl FnOnce(&mut Sqlite) -> Result<(), ApiError> + Send + 'static,
) {
    if app.notes.is_due(name, now) {
        let _ = tokio::time::timeout(PATIENCE, app.db.write(work)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_noted_once_in_a_minute_whatever_the_clock_does() {
        let notes = Notes::default();
        let now = Timestamp::UNIX_EPOCH;
        assert!(notes.is_due("session:1", now));
        assert!(!notes.is_due("session:1", now + SignedDuration::from_secs(59)));
        assert!(notes.is_due("session:2", now), "each its own");
        assert!(notes.is_due("session:1", now + EXACT));
        assert!(notes.is_due("session:1", now), "the clock was set back");
    }

    #[test]
    fn names_do_not_fill_memory() {
        let notes = Notes::default();
        for number in 0..(2 * MOST) {
            notes.is_due(&number.to_string(), Timestamp::UNIX_EPOCH);
        }
        assert!(notes.0.lock().unwrap().len() <= MOST);
    }
}
