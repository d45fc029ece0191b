//! What other detectors found in a part, as this one is told.

use std::ops::Range;

/// What a signal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    /// Words that try to instruct the model.
    Injection,
    /// Characters that are not seen.
    Hidden,
    /// A credential.
    Secret,
    /// Data about a person.
    Personal,
    /// Something marked as not for outsiders.
    Confidential,
}

/// One thing that was found in the text of a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Which rule found it.
    pub rule: String,
    /// What it is about.
    pub kind: SignalKind,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Which bytes of the text of the part.
    pub span: Range<usize>,
}
