//! What applications already tell about their use of models, to interactions.
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

mod attributes;
mod base64;
pub mod genai;
pub mod interaction;
mod join;
pub mod json;
mod limits;
pub mod logs;
mod message;
pub mod otlp;
mod value;

pub use attributes::Attributes;
pub use interaction::{Dialect, Interaction, Operation, Side};
pub use join::Joiner;
pub use limits::{Limits, Refused};
pub use value::Value;
