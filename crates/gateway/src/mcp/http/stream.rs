//! Streams of messages of a server, event by event, for as long as both ends want.

use std::sync::PoisonError;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::Incoming;
use stance_wire::Framing;
use stance_wire::frame::{Frame, Splitter};
use stance_wire::json::Edits;

use super::call::Line;
use super::{Outcome, Side};
use crate::body::{Broken, Pieces};

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
pub(super) async fn carry(mut line: Line, mut body: Incoming, pieces: Pieces, what: Carried) {
    let mut splitter = Splitter::new(Framing::Events, line.terms.limits.body);
    let ended = loop {
        let next = tokio::select! {
            next = body.frame() => next,
            // Nobody listens any more, though the server may be silent for hours.
            () = pieces.closed() => break Err("the client went away"),
        };
        let is_last = match next {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    splitter.push(&data);
                }
                false
            }
            Some(Err(_)) => break Err("the server broke the stream off"),
            None => true,
        };
        match pass(&mut line, &mut splitter, is_last, &pieces, &what).await {
            Ok(()) if is_last => break Ok(()),
            Ok(()) => {}
            Err(why) => break Err(why),
        }
    };
    line.remember(what.is_kept);
    if what.prefix.is_some() {
        // Nothing holds the stream open that has no server any more.
        line.session
            .stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|stream| stream.same_channel(&pieces));
    }
    if !what.is_kept {
        let why = ended.err().unwrap_or("the stream ended without an answer");
        line.given_up(&what.asks, StatusCode::OK, why).await;
    }
    if ended.is_err() {
        let _ = pieces.send(Err(Broken)).await;
    }
}

/// Judges the events that are whole.
async fn pass(
    line: &mut Line,
    splitter: &mut Splitter,
    is_last: bool,
    pieces: &Pieces,
    what: &Carried,
) -> Result<(), &'static str> {
    loop {
        let mut out = Vec::new();
        let outcome = match splitter.next_frame(is_last) {
            Ok(None) => return Ok(()),
            Err(_) => return Err("the server sent more in one event than is read"),
            Ok(Some(frame)) => {
                let data = frame.data.as_deref().unwrap_or_default();
                if frame.name.as_deref() == Some("endpoint")
                    && let Some(prefix) = &what.prefix
                {
                    endpoint(line, &frame, data, prefix, pieces, &mut out);
                    None
                } else if data.trim_ascii().is_empty() {
                    out.extend_from_slice(frame.raw);
                    None
                } else {
                    let outcome = line.judged(Side::Server, data);
                    // A receipt that cannot be written changes what goes on, after the frame is gone.
                    let kept = Kept::of(&frame);
                    Some((outcome, kept))
                }
            }
        };
        if let Some((outcome, kept)) = outcome {
            let outcome = line.recorded(outcome).await;
            kept.write(&outcome, &mut out);
            line.answer_back(outcome.back);
        }
        if !out.is_empty() && pieces.send(Ok(Bytes::from(out))).await.is_err() {
            return Err("the client went away");
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
                for line in self.raw.split_inclusive(|byte| *byte == b'\n') {
                    if [&b"id:"[..], b"retry:"]
                        .iter()
                        .any(|field| line.starts_with(field))
                    {
                        out.extend_from_slice(line);
                    }
                }
                if !out.is_empty() {
                    out.push(b'\n');
                }
            }
        }
    }
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
