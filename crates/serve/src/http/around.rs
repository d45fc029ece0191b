//! The outermost layers: a number for each request, a line in the log, and who asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{HeaderMap, USER_AGENT};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::again::{Origin, Typed, is_about_form};
use super::{dress, headers};
use crate::app::App;
use crate::ask::Asked;
use crate::auth::{self, Principal};
use crate::error::ApiError;
use crate::log::Request as Line;
use crate::route::Passed;
use crate::{encode, pages};

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Longest name of a browser that is kept.
const AGENT: usize = 200;

/// Longest path with query; longer ones are refused.
const TARGET: usize = 8 * 1024;

/// Gives the request a number, answers in the right form whatever happens, and logs it once.
pub(crate) async fn outermost(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let asked = Arc::new(asked(&app, &request));
    let method = request.method().clone();
    let cookies: Vec<HeaderValue> = request
        .headers()
        .get_all(axum::http::header::COOKIE)
        .iter()
        .cloned()
        .collect();
    let origin = Origin::of(&request, &asked);
    let again = next.clone();
    request.extensions_mut().insert(asked.clone());
    let mut response = if asked.target.len() > TARGET {
        ApiError::bad_request("the path with its query is too long").into_response()
    } else {
        // A task of its own: a panic is an answer, and whoever hangs up does not leave half of the work.
        match tokio::spawn(next.run(request)).await {
            Ok(response) => response,
            Err(error) => ApiError::internal(error).into_response(),
        }
    };
    let who = response
        .extensions()
        .get::<Principal>()
        .cloned()
        .unwrap_or_default();
    let route = response.extensions().get::<Passed>().cloned();
    let error = response.extensions().get::<Arc<ApiError>>().cloned();
    let typed = response.extensions_mut().remove::<Typed>();
    let shown_again = match (&error, origin, &typed) {
        (Some(error), Some(origin), Some(typed)) if is_about_form(error) => {
            origin.with(again, typed, error).await
        }
        _ => None,
    };
    let mut response = match (&error, shown_again) {
        (_, Some(page)) => page,
        (Some(error), None) => dress::dress(error, response, &asked, || {
            pages::frame(&app, &who, &asked, &cookies).0
        }),
        (None, None) => response,
    };
    headers::secure(&app.settings, response.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&asked.id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), id);
    }
    let path = route.as_ref().map_or("none", |route| route.0.path.as_str());
    let status = response.status().as_u16();
    let took = began.elapsed();
    app.metrics.request(method.as_str(), path, status, took);
    app.log.request(&Line {
        id: &asked.id,
        principal: &who.name(),
        address: asked.address,
        method: method.as_str(),
        route: path,
        status,
        milliseconds: took.as_secs_f64() * 1000.0,
        cause: error.as_ref().and_then(|error| error.cause.as_deref()),
    });
    response
}

/// Finds out who asks, within what each may.
pub(crate) async fn who(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let asked = request.extensions().get::<Arc<Asked>>().cloned();
    let headers = request.headers().clone();
    match principal(&app, asked, &headers).await {
        Ok(who) => {
            request.extensions_mut().insert(who.clone());
            let mut response = next.run(request).await;
            // A handler that signs in or out says itself who it is from then on.
            if response.extensions().get::<Principal>().is_none() {
                response.extensions_mut().insert(who);
            }
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn principal(
    app: &App,
    asked: Option<Arc<Asked>>,
    headers: &HeaderMap,
) -> Result<Principal, ApiError> {
    let now = app.clock.now();
    let slow = |seconds| {
        ApiError::too_many(
            seconds,
            format!("too many requests; come again in {seconds} s"),
        )
    };
    let asked = asked.ok_or_else(|| ApiError::internal("a request without a number"))?;
    app.limits.of_address(asked.address, now).map_err(slow)?;
    let who = auth::principal(app, headers, now).await?;
    if !matches!(who, Principal::Nobody) {
        app.limits.of_principal(&who.name(), now).map_err(slow)?;
    }
    Ok(who)
}

fn asked(app: &App, request: &Request) -> Asked {
    let path = request.uri().path();
    let target = request
        .uri()
        .path_and_query()
        .map_or(path, |target| target.as_str());
    let agent = request.headers().get(USER_AGENT);
    let agent = agent
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let mut id = [0; 8];
    // Without randomness the number is zero; nothing depends on it.
    let _ = getrandom::fill(&mut id);
    Asked {
        id: encode::hex(&id),
        address: address(app, request),
        host: super::named(request).unwrap_or_default(),
        path: path.to_owned(),
        target: target.to_owned(),
        agent: agent.chars().take(AGENT).collect(),
        api: ["/api/v1", "/healthz", "/readyz", "/metrics"]
            .iter()
            .any(|prefix| path.starts_with(prefix)),
        heard: app.live.count(),
    }
}

/// Where a request comes from: the peer, or behind a proxy what the proxy says last.
fn address(app: &App, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
    if !app.settings.behind_proxy {
        return peer;
    }
    forwarded(request.headers()).unwrap_or(peer)
}

/// The last address of `X-Forwarded-For`: our proxy put it there, the ones before it anybody may have.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
