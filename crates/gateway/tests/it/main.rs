//! The gateway between a client and an upstream, over real sockets.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests listen, dial and write receipts"
)]

mod carrying;
#[path = "../../../wire/tests/it/cassettes.rs"]
mod cassettes;
mod keys;
mod receipts;
mod recorded;
mod rig;
mod tries;
