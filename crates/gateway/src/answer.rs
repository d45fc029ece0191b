//! Answers of upstreams on their way back: whole, or event by event.

use std::io::Read as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use hyper::{Response, StatusCode};
use stance_core::approval::Held;
use stance_core::traffic::Action;
use stance_wire::stream::{Options, Status, Stream, Unreadable as Events};
use stance_wire::{Framing, Limits, Route};

use crate::body::{Body, Broken, Pieces};
use crate::judge::{Counting, Ruling};
use crate::proxy::{Exchange, micros, without_hops};
use crate::receipt::short;
use crate::refuse::{refuse_ids, unrecorded};
use crate::settings::Unreadable;

/// How long what tells that a stream is done is held for an upstream that says no more and does not end the body either.
const LINGER: Duration = Duration::from_secs(2);

/// Longest pause before an upstream is asked again.
const PAUSE: Duration = Duration::from_secs(5);

/// How long to wait before asking again: as long as the upstream says, or longer each time. `None` where the upstream wants a
/// longer pause than a caller is kept waiting for.
pub(crate) fn pause(headers: Option<&HeaderMap>, attempt: u32) -> Option<Duration> {
    let said = headers
        .and_then(|headers| headers.get(RETRY_AFTER))
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse().ok())
        .map(Duration::from_secs);
    let own = Duration::from_millis(200 << attempt.min(5)).min(PAUSE);
    Some(said.unwrap_or(own)).filter(|pause| *pause <= PAUSE)
}

/// What a gzip body holds, up to `most` bytes.
pub(crate) fn unpacked(packed: &[u8], most: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let most = most as u64;
    flate2::read::MultiGzDecoder::new(packed)
        .take(most + 1)
        .read_to_end(&mut out)
        .map_err(|_| "is no proper gzip".to_owned())?;
    if out.len() as u64 > most {
        return Err("is too large once it is unpacked".to_owned());
    }
    Ok(out)
}

/// Carries an answer to its caller.
pub(crate) async fn carry(
    mut exchange: Exchange,
    response: Response<Incoming>,
    patience: Duration,
) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    without_hops(&mut head.headers);
    exchange.receipt.status = head.status.as_u16();
    let kind = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let route = exchange.route.clone().filter(|_| head.status.is_success());
    let framing = route
        .as_ref()
        .and_then(|route| route.framing(&kind))
        .or_else(|| Framing::of(&kind));
    let is_packed = head
        .headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes() != b"identity");
    if let Some(framing) = framing.filter(|_| !is_packed) {
        head.headers.remove(CONTENT_LENGTH);
        let (pieces, coming) = Body::pieces();
        exchange.receipt.stream = true;
        tokio::spawn(stream(exchange, body, route, framing, pieces, patience));
        return Response::from_parts(head, coming);
    }
    let whole = match collect(&mut exchange, body, patience).await {
        Ok(whole) => whole,
        Err(message) => {
            let status = StatusCode::BAD_GATEWAY;
            return end(exchange, status, &message).await;
        }
    };
    let mut judged = judge(&mut exchange, &mut head.headers, route.as_ref(), whole);
    if judged.is_ok() {
        let left = exchange.line.clone().left();
        if let Err(message) = exchange.hold(Held::Answer, left).await {
            judged = Err(exchange.told(&message));
        }
    }
    match judged {
        Ok(whole) => {
            exchange.receipt.answer_bytes = whole.len() as u64;
            let is_closed = exchange.ready.is_closed_without_receipt();
            let form = exchange.form();
            let public = exchange.public.take();
            if exchange.close().await.is_err() && is_closed {
                return unrecorded(&form);
            }
            head.headers.remove(CONTENT_LENGTH);
            let whole = public.and_then(|it| it.card(&whole)).unwrap_or(whole);
            Response::from_parts(head, Body::whole(whole))
        }
        Err(message) => {
            exchange.receipt.decision = Action::Block;
            end(exchange, StatusCode::FORBIDDEN, &message).await
        }
    }
}

/// Answers with an error in place of what the upstream said.
async fn end(mut exchange: Exchange, status: StatusCode, message: &str) -> Response<Body> {
    exchange
        .shared
        .figures
        .refused
        .fetch_add(1, Ordering::Relaxed);
    exchange.receipt.status = status.as_u16();
    exchange.receipt.error = Some(message.to_owned());
    let is_closed = exchange.ready.is_closed_without_receipt();
    let form = exchange.form();
    let ids = std::mem::take(&mut exchange.ids);
    if exchange.close().await.is_err() && is_closed {
        return unrecorded(&form);
    }
    if !ids.is_empty() && status == StatusCode::FORBIDDEN {
        return refuse_ids(&ids, message);
    }
    form.refuse(status, message)
}

