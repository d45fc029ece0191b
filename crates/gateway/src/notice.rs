//! What whoever runs the gateway is told of connections that come to nothing: once a minute for each reason, however many there
//! were.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the same is told at most.
const PAUSE: Duration = Duration::from_secs(60);

/// Most reasons that are told apart: strangers give them.
const MOST: usize = 64;

/// Connections that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// There was no room for more than these.
    Full(u32),
    /// TLS was not agreed upon, for this reason.
    Handshake(String),
}

/// Takes what happened, and how often since it was told the last time.
pub type Tell = Arc<dyn Fn(&Notice, u64) + Send + Sync>;

/// What was told, and what is to be.
#[derive(Default)]
pub(crate) struct Notices {
    pub(crate) tell: Option<Tell>,
    known: Mutex<BTreeMap<Notice, Seen>>,
}

struct Seen {
    /// When it was told.
    told: Instant,
    /// How often it happened since.
    count: u64,
}

impl Notices {
    /// Something happened: it is told now, or counted until it may be told again.
    pub(crate) fn happened(&self, notice: Notice, now: Instant) {
        let Some(tell) = &self.tell else { return };
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let notice = match &notice {
                Notice::Handshake(_) if known.len() >= MOST && !known.contains_key(&notice) => {
                    Notice::Handshake("other reasons".to_owned())
                }
                _ => notice.clone(),
            };
            if let Some(seen) = known.get_mut(&notice) {
                seen.count = seen.count.saturating_add(1);
                return;
            }
            known.insert(
                notice,
                Seen {
                    told: now,
                    count: 0,
                },
            );
        }
        tell(&notice, 1);
    }

    /// Tells what happened since it was told, where that is long enough ago. To be asked every second or so.
    pub(crate) fn look(&self, now: Instant) {
        let Some(tell) = &self.tell else { return };
        let mut due = Vec::new();
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|notice, seen| {
                if now.saturating_duration_since(seen.told) < PAUSE {
                    return true;
                }
                if seen.count == 0 {
                    return false;
                }
                due.push((notice.clone(), seen.count));
                *seen = Seen {
                    told: now,
                    count: 0,
                };
                true
            });
        }
        for (notice, count) in due {
            tell(&notice, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_a_minute_with_how_often_it_happened() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let kept = told.clone();
        let notices = Notices {
            tell: Some(Arc::new(move |notice, count| {
                kept.lock().unwrap().push((notice.clone(), count));
            })),
            ..Notices::default()
        };
        let began = Instant::now();
        let no = |why: &str| Notice::Handshake(why.to_owned());
        for _ in 0..5 {
            notices.happened(no("eof"), began);
        }
        notices.happened(Notice::Full(7), began);
        notices.look(began + PAUSE / 2);
        let take = || std::mem::take(&mut *told.lock().unwrap());
        assert_eq!(take(), [(no("eof"), 1), (Notice::Full(7), 1)]);
        notices.look(began + PAUSE);
        assert_eq!(take(), [(no("eof"), 4)]);
        notices.look(began + 3 * PAUSE);
        assert_eq!(take(), [], "nothing happened since");
        notices.happened(no("eof"), began + 3 * PAUSE);
        assert_eq!(take(), [(no("eof"), 1)]);
        for number in 0..2 * MOST {
            notices.happened(no(&number.to_string()), began);
        }
        assert!(notices.known.lock().unwrap().len() <= MOST + 1);
    }
}
