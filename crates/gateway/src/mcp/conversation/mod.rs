//! A session, message by message.

mod held;
mod pending;
mod unreadable;

use std::borrow::Cow;
use std::time::Instant;

use stance_core::traffic::Action;
use stance_wire::rpc::{self, MessageKind, Read};
use stance_wire::{Fault, Limits, Route};

use super::judging::{self, Fate, Judged, culprits};
use super::open::{Open, Waiting};
use super::tools::Tools;
use super::{Outcome, Side, Terms};
use crate::judge::Judge;
use crate::receipt::{Receipt, short};
use crate::settings::Unreadable;
use held::Waits;
use pending::{Pending, What};

pub(crate) use held::{Held, Pulse};

/// What clients know as a server that failed.
const INTERNAL_ERROR: i32 = -32603;

/// Why there is no answer to what its sender does not want any more.
const CANCELLED: &str = "it was cancelled";

/// A session between a client and a server.
#[derive(Default)]
pub(crate) struct Conversation {
    open: Open,
    held: Waits,
    tools: Tools,
    has_learnt: bool,
}

impl Conversation {
    /// A session with a server whose tools are known from earlier ones.
    pub(crate) fn with_tools(tools: Tools) -> Self {
        Self {
            tools,
            ..Self::default()
        }
    }

    /// The tools that were offered.
    pub(crate) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Whether tools were offered in this session.
    pub(crate) fn has_learnt(&self) -> bool {
        self.has_learnt
    }

    /// Whether a request of this side waits for its answer.
    pub(crate) fn has_open(&self, from: Side) -> bool {
        self.open.has_any(from)
    }

    /// Whether a request of this side that waits for its answer is one of this operation.
    pub(crate) fn is_open(&self, from: Side, id: &str, operation: &str) -> bool {
        self.open
            .get(from, id)
            .is_some_and(|waiting| waiting.receipt.operation == operation)
    }

    /// Judges a message, or a batch of them, of which nothing is held: half a batch was never sent.
    pub(crate) fn take(
        &mut self,
        judge: &dyn Judge,
        terms: &Terms,
        from: Side,
        body: &[u8],
    ) -> Outcome {
        match rpc::batch(body, &terms.limits) {
            Ok(None) => self.one(judge, terms, from, body),
            Ok(Some(places)) if !places.is_empty() => {
                let terms = &Terms {
                    ask: None,
                    ..terms.clone()
                };
                let each = places
                    .into_iter()
                    .map(|place| {
                        let body = body.get(place).unwrap_or_default();
                        (body, self.one(judge, terms, from, body))
                    })
                    .collect();
                self.joined(from, body, each)
            }
            Ok(Some(_)) => self.unreadable(terms, from, body, None, &Fault::Message.to_string()),
            Err(fault) => self.unreadable(terms, from, body, None, &fault.to_string()),
        }
    }

    /// A batch of which each message was judged. Where one of its requests is refused all of them are: half a batch was never
    /// sent.
    fn joined(&mut self, from: Side, body: &[u8], each: Vec<(&[u8], Outcome)>) -> Outcome {
        let mut all = Outcome::default();
        let is_same = each
            .iter()
            .all(|(came, outcome)| outcome.forward.as_deref() == Some(*came));
        let is_refused = each.iter().any(|(_, outcome)| outcome.back.is_some());
        let (mut forward, mut back) = (Vec::new(), Vec::new());
        for (came, mut outcome) in each {
            all.over.append(&mut outcome.over);
            all.is_malformed |= outcome.is_malformed;
            // Answers go on whatever else stands beside them: somebody waits for them.
            if is_refused && outcome.back.is_none() && outcome.answers.is_empty() {
                let Some(id) = request_id(came) else {
                    continue;
                };
                if let Some(waiting) = self.open.take(from, &id) {
                    all.over
                        .push(waiting.failed("another request of its batch was refused"));
                }
                let message = "Another request of this batch was stopped by policy.";
                outcome.back = Some(rpc::refusal(&[id], message).into_bytes());
                outcome.forward = None;
            }
            all.answers.append(&mut outcome.answers);
            if outcome.forward.is_some() {
                all.asks.append(&mut outcome.asks);
            }
            forward.extend(outcome.forward);
            back.extend(outcome.back);
        }
        if is_same {
            all.forward = Some(body.to_vec());
        } else if !forward.is_empty() {
            all.forward = Some(array(&forward));
        }
        all.back = (!back.is_empty()).then(|| array(&back));
        all
    }

