//! The form of an error: problem details for programs, a page for people.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::html;
use crate::ask::Asked;
use crate::error::ApiError;
use crate::frame::Frame;
use crate::pages;

pub(super) fn dress(
    error: &ApiError,
    bare: Response,
    asked: &Asked,
    frame: impl FnOnce() -> Frame,
) -> Response {
    let mut response = if asked.api {
        problem(error, asked)
    } else {
        match pages::error(error, asked, frame()) {
            Ok(page) => html(error.status, page),
            Err(_) => problem(error, asked),
        }
    };
    // The length is that of the bare answer, which has no body.
    for (name, value) in bare
        .headers()
        .iter()
        .filter(|(name, _)| *name != CONTENT_LENGTH)
    {
        response.headers_mut().entry(name).or_insert(value.clone());
    }
    *response.extensions_mut() = bare.extensions().clone();
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.status == StatusCode::UNAUTHORIZED {
        let ask = HeaderValue::from_static("Bearer realm=\"stance\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, ask);
    }
    response
}

fn problem(error: &ApiError, asked: &Asked) -> Response {
    let body = serde_json::to_vec(&error.problem(&asked.id)).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = error.status;
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
