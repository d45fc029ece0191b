//! MCP over stdio: lines between a client and a server that runs as a process.

mod held;
mod lines;
mod sink;

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use stance_wire::Limits;
use tokio::runtime::Handle;

use super::{Conversation, Outcome, Side, Terms};
use crate::hold;
use crate::judge::Judge;
use crate::proxy::new_id;
use crate::receipt::{Log, Receipt};
use crate::settings::{Invalid, OnFailure, Settings};
use held::Asking;
use lines::{Line, Lines};

pub use sink::Sink;

/// Why no more lines are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Who sends them has no more.
    Source,
    /// Whom they go to does not read any more.
    Target,
    /// Who sends them does not read what goes back.
    Back,
}

/// Stands between a client and one server.
pub struct Proxy {
    held_to: RwLock<Arc<HeldTo>>,
    conversation: Mutex<Conversation>,
    receipts: RwLock<Option<Log>>,
    asking: Asking,
}

/// What messages are held to now.
struct HeldTo {
    judge: Arc<dyn Judge>,
    terms: Terms,
    is_closed_without_receipt: bool,
}

impl HeldTo {
    fn new(
        server: &str,
        identity: Option<&str>,
        session: Option<String>,
        settings: &Settings,
        judge: Arc<dyn Judge>,
    ) -> Result<Self, Vec<Invalid>> {
        let body = settings.body_limit.bytes();
        Ok(Self {
            judge,
            terms: Terms {
                server: server.to_owned(),
                identity: identity.map(str::to_owned),
                session,
                unreadable: settings.unreadable,
                limits: Limits {
                    body,
                    ..Limits::default()
                },
                message: settings.message.clone(),
                status: 0,
                ask: hold::ready(settings)?,
            },
            is_closed_without_receipt: settings.receipts.on_failure == OnFailure::Closed,
        })
    }
}

impl Proxy {
    /// For the server called `server`, and whoever `identity` names. Of the settings the limit, what is done with what cannot
    /// be read, the message, those of receipts and those of questions count. What is held waits in `runtime`.
    ///
    /// # Errors
    ///
    /// What in the settings of questions means nothing or cannot be had.
    pub fn new(
        server: &str,
        identity: Option<&str>,
        settings: &Settings,
        judge: Arc<dyn Judge>,
        receipts: Option<Log>,
        runtime: Handle,
    ) -> Result<Self, Vec<Invalid>> {
        // One process is one session: nobody else knows its name.
        let session = Some(format!("mcp {}", new_id()));
        let held_to = HeldTo::new(server, identity, session, settings, judge)?;
        let asking = Asking::new(runtime);
        asking.remember(held_to.terms.ask.as_deref());
        Ok(Self {
            held_to: RwLock::new(Arc::new(held_to)),
            conversation: Mutex::default(),
            receipts: RwLock::new(receipts),
            asking,
        })
    }

