//! `json-v1`: our own JSON, documented by its JSON Schema, for programs and for the service.
//!
//! The version is part of the name: what a document of this version holds never
//! changes its name or meaning; new members may be added. Members that are
//! absent mean "not known". `assets`, `relations` and `findings` depend only on
//! what was scanned: equal trees give equal bytes there.
//!
//! A document is what a scan hands over, so it may come from anywhere: [`read`] takes bytes of any origin, and
//! [`Content::of`] makes the nouns of a document again, within [`Limits`] and free of characters that could forge
//! what people are shown.
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

mod clean;
mod content;
mod names;
mod of_nouns;
mod read;
mod types;

pub use content::{Content, ContentError, Limits};
pub use names::verdicts;
pub use read::{ReadError, read, read_bytes};
pub use types::{
    Asset, Coverage, Document, Evidence, Finding, Relation, Scan, Summary, Tool, Unjudged, Usage,
};

/// What `schema` says in a document of this version.
pub const SCHEMA: &str = "stance/json-v1";

/// The JSON Schema of this format (draft 2020-12).
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
