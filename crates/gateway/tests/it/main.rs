//! The gateway between a client and an upstream, over real sockets.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "these tests listen, dial and write receipts, and say what they skip"
)]

mod alive;
mod asking;
mod budgets;
mod carrying;
#[path = "../../../wire/tests/it/cassettes.rs"]
mod cassettes;
mod certificates;
mod classifying;
mod faults;
mod guarding;
mod identity;
mod identity_tls;
mod keys;
mod leaking;
mod mcp;
mod mcp_asking;
mod mcp_leaking;
mod posture;
mod receipts;
mod recorded;
mod refusals;
mod remembering;
mod rig;
mod room;
mod tokens;
mod tools;
mod tries;
mod witness;
