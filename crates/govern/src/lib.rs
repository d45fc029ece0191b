//! Evidence that others can check.
//!
//! Pure like `core` and `inspect`: bytes come in, a result comes out. Files,
//! clock and keys on disk are the business of the binary.
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

pub mod audit;
pub mod merkle;
pub mod signature;
pub mod token;
