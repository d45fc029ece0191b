//! What the gateway and the process of the classifier say to each other: lines of JSON.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Longest line of the child.
pub(super) const MOST_LINE: u64 = 1 << 16;

/// The first line of the parent: what is to be loaded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) model: PathBuf,
    pub(super) labels: Vec<String>,
    pub(super) tokens: u32,
    pub(super) threads: u32,
}

/// Every other one: a text, and how long it may take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ask {
    pub(super) id: u64,
    pub(super) micros: u64,
    pub(super) text: String,
}

/// The first line of the child.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Loaded {
    /// It takes texts.
    Ready {
        /// SHA-256 of the model.
        sha256: String,
    },
    /// It does not, and why.
    Refused(String),
}

/// Every other one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) id: u64,
    /// None where there was no time for it.
    pub(super) said: Option<Said>,
}

/// What is said of a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    /// Its score.
    Scored {
        /// How likely an attack.
        score: f32,
        /// By which label.
        label: String,
        /// Where, in bytes.
        start: usize,
        /// The byte behind.
        end: usize,
        /// Whether all of it was looked at.
        is_whole: bool,
    },
    /// The model failed.
    Failed,
}
