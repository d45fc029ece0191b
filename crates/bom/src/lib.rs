//! Bills of materials of AI: written from an inventory, read from anybody, validated, scored, compared, merged.
//!
//! Everything goes through one set of nouns, [`Bill`]: [`inventory::bill`] makes one of a snapshot, [`read`] of a
//! CycloneDX or SPDX document, and [`cyclonedx::write`], [`spdx::write`], [`html::render`] and its own JSON form
//! come out of it. Nothing is invented on the way: what is not known is absent, or said to be unknown where a
//! standard demands a word.
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

pub mod bill;
pub mod check;
pub mod cyclonedx;
pub mod diff;
pub mod html;
pub mod inventory;
mod json;
pub mod licence;
pub mod merge;
pub mod own;
mod purl;
mod read;
mod schema;
pub mod spdx;
pub mod uri;

pub use bill::Bill;
pub use json::{Limits, ReadError};
pub use read::{Document, Form, document, read};
pub use schema::Violation;

/// For fuzzing: everything that reads, on any bytes.
pub fn fuzz(data: &[u8]) {
    let limits = Limits::default();
    let Ok(document) = document(data, &limits) else {
        return;
    };
    let _ = document.validate();
    let bill = read(&document);
    let _ = cyclonedx::write(&bill, cyclonedx::Version::V1_7);
    let _ = spdx::write(&bill);
    let _ = html::render(&bill);
    let _ = check::check(&document, &bill);
    let _ = diff::diff(&bill, &bill);
}
