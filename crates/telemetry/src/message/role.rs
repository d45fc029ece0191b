//! Roles to origins.

use stance_core::exchange::Origin;

/// Who writes in a role; `default` for one that is not known.
pub(super) fn origin(role: &str, default: Origin) -> Origin {
    match role.to_ascii_lowercase().as_str() {
        "system" | "developer" => Origin::Operator,
        "user" | "human" => Origin::User,
        "assistant" | "model" | "ai" | "chatbot" => Origin::Model,
        "tool" | "function" | "ipython" => Origin::ToolResult,
        _ => default,
    }
}
