//! Reading a document back, to compare it with another.

use serde::Deserialize;

use super::{Document, SCHEMA};

/// Why a text is not a document of this version.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, or lacks a member.
    #[error("not a {SCHEMA} document: {0}; write one with `stance scan --format json-v1`")]
    Malformed(#[from] serde_json::Error),
    /// It is of another format or version.
    #[error("the document says it is `{0}`, this version of stance reads `{SCHEMA}`")]
    OtherSchema(String),
}

/// Reads a document. Members that this version does not know are ignored.
///
/// # Errors
///
/// When the text is not JSON, lacks a member or is of another version.
pub fn read(text: &str) -> Result<Document, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    // The version first: a later one may lack members that this one needs.
    let head: Head = serde_json::from_str(text)?;
    if head.schema != SCHEMA {
        return Err(ReadError::OtherSchema(head.schema));
    }
    Ok(serde_json::from_str(text)?)
}
