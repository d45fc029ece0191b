//! Messages that wait until somebody decides about them, while all else of the session goes on.
//!
//! Whoever carries a message asks, and settles it with what was decided. Until then it may be withdrawn: by its sender, who
//! cancels it, or because a side is gone. Each is settled once, whatever happened, and leaves its receipt then.

use std::sync::Arc;

use stance_core::approval::{Decided, Held as Kind, Question};
use stance_wire::rpc;
use tokio::sync::oneshot;

use super::pending::{Pending, What};
use super::{Conversation, Outcome, Side, Terms};
use crate::hold;
use crate::judge::Open;

/// What grows from one sign of life to the next: progress has to.
const STEP: f64 = 0.001;

/// Where progress begins of a request that its server knows nothing of yet: below what any server says.
const BEFORE: f64 = -1.0;

/// What clients are shown that show progress.
const WAITS: &str = "Waits for somebody's decision.";

/// What whoever carries a message needs to have it decided.
pub(crate) struct Held {
    /// What names it in its conversation.
    pub(crate) number: u64,
    /// Who sent it.
    pub(crate) from: Side,
    /// Of a request, its id as it is written.
    pub(crate) id: Option<String>,
    pub(crate) question: Question,
    /// Who is asked.
    pub(crate) ask: Arc<hold::Ready>,
    /// What tells the client meanwhile that its request is still under way, where it wants to know.
    pub(crate) pulse: Option<Pulse>,
    /// Ends when nobody waits for it any more.
    pub(crate) gone: oneshot::Receiver<()>,
}

impl Held {
    /// Ends when nobody waits for it any more.
    pub(crate) fn gone(&mut self) -> impl Future<Output = ()> + Send + 'static {
        let (_, closed) = oneshot::channel();
        let gone = std::mem::replace(&mut self.gone, closed);
        async {
            let _ = gone.await;
        }
    }
}

/// Signs of life of a request that waits.
#[derive(Debug)]
pub(crate) struct Pulse {
    token: String,
    progress: f64,
}

impl Pulse {
    /// The next one.
    pub(crate) fn beat(&mut self) -> Vec<u8> {
        self.progress += STEP;
        rpc::progress(&self.token, self.progress, WAITS).into_bytes()
    }
}

struct Entry {
    number: u64,
    pending: Pending,
    /// What is told in its place, with how the question ended.
    refusal: String,
    /// Dropped when nobody waits for it any more.
    stays: Option<oneshot::Sender<()>>,
    /// Why nobody does, and whether its sender is told.
    over: Option<(String, bool)>,
}

impl Entry {
    fn withdraw(&mut self, why: &str, tells: bool) {
        if self.over.is_none() {
            self.over = Some((why.to_owned(), tells));
            self.stays = None;
        }
    }

    /// Whether it is a request of this side with this id that somebody still waits for.
    fn is_request(&self, side: Side, of: Option<&str>) -> bool {
        self.over.is_none()
            && self.pending.from == side
            && matches!(&self.pending.what, What::Request { id, .. } if of.is_none_or(|of| id == of))
    }

    /// Whether it is the answer to a request of this side with this id.
    fn is_answer(&self, side: Side, of: Option<&str>) -> bool {
        self.over.is_none()
            && self.pending.from == side.other()
            && matches!(&self.pending.what, What::Answer { id, .. } if of.is_none_or(|of| id == of))
    }
}

/// All that wait.
#[derive(Default)]
pub(super) struct Waits {
    all: Vec<Entry>,
    came: u64,
}

impl Waits {
    /// Whether a request of this side with this id waits.
    pub(super) fn has_request(&self, from: Side, id: &str) -> bool {
        self.all.iter().any(|it| it.is_request(from, Some(id)))
    }

    /// Withdraws the request of this side with this id; whether there was one.
    pub(super) fn withdraw_request(&mut self, from: Side, id: &str, why: &str) -> bool {
        let found = self.all.iter_mut().find(|it| it.is_request(from, Some(id)));
        found.map(|it| it.withdraw(why, false)).is_some()
    }

    /// Withdraws the answer to the request of this side with this id.
    pub(super) fn withdraw_answer(&mut self, from: Side, id: &str, why: &str) {
        let found = self.all.iter_mut().find(|it| it.is_answer(from, Some(id)));
        if let Some(it) = found {
            it.withdraw(why, false);
        }
    }

    /// Withdraws the requests of a side, which is told that they failed.
    pub(super) fn abandon(&mut self, from: Side, why: &str) {
        let of_it = |it: &&mut Entry| it.is_request(from, None);
        for it in self.all.iter_mut().filter(of_it) {
            it.withdraw(why, true);
        }
    }
}

impl Conversation {
    /// Has a message wait until somebody decides.
    pub(super) fn hold(
        &mut self,
        terms: &Terms,
        mut pending: Pending,
        open: Open,
        refusal: String,
    ) -> Outcome {
        let Some(ask) = &terms.ask else {
            return pending.refused(&terms.told(&refusal));
        };
        let kind = match pending.what {
            What::Answer { .. } => Kind::Answer,
            What::Request { .. } | What::Notification { .. } => Kind::Request,
        };
        let question = hold::question(open, kind, ask, pending.receipt());
        let pulse = match (&pending.what, pending.from) {
            (What::Request { waiting, .. }, Side::Client)
            | (What::Answer { waiting, .. }, Side::Server) => {
                waiting.token.clone().map(|token| Pulse {
                    token,
                    progress: waiting
                        .progress
                        .filter(|progress| progress.is_finite())
                        .unwrap_or(BEFORE),
                })
            }
            _ => None,
        };
        let (stays, gone) = oneshot::channel();
        self.held.came = self.held.came.saturating_add(1);
        let held = Held {
            number: self.held.came,
            from: pending.from,
            id: match &pending.what {
                What::Request { id, .. } => Some(id.clone()),
                What::Notification { .. } | What::Answer { .. } => None,
            },
            question,
            ask: ask.clone(),
            pulse,
            gone,
        };
        self.held.all.push(Entry {
            number: held.number,
            pending,
            refusal,
            stays: Some(stays),
            over: None,
        });
        Outcome {
            held: Some(held),
            ..Outcome::default()
        }
    }

    /// What becomes of a message that waited, now that it is decided.
    pub(crate) fn settle(&mut self, terms: &Terms, number: u64, decided: Decided) -> Outcome {
        let all = &mut self.held.all;
        let Some(place) = all.iter().position(|it| it.number == number) else {
            return Outcome::default();
        };
        let Entry {
            mut pending,
            refusal,
            over,
            ..
        } = all.remove(place);
        let (allowed, way) = (decided.allowed, decided.way);
        pending.receipt().decided(decided);
        match over {
            Some((why, tells)) => pending.dropped(&why, tells),
            None if allowed => self.passed(pending),
            None => pending.refused(&terms.told(&format!("{refusal} {}", hold::why(way)))),
        }
    }

    /// Says that nobody waits for a message any more.
    pub(crate) fn withdraw(&mut self, number: u64, why: &str) {
        let mut all = self.held.all.iter_mut();
        if let Some(it) = all.find(|it| it.number == number) {
            it.withdraw(why, false);
        }
    }

    /// Says that nobody waits for anything any more.
    pub(crate) fn withdraw_all(&mut self, why: &str) {
        for it in &mut self.held.all {
            it.withdraw(why, false);
        }
    }
}
