//! Other people's protocols to exchanges and back, byte for byte.
//!
//! A dialect types only what it touches: what it does not know passes byte for byte, and is said to be not judged.
//!
//! [`recognise`] tells what a request asks for. [`read_request`] and [`read_answer`] take a whole body apart, and the
//! [`Reading`] rewrites it as a [`Filter`] wants. A [`Stream`] does the same with an answer that comes in pieces. What the
//! filter does not change passes as it came: white space, order of keys, unknown fields, numbers as they are spelled,
//! comments and line ends of events.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod dialect;
mod fault;
pub mod filter;
pub mod frame;
pub mod fuzzing;
pub mod json;
mod limits;
mod model;
pub mod rpc;
pub mod stream;
mod take;
mod whole;

pub use dialect::{Operation, Route, recognise};
pub use fault::Fault;
pub use filter::{Channel, ChannelKey, ChannelKind, Filter, Identity};
pub use frame::Framing;
pub use limits::Limits;
pub use stream::{Options, Status, Stream, Unreadable};
pub use whole::{Reading, read_answer, read_request, refusal};
