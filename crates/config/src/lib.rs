//! Configuration formats to facts: training recipes, gateways, infrastructure, CI, the exports of
//! agent builders. One folder or file per family of formats.
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

mod ci;
mod document;
mod draft;
mod recipe;
#[cfg(test)]
mod testing;

use stance_read::Inspector;

/// The parsers of this crate, in the order in which they are asked.
pub const PARSERS: &[&dyn Inspector] = &[&ci::INSPECTOR, &document::INSPECTOR];
