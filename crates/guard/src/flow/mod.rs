//! What flows where: labels of data, where the arguments of a call come from, which call may follow from what, and the tools
//! that were approved.
//!
//! A [`Session`] reads the parts of exchanges in their order and remembers what it needs as keyed hashes, never the texts. A
//! call that the model proposes is then held against two things: what the user asked for, and what strangers' words told
//! the model to do. What the first does not cover and the second does is an attack, whatever it says; see [`decide`].

pub mod asks;
pub mod call;
pub mod capability;
pub mod catalogue;
pub mod decide;
mod fold;
pub mod hash;
pub mod label;
pub mod lexicon;
pub mod provenance;
pub mod session;
pub mod signal;
pub mod values;
mod words;

pub use call::Call;
pub use capability::Capability;
pub use hash::Key;
pub use label::{Integrity, Label};
pub use lexicon::{Actions, Objects};
pub use provenance::{Marks, Provenance};
pub use session::{Limits, Session, Source};
pub use signal::{Signal, SignalKind};