/// All of an answer.
async fn collect(
    exchange: &mut Exchange,
    mut body: Incoming,
    patience: Duration,
) -> Result<Bytes, String> {
    let most = exchange.ready.settings.body_limit.bytes();
    let mut whole = Vec::new();
    while let Some(frame) = tokio::time::timeout(patience, body.frame())
        .await
        .map_err(|_| "The upstream stopped in the middle of its answer.".to_owned())?
    {
        let frame = frame.map_err(|_| "The upstream broke its answer off.".to_owned())?;
        if exchange.receipt.first_byte_us == 0 {
            exchange.receipt.first_byte_us = micros(exchange.began);
        }
        if let Ok(data) = frame.into_data() {
            if whole.len().saturating_add(data.len()) > most {
                return Err(format!("An answer has at most {} MiB here.", most >> 20));
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.into())
}

/// Has a whole answer judged; gives what goes on, or what the caller is told instead.
fn judge(
    exchange: &mut Exchange,
    headers: &mut HeaderMap,
    route: Option<&Route>,
    whole: Bytes,
) -> Result<Bytes, String> {
    let began = Instant::now();
    let passes = exchange.ready.settings.unreadable == Unreadable::Pass;
    let Some(route) = route else {
        exchange.gap("an answer that is an error, or of an operation that is not known");
        return Ok(whole);
    };
    let most = exchange.ready.settings.body_limit.bytes();
    let mut plain = None;
    match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity" | b"") => {}
        Some(b"gzip") => {
            plain = Some(unpacked(&whole, most).map_err(|what| format!("The answer {what}."))?);
        }
        Some(_) if passes => {
            exchange.gap("the answer is compressed in a way that is not read");
            return Ok(whole);
        }
        Some(_) => return Err("The answer is compressed in a way that is not read.".to_owned()),
    }
    let body = plain.as_deref().unwrap_or(&whole);
    let limits = Limits {
        body: most,
        ..Limits::default()
    };
    let reading = match stance_wire::read_answer(route, body, &limits) {
        Ok(reading) => reading,
        Err(fault) if passes => {
            exchange.gap(&format!("the answer cannot be read: {fault}"));
            return Ok(whole);
        }
        Err(_) => {
            return Err(
                "The answer cannot be read, and passes only what can be judged.".to_owned(),
            );
        }
    };
    note(exchange, &reading.exchange);
    for part in &reading.exchange.parts {
        if part.origin == stance_core::Origin::ToolArguments
            && let Some(tool) = &part.tool
        {
            exchange.receipt.called(tool);
        }
    }
    let Some(interaction) = exchange.interaction.as_mut() else {
        return Err("Nothing judges here.".to_owned());
    };
    if let Some(about) = &mut exchange.about {
        let kept = |text: &str| interaction.kept(text);
        about.pieces.whole(&reading.exchange.parts, true, &kept);
    }
    let ruling = interaction.answered(&reading.exchange);
    let mut filter = Counting {
        inner: interaction.answer(),
        counts: &mut exchange.counts,
        pieces: None,
    };
    let rewritten = match reading.rewrite(body, &mut filter) {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(body) => Some(body),
    };
    let blocks = stance_wire::Filter::blocks(&filter);
    let refusal = match ruling {
        Ruling::Refuse(message) => Some(message),
        Ruling::Pass if blocks => Some(interaction.refusal()),
        Ruling::Pass => None,
    };
    exchange.receipt.judging_us = exchange.receipt.judging_us.saturating_add(micros(began));
    if let Some(message) = refusal {
        return Err(exchange.told(&message));
    }
    Ok(match rewritten {
        Some(body) => {
            headers.remove(CONTENT_ENCODING);
            body.into()
        }
        // As it came, compressed or not.
        None => whole,
    })
}

/// Takes over what an answer says about itself.
fn note(exchange: &mut Exchange, answer: &stance_core::Exchange) {
    if let Some(about) = &mut exchange.about {
        about.answer = answer.id.as_deref().map(short);
    }
    let receipt = &mut exchange.receipt;
    receipt.answered = answer.model.as_deref().map(short);
    receipt.ended = answer.ended.as_deref().map(short);
    receipt.usage = answer.usage;
    receipt.missed(&answer.unjudged);
}

/// Carries a stream, event by event. Its end is held until the receipt is written: the end of the body, and the piece before
/// it, for in most dialects an event says that the stream is done, and clients look no further.
async fn stream(
    mut exchange: Exchange,
    mut body: Incoming,
    route: Option<Route>,
    framing: Framing,
    pieces: Pieces,
    patience: Duration,
) {
    exchange
        .shared
        .figures
        .running
        .fetch_add(1, Ordering::Relaxed);
    let shared = exchange.shared.clone();
    let mut events = route.as_ref().map(|route| {
        let unreadable = match exchange.ready.settings.unreadable {
            Unreadable::Refuse => Events::Refuse,
            Unreadable::Pass => Events::Pass,
        };
        let options = Options {
            unreadable,
            message: exchange.told("The answer was withheld by policy."),
            ..Options::default()
        };
        Stream::new(route, framing, options)
    });
    if events.is_none() {
        exchange.gap("a stream of an operation that is not known");
    }
    let mut held = Bytes::new();
    let ended = loop {
        let wait = if held.is_empty() {
            patience
        } else {
            patience.min(LINGER)
        };
        let next = match tokio::time::timeout(wait, body.frame()).await {
            Err(_) if !held.is_empty() => {
                if pieces.send(Ok(std::mem::take(&mut held))).await.is_err() {
                    break Err("the caller went away");
                }
                continue;
            }
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => break Err("the upstream broke the stream off"),
            Ok(None) => break Ok(()),
            Err(_) => break Err("the upstream stopped in the middle of the stream"),
        };
        if exchange.receipt.first_byte_us == 0 {
            exchange.receipt.first_byte_us = micros(exchange.began);
        }
        let Ok(data) = next.into_data() else { continue };
        let (mut out, mut status) = step(&mut exchange, events.as_mut(), Some(&data));
        let gone = loop {
            // What goes on before something that waits is not the end.
            let waits = events.as_ref().is_some_and(Stream::waits);
            let is_last =
                status == Status::Refused || (!waits && is_ending(events.as_ref(), &data));
            if !out.is_empty() && (is_last || !held.is_empty()) {
                out = std::mem::replace(&mut held, out);
            }
            if !out.is_empty() && pieces.send(Ok(out)).await.is_err() {
                break true;
            }
            let Some(events) = events.as_mut().filter(|_| waits) else {
                break false;
            };
            match exchange.hold_stream(events, framing, &pieces).await {
                Some(after) => (out, status) = after,
                None => break true,
            }
        };
        if gone {
            break Err("the caller went away");
        }
        if status == Status::Refused {
            break Ok(());
        }
    };
    let (last, status) = match ended {
        Ok(()) => last_step(&mut exchange, events.as_mut(), framing, &pieces).await,
        Err(_) => (Bytes::new(), Status::Open),
    };
    if status == Status::Refused {
        exchange
            .shared
            .figures
            .refused
            .fetch_add(1, Ordering::Relaxed);
        exchange.receipt.decision = Action::Block;
    }
    if let Some(events) = &events {
        note(&mut exchange, events.exchange());
        if let Some(interaction) = exchange.interaction.as_mut()
            && let Ruling::Refuse(message) = interaction.answered(events.exchange())
        {
            // It is gone already; what is left is to say so.
            exchange.receipt.error = Some(message);
        }
    }
    if let Err(what) = ended {
        exchange.receipt.error = Some(what.to_owned());
    }
    let is_closed = exchange.ready.is_closed_without_receipt();
    let written = exchange.close().await;
    let is_withheld = written.is_err() && is_closed;
    for piece in [held, last] {
        if !piece.is_empty() && !is_withheld {
            let _ = pieces.send(Ok(piece)).await;
        }
    }
    if ended.is_err() || is_withheld {
        // The caller sees that it is not whole.
        let _ = pieces.send(Err(Broken)).await;
    }
    shared.figures.running.fetch_sub(1, Ordering::Relaxed);
}

/// Whether a client may take what came by now for all of a stream.
fn is_ending(events: Option<&Stream>, data: &[u8]) -> bool {
    const DONE: &[u8] = b"[DONE]";
    events.is_some_and(|events| events.exchange().ended.is_some())
        || data.windows(DONE.len()).any(|part| part == DONE)
}

/// Judges the end of a stream, and waits for what somebody has to decide about it.
async fn last_step(
    exchange: &mut Exchange,
    mut events: Option<&mut Stream>,
    framing: Framing,
    pieces: &Pieces,
) -> (Bytes, Status) {
    let (out, mut status) = step(exchange, events.as_deref_mut(), None);
    let mut whole = Vec::from(out);
    while let Some(events) = events.as_deref_mut().filter(|events| events.waits()) {
        let Some((out, after)) = exchange.hold_stream(events, framing, pieces).await else {
            break;
        };
        whole.extend_from_slice(&out);
        status = after;
    }
    (whole.into(), status)
}

/// Judges the next bytes of a stream, or its end; gives what goes on.
fn step(
    exchange: &mut Exchange,
    events: Option<&mut Stream>,
    data: Option<&Bytes>,
) -> (Bytes, Status) {
    let Some(events) = events else {
        let data = data.cloned().unwrap_or_default();
        exchange.receipt.answer_bytes += data.len() as u64;
        return (data, Status::Open);
    };
    let Some(interaction) = exchange.interaction.as_mut() else {
        return (Bytes::new(), Status::Refused);
    };
    let began = Instant::now();
    let mut filter = Counting {
        inner: interaction.answer(),
        counts: &mut exchange.counts,
        pieces: exchange.about.as_mut().map(|about| &mut about.pieces),
    };
    let mut out = Vec::with_capacity(data.map_or(0, |data| data.len() + 64));
    let status = match data {
        Some(data) => events.push(data, &mut filter, &mut out),
        None => events.finish(&mut filter, &mut out),
    };
    exchange.receipt.judging_us = exchange.receipt.judging_us.saturating_add(micros(began));
    exchange.receipt.answer_bytes += out.len() as u64;
    (out.into(), status)
}
