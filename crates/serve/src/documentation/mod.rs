//! The API, described: as a document for programs and as a page for people. Both come from the table of routes.

mod page;

use axum::http::HeaderMap;
use axum::http::Method;
use axum::response::Response;

use crate::ask::Ask;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::http::Wanted;
use crate::route::{Routes, document, only};
use crate::view::View;

pub(crate) fn routes() -> Routes {
    Routes::of("Documentation")
        .add(
            only(
                Method::GET,
                "/api/v1/openapi.json",
                Permission::Public,
                openapi,
            )
            .about("This document", "The API in OpenAPI 3.1."),
        )
        .add(only(Method::GET, "/api/docs", Permission::SignedIn, docs))
}

async fn docs(ask: Ask) -> View<page::DocsView> {
    let table = ask.app().table();
    View(page::DocsView::of(table, &document(table)))
}

async fn openapi(ask: Ask, headers: HeaderMap) -> Result<Response, ApiError> {
    let document = match ask.openapi.get() {
        Some(document) => document,
        None => {
            let table = ask.app().table();
            let made = serde_json::to_vec(&document(table)).map_err(ApiError::internal)?;
            ask.openapi.get_or_init(|| made)
        }
    };
    let response = Response::new(axum::body::Body::empty());
    Ok(Wanted::of(&headers).answer(response, "application/json", document.clone()))
}