    /// Takes these settings and this judge from the next message on. What waits for a decision is refused: what it was asked by
    /// does not count any more.
    ///
    /// # Errors
    ///
    /// As [`Proxy::new`]; then the settings of before stay.
    pub fn take(&self, settings: &Settings, judge: Arc<dyn Judge>) -> Result<(), Vec<Invalid>> {
        let before = self.held_to();
        let Terms {
            server,
            identity,
            session,
            ..
        } = &before.terms;
        let identity = identity.as_deref();
        let held_to = HeldTo::new(server, identity, session.clone(), settings, judge)?;
        self.asking.remember(held_to.terms.ask.as_deref());
        *self.held_to.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held_to);
        self.asking.end();
        Ok(())
    }

    fn held_to(&self) -> Arc<HeldTo> {
        self.held_to
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Carries the lines of one side until they end, or nobody takes them any more. `to` is the other side, and `back` who sends
    /// them.
    ///
    /// # Errors
    ///
    /// When `from` cannot be read.
    pub fn carry(
        self: &Arc<Self>,
        side: Side,
        from: impl Read,
        to: &Arc<Sink>,
        back: &Arc<Sink>,
    ) -> io::Result<Ended> {
        let ended = self.lines(side, from, to, back);
        if side == Side::Client {
            self.conversation(|it| it.withdraw_all(LEFT));
        }
        ended
    }

    fn lines(
        self: &Arc<Self>,
        side: Side,
        from: impl Read,
        to: &Arc<Sink>,
        back: &Arc<Sink>,
    ) -> io::Result<Ended> {
        let mut lines = Lines::new(from, self.held_to().terms.limits.body);
        loop {
            let held_to = self.held_to();
            lines.limit(held_to.terms.limits.body);
            let Some(line) = lines.next()? else {
                return Ok(Ended::Source);
            };
            let (outcome, ending) = match line {
                Line::Whole(line) => {
                    let body = line.trim_ascii_end();
                    if body.is_empty() {
                        if to.write(line).is_err() {
                            return Ok(Ended::Target);
                        }
                        continue;
                    }
                    let ending = line.get(body.len()..).unwrap_or_default();
                    // Settings that came while it was waited for count.
                    let HeldTo { judge, terms, .. } = &*self.held_to();
                    (
                        self.conversation(|it| it.take(&**judge, terms, side, body)),
                        ending,
                    )
                }
                Line::Long(bytes, seen) => {
                    let told =
                        self.conversation(|it| it.too_long(&held_to.terms, side, bytes, seen));
                    (told, &b"\n"[..])
                }
            };
            let mut outcome = self.recorded(outcome);
            if let Some(held) = outcome.held.take() {
                self.hold(held, to, back);
            }
            if let Some(ended) = deliver(outcome, side, ending, to, back) {
                return Ok(ended);
            }
        }
    }

    /// Tells the client of every request that its server will not answer any more.
    pub fn abandon(&self, client: &Sink, why: &str) {
        let (errors, receipts) = self.conversation(|it| it.abandon(Side::Client, why));
        for receipt in receipts {
            // The client is told that it failed either way.
            let _ = self.write(&receipt);
        }
        for error in errors {
            let _ = client.write(&[&*error, &b"\n"[..]].concat());
        }
    }

    /// Ends what still waits for a decision, writes what is left of the log, and signs it. Nothing that comes after that is
    /// recorded.
    pub fn close(&self) {
        self.conversation(|it| it.withdraw_all(LEFT));
        self.asking.close();
        self.receipts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    fn conversation<T>(&self, does: impl FnOnce(&mut Conversation) -> T) -> T {
        let mut conversation = self
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        does(&mut conversation)
    }

    /// Writes the receipts of what is over, before anybody sees that it is.
    fn recorded(&self, outcome: Outcome) -> Outcome {
        let mut is_written = true;
        for receipt in &outcome.over {
            is_written &= self.write(receipt).is_ok();
        }
        if !is_written && self.held_to().is_closed_without_receipt {
            return outcome.withheld();
        }
        outcome
    }

    fn write(&self, receipt: &Receipt) -> Result<(), String> {
        let receipts = self.receipts.read().unwrap_or_else(PoisonError::into_inner);
        match &*receipts {
            Some(log) => log.write_waiting(receipt.entry(Timestamp::now())),
            None => Ok(()),
        }
    }
}

/// Why nobody waits any more.
const LEFT: &str = "the client went away";

/// Sends what becomes of a message of `side`, with the end of its line; gives who does not take it.
fn deliver(outcome: Outcome, side: Side, ending: &[u8], to: &Sink, back: &Sink) -> Option<Ended> {
    if let Some(forward) = &outcome.forward
        && to.write(&[forward, ending].concat()).is_err()
    {
        return Some(Ended::Target);
    }
    if let Some(answer) = outcome.back {
        let line = [&*answer, &b"\n"[..]].concat();
        // A server that does not read while it writes would wait for itself.
        if side == Side::Server {
            back.offer(line);
        } else if back.write(&line).is_err() {
            return Some(Ended::Back);
        }
    }
    None
}
