//! What carries no message: streams of what a server says by itself, ends of sessions, and what is about tokens.

use bytes::Bytes;
use hyper::header::CONTENT_LENGTH;
use hyper::{Method, Response, StatusCode};
use stance_wire::Framing;

use super::is_about_tokens;
use super::line::{Line, framing, is_packed};
use super::oauth::{Public, is_discovery};
use super::stream::{Carried, carry};
use crate::body::Body;
use crate::proxy::{Exchange, Refused, without_hops};
use crate::refuse::{Form, unrecorded};
use crate::settings::Unreadable;

impl Line {
    /// All other requests: streams of what a server says by itself, ends of sessions, and what is about tokens.
    pub(super) async fn other(
        self,
        mut exchange: Exchange,
        method: Method,
        body: Bytes,
        id: Option<String>,
        public: Option<Public>,
    ) -> Response<Body> {
        let is_stream = method == Method::GET && self.takes_events();
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
}
