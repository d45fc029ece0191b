//! The table of routes.
//!
//! Each slice gives its list; the router, the permission check, the walk of the tests and the OpenAPI document come
//! from it. A route without a permission cannot be written down.

mod gate;
mod openapi;
mod router;

use std::time::Duration;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::app::App;
use crate::auth::Permission;

pub(crate) use gate::{Passed, redirect};
pub(crate) use openapi::document;
pub(crate) use router::router;

/// The bytes of body that a route takes unless it says otherwise.
const BODY: usize = 1 << 20;

/// How long a route may take unless it says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the schema of something that is sent or given.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// One row of the table, without its handler.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What the slice is called.
    pub slice: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` where something varies.
    pub path: String,
    /// What it asks for.
    pub permission: Permission,
    /// In some words.
    pub summary: &'static str,
    /// In some sentences.
    pub description: &'static str,
    /// The query.
    pub query: Option<Shape>,
    /// The body.
    pub takes: Option<Shape>,
    /// The status of success, and what is given then.
    pub gives: Option<Shape>,
    /// The status of success.
    pub status: u16,
    /// Bytes of body that it takes.
    pub body: usize,
    /// How long it may take.
    pub patience: Duration,
}

impl Listed {
    /// Whether it is for programs.
    #[must_use]
    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }
}

/// A route, or the two of a page and its twin, while it is written down.
#[derive(Clone)]
pub struct Route {
    page: Option<Listed>,
    api: Option<Listed>,
    handler: MethodRouterOf,
}

type MethodRouterOf = std::sync::Arc<dyn Fn(MethodFilter) -> MethodRouter<App> + Send + Sync>;

fn row(method: Method, path: String, permission: Permission) -> Listed {
    Listed {
        slice: "",
        method,
        path,
        permission,
        summary: "",
        description: "",
        query: None,
        takes: None,
        gives: None,
        status: 200,
        body: BODY,
        patience: PATIENCE,
    }
}

fn keep<H, T>(handler: H) -> MethodRouterOf
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    std::sync::Arc::new(move |method| axum::routing::on(method, handler.clone()))
}

/// A page at `path` and its twin at `/api/v1` + `path`: the handler gives a [`View`](crate::view::View).
#[must_use]
pub fn view<H, T>(path: &str, permission: Permission, handler: H) -> Route
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    Route {
        page: Some(row(Method::GET, path.to_owned(), permission)),
        api: Some(row(Method::GET, format!("/api/v1{path}"), permission)),
        handler: keep(handler),
    }
}

/// An action: a form of a page sends it to `path`, a program as `POST` to `/api/v1` + `path`; the handler gives
/// a [`Done`](crate::view::Done).
#[must_use]
pub fn action<H, T>(path: &str, permission: Permission, handler: H) -> Route
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    Route {
        page: Some(row(Method::POST, path.to_owned(), permission)),
        api: Some(row(Method::POST, format!("/api/v1{path}"), permission)),
        handler: keep(handler),
    }
}

/// One path that is only a page, or only for programs (below `/api/v1/`), or neither; what the handler gives is
/// answered as it is, and a `View` or `Done` as the path asks.
#[must_use]
pub fn only<H, T>(method: Method, path: &str, permission: Permission, handler: H) -> Route
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    let row = row(method, path.to_owned(), permission);
    let (page, api) = if row.is_api() {
        (None, Some(row))
    } else {
        (Some(row), None)
    };
    Route {
        page,
        api,
        handler: keep(handler),
    }
}

impl Route {
    fn each(mut self, mut change: impl FnMut(&mut Listed)) -> Self {
        for row in self.page.iter_mut().chain(self.api.iter_mut()) {
            change(row);
        }
        self
    }

    /// What it does, in some words and in some sentences.
    #[must_use]
    pub fn about(self, summary: &'static str, description: &'static str) -> Self {
        self.each(|row| {
            row.summary = summary;
            row.description = description;
        })
    }

    /// The query: the type of the handler's `Query`.
    #[must_use]
    pub fn query<T: JsonSchema>(self) -> Self {
        self.each(|row| row.query = Some(shape::<T>))
    }

    /// The body: the type of the handler's `Input`.
    #[must_use]
    pub fn takes<T: JsonSchema>(self) -> Self {
        self.each(|row| row.takes = Some(shape::<T>))
    }

    /// What is given on success.
    #[must_use]
    pub fn gives<T: JsonSchema>(self) -> Self {
        self.each(|row| row.gives = Some(shape::<T>))
    }

    /// Success makes something new: 201.
    #[must_use]
    pub fn creates(self) -> Self {
        self.each(|row| row.status = 201)
    }

    /// Programs use another method and path, below `/api/v1`.
    #[must_use]
    pub fn api(mut self, method: Method, path: &str) -> Self {
        if let Some(row) = &mut self.api {
            row.method = method;
            row.path = format!("/api/v1{path}");
        }
        self
    }

    /// Programs use another path, below `/api/v1`.
    #[must_use]
    pub fn api_path(mut self, path: &str) -> Self {
        if let Some(row) = &mut self.api {
            row.path = format!("/api/v1{path}");
        }
        self
    }

    /// How many bytes of body are taken.
    #[must_use]
    pub fn body(self, bytes: usize) -> Self {
        self.each(|row| row.body = bytes)
    }

    /// How long it may take.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.each(|row| row.patience = patience)
    }
}

fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The routes of a slice.
#[derive(Clone)]
pub struct Routes {
    slice: &'static str,
    routes: Vec<Route>,
}

impl Routes {
    /// The routes of the slice of this name.
    #[must_use]
    pub fn of(slice: &'static str) -> Self {
        Self {
            slice,
            routes: Vec::new(),
        }
    }

    /// With one more.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a list that grows, no sum")]
    pub fn add(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// The rows, each with its handler.
    fn rows(self) -> impl Iterator<Item = (Listed, MethodRouterOf)> {
        let slice = self.slice;
        self.routes.into_iter().flat_map(move |route| {
            let Route { page, api, handler } = route;
            page.into_iter().chain(api).map(move |mut row| {
                row.slice = slice;
                (row, handler.clone())
            })
        })
    }
}
