//! The in-line gateway: a base URL for the client libraries of model providers.
//!
//! A request comes in, is told apart ([`stance_wire`]), judged ([`judge`]), sent on to an upstream with its key ([`upstream`]),
//! and its answer is judged on the way back, whole or event by event. Whatever happens, the exchange leaves a receipt
//! ([`receipt`]): who, which model and tools, what was decided and why, what was looked at and what was not. The end of an
//! answer is held until its receipt is written: an exchange that a caller saw the end of is never without one.
//!
//! What is not judged passes byte for byte; what policy changes is changed in its place, and nothing else.
//!
//! Who asks is proven for each exchange anew ([`identity`], [`tls`]), and what it may and how much is held against that ([`price`]).
//!
//! This crate listens, dials the upstreams and the keys of issuers that its settings name, and nothing else; it writes the log of
//! receipts, and what was used up.
#![expect(
    clippy::disallowed_methods,
    reason = "the gateway is at the edge: it listens, dials and keeps time"
)]

mod answer;
mod ask;
mod body;
mod caller;
mod hold;
pub mod identity;
pub mod judge;
mod limit;
pub mod mcp;
mod notice;
pub mod posture;
pub mod price;
mod proxy;
pub mod receipt;
mod refuse;
pub mod report;
mod room;
mod server;
pub mod settings;
mod sigv4;
mod spend;
mod state;
pub mod tls;
mod upstream;
pub mod witness;

pub use hold::Waiting;
pub use hold::settings::{Ask, AtDeadline};
pub use limit::KeptError;
pub use notice::{Notice, Tell};
pub use server::{Gateway, Reload, is_local, serve};
pub use settings::{Invalid, Settings};
