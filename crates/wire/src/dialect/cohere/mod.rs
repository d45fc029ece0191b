//! Cohere: chat in both versions, completions, embeddings, ranking.

pub(crate) mod chat;
pub(crate) mod chat_v1;
pub(crate) mod texts;

use super::shape::quoted;

/// The error object.
fn error(message: &str) -> String {
    format!("{{\"message\":{}}}", quoted(message))
}
