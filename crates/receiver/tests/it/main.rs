//! The receiver over real sockets: what real instrumentation sent, what is broken, and what happens when there is no room.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests listen, dial and read captures"
)]

mod broken;
mod kept;
mod logs;
mod rig;