    fn one(&mut self, judge: &dyn Judge, terms: &Terms, from: Side, body: &[u8]) -> Outcome {
        let open = &self.open;
        let tool_of = |id: &str| open.get(from.other(), id)?.tool.clone();
        let read = match rpc::read(&Route::mcp(), body, tool_of, &terms.limits) {
            Ok(read) => read,
            Err(fault) => {
                return self.unreadable(terms, from, body, None, &fault.to_string());
            }
        };
        if let Some(doubt) = read.doubt
            && terms.unreadable == Unreadable::Refuse
        {
            return self.unreadable(terms, from, body, Some(&read), doubt);
        }
        match read.message.kind {
            MessageKind::Request => self.request(judge, terms, from, body, &read),
            MessageKind::Notification => self.notification(judge, terms, from, body, &read),
            MessageKind::Result | MessageKind::Error => {
                self.answer(judge, terms, from, body, &read)
            }
        }
    }

    fn request(
        &mut self,
        judge: &dyn Judge,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: &Read,
    ) -> Outcome {
        let began = Instant::now();
        let message = &read.message;
        let method = message.method.as_deref().unwrap_or_default();
        let id = message.id.as_deref().unwrap_or("null");
        let is_call = from == Side::Client && method == "tools/call";
        let tool = message.name.clone().filter(|_| is_call);
        let mut receipt = terms.receipt(method);
        receipt.request_bytes = body.len() as u64;
        if let Some(tool) = &tool {
            receipt.called(tool);
        }
        let judged = self.judge(judge, terms, from, body, read, &receipt, tool.as_deref());
        judged.note(read, &mut receipt);
        self.held
            .withdraw_request(from, id, "its id was used again before it was decided");
        let what = What::Request {
            id: id.to_owned(),
            waiting: Box::new(Waiting {
                receipt,
                began,
                tool,
                is_call: is_call && !message.is_task,
                token: message.token.clone(),
                progress: None,
            }),
        };
        self.judged(terms, from, body, judged, what)
    }

    fn notification(
        &mut self,
        judge: &dyn Judge,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: &Read,
    ) -> Outcome {
        let message = &read.message;
        let method = message.method.as_deref().unwrap_or_default();
        let mut over = Vec::new();
        if method == "notifications/cancelled"
            && let Some(id) = &message.cancels
        {
            if self.held.withdraw_request(from, id, CANCELLED) {
                // The other side never saw what is cancelled.
                return Outcome::default();
            }
            self.held.withdraw_answer(from, id, CANCELLED);
            if let Some(waiting) = self.open.take(from, id) {
                over.push(waiting.failed(CANCELLED));
            }
        }
        if method == "notifications/progress"
            && let (Some(token), Some(progress)) = (&message.token, &message.progress)
            && let Ok(progress) = progress.parse()
        {
            self.open.progressed(from.other(), token, progress);
        }
        let mut receipt = terms.receipt(method);
        receipt.request_bytes = body.len() as u64;
        let judged = self.judge(judge, terms, from, body, read, &receipt, None);
        judged.note(read, &mut receipt);
        let exchange = &read.reading.exchange;
        let what = What::Notification {
            receipt: Box::new(receipt),
            has_words: !exchange.parts.is_empty() || !exchange.unjudged.is_empty(),
        };
        let mut outcome = self.judged(terms, from, body, judged, what);
        outcome.over.splice(0..0, over);
        outcome
    }

    fn answer(
        &mut self,
        judge: &dyn Judge,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: &Read,
    ) -> Outcome {
        let id = read.message.id.as_deref().unwrap_or("null");
        if self.held.has_request(from.other(), id) {
            return self.too_early(terms, body);
        }
        let mut waiting = self.open.take(from.other(), id).unwrap_or_else(|| Waiting {
            // A gateway that began anew may see the rest of a session; it is judged like any other.
            receipt: terms.receipt("an answer to a request that was not seen"),
            began: Instant::now(),
            tool: None,
            is_call: false,
            token: None,
            progress: None,
        });
        let mut body = Cow::Borrowed(body);
        let mut kept = None;
        if from == Side::Server && !read.reading.exchange.tools.is_empty() {
            let offered = self.offered(judge, terms, &body, read, &mut waiting.receipt);
            if let Some((fewer, again)) = offered {
                body = Cow::Owned(fewer);
                kept = Some(again);
            }
        }
        let read = kept.as_ref().unwrap_or(read);
        let judged = self.judge(judge, terms, from, &body, read, &waiting.receipt, None);
        judged.note(read, &mut waiting.receipt);
        let exchange = &read.reading.exchange;
        waiting.receipt.tools = exchange.tools.len() as u64;
        waiting.receipt.ended = exchange.ended.as_deref().map(short);
        waiting.receipt.answered = exchange.model.as_deref().map(short);
        let is_list = from == Side::Server && !exchange.tools.is_empty();
        let what = What::Answer {
            id: id.to_owned(),
            is_result: waiting.is_call && read.message.kind == MessageKind::Result,
            waiting: Box::new(waiting),
            tools: match is_list {
                true => exchange.tools.clone(),
                false => Vec::new(),
            },
        };
        self.judged(terms, from, &body, judged, what)
    }

