//! Streams of messages of a server, event by event, for as long as both ends want.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::Incoming;
use stance_wire::Framing;
use stance_wire::frame::{Frame, Splitter};
use stance_wire::json::Edits;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::held::{LEFT, sign};
use super::line::Line;
use super::{Held, Outcome, Pulse, Side};
use crate::body::{Broken, Pieces};
use crate::hold::ALIVE;

/// A request whose answer is a stream without an end.
const LISTENS: &str = "mcp.subscriptions/listen";

/// What a stream is for.
pub(super) struct Carried {
    /// What stands before paths of this gateway, where the server may name one (the older HTTP with SSE).
    pub(super) prefix: Option<String>,
    /// The requests that it answers.
    pub(super) asks: Vec<String>,
    /// Whether what it leaves open may still be answered by another stream of the same session.
    pub(super) is_kept: bool,
}

/// Carries a stream until one of its ends is gone.
pub(super) async fn carry(line: Line, body: Incoming, pieces: Pieces, what: Carried) {
    let mut carrying = Carrying {
        line,
        pieces,
        what,
        waiting: Vec::new(),
        deciding: JoinSet::new(),
    };
    let ended = carrying.carry(body).await;
    carrying.end(ended).await;
}

/// An event that waits for a decision, by the number of its message.
struct Waiting {
    number: u64,
    kept: Kept,
    pulse: Option<Pulse>,
}

struct Carrying {
    line: Line,
    pieces: Pieces,
    what: Carried,
    waiting: Vec<Waiting>,
    deciding: JoinSet<(u64, Outcome)>,
}

/// How a stream ended; an error is why its client does not see the end of it.
type Ended = Result<(), &'static str>;

impl Carrying {
    async fn carry(&mut self, mut body: Incoming) -> Ended {
        let mut splitter = Splitter::new(Framing::Events, self.line.terms.limits.body);
        let mut alive = tokio::time::interval(ALIVE);
        // Signs that nobody needed are not made up for.
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let shared = self.line.shared.clone();
        let mut source = None;
        let mut is_stopping = false;
        loop {
            if is_stopping && self.may_stop() {
                return Ok(());
            }
            if let Some(ended) = source
                && self.deciding.is_empty()
            {
                return ended;
            }
            tokio::select! {
                next = body.frame(), if source.is_none() => {
                    let is_last = next.is_none();
                    match next {
                        Some(Ok(frame)) => {
                            if let Ok(data) = frame.into_data() {
                                splitter.push(&data);
                            }
                        }
                        // What waits for a decision is here already.
                        Some(Err(_)) => {
                            source = Some(Err("the server broke the stream off"));
                            continue;
                        }
                        None => source = Some(Ok(())),
                    }
                    self.pass(&mut splitter, is_last).await?;
                }
                Some(decided) = self.deciding.join_next() => {
                    if let Ok((number, outcome)) = decided {
                        self.decided(number, outcome).await?;
                    }
                }
                _ = alive.tick(), if !self.waiting.is_empty() => {
                    for waiting in &mut self.waiting {
                        // Who does not read anyway needs no sign.
                        let _ = self.pieces.try_send(Ok(sign(waiting.pulse.as_mut())));
                    }
                }
                // Nobody listens any more, though the server may be silent for hours.
                () = self.pieces.closed() => return Err(LEFT),
                () = shared.stopped(), if !is_stopping => is_stopping = true,
            }
        }
    }

    /// Whether nobody waits for an answer by this stream, which would else keep the gateway from ending.
    fn may_stop(&self) -> bool {
        if self.what.asks.is_empty() {
            let is_older = self.line.listens(&self.pieces);
            return !is_older || self.line.conversation(|it| !it.has_open(Side::Client));
        }
        let asks = &self.what.asks;
        self.line.conversation(|it| {
            let listens = |id: &String| it.is_open(Side::Client, id, LISTENS);
            asks.iter().all(listens)
        })
    }

    /// Judges the events that are whole.
    async fn pass(&mut self, splitter: &mut Splitter, is_last: bool) -> Ended {
        loop {
            let mut out = Vec::new();
            let judged = match splitter.next_frame(is_last) {
                Ok(None) => return Ok(()),
                Err(_) => return Err("the server sent more in one event than is read"),
                Ok(Some(frame)) => {
                    let data = frame.data.as_deref().unwrap_or_default();
                    if frame.name.as_deref() == Some("endpoint")
                        && let Some(prefix) = &self.what.prefix
                    {
                        endpoint(&mut self.line, &frame, data, prefix, &self.pieces, &mut out);
                        None
                    } else if data.trim_ascii().is_empty() {
                        out.extend_from_slice(frame.raw);
                        None
                    } else {
                        let outcome = self.line.judged(Side::Server, data);
                        // A receipt that cannot be written changes what goes on, after the frame is gone.
                        let kept = Kept::of(&frame);
                        Some((outcome, kept))
                    }
                }
            };
            if let Some((outcome, kept)) = judged {
                let mut outcome = self.line.recorded(outcome).await;
                kept.write(&outcome, &mut out);
                if let Some(held) = outcome.held.take() {
                    self.hold(held, kept);
                }
                self.line.answer_back(outcome.back);
            }
            self.send(out).await?;
        }
    }

