//! Signatures over models, as they were judged.

use serde::Serialize;

use crate::evidence::Evidence;

/// A signature over a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// Path of the model: a directory or a file; empty for what is scanned as a whole.
    pub model: String,
    /// What came of it.
    pub state: SignatureState,
    /// The signature file.
    pub evidence: Evidence,
}

/// What came of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SignatureState {
    /// It has the form of a signature; nobody said whom to trust, so it was not held against anything.
    Unchecked,
    /// Somebody trusted made it, and the model is what was signed.
    Verified {
        /// Who signed.
        signer: String,
    },
    /// Somebody trusted made it, and the model is not what was signed.
    Changed {
        /// Who signed.
        signer: String,
        /// Each difference: a path, and what is the matter with it.
        differences: Vec<String>,
    },
    /// It holds, or may hold, and nobody trusted made it.
    Untrusted {
        /// Why not.
        reason: String,
    },
    /// It was not made over these bytes by the key that it names.
    Invalid {
        /// Why not.
        reason: String,
    },
    /// It has not the form of a signature.
    Malformed {
        /// Why not.
        reason: String,
    },
}
