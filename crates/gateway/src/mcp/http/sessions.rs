//! Sessions over several requests, by the names that servers give them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Conversation;
use crate::body::Pieces;
use crate::mcp::tools::Tools;
use crate::proxy::new_id;

/// Most sessions that are remembered; the one used longest ago goes first.
const SESSIONS: usize = 4096;

/// Most servers and callers whose tools are remembered for requests without a session.
const OFFERED: usize = 1024;

/// The upstream, the caller, and what the server calls the session.
type Key = (String, Option<String>, String);

/// A session that goes on.
#[derive(Clone)]
pub(crate) struct Session {
    /// What is open in it.
    pub(super) conversation: Arc<Mutex<Conversation>>,
    /// What the judge knows it by: nobody else does.
    pub(super) name: String,
    /// The stream by which all answers go (the older HTTP with SSE), while there is one.
    pub(super) stream: Arc<Mutex<Option<Pieces>>>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Sessions {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    sessions: HashMap<Key, (Session, u64)>,
    /// The tools that were offered to callers without a session.
    offered: HashMap<(String, Option<String>), Tools>,
    /// Counts uses.
    now: u64,
}

impl Sessions {
    /// A session that is not known by any name yet, of a caller whose tools may be known.
    pub(super) fn begin(&self, upstream: &str, identity: Option<&str>) -> Session {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (upstream.to_owned(), identity.map(str::to_owned));
        let tools = known.offered.get(&key).cloned().unwrap_or_default();
        Session {
            conversation: Arc::new(Mutex::new(Conversation::with_tools(tools))),
            name: format!("mcp {}", new_id()),
            stream: Arc::default(),
        }
    }

    /// The session with this name; one that is not known begins now, for the gateway may have begun anew.
    pub(super) fn named(&self, upstream: &str, identity: Option<&str>, id: &str) -> Session {
        let key = key(upstream, identity, id);
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.now += 1;
            let now = known.now;
            if let Some((session, used)) = known.sessions.get_mut(&key) {
                *used = now;
                return session.clone();
            }
        }
        let session = self.begin(upstream, identity);
        self.keep(upstream, identity, id, &session);
        session
    }

    /// Remembers a session by the name that its server gave it.
    pub(super) fn keep(&self, upstream: &str, identity: Option<&str>, id: &str, session: &Session) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.sessions.len() >= SESSIONS {
            let oldest = known.sessions.iter().min_by_key(|(_, (_, used))| *used);
            let oldest = oldest.map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                known.sessions.remove(&oldest);
            }
        }
        known.now += 1;
        let now = known.now;
        known
            .sessions
            .insert(key(upstream, identity, id), (session.clone(), now));
    }

    /// Forgets a session that is over.
    pub(super) fn end(&self, upstream: &str, identity: Option<&str>, id: &str) -> Option<Session> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = known.sessions.remove(&key(upstream, identity, id));
        ended.map(|(session, _)| session)
    }

    /// Remembers what was offered to a caller without a session.
    pub(super) fn offered(&self, upstream: &str, identity: Option<&str>, tools: &Tools) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (upstream.to_owned(), identity.map(str::to_owned));
        if known.offered.len() < OFFERED || known.offered.contains_key(&key) {
            known.offered.insert(key, tools.clone());
        }
    }
}

fn key(upstream: &str, identity: Option<&str>, id: &str) -> Key {
    (
        upstream.to_owned(),
        identity.map(str::to_owned),
        id.to_owned(),
    )
}
