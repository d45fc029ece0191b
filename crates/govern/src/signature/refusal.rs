//! Why a signature is not accepted.

/// Why a signature is not accepted. Everything that is not a [`Refusal`] was verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file does not have the form of a model signature.
    #[error("the signature is malformed: {0}")]
    Malformed(String),
    /// It has a form that is not understood, so nothing can be said about it.
    #[error("the signature cannot be judged: {0}")]
    Unsupported(String),
    /// It is well formed, and nobody who is trusted made it.
    #[error("the signer is not trusted: {0}")]
    Untrusted(String),
    /// The mathematics fails: the bytes are not the ones that were signed.
    #[error("the signature is not valid: {0}")]
    Invalid(String),
}

/// What the functions here return.
pub type Result<T> = std::result::Result<T, Refusal>;

pub(crate) fn malformed(what: impl Into<String>) -> Refusal {
    Refusal::Malformed(what.into())
}

pub(crate) fn unsupported(what: impl Into<String>) -> Refusal {
    Refusal::Unsupported(what.into())
}

pub(crate) fn untrusted(what: impl Into<String>) -> Refusal {
    Refusal::Untrusted(what.into())
}

pub(crate) fn invalid(what: impl Into<String>) -> Refusal {
    Refusal::Invalid(what.into())
}

/// At most 80 characters of a foreign text, without control characters, for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(80)
        .map(|character| {
            if character.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        })
        .collect();
    if text.chars().nth(80).is_some() {
        shown.push('…');
    }
    shown
}
