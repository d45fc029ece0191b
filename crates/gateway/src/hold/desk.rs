//! Where questions wait: bounded, in memory, and over with the process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use stance_core::approval::{Decided, Decision, Desk, NotTaken, Question, Way};
use tokio::sync::{oneshot, watch};

/// Most decisions that are remembered; the oldest goes first.
const MEMORIES: usize = 1_024;

/// Most of the last decisions that are shown.
const RECENT: usize = 100;

/// Questions that wait, and what was decided.
pub struct Waiting {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    seats: BTreeMap<String, Seat>,
    memories: VecDeque<Memory>,
    recent: VecDeque<(Question, Decided)>,
    /// Why nobody is asked any more.
    closed: bool,
    /// How long decisions may be remembered now.
    remembers: Option<Duration>,
    /// How many came so far, which gives them their order.
    came: u64,
}

struct Seat {
    number: u64,
    question: Question,
    /// What opens this question once, as a digest.
    token: [u8; 32],
    memory: Option<Duration>,
    answer: oneshot::Sender<(Way, Decision)>,
}

struct Memory {
    what: What,
    until: Instant,
    decision: Decision,
}

/// What two questions have in common for which one decision may count.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct What {
    identity: String,
    upstream: String,
    rules: BTreeSet<String>,
    tools: BTreeSet<String>,
}

impl What {
    /// None where nobody knows who asks: then no decision counts twice.
    pub(super) fn of(question: &Question) -> Option<Self> {
        Some(Self {
            identity: question.identity.clone()?,
            upstream: question.upstream.clone(),
            rules: rules(question).into_iter().collect(),
            tools: question
                .calls
                .iter()
                .map(|call| call.tool.clone())
                .collect(),
        })
    }
}

/// The rules that ask, each once.
pub(super) fn rules(question: &Question) -> Vec<String> {
    let all: BTreeSet<&str> = question.reasons.iter().map(|it| it.rule.as_str()).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// Why a question does not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    Full,
    Ended,
}

/// A question that waits; it is withdrawn when this is dropped.
pub(super) struct Seated {
    desk: Arc<Waiting>,
    id: String,
    pub(super) answer: oneshot::Receiver<(Way, Decision)>,
}

impl Drop for Seated {
    fn drop(&mut self) {
        if self.desk.lock().seats.remove(&self.id).is_some() {
            self.desk.changed();
        }
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            changes: watch::channel(0).0,
        }
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.send_modify(|version| *version += 1);
    }

    /// Tells whenever a question came or went.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Sets how long decisions may be remembered; those remembered for longer are forgotten.
    pub(crate) fn remember(&self, memory: Option<Duration>) {
        let mut state = self.lock();
        state.remembers = memory;
        if memory.is_none() {
            state.memories.clear();
        }
    }

    pub(super) fn known(&self, question: &Question) -> Option<Decision> {
        let what = What::of(question)?;
        let mut state = self.lock();
        let now = Instant::now();
        state.memories.retain(|it| it.until > now);
        let found = state.memories.iter().rev().find(|it| it.what == what)?;
        Some(found.decision.clone())
    }

    /// Seats a question.
    pub(super) fn seat(
        self: &Arc<Self>,
        question: Question,
        token: [u8; 32],
        most: usize,
        memory: Option<Duration>,
    ) -> Result<Seated, NoRoom> {
        let (answer, coming) = oneshot::channel();
        let id = question.id.clone();
        {
            let mut state = self.lock();
            if state.closed {
                return Err(NoRoom::Ended);
            }
            if state.seats.len() >= most {
                return Err(NoRoom::Full);
            }
            state.came += 1;
            let seat = Seat {
                number: state.came,
                question,
                token,
                memory,
                answer,
            };
            state.seats.insert(id.clone(), seat);
        }
        self.changed();
        Ok(Seated {
            desk: self.clone(),
            id,
            answer: coming,
        })
    }

    /// Whether this opens the question.
    pub(super) fn opens(&self, id: &str, token: &[u8; 32]) -> bool {
        use subtle::ConstantTimeEq as _;
        self.lock()
            .seats
            .get(id)
            .is_some_and(|seat| bool::from(seat.token.ct_eq(token)))
    }

    /// Keeps what became of a question, for those who look.
    pub(super) fn note(&self, question: Question, decided: Decided) {
        let mut state = self.lock();
        if state.recent.len() >= RECENT {
            state.recent.pop_back();
        }
        state.recent.push_front((question, decided));
        drop(state);
        self.changed();
    }

    /// Ends all questions: what they were about was judged by settings that do not count any more.
    pub(crate) fn end(&self) {
        self.lock().seats.clear();
        self.changed();
    }

    /// Ends all questions, and takes none from now on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.end();
    }
}

impl Desk for Waiting {
    fn waiting(&self) -> Vec<Question> {
        let state = self.lock();
        let mut all: Vec<(u64, Question)> = state
            .seats
            .values()
            .map(|seat| (seat.number, seat.question.clone()))
            .collect();
        drop(state);
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, question)| question).collect()
    }

    fn decided(&self) -> Vec<(Question, Decided)> {
        self.lock().recent.iter().cloned().collect()
    }

    fn decide(&self, id: &str, way: Way, decision: Decision) -> Result<Question, NotTaken> {
        let mut state = self.lock();
        let seat = state.seats.get(id).ok_or(NotTaken::NotWaiting)?;
        let what = What::of(&seat.question);
        let memory = match (decision.remember, seat.memory, what) {
            (false, ..) => None,
            (true, Some(time), Some(what)) => Some(Memory {
                what,
                until: Instant::now() + time,
                decision: decision.clone(),
            }),
            (true, ..) => return Err(NotTaken::NotRemembered),
        };
        let seat = state.seats.remove(id).ok_or(NotTaken::NotWaiting)?;
        seat.answer
            .send((way, decision))
            .map_err(|_| NotTaken::NotWaiting)?;
        if let Some(memory) = memory {
            if state.memories.len() >= MEMORIES {
                state.memories.pop_front();
            }
            state.memories.push_back(memory);
        }
        drop(state);
        self.changed();
        Ok(seat.question)
    }

    fn remembers(&self) -> Option<u64> {
        self.lock().remembers.map(|time| time.as_secs())
    }

    fn version(&self) -> u64 {
        *self.changes.borrow()
    }
}
