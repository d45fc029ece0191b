//! What is remembered of sessions beyond the history that callers send along.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use stance_guard::flow::{self, Session};
use stance_guard::leak::Overlap;

use super::memory::Memory;
use crate::judge::Subject;

/// Most sessions that are remembered; the one used longest ago goes first.
const SESSIONS: usize = 256;

#[derive(Default)]
pub(super) struct Sessions {
    known: HashMap<String, Session>,
    order: VecDeque<String>,
}

/// What the operator said last in each session.
#[derive(Default)]
pub(super) struct Spoken {
    known: HashMap<String, Arc<Overlap>>,
    order: VecDeque<String>,
}

impl Spoken {
    pub(super) fn keep(&mut self, subject: &Subject, words: &Arc<Overlap>) {
        let Some(name) = name_of(subject) else { return };
        if let Some(known) = self.known.get_mut(&name) {
            known.clone_from(words);
            return;
        }
        if self.order.len() >= SESSIONS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(name.clone());
        self.known.insert(name, words.clone());
    }

    pub(super) fn of(&self, subject: &Subject) -> Option<Arc<Overlap>> {
        self.known.get(&name_of(subject)?).cloned()
    }
}

impl Memory {
    pub(super) fn session(&self, subject: &Subject) -> Session {
        let new = || Session::new(self.key, flow::Limits::default());
        let Some(name) = name_of(subject) else {
            return new();
        };
        self.sessions()
            .known
            .get(&name)
            .cloned()
            .unwrap_or_else(new)
    }

    pub(super) fn keep(&self, subject: &Subject, session: Session) {
        let Some(name) = name_of(subject) else { return };
        let mut sessions = self.sessions();
        sessions.order.retain(|other| *other != name);
        if sessions.order.len() >= SESSIONS
            && let Some(oldest) = sessions.order.pop_front()
        {
            sessions.known.remove(&oldest);
        }
        sessions.order.push_back(name.clone());
        sessions.known.insert(name, session);
    }
}

/// What tells a session apart: who, and what they call it.
pub(super) fn name_of(subject: &Subject) -> Option<String> {
    let session = subject.session.as_deref()?;
    Some(format!(
        "{} {session}",
        subject.identity.as_deref().unwrap_or_default()
    ))
}
