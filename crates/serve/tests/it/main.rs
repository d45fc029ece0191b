//! The service from outside: real server, real database.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start servers and read files"
)]

mod basics;
mod estate;
mod findings;
mod harness;
