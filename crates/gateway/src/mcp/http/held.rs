//! Messages that wait for a decision over HTTP.
//!
//! Who waits for the answer to a request hears that it still does: after a while its answer becomes a stream, which begins with
//! comments, and with progress for a client that wants any; a client that takes no streams waits for the head. What nobody waits
//! for here, an answer or a notification, is taken at once, and sent on when it is decided.

use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use hyper::{Method, Response};
use stance_wire::{Framing, Limits, rpc};
use tokio::task::JoinHandle;

use super::line::{Ear, Line, framing};
use super::post::INTERNAL_ERROR;
use super::{Held, Outcome, Pulse};
use crate::body::{Body, Pieces};
use crate::hold::{self, ALIVE, COMMENT};

/// Why nobody waits any more.
pub(super) const LEFT: &str = "the client went away";

impl Line {
    /// Waits for the decision about a message; gives what becomes of it.
    pub(super) async fn decided(&self, mut held: Held) -> Outcome {
        let gone = held.gone();
        let place = hold::Place {
            desk: &self.shared.desk,
            connections: &self.shared.connections,
            door: None,
        };
        let decided = hold::decide(place, held.question, &held.ask, gone).await;
        let outcome = self.conversation(|it| it.settle(&self.terms, held.number, decided));
        self.recorded(outcome).await
    }

    /// Answers a client that waits until its message is decided. `headers` are those of an answer that waits.
    pub(super) async fn while_held<T, A>(
        self,
        mut held: Held,
        headers: HeaderMap,
        then: T,
    ) -> Response<Body>
    where
        T: FnOnce(Self, Outcome) -> A + Send + 'static,
        A: Future<Output = Response<Body>> + Send,
    {
        let (number, id, pulse) = (held.number, held.id.clone(), held.pulse.take());
        let line = self.clone();
        let mut deciding = tokio::spawn(async move { line.decided(held).await });
        let listens = match self.ear.clone() {
            Ear::Stream(pieces) => {
                let outcome = self.alive(&mut deciding, number, pulse, &pieces).await;
                return then(self, outcome).await;
            }
            Ear::Head(listens) => listens,
        };
        tokio::select! {
            outcome = &mut deciding => return then(self, outcome.unwrap_or_default()).await,
            () = listens.left() => {
                self.conversation(|it| it.withdraw(number, LEFT));
                let outcome = deciding.await.unwrap_or_default();
                return then(self, outcome).await;
            }
            () = tokio::time::sleep(ALIVE), if self.takes_events() => {}
        }
        let (pieces, coming) = Body::pieces();
        let mut line = self;
        line.ear = Ear::Stream(pieces.clone());
        tokio::spawn(async move {
            let outcome = line.alive(&mut deciding, number, pulse, &pieces).await;
            let response = then(line, outcome).await;
            pour(response, id.as_deref(), &pieces).await;
        });
        let mut response = Response::new(coming);
        *response.headers_mut() = headers;
        let headers = response.headers_mut();
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        let events = HeaderValue::from_static(Framing::Events.content_type());
        headers.insert(CONTENT_TYPE, events);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    /// Waits with a client that has a stream, and withdraws the message when it is gone.
    async fn alive(
        &self,
        deciding: &mut JoinHandle<Outcome>,
        number: u64,
        mut pulse: Option<Pulse>,
        pieces: &Pieces,
    ) -> Outcome {
        let mut alive = tokio::time::interval(ALIVE);
        let mut is_there = true;
        loop {
            tokio::select! {
                outcome = &mut *deciding => return outcome.unwrap_or_default(),
                _ = alive.tick() => {
                    // Who does not read anyway needs no sign.
                    let _ = pieces.try_send(Ok(sign(pulse.as_mut())));
                }
                () = pieces.closed(), if is_there => {
                    is_there = false;
                    self.conversation(|it| it.withdraw(number, LEFT));
                }
            }
        }
    }

    /// Sends a message on when it is decided, which nobody waits for here. With `by_stream`, its sender is told by the stream
    /// of the older transport.
    pub(super) async fn later(self, mut held: Held, by_stream: bool) {
        let mut pulse = held.pulse.take().filter(|_| by_stream);
        let outcome = {
            let mut deciding = std::pin::pin!(self.decided(held));
            let mut alive = tokio::time::interval(ALIVE);
            loop {
                tokio::select! {
                    outcome = &mut deciding => break outcome,
                    _ = alive.tick() => {
                        if let Some(pulse) = &mut pulse {
                            self.by_stream(&pulse.beat()).await;
                        }
                    }
                }
            }
        };
        if let Some(back) = outcome.back.filter(|_| by_stream) {
            self.by_stream(&back).await;
        }
        let Some(forward) = outcome.forward else {
            return;
        };
        let (status, why) = match self.send(Method::POST, forward.into()).await {
            Ok(response) if response.status().is_success() => return,
            Ok(response) => (response.status(), failure(&response)),
            Err(refused) => {
                let why = refused.reason.unwrap_or(refused.message);
                (refused.status, why)
            }
        };
        self.given_up(&outcome.asks, status, &why).await;
        for id in outcome.asks.iter().filter(|_| by_stream) {
            let error = rpc::failure(Some(id), INTERNAL_ERROR, &why);
            self.by_stream(error.as_bytes()).await;
        }
    }
}

/// What tells a client that listens to a stream that its request is still under way.
pub(super) fn sign(pulse: Option<&mut Pulse>) -> Bytes {
    match pulse {
        Some(pulse) => event(&pulse.beat()),
        None => Bytes::from_static(COMMENT),
    }
}

/// A message as an event.
fn event(message: &[u8]) -> Bytes {
    let mut event = b"event: message\n".to_vec();
    for line in message.trim_ascii_end().split(|byte| *byte == b'\n') {
        event.extend_from_slice(b"data: ");
        event.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        event.push(b'\n');
    }
    event.push(b'\n');
    event.into()
}

fn failure<B>(response: &Response<B>) -> String {
    format!(
        "the server answered with status {}",
        response.status().as_u16()
    )
}

/// Gives an answer by a stream that was begun before it was there; `id` is that of the request.
async fn pour(response: Response<Body>, id: Option<&str>, pieces: &Pieces) {
    let why = failure(&response);
    let (head, body) = response.into_parts();
    match body {
        Body::Pieces(mut coming) => loop {
            let piece = tokio::select! {
                piece = coming.recv() => piece,
                () = pieces.closed() => None,
            };
            let Some(piece) = piece else { return };
            if pieces.send(piece).await.is_err() {
                return;
            }
        },
        Body::Whole(Some(whole)) if framing(&head.headers) == Some(Framing::Events) => {
            let _ = pieces.send(Ok(whole)).await;
        }
        Body::Whole(whole) => {
            let whole = whole.unwrap_or_default();
            let limits = Limits {
                body: usize::MAX,
                ..Limits::default()
            };
            let is_message = rpc::messages(&whole, &limits).is_ok_and(|all| !all.is_empty());
            if is_message {
                let _ = pieces.send(Ok(event(&whole))).await;
            } else if let Some(id) = id {
                // What is no message cannot be told by its status any more.
                let error = rpc::failure(Some(id), INTERNAL_ERROR, &why);
                let _ = pieces.send(Ok(event(error.as_bytes()))).await;
            }
        }
    }
}
