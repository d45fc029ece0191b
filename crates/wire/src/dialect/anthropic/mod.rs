//! Anthropic: messages in typed blocks, and the older completions.

mod blocks;
pub(crate) mod complete;
pub(crate) mod messages;

use super::shape::quoted;

/// The error object.
fn error(message: &str) -> String {
    format!(
        "{{\"type\":\"error\",\"error\":{{\"type\":\"permission_error\",\"message\":{}}}}}",
        quoted(message)
    )
}
