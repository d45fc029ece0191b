//! One request of a client, and what is answered.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use stance_wire::{Framing, Limits, rpc};

use super::oauth::{Public, is_discovery};
use super::sessions::Session;
use super::stream::{Carried, carry};
use super::{Outcome, Side, Terms, is_about_tokens};
use crate::answer::unpacked;
use crate::body::{Body, Pieces};
use crate::identity::Caller;
use crate::proxy::{Exchange, Refused, SESSION, prepare, without_hops};
use crate::receipt::{Receipt, short};
use crate::refuse::{Form, unrecorded};
use crate::settings::Unreadable;
use crate::state::{Ready, Shared};
use crate::upstream::Upstream;
use crate::witness::About;

/// What servers name their sessions with.
const SESSION_ID: &str = "mcp-session-id";

/// What clients know as a server that failed.
const INTERNAL_ERROR: i32 = -32603;

/// A request of a client.
pub(crate) struct Call {
    /// Who calls: what proves it must not leave.
    pub(crate) caller: Caller,
    pub(crate) upstream: Arc<Upstream>,
    /// Its path without the name of the upstream, with its query.
    pub(crate) path: String,
    /// What stood before it.
    pub(crate) prefix: String,
    pub(crate) head: Parts,
    pub(crate) body: Incoming,
}

/// How the other side is reached, and what its messages are held to.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) ready: Arc<Ready>,
    pub(super) shared: Arc<Shared>,
    pub(super) upstream: Arc<Upstream>,
    pub(super) terms: Terms,
    pub(super) session: Session,
    /// Where answers to what the server asks are sent.
    path: String,
    headers: HeaderMap,
    signs: bool,
}

impl Call {
    /// Carries it to the server, and what it answers back.
    pub(crate) async fn finish(self, mut exchange: Exchange) -> Response<Body> {
        let Self {
            caller,
            upstream,
            path,
            prefix,
            head,
            body,
        } = self;
        let public = Public::of(&head, &upstream, &prefix);
        let mut headers = head.headers;
        let body = match exchange.collect(body, &mut headers).await {
            Ok(body) => body,
            Err(refused) => return exchange.refuse(refused).await,
        };
        let (ready, shared) = (exchange.ready.clone(), exchange.shared.clone());
        let identity = exchange.receipt.identity.clone();
        let told = |name: &str| headers.get(name)?.to_str().ok().map(short);
        let id = told(SESSION_ID).or_else(|| named_in(&path));
        let own = told(SESSION);
        let session = match &id {
            Some(id) => shared
                .sessions
                .named(&upstream.name, identity.as_deref(), id),
            None => shared.sessions.begin(&upstream.name, identity.as_deref()),
        };
        prepare(&mut headers);
        caller.clear(&mut headers);
        let line = Line {
            terms: Terms {
                server: upstream.name.clone(),
                identity,
                // What a caller says holds over protocols too.
                session: own.or_else(|| Some(session.name.clone())),
                unreadable: ready.settings.unreadable,
                limits: Limits {
                    body: ready.settings.body_limit.bytes(),
                    ..Limits::default()
                },
                message: ready.settings.message.clone(),
                status: StatusCode::OK.as_u16(),
            },
            signs: caller.is_proven() || !ready.identities.are_known(),
            ready,
            shared,
            upstream,
            session,
            path,
            headers,
        };
        // A message is one wherever it is sent.
        let has_messages = head.method == Method::POST
            && (!is_about_tokens(&line.path)
                || rpc::messages(&body, &line.terms.limits).is_ok_and(|all| !all.is_empty()));
        if has_messages {
            line.post(body, id, public).await
        } else {
            line.other(exchange, head.method, body, id, public).await
        }
    }
}

/// The session that a path names, as the older HTTP with SSE does.
pub(super) fn named_in(path: &str) -> Option<String> {
    let (_, query) = path.split_once('?')?;
    let pair = query.split('&').find(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.eq_ignore_ascii_case("session_id") || name.eq_ignore_ascii_case("sessionid")
    })?;
    Some(format!("?{}", pair.split_once('=')?.1))
}

