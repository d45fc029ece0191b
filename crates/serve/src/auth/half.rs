//! Those who gave the right password and still owe the code: kept in memory for some minutes, so that nobody types a
//! password twice. Who loses the place begins again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use stance_store::accounts::Digest;

use crate::error::ApiError;
use crate::secret;

/// How long the code may take.
pub(crate) const LASTS: SignedDuration = SignedDuration::from_mins(5);

/// Most at the same time; each of them knew a password.
const MOST: usize = 10_000;

/// Logins by the secret in the cookie.
#[derive(Debug, Default)]
pub(crate) struct Halves(Mutex<HashMap<Digest, (String, Timestamp)>>);

impl Halves {
    /// Remembers that the password of this login was right; gives the secret for the cookie.
    ///
    /// # Errors
    ///
    /// When the system has no randomness; 503 when there are too many.
    pub(crate) fn add(&self, login: &str, now: Timestamp) -> Result<String, ApiError> {
        let secret = secret::new()?;
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        halves.retain(|_, (_, at)| is_fresh(*at, now));
        if halves.len() >= MOST {
            return Err(ApiError::busy());
        }
        halves.insert(secret::digest(&secret), (login.to_owned(), now));
        Ok(secret)
    }

    /// Whose password was right.
    pub(crate) fn find(&self, secret: &str, now: Timestamp) -> Option<String> {
        let halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (login, at) = halves.get(&secret::digest(secret))?;
        is_fresh(*at, now).then(|| login.clone())
    }

    /// Forgets it: it led to a session.
    pub(crate) fn remove(&self, secret: &str) {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        halves.remove(&secret::digest(secret));
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    // Also when the clock was set back meanwhile.
    now.duration_since(at).abs() < LASTS
}
