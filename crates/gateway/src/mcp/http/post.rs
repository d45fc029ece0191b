//! Messages on their way to a server, and what it answers them.

use std::sync::PoisonError;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::http::response::Parts;
use hyper::{Method, Response, StatusCode};
use stance_wire::{Framing, rpc};

use super::call::SESSION_ID;
use super::line::{Line, framing, is_packed};
use super::oauth::Public;
use super::stream::{Carried, carry};
use super::{Outcome, Side};
use crate::body::Body;
use crate::proxy::without_hops;
use crate::receipt::short;

/// What clients know as a server that failed.
pub(super) const INTERNAL_ERROR: i32 = -32603;

impl Line {
    /// Messages on their way to the server.
    pub(super) async fn post(
        self,
        body: Bytes,
        id: Option<String>,
        public: Option<Public>,
    ) -> Response<Body> {
        let mut outcome = self.recorded(self.judged(Side::Client, &body)).await;
        drop(body);
        let is_older = is_older(id.as_deref());
        match outcome.held.take() {
            None => self.forwarded(outcome, id, public).await,
            Some(held) if is_older || held.id.is_none() => {
                // Nobody waits for it here.
                tokio::spawn(self.later(held, is_older));
                empty(StatusCode::ACCEPTED)
            }
            Some(held) => {
                let then = |line: Self, outcome| line.forwarded(outcome, id, public);
                self.while_held(held, HeaderMap::new(), then).await
            }
        }
    }

    /// What was decided about messages, on its way to the server or back.
    async fn forwarded(
        self,
        outcome: Outcome,
        id: Option<String>,
        public: Option<Public>,
    ) -> Response<Body> {
        let Outcome {
            forward,
            back,
            asks,
            is_malformed,
            ..
        } = outcome;
        let back = match back {
            Some(back) if is_older(id.as_deref()) => {
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
        let sent = self.send(Method::POST, forward.into()).await;
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
        self.answered(response, asks, id.is_some() || given.is_some())
            .await
    }

    /// Answers where a client of the older transport listens.
    pub(super) async fn by_stream(&self, back: &[u8]) {
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
        asks: Vec<String>,
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
                    asks,
                    is_kept,
                },
            ));
            return Response::from_parts(head, coming);
        }
        let whole = match self.collect(body, &mut head.headers).await {
            Ok(whole) => whole,
            Err(message) => {
                self.given_up(&asks, StatusCode::BAD_GATEWAY, &message)
                    .await;
                return failed(StatusCode::BAD_GATEWAY, &asks, &message);
            }
        };
        let is_success = head.status.is_success();
        // Of the older transport, answers come by the stream; what stands here nobody reads.
        let is_taken = head.status == StatusCode::ACCEPTED;
        if whole.trim_ascii().is_empty() || is_taken {
            if !is_taken || !is_kept {
                let why = "the server answered without a message";
                self.given_up(&asks, head.status, why).await;
            }
            return Response::from_parts(head, Body::whole(whole));
        }
        // What is no message is an error of something in between; libraries raise it by its status.
        let is_message = is_success
            || rpc::messages(&whole, &self.terms.limits).is_ok_and(|all| !all.is_empty());
        if !is_message {
            let why = format!("the server answered with status {}", head.status.as_u16());
            self.given_up(&asks, head.status, &why).await;
            return Response::from_parts(head, Body::whole(whole));
        }
        let mut outcome = self.recorded(self.judged(Side::Server, &whole)).await;
        match outcome.held.take() {
            None => self.told(head, outcome, asks, is_kept).await,
            Some(held) => {
                let headers = head.headers.clone();
                let then = move |line: Self, outcome| line.told(head, outcome, asks, is_kept);
                self.while_held(held, headers, then).await
            }
        }
    }

    /// What was decided about an answer, on its way to the client.
    async fn told(
        self,
        head: Parts,
        outcome: Outcome,
        asks: Vec<String>,
        is_kept: bool,
    ) -> Response<Body> {
        self.answer_back(outcome.back);
        let why = format!("the server answered with status {}", head.status.as_u16());
        self.given_up(&asks, head.status, &why).await;
        self.remember(is_kept);
        match outcome.forward {
            Some(forward) => Response::from_parts(head, Body::whole(forward.into())),
            None => failed(
                StatusCode::BAD_GATEWAY,
                &asks,
                "The answer of the server cannot be read, and passes only what can be judged.",
            ),
        }
    }
}

/// Whether a session is one of the older transport, in which all answers go by one stream.
fn is_older(id: Option<&str>) -> bool {
    id.is_some_and(|id| id.starts_with('?'))
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
