//! The in-line gateway: a base URL for the client libraries of model providers.
//!
//! A request comes in, is told apart ([`stance_wire`]), judged ([`judge`]), sent on to an upstream with its key ([`upstream`]),
//! and its answer is judged on the way back, whole or event by event. Whatever happens, the exchange leaves a receipt
//! ([`receipt`]): who, which model and tools, what was decided and why, what was looked at and what was not. The end of an
//! answer is held until its receipt is written: an exchange that a caller saw the end of is never without one.
//!
//! What is not judged passes byte for byte; what policy changes is changed in its place, and nothing else.
//!
//! This crate listens, dials the upstreams that its settings name, and nothing else; it writes the log of receipts.
#![expect(
    clippy::disallowed_methods,
    reason = "the gateway is at the edge: it listens, dials and keeps time"
)]

mod answer;
mod ask;
mod body;
mod caller;
pub mod judge;
mod limit;
mod proxy;
pub mod receipt;
mod refuse;
pub mod report;
mod server;
pub mod settings;
mod sigv4;
mod state;
mod upstream;
pub mod witness;

pub use server::{Gateway, Reload, is_local, serve};
pub use settings::{Invalid, Settings};