impl Line {
    /// Messages on their way to the server.
    async fn post(self, body: Bytes, id: Option<String>, public: Option<Public>) -> Response<Body> {
        let outcome = self.recorded(self.judged(Side::Client, &body)).await;
        let Outcome {
            forward,
            back,
            asks,
            is_malformed,
            ..
        } = outcome;
        let back = match back {
            Some(back) if id.as_ref().is_some_and(|id| id.starts_with('?')) => {
                self.by_stream(&back).await;
                None
            }
            back => back,
        };
        let Some(forward) = forward else {
            return match back {
                Some(back) if is_malformed => json(StatusCode::BAD_REQUEST, back.into()),
                Some(back) => json(StatusCode::OK, back.into()),
                None => empty(StatusCode::ACCEPTED),
            };
        };
        let same = forward == *body;
        let forward = if same { body } else { Bytes::from(forward) };
        let sent = self.send(Method::POST, forward).await;
        if let Some(back) = back {
            // Its answers went on; its requests did not.
            return json(StatusCode::OK, back.into());
        }
        let mut response = match sent {
            Ok(response) => response,
            Err(refused) => {
                let why = refused.reason.unwrap_or_else(|| refused.message.clone());
                self.given_up(&asks, refused.status, &why).await;
                return failed(refused.status, &asks, &refused.message);
            }
        };
        if let Some(public) = &public {
            public.challenge(response.headers_mut());
        }
        let given = response.headers().get(SESSION_ID);
        let given = given.and_then(|value| value.to_str().ok()).map(short);
        if let Some(given) = &given
            && id.as_ref() != Some(given)
        {
            let identity = self.terms.identity.as_deref();
            let sessions = &self.shared.sessions;
            sessions.keep(&self.upstream.name, identity, given, &self.session);
        }
        self.answered(response, &asks, id.is_some() || given.is_some())
            .await
    }

    /// Answers where a client of the older transport listens.
    async fn by_stream(&self, back: &[u8]) {
        let stream = self
            .session
            .stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(stream) = stream {
            let event = [b"event: message\ndata: ", back, b"\n\n"].concat();
            let _ = stream.send(Ok(event.into())).await;
        }
    }

    /// What the server answers to messages.
    async fn answered(
        self,
        response: Response<Incoming>,
        asks: &[String],
        is_kept: bool,
    ) -> Response<Body> {
        let (mut head, body) = response.into_parts();
        without_hops(&mut head.headers);
        head.headers.remove(CONTENT_LENGTH);
        if framing(&head.headers) == Some(Framing::Events)
            && head.status.is_success()
            && !is_packed(&head.headers)
        {
            let (pieces, coming) = Body::pieces();
            tokio::spawn(carry(
                self,
                body,
                pieces,
                Carried {
                    prefix: None,
                    asks: asks.to_vec(),
                    is_kept,
                },
            ));
            return Response::from_parts(head, coming);
        }
        let whole = match self.collect(body, &mut head.headers).await {
            Ok(whole) => whole,
            Err(message) => {
                self.given_up(asks, StatusCode::BAD_GATEWAY, &message).await;
                return failed(StatusCode::BAD_GATEWAY, asks, &message);
            }
        };
        let is_success = head.status.is_success();
        // Of the older transport, answers come by the stream; what stands here nobody reads.
        let is_taken = head.status == StatusCode::ACCEPTED;
        if whole.trim_ascii().is_empty() || is_taken {
            if !is_taken || !is_kept {
                let why = "the server answered without a message";
                self.given_up(asks, head.status, why).await;
            }
            return Response::from_parts(head, Body::whole(whole));
        }
        // What is no message is an error of something in between; libraries raise it by its status.
        let is_message = is_success
            || rpc::messages(&whole, &self.terms.limits).is_ok_and(|all| !all.is_empty());
        if !is_message {
            let why = format!("the server answered with status {}", head.status.as_u16());
            self.given_up(asks, head.status, &why).await;
            return Response::from_parts(head, Body::whole(whole));
        }
        let outcome = self.recorded(self.judged(Side::Server, &whole)).await;
        self.answer_back(outcome.back);
        let why = format!("the server answered with status {}", head.status.as_u16());
        self.given_up(asks, head.status, &why).await;
        self.remember(is_kept);
        match outcome.forward {
            Some(forward) => Response::from_parts(head, Body::whole(forward.into())),
            None => failed(
                StatusCode::BAD_GATEWAY,
                asks,
                "The answer of the server cannot be read, and passes only what can be judged.",
            ),
        }
    }

