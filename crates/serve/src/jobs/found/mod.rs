//! What scanners and others hand over, as the nouns that the estate takes in. Everything goes through `json-v1`: what
//! is checked there is checked once for all.

mod bom;
mod logs;
mod write;

use stance_document::{Content, ContentError, Document, Limits, ReadError};

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `stance/json-v1`.
    JsonV1,
    /// `stance/discover-logs-v1`.
    Logs,
    /// CycloneDX or SPDX.
    Bom,
}

/// Why a document was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// It is no document of this form.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It does not say what it should.
    #[error("the document does not say what it should: {0}")]
    Content(#[from] ContentError),
    /// It is no bill of materials.
    #[error("not a bill of materials: {0}")]
    Bom(#[from] stance_bom::ReadError),
    /// It is not what `stance discover logs` writes.
    #[error("not a discover-logs-v1 document: {0}")]
    Logs(serde_json::Error),
    /// It is no document that is known here.
    #[error(
        "this is neither a stance/json-v1 document nor a CycloneDX or SPDX bill of materials; write one with `stance scan --format json-v1` or `stance bom`"
    )]
    Unknown,
}

impl Form {
    /// The form that a pushed document has by its first members.
    ///
    /// # Errors
    ///
    /// When it has none that is known.
    pub fn of(bytes: &[u8]) -> Result<Self, FoundError> {
        #[derive(serde::Deserialize)]
        struct Head {
            #[serde(default)]
            schema: Option<String>,
        }
        let head: Option<Head> = serde_json::from_slice(bytes).ok();
        match head.and_then(|head| head.schema).as_deref() {
            Some(stance_document::SCHEMA) => Ok(Self::JsonV1),
            Some(logs::SCHEMA) => Ok(Self::Logs),
            // Another version says so itself.
            Some(other) if other.starts_with("stance/") => Ok(Self::JsonV1),
            _ => match stance_bom::document(bytes, &stance_bom::Limits::default()) {
                Ok(_) => Ok(Self::Bom),
                Err(stance_bom::ReadError::Unknown(_) | stance_bom::ReadError::Json(_)) => {
                    Err(FoundError::Unknown)
                }
                Err(error) => Err(error.into()),
            },
        }
    }
}

/// The nouns of a document. `now` is when a document came that does not tell the time itself.
///
/// # Errors
///
/// Why it was not taken, with the member that is wrong.
pub fn read(
    form: Form,
    bytes: &[u8],
    limits: &Limits,
    now: jiff::Timestamp,
) -> Result<Content, FoundError> {
    let document: Document = match form {
        Form::JsonV1 => stance_document::read_bytes(bytes)?,
        Form::Logs => logs::document(bytes)?,
        Form::Bom => bom::document(bytes, now)?,
    };
    Ok(Content::of(&document, limits)?)
}
