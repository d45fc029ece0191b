//! The service: dashboard, JSON API, live events and jobs over one database.
//!
//! No judgement lives here: what counts is decided in `core`, kept in `store`, and turned into bytes here.
#![expect(
    clippy::disallowed_methods,
    reason = "the service is where the clock, the network and files come in"
)]

mod account;
pub mod app;
mod approvals;
pub mod ask;
pub mod assets;
mod audit;
pub mod auth;
mod changes;
pub mod clock;
mod compliance;
mod csv;
pub mod db;
mod deadlines;
mod documentation;
pub mod draw;
mod encode;
pub mod error;
mod findings;
pub mod format;
pub mod frame;
pub mod http;
mod ingest;
mod inventory;
pub mod jobs;
pub mod live;
pub mod log;
pub mod metrics;
mod note;
mod notifications;
pub mod notify;
pub mod objectives;
mod operation;
mod overview;
mod pages;
pub mod parts;
mod people;
pub mod record;
mod requests;
mod retention;
pub mod route;
mod rule;
mod rules;
mod runs;
mod saved;
mod search;
mod secret;
pub mod server;
mod settings;
mod sign_in;
pub mod sources;
pub mod telemetry;
mod traffic;
pub mod view;

pub use clock::Clock;
pub use log::Log;
pub use server::{FILE_NAME, ServeError, Server, Settings};

/// Every slice of the service.
fn slices() -> Vec<route::Routes> {
    vec![
        operation::routes(),
        documentation::routes(),
        sign_in::routes(),
        account::routes(),
        changes::routes(),
        live::routes(),
        overview::routes(),
        inventory::routes(),
        sources::routes(),
        runs::routes(),
        jobs::routes(),
        ingest::routes(),
        findings::routes(),
        approvals::routes(),
        traffic::routes(),
        rules::routes(),
        search::routes(),
        saved::routes(),
        compliance::routes(),
        objectives::routes(),
        deadlines::routes(),
        audit::routes(),
        settings::routes(),
        notifications::routes(),
        retention::routes(),
        telemetry::routes(),
    ]
}
