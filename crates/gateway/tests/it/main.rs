//! The gateway between a client and an upstream, over real sockets.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "these tests listen, dial and write receipts, and say what they skip"
)]

mod carrying;
#[path = "../../../wire/tests/it/cassettes.rs"]
mod cassettes;
mod faults;
mod guarding;
mod keys;
mod mcp;
mod receipts;
mod recorded;
mod rig;
mod tries;
