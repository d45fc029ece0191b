//! JavaScript, TypeScript and other languages to facts.
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

pub mod script;

use stance_read::Inspector;

/// The parsers of this crate, in the order in which they are asked.
pub const PARSERS: &[&dyn Inspector] = &[&script::INSPECTOR];
