//! How the two sides of a session are reached from where one of their requests is.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use stance_wire::Framing;

use super::call::named_in;
use super::sessions::Session;
use super::{Conversation, Outcome, Side, Terms};
use crate::answer::unpacked;
use crate::body::Pieces;
use crate::proxy::{self, Refused};
use crate::receipt::Receipt;
use crate::state::{Ready, Shared};
use crate::upstream::Upstream;
use crate::witness::About;

/// How the other side is reached, and what its messages are held to.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) ready: Arc<Ready>,
    pub(super) shared: Arc<Shared>,
    pub(super) upstream: Arc<Upstream>,
    pub(super) terms: Terms,
    pub(super) session: Session,
    /// Where answers to what the server asks are sent.
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) signs: bool,
    /// How the client listens while a message waits.
    pub(super) ear: Ear,
}

/// How a client listens.
#[derive(Clone)]
pub(super) enum Ear {
    /// It waits for the head of an answer.
    Head(proxy::Line),
    /// It has a stream.
    Stream(Pieces),
}

impl Line {
    /// Asks the server, once: a call of a tool that was sent twice may be two calls.
    pub(super) async fn send(
        &self,
        method: Method,
        body: Bytes,
    ) -> Result<Response<Incoming>, Refused> {
        let unreachable = || Refused::new(StatusCode::BAD_GATEWAY, "The server cannot be reached.");
        let uri = self.upstream.uri(&self.path).ok_or_else(unreachable)?;
        let mut headers = self.headers.clone();
        if self.signs {
            self.upstream
                .sign(&mut headers, &method, &uri, &body)
                .ok_or_else(unreachable)?;
        }
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let sent = self.shared.connections.request(request);
        match tokio::time::timeout(self.upstream.settings.patience(), sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                let mut refused = unreachable();
                refused.reason = Some(crate::ask::chain(&error));
                Err(refused)
            }
            Err(_) => Err(Refused::new(
                StatusCode::GATEWAY_TIMEOUT,
                "The server did not answer in time.",
            )),
        }
    }

    /// Sends what the server is told about a request of its own that is stopped.
    pub(super) fn answer_back(&self, back: Option<Vec<u8>>) {
        let Some(back) = back else { return };
        let mut line = self.clone();
        line.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        line.headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/json, text/event-stream"),
        );
        line.headers.remove("last-event-id");
        tokio::spawn(async move {
            // A server that does not take it gives its request up by itself.
            let _ = line.send(Method::POST, back.into()).await;
        });
    }

    /// Whether all answers of the session go by this stream (the older transport).
    pub(super) fn listens(&self, stream: &Pieces) -> bool {
        let known = self.session.stream.lock();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        known.as_ref().is_some_and(|it| it.same_channel(stream))
    }

    /// Nothing holds the stream open that has no server any more; whether all answers went by it.
    pub(super) fn leaves(&self, stream: &Pieces) -> bool {
        let known = self.session.stream.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        known.take_if(|it| it.same_channel(stream)).is_some()
    }

    /// Takes the address that a server of the older transport wants its messages at.
    pub(super) fn moved(&mut self, path: &str, stream: &Pieces) {
        *self
            .session
            .stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(stream.clone());
        self.path = path.to_owned();
        if let Some(id) = named_in(path) {
            let identity = self.terms.identity.as_deref();
            let sessions = &self.shared.sessions;
            sessions.keep(&self.upstream.name, identity, &id, &self.session);
        }
    }

    /// Whether the client takes a stream in place of an answer.
    pub(super) fn takes_events(&self) -> bool {
        self.headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains(Framing::Events.content_type()))
    }

    pub(super) fn judged(&self, from: Side, body: &[u8]) -> Outcome {
        self.conversation(|it| it.take(&*self.ready.judge, &self.terms, from, body))
    }

    pub(super) fn conversation<T>(&self, does: impl FnOnce(&mut Conversation) -> T) -> T {
        let mut conversation = self
            .session
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        does(&mut conversation)
    }

    /// Remembers the tools of a server that has no sessions, for the calls that follow.
    pub(super) fn remember(&self, is_kept: bool) {
        if is_kept {
            return;
        }
        let identity = self.terms.identity.as_deref();
        self.conversation(|it| {
            if it.has_learnt() {
                self.shared
                    .sessions
                    .offered(&self.upstream.name, identity, it.tools());
            }
        });
    }

    /// All of a body, without compression.
    pub(super) async fn collect(
        &self,
        mut body: Incoming,
        headers: &mut HeaderMap,
    ) -> Result<Bytes, String> {
        let most = self.terms.limits.body;
        let patience = self.upstream.settings.patience();
        let mut whole = Vec::new();
        while let Some(frame) = tokio::time::timeout(patience, body.frame())
            .await
            .map_err(|_| "The server stopped in the middle of its answer.".to_owned())?
        {
            let frame = frame.map_err(|_| "The server broke its answer off.".to_owned())?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if whole.len().saturating_add(data.len()) > most {
                return Err(format!("An answer has at most {} MiB here.", most >> 20));
            }
            whole.extend_from_slice(&data);
        }
        if is_packed(headers) {
            let is_gzip = headers
                .remove(CONTENT_ENCODING)
                .is_some_and(|value| value == "gzip");
            if !is_gzip {
                return Err("The answer is compressed in a way that is not read.".to_owned());
            }
            whole = unpacked(&whole, most).map_err(|what| format!("The answer {what}."))?;
        }
        Ok(whole.into())
    }

    /// Writes the receipts of what is over, before anybody sees that it is.
    pub(super) async fn recorded(&self, outcome: Outcome) -> Outcome {
        let mut is_written = true;
        for receipt in &outcome.over {
            is_written &= self.write(receipt).await;
        }
        if !is_written && self.ready.is_closed_without_receipt() {
            return outcome.withheld();
        }
        outcome
    }

    /// Writes the receipts of requests that will not be answered.
    pub(super) async fn given_up(&self, asks: &[String], status: StatusCode, why: &str) {
        for id in asks {
            let status = status.as_u16();
            let receipt = self.conversation(|it| it.give_up(Side::Client, id, status, why));
            if let Some(receipt) = receipt {
                self.write(&receipt).await;
            }
        }
    }

    /// Forgets a session, and writes the receipts of what is open in it.
    pub(super) async fn end(&self, id: &str) {
        let identity = self.terms.identity.as_deref();
        let ended = self.shared.sessions.end(&self.upstream.name, identity, id);
        if ended.is_none() {
            return;
        }
        self.conversation(|it| it.withdraw_all("the session ended"));
        for side in [Side::Client, Side::Server] {
            let (_, receipts) = self.conversation(|it| it.abandon(side, "the session ended"));
            for receipt in receipts {
                self.write(&receipt).await;
            }
        }
    }

    async fn write(&self, receipt: &Receipt) -> bool {
        let now = Timestamp::now();
        let written = match &self.shared.receipts {
            Some(log) => log.write(receipt.entry(now)).await.is_ok(),
            None => true,
        };
        if let Some(witness) = &self.shared.witness {
            let mut about = About::new(false);
            about.session.clone_from(&self.terms.session);
            witness.saw(about.seen(receipt, None, now));
        }
        written
    }
}

/// Whether a body is compressed: nothing of it could be judged as it comes.
pub(super) fn is_packed(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| !matches!(value.as_bytes(), b"identity" | b""))
}

pub(super) fn framing(headers: &HeaderMap) -> Option<Framing> {
    Framing::of(headers.get(CONTENT_TYPE)?.to_str().ok()?)
}
