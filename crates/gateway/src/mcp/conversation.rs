//! A session, message by message.

use std::time::Instant;

use stance_core::exchange::Unjudged;
use stance_core::traffic::Action;
use stance_wire::rpc::{self, MessageKind, Read};
use stance_wire::{Fault, Limits, Route};

use super::judging::{self, Judged};
use super::open::{Open, Waiting};
use super::tools::Tools;
use super::{Side, judging::culprits};
use crate::judge::{Judge, Subject};
use crate::proxy::new_id;
use crate::receipt::{Receipt, short};
use crate::settings::Unreadable;

/// Codes of JSON-RPC for what cannot be read and what is no proper request.
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;

/// What clients know as a server that failed.
const INTERNAL_ERROR: i32 = -32603;

/// What a side is told about what cannot be read.
const CANNOT_BE_READ: &str = "The message cannot be read, and passes only what can be judged.";

/// What a session is held to.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The name of the server.
    pub(crate) server: String,
    /// Who asks.
    pub(crate) identity: Option<String>,
    /// What its exchanges belong together by.
    pub(crate) session: Option<String>,
    /// What is done with what cannot be read.
    pub(crate) unreadable: Unreadable,
    /// What one message may cost.
    pub(crate) limits: Limits,
    /// What is added to what a refused caller is told.
    pub(crate) message: Option<String>,
    /// The status that receipts tell, where there is one.
    pub(crate) status: u16,
}

/// What becomes of a message.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What goes on to the other side.
    pub(crate) forward: Option<Vec<u8>>,
    /// What goes back to who sent it.
    pub(crate) back: Option<Vec<u8>>,
    /// Receipts of what is over now.
    pub(crate) over: Vec<Receipt>,
    /// The ids of the requests that `forward` answers.
    pub(crate) answers: Vec<String>,
    /// The ids of the requests that `forward` makes.
    pub(crate) asks: Vec<String>,
    /// Whether `back` is about a message that is none.
    pub(crate) is_malformed: bool,
}

impl Outcome {
    /// What goes on where a receipt could not be written and nothing passes without one.
    pub(crate) fn withheld(self) -> Self {
        let message = "This exchange could not be recorded, so it does not pass.";
        let told =
            |ids: &[String]| (!ids.is_empty()).then(|| rpc::refusal(ids, message).into_bytes());
        Self {
            forward: told(&self.answers),
            back: told(&self.asks).or(self.back),
            ..Self::default()
        }
    }
}

/// A session between a client and a server.
#[derive(Default)]
pub(crate) struct Conversation {
    open: Open,
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

