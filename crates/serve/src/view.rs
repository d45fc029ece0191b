//! What handlers give: one value, shown as a page or as JSON, as the path asks.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::frame::Frame;

/// A value that has a page.
pub trait Page: Serialize + Send + Sync + 'static {
    /// The page, in the frame of all pages.
    ///
    /// # Errors
    ///
    /// When the template cannot be filled in.
    fn html(&self, frame: Frame) -> askama::Result<String>;
}

/// What there is to see: the page at its own path, JSON under `/api/v1`.
#[derive(Clone, Debug)]
pub struct View<T>(pub T);

/// What was done: a browser is sent on to a page, a program gets the value.
#[derive(Clone, Debug)]
pub struct Done<T> {
    value: T,
    to: String,
    notice: Option<String>,
    status: StatusCode,
}

impl<T> Done<T> {
    /// Done; people go on to the page at `to`, a path of this server.
    #[must_use]
    pub fn to(to: impl Into<String>, value: T) -> Self {
        Self {
            value,
            to: to.into(),
            notice: None,
            status: StatusCode::OK,
        }
    }

    /// What the page says first.
    #[must_use]
    pub fn notice(mut self, notice: impl Into<String>) -> Self {
        self.notice = Some(notice.into());
        self
    }

    /// Something new was made: programs get 201.
    #[must_use]
    pub fn created(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }
}

/// How a value is shown, until it is known which way.
pub(crate) trait Shown: Send + Sync {
    fn html(&self, frame: Frame) -> askama::Result<String>;
    fn json(&self) -> serde_json::Result<Vec<u8>>;
}

impl<T: Page> Shown for T {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        Page::html(self, frame)
    }

    fn json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

/// Rides on a response until the gate of the route shows it.
#[derive(Clone)]
pub(crate) enum Stashed {
    View(Arc<dyn Shown>),
    Done {
        json: Arc<Vec<u8>>,
        to: String,
        notice: Option<String>,
    },
}

impl<T: Page> IntoResponse for View<T> {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        let stashed = Stashed::View(Arc::new(self.0));
        response.extensions_mut().insert(stashed);
        response
    }
}

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        let json = match serde_json::to_vec(&self.value) {
            Ok(json) => json,
            Err(error) => return crate::error::ApiError::internal(error).into_response(),
        };
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Stashed::Done {
            json: Arc::new(json),
            to: self.to,
            notice: self.notice,
        });
        response
    }
}
