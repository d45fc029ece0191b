//! Texts and exchanges to signals, fast and without IO.
//!
//! Everything here is a function of what it is given: the same exchange under the same policy gives the same signals. A
//! signal says what was found, where and how sure; what follows from it, policy says.
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

pub mod entities;
pub mod flow;
mod keyed;
pub mod leak;
pub mod policy;
pub mod stream;
pub mod text;
pub mod theft;
pub mod topics;
pub mod verdict;