    /// All other requests: streams of what a server says by itself, ends of sessions, and what is about tokens.
    async fn other(
        self,
        mut exchange: Exchange,
        method: Method,
        body: Bytes,
        id: Option<String>,
        public: Option<Public>,
    ) -> Response<Body> {
        let is_stream = method == Method::GET
            && self
                .headers
                .get(ACCEPT)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.contains(Framing::Events.content_type()));
        let is_known = is_stream
            || method == Method::DELETE
            || method == Method::OPTIONS
            || is_discovery(&method, &self.path)
            || is_about_tokens(&self.path);
        if !is_known && self.terms.unreadable == Unreadable::Refuse {
            return exchange
                .refuse(Refused::new(
                    StatusCode::FORBIDDEN,
                    "This gateway does not know this operation of a server, and passes only what it knows.",
                ))
                .await;
        }
        exchange.receipt.tries = 1;
        exchange.receipt.operation = match &method {
            &Method::DELETE => "mcp.end",
            &Method::GET if is_stream => "mcp.stream",
            method if is_discovery(method, &self.path) => "mcp.discovery",
            _ => "mcp.tokens",
        }
        .to_owned();
        let response = match self.send(method.clone(), body).await {
            Ok(response) => response,
            Err(refused) => return exchange.refuse(refused).await,
        };
        let (mut head, body) = response.into_parts();
        without_hops(&mut head.headers);
        head.headers.remove(CONTENT_LENGTH);
        exchange.receipt.status = head.status.as_u16();
        if let Some(public) = &public {
            public.challenge(&mut head.headers);
        }
        let is_closed = exchange.ready.is_closed_without_receipt();
        if is_stream
            && head.status.is_success()
            && framing(&head.headers) == Some(Framing::Events)
            && !is_packed(&head.headers)
        {
            exchange.receipt.stream = true;
            if exchange.close().await.is_err() && is_closed {
                return unrecorded(&Form::default());
            }
            let (pieces, coming) = Body::pieces();
            let prefix = public.map(|public| public.prefix().to_owned());
            tokio::spawn(carry(
                self,
                body,
                pieces,
                Carried {
                    prefix,
                    asks: Vec::new(),
                    is_kept: true,
                },
            ));
            return Response::from_parts(head, coming);
        }
        let whole = match self.collect(body, &mut head.headers).await {
            Ok(whole) => whole,
            Err(message) => {
                let refused = Refused::new(StatusCode::BAD_GATEWAY, message);
                return exchange.refuse(refused).await;
            }
        };
        if method == Method::DELETE
            && head.status.is_success()
            && let Some(id) = &id
        {
            self.end(id).await;
        }
        exchange.gap("what is about sessions and tokens is passed on, and not judged");
        exchange.receipt.answer_bytes = whole.len() as u64;
        if exchange.close().await.is_err() && is_closed {
            return unrecorded(&Form::default());
        }
        let told = public
            .filter(|_| is_discovery(&method, &self.path))
            .and_then(|public| public.metadata(&whole));
        Response::from_parts(head, Body::whole(told.unwrap_or(whole)))
    }

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

    pub(super) fn judged(&self, from: Side, body: &[u8]) -> Outcome {
        self.conversation(|it| it.take(&*self.ready.judge, &self.terms, from, body))
    }

    pub(super) fn conversation<T>(&self, does: impl FnOnce(&mut super::Conversation) -> T) -> T {
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
    async fn collect(&self, mut body: Incoming, headers: &mut HeaderMap) -> Result<Bytes, String> {
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
    async fn end(&self, id: &str) {
        let identity = self.terms.identity.as_deref();
        let ended = self.shared.sessions.end(&self.upstream.name, identity, id);
        if ended.is_none() {
            return;
        }
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
fn is_packed(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| !matches!(value.as_bytes(), b"identity" | b""))
}

fn framing(headers: &HeaderMap) -> Option<Framing> {
    Framing::of(headers.get(CONTENT_TYPE)?.to_str().ok()?)
}

/// An error in place of the answers to these requests.
fn failed(status: StatusCode, asks: &[String], message: &str) -> Response<Body> {
    let each: Vec<String> = asks
        .iter()
        .map(|id| rpc::failure(Some(id), INTERNAL_ERROR, message))
        .collect();
    let body = match &*each {
        [] => rpc::failure(None, INTERNAL_ERROR, message),
        [one] => one.clone(),
        all => format!("[{}]", all.join(",")),
    };
    json(status, body.into())
}

fn json(status: StatusCode, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::new()));
    *response.status_mut() = status;
    response
}
