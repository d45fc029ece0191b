//! Logs and exports that people already have, to the AI services that were used.
//!
//! A [`Reader`] takes the bytes of one file in pieces, knows the [`Format`] by its content, and adds what it
//! understands to a [`Tally`]: one row per service of the [`catalogue`], with users, times and bytes. Lines that it
//! does not understand are counted and the first is shown. Memory depends on limits, never on the input.
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

pub mod catalogue;
mod csv;
mod event;
pub mod example;
mod format;
mod json;
mod pairs;
mod palo;
mod reader;
mod record;
mod resolver;
mod squid;
mod tally;
#[cfg(test)]
mod tests;
mod time;
mod zeek;

pub use catalogue::{Catalogue, Category, Service, Trains};
pub use format::Format;
pub use reader::{Options, Read, Reader};
pub use tally::{By, Place, Row, Seen, Tally, Usage};
pub use time::{parse as time, show as rfc3339};
