//! One request of a client, and what is answered.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use stance_wire::{Limits, rpc};

use super::line::{Ear, Line};
use super::oauth::Public;
use super::{Terms, is_about_tokens};
use crate::body::Body;
use crate::identity::Caller;
use crate::proxy::{Exchange, SESSION, prepare};
use crate::receipt::short;
use crate::upstream::Upstream;

/// What servers name their sessions with.
pub(super) const SESSION_ID: &str = "mcp-session-id";

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
                ask: ready.ask.clone(),
            },
            ear: Ear::Head(exchange.line.clone()),
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
