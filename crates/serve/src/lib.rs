//! The service: dashboard, JSON API, live events and jobs over one database.
//!
//! No judgement lives here: what counts is decided in `core`, kept in `store`, and turned into bytes here.
#![expect(
    clippy::disallowed_methods,
    reason = "the service is where the clock, the network and files come in"
)]

mod account;
pub mod app;
pub mod ask;
pub mod assets;
pub mod auth;
pub mod clock;
mod csv;
pub mod db;
mod documentation;
pub mod draw;
mod encode;
pub mod error;
mod findings;
pub mod format;
pub mod frame;
pub mod http;
pub mod log;
pub mod metrics;
mod operation;
mod pages;
pub mod parts;
mod people;
pub mod route;
mod rule;
mod secret;
pub mod server;
mod sign_in;
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
        findings::routes(),
    ]
}
