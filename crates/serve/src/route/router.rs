//! From the table to the router.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodFilter;

use super::gate::{Gate, gate};
use super::{Listed, Routes};
use crate::app::App;
use crate::error::ApiError;
use crate::http;

/// The router of all slices, with every layer around it; the app learns the table.
///
/// # Panics
///
/// When two routes have the same method and path, or a path is none: a mistake in the program.
pub(crate) fn router(app: &App, slices: Vec<Routes>) -> Router {
    let mut router = Router::new();
    let mut table: Vec<Listed> = Vec::new();
    for (row, handler) in slices.into_iter().flat_map(Routes::rows) {
        let method = MethodFilter::try_from(row.method.clone()).unwrap_or(MethodFilter::GET);
        let state = Gate {
            app: app.clone(),
            row: Arc::new(row.clone()),
        };
        let guarded = handler(method)
            .route_layer(from_fn_with_state(state, gate))
            .route_layer(DefaultBodyLimit::max(row.body));
        router = router.route(&row.path, guarded);
        table.push(row);
    }
    // Set once: each app has one router.
    let _ = app.routes.set(table);
    let routed = router
        .fallback(async |request: axum::extract::Request| {
            ApiError::not_found(format_args!("page {}", request.uri().path()))
        })
        .method_not_allowed_fallback(async || ApiError::method())
        .layer(from_fn_with_state(app.clone(), http::who))
        .layer(from_fn_with_state(app.clone(), http::known_host))
        .with_state(app.clone());
    // Around the routing and not inside of it: the outermost layer may ask for a second page.
    Router::new()
        .fallback_service(routed)
        .layer(from_fn_with_state(app.clone(), http::outermost))
}
