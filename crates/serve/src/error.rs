//! The one error at the edge of HTTP: problem details (RFC 9457) for programs, a page for people.
//!
//! A handler gives an [`ApiError`]; what was asked decides how it is shown, in one place
//! ([`crate::http::dress`]), and there it is logged, once.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::StoreError;

/// Why a request was not done.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) retry_after: Option<u32>,
    /// For the log only.
    pub(crate) cause: Option<String>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// The field.
    pub field: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// The body of an error: problem details as in RFC 9457.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What kind of problem it is, as a path into the documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The status of HTTP.
    pub status: u16,
    /// What happened, to what, and what to do.
    pub detail: String,
    /// The number of the request, as it stands in the log.
    pub request: String,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// The kinds of problems: name, status, title, what it means.
pub(crate) const KINDS: &[(&str, u16, &str, &str)] = &[
    (
        "bad-request",
        400,
        "The request cannot be understood",
        "A parameter, a cursor or the body is not what this path takes.",
    ),
    (
        "unauthenticated",
        401,
        "Sign in first",
        "The session or token is missing, ended or was revoked.",
    ),
    (
        "forbidden",
        403,
        "This is not yours to do",
        "The role of the person or the scopes of the token do not allow it, or the request did not come from a page of this server.",
    ),
    (
        "not-found",
        404,
        "There is no such thing",
        "Nothing has this path or number, or it is not yours to see.",
    ),
    (
        "method",
        405,
        "This cannot be done here",
        "The path exists and takes another method.",
    ),
    (
        "timeout",
        408,
        "This took too long",
        "The request was not finished in time; nothing of it counts unless it says so.",
    ),
    (
        "conflict",
        409,
        "What is there stands against it",
        "Somebody else did the same or something else before, or a rule of the product forbids it.",
    ),
    (
        "too-large",
        413,
        "This is too much at once",
        "The body is larger than this path takes.",
    ),
    (
        "media-type",
        415,
        "This is not in a form that is understood",
        "A body is `application/json`, or comes from a form of a page.",
    ),
    (
        "invalid",
        422,
        "Something is not filled in rightly",
        "`errors` says which field, and what would be right.",
    ),
    (
        "too-many",
        429,
        "Too many requests",
        "Come again after the seconds in `Retry-After`.",
    ),
    (
        "internal",
        500,
        "Something broke here",
        "It was logged under the number of the request.",
    ),
    (
        "unavailable",
        503,
        "Busy right now",
        "Come again after the seconds in `Retry-After`.",
    ),
];

impl ApiError {
    fn new(status: u16, detail: impl Into<String>) -> Self {
        let known = KINDS.iter().find(|(_, known, ..)| *known == status);
        let (kind, status, title, _) =
            known.unwrap_or(&("internal", 500, "Something broke here", ""));
        Self {
            status: StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            kind,
            title,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// 400: what was wrong and what would be right.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    /// 401: nobody is signed in.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            401,
            "sign in, or send a token of yours as `Authorization: Bearer stance_...`",
        )
    }

    /// 403: what would be needed.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, detail)
    }

    /// 404: what was looked for, with its number or name.
    #[must_use]
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(404, format!("there is no {what}"))
    }

    /// 405.
    #[must_use]
    pub fn method() -> Self {
        Self::new(405, "this path takes other methods; `/api/docs` lists them")
    }

    /// 408.
    #[must_use]
    pub fn timeout() -> Self {
        Self::new(408, "the request was not finished in time")
    }

    /// 409: what stands against it.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, detail)
    }

    /// 413: how much would be taken.
    #[must_use]
    pub fn too_large(bytes: usize) -> Self {
        Self::new(413, format!("at most {bytes} bytes are taken here"))
    }

    /// 415.
    #[must_use]
    pub fn media_type() -> Self {
        Self::new(415, "send the body as `application/json`")
    }

    /// 422: which field, and what would be right.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// 422 with all that is wrong.
    #[must_use]
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let told: Vec<String> = fields
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        Self {
            fields,
            ..Self::new(422, told.join("; "))
        }
    }

    /// 429, with when to come again.
    #[must_use]
    pub fn too_many(seconds: u32, detail: impl Into<String>) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(429, detail)
        }
    }

    /// 500; the cause goes to the log only.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(500, "it was logged under the number of the request")
        }
    }

    /// 503: too much waits.
    #[must_use]
    pub fn busy() -> Self {
        Self::unavailable("too much waits to be done; come again in a moment", None)
    }

    pub(crate) fn unavailable(detail: &str, cause: Option<String>) -> Self {
        Self {
            retry_after: Some(2),
            cause,
            ..Self::new(503, detail)
        }
    }

    /// 503: the database did not take it.
    pub(crate) fn unwritten(reason: &str) -> Self {
        let detail = "the database could not be written, and nothing of this was recorded; whoever runs the service finds \
                      the reason in its log, a full disk for instance";
        Self::unavailable(detail, Some(reason.to_owned()))
    }

    /// 500: the panic itself was told by the hook.
    pub(crate) fn panicked() -> Self {
        Self::internal("a task of the database panicked")
    }

    /// The status of HTTP.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The body for a program.
    pub(crate) fn problem(&self, request: &str) -> Problem {
        Problem {
            kind: format!("/api/docs#{}", self.kind),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            request: request.to_owned(),
            errors: self.fields.clone(),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.cause.as_deref().unwrap_or(&self.detail))
    }
}

impl std::error::Error for ApiError {}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what, id } => Self::not_found(format_args!("{what} {id}")),
            StoreError::NoScan(id) => Self::not_found(format_args!("scan {id}")),
            StoreError::NoSource(_) | StoreError::NoEntry(_) => Self::new(404, error.to_string()),
            StoreError::OwnRequest { .. } => Self::forbidden(error.to_string()),
            StoreError::Decided { .. } | StoreError::Edited { .. } | StoreError::Conflict(_) => {
                Self::conflict(error.to_string())
            }
            StoreError::ShortText => Self::invalid("q", error.to_string()),
            StoreError::Refused(detail) => Self::new(422, detail),
            StoreError::Busy { .. } => Self::unavailable(
                "another process holds the database; come again in a moment",
                Some(error.to_string()),
            ),
            StoreError::Database { .. } | StoreError::Full { .. } => {
                Self::unwritten(&error.to_string())
            }
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
