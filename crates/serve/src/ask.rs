//! What handlers take: who asks, the query, the path, and what was sent.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::RequestExt as _;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::auth::Principal;
use crate::error::ApiError;

/// What every request is known by.
#[derive(Debug)]
pub struct Asked {
    /// The number of the request, in the log and in errors.
    pub id: String,
    /// Where from.
    pub address: IpAddr,
    /// The name and port by which the server was called.
    pub host: String,
    /// The path, without the query.
    pub path: String,
    /// Path and query.
    pub target: String,
    /// How the browser calls itself, cut short.
    pub agent: String,
    /// Whether the answer is for a program.
    pub api: bool,
    /// How many live events were told before anything was read for the answer.
    pub heard: u64,
}

/// Who asks what when, and all that is needed to answer.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who asks.
    pub who: Principal,
    /// When.
    pub now: Timestamp,
    /// The request.
    pub request: Arc<Asked>,
    app: App,
}

impl Ask {
    /// What all requests share.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// How whoever asks reaches the service, without a slash at the end; for links that are handed on.
    #[must_use]
    pub fn base_url(&self) -> String {
        match &self.app.settings.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => {
                let secure = self.app.settings.is_secure();
                let scheme = if secure { "https" } else { "http" };
                format!("{scheme}://{}", self.request.host)
            }
        }
    }
}

impl Deref for Ask {
    type Target = crate::app::Shared;

    fn deref(&self) -> &Self::Target {
        &self.app
    }
}

impl FromRequestParts<App> for Ask {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let request = parts.extensions.get::<Arc<Asked>>().cloned();
        Ok(Self {
            who: parts
                .extensions
                .get::<Principal>()
                .cloned()
                .unwrap_or_default(),
            now: app.clock.now(),
            request: request.ok_or_else(|| ApiError::internal("a request without a number"))?,
            app: app.clone(),
        })
    }
}

/// The query; a name may come several times, and one without a value was not given.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let given: Vec<&str> = query
            .split('&')
            .filter(|pair| {
                pair.split_once('=')
                    .is_some_and(|(_, value)| !value.is_empty())
            })
            .collect();
        serde_html_form::from_str(&given.join("&"))
            .map(Self)
            .map_err(|error| ApiError::bad_request(format!("the query: {error}")))
    }
}

/// The parts of the path.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        // A number that is none is a path that leads nowhere.
        path.map(|path| Self(path.0))
            .map_err(|_| ApiError::not_found(format_args!("page {}", parts.uri.path())))
    }
}

/// What was sent: JSON from a program, a form from a page.
#[derive(Clone, Debug)]
pub struct Input<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Input<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let kind = media_type(&request);
        let bytes = body(request).await?;
        match kind.as_str() {
            "application/json" => read_json(&bytes),
            "application/x-www-form-urlencoded" => read_form(&bytes),
            // What takes nothing needs no body.
            "" if bytes.is_empty() => read_json(b"{}"),
            _ => Err(ApiError::media_type()),
        }
        .map(Self)
    }
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ApiError::invalid("body", error.to_string()),
        _ => ApiError::bad_request(format!("the body is not JSON: {error}")),
    })
}

fn read_form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ApiError::bad_request("the form is not text in UTF-8"))?;
    // The token was looked at before; it is no field of anything.
    let fields: Vec<&str> = text
        .split('&')
        .filter(|pair| !pair.starts_with("csrf="))
        .collect();
    serde_html_form::from_str(&fields.join("&"))
        .map_err(|error| ApiError::invalid("form", error.to_string()))
}

/// What the body is, without its parameters.
pub(crate) fn media_type(request: &Request) -> String {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// The whole body, as far as the route takes it.
pub(crate) async fn body(request: Request) -> Result<Vec<u8>, ApiError> {
    let limit = request
        .extensions()
        .get::<BodyLimit>()
        .map_or(0, |limit| limit.0);
    let body = request.into_limited_body();
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(if is_too_large(&error) {
            ApiError::too_large(limit)
        } else {
            ApiError::bad_request("the body broke off")
        }),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        if error.to_string().contains("length limit") {
            return true;
        }
        next = error.source();
    }
    false
}

/// How many bytes of body the route takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit(pub(crate) usize);
