//! The service from outside: real server, real database.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start servers and read files"
)]

mod accounts;
mod approvals;
mod audit;
mod basics;
mod changes;
mod clock;
mod compliance;
mod csrf;
mod database;
mod documents;
mod estate;
mod figures;
mod findings;
mod forms;
mod harness;
mod ingest;
mod inventory;
mod jobs;
mod limits;
mod look;
mod notifications;
mod objectives;
mod once;
mod permissions;
mod provider;
mod requests;
mod retention;
mod sessions;
mod sign_in;
mod sources;
mod starting;
mod telemetry;
mod tokens;
mod traffic;
mod vendors;

// Components name these by their paths in the crate.
pub(crate) use stance_serve::{assets, format, frame, parts};
