//! Classifiers of the user's own, as the judge sees them: somebody who scores texts, in time or not at all.

use std::ops::Range;
use std::time::Duration;

use serde::Serialize;

/// What a classifier says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// How likely an attack, 0 to 1.
    pub score: f32,
    /// The label that says so.
    pub label: String,
    /// Where the score is highest, in bytes of the text.
    pub span: Range<usize>,
    /// Whether all of the text was looked at.
    pub is_whole: bool,
}

/// Why it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// It took longer than it may.
    TooLong,
    /// Too many texts wait for it.
    Busy,
    /// It does not run at the moment.
    Gone,
    /// The model failed on this text.
    Failed,
}

impl NotAsked {
    /// Why, in one clause.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::TooLong => "it took longer than it may",
            Self::Busy => "too many texts wait for it",
            Self::Gone => "it does not run at the moment",
            Self::Failed => "the model failed",
        }
    }
}

/// Scores texts.
pub trait Classify: Send + Sync {
    /// The score of a text, within `timeout`.
    ///
    /// # Errors
    ///
    /// [`NotAsked`] where there is none in time.
    fn score(&self, text: &str, timeout: Duration) -> Result<Scored, NotAsked>;

    /// SHA-256 of the model, in hexadecimal.
    fn sha256(&self) -> &str;
}

/// What a classifier was asked about one exchange; for the receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// SHA-256 of the model, in hexadecimal.
    pub sha256: String,
    /// Texts that it scored.
    pub scored: u32,
    /// Texts that it should have scored and did not, or not all of.
    pub missed: u32,
}
