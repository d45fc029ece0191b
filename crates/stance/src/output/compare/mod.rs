//! What `stance compare` says.

pub mod json;
mod text;

use stance_core::Finding;
use stance_core::fact::Comparison;

pub use text::render;

/// Two models held against each other, and what the rules say about that.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The path of the base model, as the user named it.
    pub base: String,
    /// The path of the tuned model, as the user named it.
    pub tuned: String,
    /// How they differ.
    pub comparison: Comparison,
    /// What the rules say about it, worst first.
    pub findings: Vec<Finding>,
}
