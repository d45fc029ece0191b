//! What outlives a change of the settings: sessions, habits of identities, the tools that are known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use stance_guard::flow::Key;
use stance_guard::leak::Overlap;
use stance_guard::theft::Watch;

use super::pins::Pins;
use super::sessions::{Sessions, Spoken};
use super::tools::Offers;
use crate::judge::Subject;

/// Most identities that are stopped at a time, and most texts of operators that are kept ready.
const STOPPED: usize = 10_000;
const OPERATORS: usize = 256;

/// What all exchanges of one process share, whatever the policy.
pub(super) struct Memory {
    pub(super) key: Key,
    sessions: Mutex<Sessions>,
    /// Habits of identities, and what looks like theft among many exchanges.
    watch: Mutex<Watch>,
    stopped: Mutex<HashMap<String, Stop>>,
    operators: Mutex<HashMap<[u8; 32], Arc<Overlap>>>,
    spoken: Mutex<Spoken>,
    pub(super) offers: Offers,
    pub(super) pins: Pins,
}

/// Until when an identity is stopped, in milliseconds since 1970, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) until: i64,
    pub(super) rule: &'static str,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    pub(super) fn new(key: Key, pins: Pins) -> Self {
        Self {
            key,
            sessions: Mutex::default(),
            watch: Mutex::default(),
            stopped: Mutex::default(),
            operators: Mutex::default(),
            spoken: Mutex::default(),
            offers: Offers::default(),
            pins,
        }
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.sessions)
    }

    pub(super) fn watch(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }

    /// Stops an identity.
    pub(super) fn stop(&self, identity: &str, stop: Stop, now: i64) {
        let mut stopped = lock(&self.stopped);
        stopped.retain(|_, stop| stop.until > now);
        if stopped.len() < STOPPED || stopped.contains_key(identity) {
            stopped.insert(identity.to_owned(), stop);
        }
    }

    /// Whether an identity is stopped now.
    pub(super) fn stopped(&self, identity: &str, now: i64) -> Option<Stop> {
        let stopped = lock(&self.stopped);
        stopped
            .get(identity)
            .copied()
            .filter(|stop| stop.until > now)
    }

    /// Remembers what the operator said last in a session, where it has a name.
    pub(super) fn spoke(&self, subject: &Subject, words: &Arc<Overlap>) {
        lock(&self.spoken).keep(subject, words);
    }

    /// What the operator said last in a session.
    pub(super) fn spoken(&self, subject: &Subject) -> Option<Arc<Overlap>> {
        lock(&self.spoken).of(subject)
    }

    /// The operator's words, ready to be compared with: applications send the same ones with every request.
    pub(super) fn operator(&self, text: &str) -> Arc<Overlap> {
        let digest = Sha256::digest(text.as_bytes()).into();
        if let Some(known) = lock(&self.operators).get(&digest) {
            return known.clone();
        }
        let overlap = Arc::new(Overlap::of(text));
        let mut operators = lock(&self.operators);
        if operators.len() >= OPERATORS {
            operators.clear();
        }
        operators.insert(digest, overlap.clone());
        overlap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_stopped_for_its_time() {
        let memory = Memory::new(Key(1, 2), Pins::default());
        let stop = Stop {
            until: 100,
            rule: "theft/prada",
        };
        memory.stop("thief", stop, 10);
        assert_eq!(memory.stopped("thief", 99), Some(stop));
        assert_eq!(memory.stopped("thief", 100), None);
        assert_eq!(memory.stopped("other", 50), None);
    }
}
