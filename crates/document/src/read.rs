//! Reading a document back: to compare it with another, or to take it in.

use serde::Deserialize;

use crate::{Document, SCHEMA};

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
    read_bytes(text.as_bytes())
}

/// Reads a document from bytes of any origin, as [`read`] does. How much memory it takes is bounded by how many
/// bytes there are.
///
/// # Errors
///
/// When the bytes are not JSON in UTF-8, lack a member or are of another version.
pub fn read_bytes(bytes: &[u8]) -> Result<Document, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    match serde_json::from_slice::<Document>(bytes) {
        Ok(document) if document.schema == SCHEMA => Ok(document),
        Ok(document) => Err(ReadError::OtherSchema(shown(&document.schema))),
        // A later version may lack members that this one needs: then its name says more than the first gap.
        Err(error) => match serde_json::from_slice::<Head>(bytes) {
            Ok(head) if head.schema != SCHEMA => Err(ReadError::OtherSchema(shown(&head.schema))),
            _ => Err(ReadError::Malformed(error)),
        },
    }
}

fn shown(name: &str) -> String {
    stance_core::evidence::shorten(name)
}
