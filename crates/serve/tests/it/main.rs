//! The service from outside: real server, real database.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start servers and read files"
)]

mod basics;
mod estate;
mod findings;
mod harness;
mod look;

pub(crate) use stance_serve::{assets, format, frame, parts};
