//! Which AI service answers at an address, and which process runs one.
//!
//! The [`catalogue`] holds fingerprints: marks of answers to GET requests. [`plan`] says what to ask next,
//! [`identify`] adds up what the answers show, and [`process`] knows services by their command lines. Nothing here
//! sends anything: whoever asks hands the answers in as [`Answer`] values.
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

pub mod answer;
pub mod catalogue;
mod condition;
pub mod identify;
pub mod plan;
mod pointer;
pub mod process;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Answers, UNKNOWN_PATHS};
pub use catalogue::{Catalogue, Purpose, Service};
pub use identify::{Access, Identity, identify};
pub use process::{Match, Role};
