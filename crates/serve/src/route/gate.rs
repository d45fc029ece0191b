//! The gate before each handler: may whoever asks, is it meant, is it new; and behind it the answer takes its form.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, COOKIE, LOCATION, REFRESH, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Listed;
use crate::app::App;
use crate::ask::{self, Asked, BodyLimit};
use crate::auth::{Permission, Principal, csrf};
use crate::error::ApiError;
use crate::http::{Typed, Wanted, cookie, idempotency, path_and_query};
use crate::pages;
use crate::view::Stashed;

#[derive(Clone)]
pub(super) struct Gate {
    pub(super) app: App,
    pub(super) row: Arc<Listed>,
}

/// The route of a response, for the log.
#[derive(Clone)]
pub(crate) struct Passed(pub(crate) Arc<Listed>);

pub(super) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let row = gate.row.clone();
    let mut response = match pass(gate, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    response.extensions_mut().insert(Passed(row));
    response
}

async fn pass(gate: Gate, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let Gate { app, row } = gate;
    let who = request
        .extensions()
        .get::<Principal>()
        .cloned()
        .unwrap_or_default();
    let asked = request.extensions().get::<Arc<Asked>>().cloned();
    let asked = asked.ok_or_else(|| ApiError::internal("a request without a number"))?;
    if !who.may(row.permission) {
        return refuse(&who, &row, &asked, &request);
    }
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > row.body as u64) {
        return Err(ApiError::too_large(row.body));
    }
    request.extensions_mut().insert(BodyLimit(row.body));
    let wanted = Wanted::of(request.headers());
    let cookies: Vec<HeaderValue> = request.headers().get_all(COOKIE).iter().cloned().collect();
    if is_change(&row.method) {
        request = csrf::check(&app, &who, row.permission, request).await?;
    }
    let typed;
    (request, typed) = keep(&row, &asked, request).await?;
    let answered = async {
        let once = if row.is_api() && is_change(&row.method) {
            idempotency::begin(&app, &who, &row, request).await?
        } else {
            idempotency::Once::Plain(request)
        };
        match once {
            idempotency::Once::Plain(request) => {
                let mut response = next.run(request).await;
                if let Some(typed) = typed {
                    response.extensions_mut().insert(typed);
                }
                show(&app, &who, &row, &asked, &cookies, &wanted, response)
            }
            idempotency::Once::Answered(response) => Ok(response),
            idempotency::Once::Reserved(request, reservation) => {
                let response = next.run(request).await;
                let shown = show(&app, &who, &row, &asked, &cookies, &wanted, response);
                idempotency::settle(&app, reservation, shown).await
            }
        }
    };
    tokio::time::timeout(row.patience, answered)
        .await
        .map_err(|_| ApiError::timeout())?
}

/// Keeps what a form of a page sent, so that it can be shown again if it is not taken.
async fn keep(
    row: &Listed,
    asked: &Asked,
    request: Request,
) -> Result<(Request, Option<Typed>), ApiError> {
    let form = "application/x-www-form-urlencoded";
    if row.is_api() || !is_change(&row.method) || ask::media_type(&request) != form {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let form = ask::body(Request::from_parts(parts.clone(), body)).await?;
    let form = axum::body::Bytes::from(form);
    let typed = Typed {
        action: asked.path.clone(),
        form: form.clone(),
    };
    Ok((Request::from_parts(parts, Body::from(form)), Some(typed)))
}

fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// What those get who may not: programs an error, people who are not signed in the page where they can.
fn refuse(
    who: &Principal,
    row: &Listed,
    asked: &Asked,
    request: &Request,
) -> Result<Response, ApiError> {
    if !matches!(who, Principal::Nobody) {
        let needed = row.permission;
        return Err(ApiError::forbidden(match (needed, who) {
            (Permission::OwnAccount, _) => {
                "this is for people who are signed in, not for tokens".to_owned()
            }
            (_, Principal::Token(bearer)) if needed.is_of(bearer.owner.role) => {
                format!("the token lacks the scope `{}`", needed.name())
            }
            _ => format!("this needs the permission to {}", needed.row().allows),
        }));
    }
    if asked.api || is_change(&row.method) {
        return Err(ApiError::unauthenticated());
    }
    let came_from_elsewhere = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site");
    if came_from_elsewhere {
        // The cookie of the session is not sent with links from elsewhere: once more, from here.
        let mut response = crate::http::html(StatusCode::OK, pages::bounce(&asked.target)?);
        if let Ok(value) = HeaderValue::from_str(&format!("0; url={}", asked.target)) {
            response.headers_mut().insert(REFRESH, value);
        }
        return Ok(response);
    }
    let to = format!("/sign-in?next={}", path_and_query::escape(&asked.target));
    Ok(redirect(&to))
}

/// Sends a browser on to a page of this server.
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, to);
    response
}

/// Gives what the handler left its form.
fn show(
    app: &App,
    who: &Principal,
    row: &Listed,
    asked: &Asked,
    cookies: &[HeaderValue],
    wanted: &Wanted,
    mut response: Response,
) -> Result<Response, ApiError> {
    let Some(stashed) = response.extensions_mut().remove::<Stashed>() else {
        return Ok(response);
    };
    match stashed {
        Stashed::View(view) if row.is_api() => {
            let json = view.json().map_err(ApiError::internal)?;
            Ok(wanted.answer(response, "application/json", json))
        }
        Stashed::View(view) => {
            let (mut frame, flashed) = pages::frame(app, who, asked, cookies);
            frame.answer = is_change(&row.method);
            let html = view.html(frame).map_err(ApiError::internal)?;
            let mut response =
                wanted.answer(response, "text/html; charset=utf-8", html.into_bytes());
            if flashed {
                let gone = cookie::remove(&app.settings, cookie::FLASH);
                response.headers_mut().append(SET_COOKIE, gone);
            }
            Ok(response)
        }
        Stashed::Done { json, to, notice } if !row.is_api() => {
            drop(json);
            let mut sent = redirect(&to);
            sent.headers_mut()
                .extend(std::mem::take(response.headers_mut()));
            if let Some(notice) = notice {
                let kept = cookie::set_flash(&app.settings, &notice);
                sent.headers_mut().append(SET_COOKIE, kept);
            }
            Ok(sent)
        }
        Stashed::Done { json, .. } => {
            *response.body_mut() = Body::from(Arc::unwrap_or_clone(json));
            let json = HeaderValue::from_static("application/json");
            response
                .headers_mut()
                .insert(axum::http::header::CONTENT_TYPE, json);
            Ok(response)
        }
    }
}
