//! Other people's protocols to exchanges and back.
//!
//! A dialect types only what it touches: what it does not know passes byte for byte, and is said to be not judged.
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
