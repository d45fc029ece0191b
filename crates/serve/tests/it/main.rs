//! The service from outside: real server, real database.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start servers and read files"
)]

mod accounts;
mod basics;
mod csrf;
mod database;
mod documents;
mod estate;
mod findings;
mod harness;
mod jobs;
mod limits;
mod once;
mod permissions;
mod sessions;
mod sign_in;
mod sources;
mod starting;
mod tokens;