    /// Judges a message, or a batch of them.
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
        let mut waiting = Waiting {
            receipt,
            began,
            tool,
            is_call: is_call && !message.is_task,
        };
        if let Some(message) = judged.refused {
            let message = terms.told(&message);
            waiting.receipt.decision = waiting.receipt.decision.max(Action::Block);
            let back = match waiting.is_call {
                true => rpc::tool_refusal(id, &message),
                false => rpc::refusal(&[id.to_owned()], &message),
            };
            return Outcome {
                back: Some(back.into_bytes()),
                over: vec![waiting.failed(&message)],
                ..Outcome::default()
            };
        }
        Outcome {
            over: self.open.add(from, id, waiting),
            forward: Some(judged.rewritten.unwrap_or_else(|| body.to_vec())),
            asks: vec![id.to_owned()],
            ..Outcome::default()
        }
    }

    fn notification(
        &mut self,
        judge: &dyn Judge,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: &Read,
    ) -> Outcome {
        let method = read.message.method.as_deref().unwrap_or_default();
        let mut over = Vec::new();
        if method == "notifications/cancelled"
            && let Some(id) = &read.message.cancels
            && let Some(waiting) = self.open.take(from, id)
        {
            over.push(waiting.failed("it was cancelled"));
        }
        let mut receipt = terms.receipt(method);
        receipt.request_bytes = body.len() as u64;
        let judged = self.judge(judge, terms, from, body, read, &receipt, None);
        judged.note(read, &mut receipt);
        let exchange = &read.reading.exchange;
        let has_words = !exchange.parts.is_empty() || !exchange.unjudged.is_empty();
        let forward = match judged.refused {
            Some(message) => {
                receipt.decision = receipt.decision.max(Action::Block);
                receipt.error = Some(terms.told(&message));
                None
            }
            None => Some(judged.rewritten.unwrap_or_else(|| body.to_vec())),
        };
        if has_words || forward.is_none() {
            over.push(receipt);
        }
        Outcome {
            forward,
            over,
            ..Outcome::default()
        }
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
        let mut waiting = self.open.take(from.other(), id).unwrap_or_else(|| Waiting {
            // A gateway that began anew may see the rest of a session; it is judged like any other.
            receipt: terms.receipt("an answer to a request that was not seen"),
            began: Instant::now(),
            tool: None,
            is_call: false,
        });
        let mut body = std::borrow::Cow::Borrowed(body);
        let mut kept = None;
        if from == Side::Server && !read.reading.exchange.tools.is_empty() {
            let offered = self.offered(judge, terms, &body, read, &mut waiting.receipt);
            if let Some((fewer, again)) = offered {
                body = std::borrow::Cow::Owned(fewer);
                kept = Some(again);
            }
        }
        let read = kept.as_ref().unwrap_or(read);
        let judged = self.judge(judge, terms, from, &body, read, &waiting.receipt, None);
        judged.note(read, &mut waiting.receipt);
        waiting.receipt.tools = read.reading.exchange.tools.len() as u64;
        waiting.receipt.ended = read.reading.exchange.ended.as_deref().map(short);
        waiting.receipt.answered = read.reading.exchange.model.as_deref().map(short);
        let mut outcome = Outcome {
            answers: vec![id.to_owned()],
            ..Outcome::default()
        };
        let goes = match judged.refused {
            Some(message) => {
                let message = terms.told(&message);
                let is_result = waiting.is_call && read.message.kind == MessageKind::Result;
                let instead = match is_result {
                    true => rpc::tool_refusal(id, &message),
                    false => rpc::refusal(&outcome.answers, &message),
                };
                waiting.receipt.decision = waiting.receipt.decision.max(Action::Block);
                waiting.receipt.error = Some(message);
                instead.into_bytes()
            }
            None => {
                if from == Side::Server && !read.reading.exchange.tools.is_empty() {
                    self.has_learnt = true;
                    self.tools.learn(&read.reading.exchange.tools);
                }
                judged.rewritten.unwrap_or_else(|| body.into_owned())
            }
        };
        waiting.receipt.answer_bytes = goes.len() as u64;
        outcome.forward = Some(goes);
        outcome.over.push(waiting.over());
        outcome
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
            .filter(|tool| !judge.may_call(&subject, &tool.name))
            .map(|tool| tool.name.clone())
            .collect();
        let all = judging::read(judge, subject.clone(), read, body);
        if all.refused.is_some() {
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
        match from {
            Side::Server => judging::read(judge, subject, read, body),
            Side::Client => {
                let tool = tool.and_then(|name| self.tools.get(name));
                judging::said(judge, subject, tool, read, body)
            }
        }
    }

    /// A message that cannot be judged: it passes and is recorded, or goes no further.
    fn unreadable(
        &mut self,
        terms: &Terms,
        from: Side,
        body: &[u8],
        read: Option<&Read>,
        why: &str,
    ) -> Outcome {
        let mut receipt = terms.receipt("a message that cannot be read");
        receipt.request_bytes = body.len() as u64;
        receipt.missed(&[Unjudged {
            pointer: String::new(),
            what: format!("the message cannot be read: {why}"),
        }]);
        let mut outcome = Outcome::default();
        if terms.unreadable == Unreadable::Pass {
            outcome.forward = Some(body.to_vec());
        } else {
            receipt.decision = Action::Block;
            receipt.error = Some(CANNOT_BE_READ.to_owned());
            let id = read.and_then(|read| read.message.id.clone());
            match read.map(|read| read.message.kind) {
                Some(MessageKind::Result | MessageKind::Error) => {
                    let id = id.unwrap_or_else(|| "null".to_owned());
                    if let Some(waiting) = self.open.take(from.other(), &id) {
                        outcome.over.push(waiting.failed(CANNOT_BE_READ));
                    }
                    let error = rpc::refusal(&[id], CANNOT_BE_READ);
                    outcome.forward = Some(error.into_bytes());
                }
                Some(MessageKind::Notification) => {}
                Some(MessageKind::Request) => {
                    let error = rpc::failure(id.as_deref(), INVALID_REQUEST, CANNOT_BE_READ);
                    outcome.back = Some(error.into_bytes());
                }
                // A server is told nothing: what it wrote was most likely meant for a terminal.
                None if from == Side::Server => {}
                None => {
                    outcome.is_malformed = true;
                    let error = rpc::failure(None, PARSE_ERROR, CANNOT_BE_READ);
                    outcome.back = Some(error.into_bytes());
                }
            }
        }
        outcome.over.push(receipt);
        outcome
    }

    /// A message that is too long to be read, of which `seen` are its first and last bytes. Whoever waits for it is told, as far
    /// as that can be known.
    pub(crate) fn too_long(
        &mut self,
        terms: &Terms,
        from: Side,
        bytes: u64,
        seen: &[u8],
    ) -> Outcome {
        let most = terms.limits.body >> 20;
        let message = format!("A message has at most {most} MiB here.");
        let mut receipt = terms.receipt("a message that is too long");
        receipt.request_bytes = bytes;
        receipt.decision = Action::Block;
        receipt.error = Some(message.clone());
        let mut outcome = Outcome {
            over: vec![receipt],
            ..Outcome::default()
        };
        let id = id_within(seen);
        if from == Side::Client {
            let error = rpc::failure(id.as_deref(), INVALID_REQUEST, &message);
            outcome.back = Some(error.into_bytes());
            return outcome;
        }
        let known = id.and_then(|id| Some((id.clone(), self.open.take(from.other(), &id)?)));
        let given_up = match known {
            Some(known) => vec![known],
            // It may be the answer to any of them: none is to wait for good.
            None => self.open.take_all(from.other()),
        };
        let errors: Vec<Vec<u8>> = given_up
            .iter()
            .map(|(id, _)| rpc::refusal(std::slice::from_ref(id), &message).into_bytes())
            .collect();
        outcome.answers = given_up.iter().map(|(id, _)| id.clone()).collect();
        outcome
            .over
            .extend(given_up.into_iter().map(|(_, it)| it.failed(&message)));
        outcome.forward = (!errors.is_empty()).then(|| errors.join(&b'\n'));
        outcome
    }

    /// Gives up all requests of a side, whose other side is gone: errors for it, one a request, and their receipts.
    pub(crate) fn abandon(&mut self, from: Side, why: &str) -> (Vec<Vec<u8>>, Vec<Receipt>) {
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

impl Terms {
    /// A receipt of what begins now.
    fn receipt(&self, method: &str) -> Receipt {
        Receipt {
            id: new_id(),
            identity: self.identity.clone(),
            upstream: self.server.clone(),
            tries: 1,
            operation: short(&format!("mcp.{method}")),
            status: self.status,
            ..Receipt::default()
        }
    }

    fn subject(&self, receipt: &Receipt) -> Subject {
        Subject {
            identity: self.identity.clone(),
            upstream: self.server.clone(),
            operation: receipt.operation.clone(),
            id: receipt.id.clone(),
            session: self.session.clone(),
            ..Subject::default()
        }
    }

    fn told(&self, message: &str) -> String {
        match &self.message {
            Some(more) => format!("{message} {more}"),
            None => message.to_owned(),
        }
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

/// The id of a message of which only the first and last bytes are there: what follows on `"id":`, where libraries write it.
fn id_within(seen: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"\"id\":";
    let at = seen.windows(NAME.len()).position(|part| part == NAME)? + NAME.len();
    let rest = seen.get(at..)?.trim_ascii_start();
    let id: Vec<u8> = match rest.first()? {
        b'"' => {
            let end = rest.iter().skip(1).position(|byte| *byte == b'"')? + 2;
            rest.get(..end)?.to_vec()
        }
        _ => rest
            .iter()
            .copied()
            .take_while(u8::is_ascii_digit)
            .collect(),
    };
    let id = String::from_utf8(id).ok()?;
    (!id.is_empty() && !id.contains('\\')).then_some(id)
}
