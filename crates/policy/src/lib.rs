//! Policies in Rego: read, compiled, evaluated within bounds, described by their METADATA, tested, checked and formatted.
//!
//! [`Language`] compiles [`Source`]s to a [`Policy`] once per version of the policy; [`rego::Rego`] is the one there is. What a
//! policy may take is in [`Limits`]; whatever it does, an evaluation ends with its values or with a [`Fault`]. On top of that
//! stand the conventions that users know: [`conventions`] has `deny`, `violation`, `warn` and `exception`, [`tests`] has
//! `test_*`, [`metadata`] has the blocks in comments, [`lint`] and [`format`] what helps to write a policy.
//!
//! Nothing here opens a file, dials or reads the environment, and neither can a policy. Two things the pure crates do without
//! are needed to bound what others wrote: a clock, and a thread with a stack of known size; both are in [`mod@bounded`].
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

pub mod bounded;
pub mod bundle;
pub mod conventions;
pub mod fault;
pub mod format;
pub mod fuzzing;
pub mod input;
pub mod language;
pub mod lexer;
pub mod limits;
pub mod lint;
pub mod metadata;
pub mod outline;
pub mod rego;
pub mod source;
pub mod tests;

pub use bundle::Bundle;
pub use fault::{Fault, Place, What};
pub use language::{Asked, Evaluation, Language, Policy};
pub use limits::Limits;
pub use source::{Source, Version};