    /// An answer to a request that the other side never got, for it waits for a decision.
    fn too_early(&self, terms: &Terms, body: &[u8]) -> Outcome {
        let mut receipt = terms.receipt("an answer to a request that waits for a decision");
        receipt.answer_bytes = body.len() as u64;
        receipt.decision = Action::Block;
        receipt.error = Some("nobody was asked for it yet".to_owned());
        Outcome {
            over: vec![receipt],
            ..Outcome::default()
        }
    }

    /// What becomes of a message that was judged.
    fn judged(
        &mut self,
        terms: &Terms,
        from: Side,
        body: &[u8],
        judged: Judged,
        what: What,
    ) -> Outcome {
        let pending = Pending {
            from,
            body: judged.rewritten.unwrap_or_else(|| body.to_vec()),
            what,
        };
        match judged.fate {
            Fate::Passes => self.passed(pending),
            Fate::Refused(message) => pending.refused(&terms.told(&message)),
            Fate::Asked(open, refusal) => self.hold(terms, pending, open, refusal),
        }
    }

    /// A list of tools without those that this caller may not have; `None` where all may stay.
    fn offered(
        &mut self,
        judge: &dyn Judge,
        terms: &Terms,
        body: &[u8],
        read: &Read,
        receipt: &mut Receipt,
    ) -> Option<(Vec<u8>, Read)> {
        let tools = &read.reading.exchange.tools;
        let subject = terms.subject(receipt);
        let mut out: Vec<String> = tools
            .iter()
            .filter(|tool| !judge.may_call(&subject, &tool.name, terms.ask.is_some()))
            .map(|tool| tool.name.clone())
            .collect();
        // A client that waits for the list can do nothing else: of tools that somebody would have to be asked about, none is offered.
        let all = judging::read(judge, subject.clone(), read, body, false);
        if matches!(all.fate, Fate::Refused(_)) {
            all.note(read, receipt);
            out.extend(culprits(judge, &subject, read));
        }
        for name in &out {
            self.tools.forget(name);
        }
        let keeps = |name: &str| !out.iter().any(|other| other == name);
        let fewer = rpc::without_tools(body, &terms.limits, keeps)
            .ok()
            .flatten()?;
        let again = rpc::read(&Route::mcp(), &fewer, |_| None, &terms.limits).ok()?;
        let gone = tools
            .len()
            .saturating_sub(again.reading.exchange.tools.len());
        receipt.decision = receipt.decision.max(Action::Redact);
        receipt.error = Some(format!("{gone} of its tools are not offered"));
        Some((fewer, again))
    }

    #[expect(clippy::too_many_arguments, reason = "what is judged, and by what")]
    fn judge(
        &self,
        judge: &dyn Judge,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: &Read,
        receipt: &Receipt,
        tool: Option<&str>,
    ) -> Judged {
        let subject = terms.subject(receipt);
        let holds = terms.ask.is_some();
        match from {
            Side::Server => judging::read(judge, subject, read, body, holds),
            Side::Client => {
                let tool = tool.and_then(|name| self.tools.get(name));
                judging::said(judge, subject, tool, read, body, holds)
            }
        }
    }

    /// Gives up all requests of a side, whose other side is gone: errors for it, one a request, and their receipts. Those that
    /// wait for a decision are told when they are settled.
    pub(crate) fn abandon(&mut self, from: Side, why: &str) -> (Vec<Vec<u8>>, Vec<Receipt>) {
        self.held.abandon(from, why);
        self.open
            .take_all(from)
            .into_iter()
            .map(|(id, waiting)| {
                let error = rpc::failure(Some(&id), INTERNAL_ERROR, why);
                (error.into_bytes(), waiting.failed(why))
            })
            .unzip()
    }

    /// Gives one request of a side up that will not be answered.
    pub(crate) fn give_up(
        &mut self,
        from: Side,
        id: &str,
        status: u16,
        why: &str,
    ) -> Option<Receipt> {
        let mut waiting = self.open.take(from, id)?;
        waiting.receipt.status = status;
        Some(waiting.failed(why))
    }
}

/// The id of a request, if it is one.
fn request_id(body: &[u8]) -> Option<String> {
    let all = rpc::messages(body, &Limits::default()).ok()?;
    let first = all.into_iter().next()?;
    first.id.filter(|_| first.kind == MessageKind::Request)
}

/// Messages as a batch; one by itself.
fn array(all: &[Vec<u8>]) -> Vec<u8> {
    match all {
        [one] => one.clone(),
        all => [b"[", &*all.join(&b','), b"]"].concat(),
    }
}
