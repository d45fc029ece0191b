//! One file of a policy.

use serde::Serialize;

/// A file of a policy: its name, for messages, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name, usually the path.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// A file with this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// The version of Rego that a source is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// `if` and `contains` are keywords, and needed.
    V1,
    /// As before OPA 1.0: rules without `if`.
    V0,
    /// Each source for itself: version 1 where it is that, else version 0.
    #[default]
    Either,
}
