//! MCP over stdio: lines between a client and a server that runs as a process.

mod lines;
mod sink;

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use stance_wire::Limits;

use super::{Conversation, Outcome, Side, Terms};
use crate::judge::Judge;
use crate::proxy::new_id;
use crate::receipt::{Log, Receipt};
use crate::settings::{OnFailure, Settings};
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
    judge: Arc<dyn Judge>,
    terms: Terms,
    conversation: Mutex<Conversation>,
    receipts: RwLock<Option<Log>>,
    is_closed_without_receipt: bool,
}

impl Proxy {
    /// For the server called `server`, and whoever `identity` names. Of the settings the limit, what is done with what cannot
    /// be read, the message and those of receipts count.
    #[must_use]
    pub fn new(
        server: &str,
        identity: Option<&str>,
        settings: &Settings,
        judge: Arc<dyn Judge>,
        receipts: Option<Log>,
    ) -> Self {
        let body = settings.body_limit.bytes();
        Self {
            judge,
            terms: Terms {
                server: server.to_owned(),
                identity: identity.map(str::to_owned),
                // One process is one session: nobody else knows its name.
                session: Some(format!("mcp {}", new_id())),
                unreadable: settings.unreadable,
                limits: Limits {
                    body,
                    ..Limits::default()
                },
                message: settings.message.clone(),
                status: 0,
            },
            conversation: Mutex::default(),
            receipts: RwLock::new(receipts),
            is_closed_without_receipt: settings.receipts.on_failure == OnFailure::Closed,
        }
    }

    /// Carries the lines of one side until they end, or nobody takes them any more. `to` is the other side, and `back` who sends
    /// them.
    ///
    /// # Errors
    ///
    /// When `from` cannot be read.
    pub fn carry(&self, side: Side, from: impl Read, to: &Sink, back: &Sink) -> io::Result<Ended> {
        let mut lines = Lines::new(from, self.terms.limits.body);
        while let Some(line) = lines.next()? {
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
                    (
                        self.conversation(|it| it.take(&*self.judge, &self.terms, side, body)),
                        ending,
                    )
                }
                Line::Long(bytes, seen) => {
                    let told = self.conversation(|it| it.too_long(&self.terms, side, bytes, seen));
                    (told, &b"\n"[..])
                }
            };
            let outcome = self.recorded(outcome);
            if let Some(forward) = &outcome.forward
                && to.write(&[forward, ending].concat()).is_err()
            {
                return Ok(Ended::Target);
            }
            if let Some(answer) = outcome.back {
                let line = [&*answer, &b"\n"[..]].concat();
                // A server that does not read while it writes would wait for itself.
                if side == Side::Server {
                    back.offer(line);
                } else if back.write(&line).is_err() {
                    return Ok(Ended::Back);
                }
            }
        }
        Ok(Ended::Source)
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

    /// Writes what is left of the log, and signs it. Nothing that comes after that is recorded.
    pub fn close(&self) {
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
        if !is_written && self.is_closed_without_receipt {
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