    /// Has an event wait, and goes on with those after it.
    fn hold(&mut self, mut held: Held, kept: Kept) {
        let number = held.number;
        self.waiting.push(Waiting {
            number,
            kept,
            pulse: held.pulse.take(),
        });
        let line = self.line.clone();
        self.deciding
            .spawn(async move { (number, line.decided(held).await) });
    }

    /// Gives on what was decided about an event that waited.
    async fn decided(&mut self, number: u64, outcome: Outcome) -> Ended {
        let place = self.waiting.iter().position(|it| it.number == number);
        let mut out = Vec::new();
        if let Some(place) = place {
            self.waiting
                .remove(place)
                .kept
                .write_late(&outcome, &mut out);
        }
        self.line.answer_back(outcome.back);
        self.send(out).await
    }

    async fn send(&self, out: Vec<u8>) -> Ended {
        if !out.is_empty() && self.pieces.send(Ok(Bytes::from(out))).await.is_err() {
            return Err(LEFT);
        }
        Ok(())
    }

    async fn end(mut self, ended: Ended) {
        let Self { line, what, .. } = &self;
        line.remember(what.is_kept);
        let is_older = what.prefix.is_some() && line.leaves(&self.pieces);
        line.conversation(|it| {
            for waiting in &self.waiting {
                it.withdraw(waiting.number, LEFT);
            }
            if is_older {
                // All answers go by this stream.
                it.withdraw_all(LEFT);
            }
        });
        // Each leaves its receipt.
        while self.deciding.join_next().await.is_some() {}
        let Self {
            line, what, pieces, ..
        } = self;
        if !what.is_kept {
            let why = ended.err().unwrap_or("the stream ended without an answer");
            line.given_up(&what.asks, StatusCode::OK, why).await;
        }
        if ended.is_err() {
            let _ = pieces.send(Err(Broken)).await;
        }
    }
}

/// An event whose message was judged.
struct Kept {
    raw: Vec<u8>,
    data: Vec<u8>,
}

impl Kept {
    fn of(frame: &Frame<'_>) -> Self {
        Self {
            raw: frame.raw.to_vec(),
            data: frame.data.as_deref().unwrap_or_default().to_vec(),
        }
    }

    /// Writes the event with what goes on of its message. One of which nothing does keeps its id, from which a client
    /// resumes.
    fn write(&self, outcome: &Outcome, out: &mut Vec<u8>) {
        match &outcome.forward {
            Some(forward) if *forward == self.data => out.extend_from_slice(&self.raw),
            Some(forward) => rewrite(&self.raw, forward, out),
            None => {
                let lines = self.raw.split_inclusive(|byte| *byte == b'\n');
                lines
                    .filter(|line| is_about_resuming(line))
                    .for_each(|line| out.extend_from_slice(line));
                if !out.is_empty() {
                    out.push(b'\n');
                }
            }
        }
    }

    /// Writes what goes on of a message that waited: without its id, which stands where the event came, so that a client that
    /// resumes does not go back.
    fn write_late(&self, outcome: &Outcome, out: &mut Vec<u8>) {
        if let Some(forward) = &outcome.forward {
            let lines = self.raw.split_inclusive(|byte| *byte == b'\n');
            let raw: Vec<u8> = lines
                .filter(|line| !is_about_resuming(line))
                .flatten()
                .copied()
                .collect();
            rewrite(&raw, forward, out);
        }
    }
}

/// Whether a line of an event is about where a client resumes.
fn is_about_resuming(line: &[u8]) -> bool {
    [&b"id:"[..], b"retry:"]
        .iter()
        .any(|field| line.starts_with(field))
}

/// Writes the event `raw` with other data.
fn rewrite(raw: &[u8], data: &[u8], out: &mut Vec<u8>) {
    let mut splitter = Splitter::new(Framing::Events, usize::MAX);
    splitter.push(raw);
    if let Ok(Some(frame)) = splitter.next_frame(true) {
        let length = frame.data.as_deref().unwrap_or_default().len();
        let mut edits = Edits::default();
        edits.replace(0..length, data.to_vec());
        frame.rewrite(edits, out);
    }
}

/// Has a client of the older transport send its messages through the gateway: the server names a path of its own.
fn endpoint(
    line: &mut Line,
    frame: &Frame<'_>,
    data: &[u8],
    prefix: &str,
    pieces: &Pieces,
    out: &mut Vec<u8>,
) {
    let told = String::from_utf8_lossy(data);
    let address = &line.upstream.address;
    let path = told
        .trim()
        .strip_prefix(&address.origin)
        .unwrap_or(told.trim());
    let path = path.strip_prefix(&address.path).unwrap_or(path);
    if !path.starts_with('/') || path.starts_with("//") {
        // Relative to the stream, which has the prefix, or a place that is not this server's.
        out.extend_from_slice(frame.raw);
        return;
    }
    let path = path.to_owned();
    let mut edits = Edits::default();
    edits.replace(0..data.len(), format!("{prefix}{path}").into_bytes());
    frame.rewrite(edits, out);
    line.moved(&path, pieces);
}
