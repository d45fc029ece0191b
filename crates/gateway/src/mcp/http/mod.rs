//! MCP over streamable HTTP, and over the older HTTP with SSE.
//!
//! A body of a POST and an event of a stream is one message, judged by the [`Conversation`] of its session. A session is what the
//! server's `Mcp-Session-Id` names; without one each request stands for itself. Streams have no end of their own, and no
//! time in which something must come.

mod call;
mod held;
mod line;
mod oauth;
mod origin;
mod other;
mod post;
mod sessions;
mod stream;

pub(crate) use call::Call;
pub(crate) use oauth::{Public, discovery, is_discovery};
pub(crate) use origin::check as origin;
pub(crate) use sessions::Sessions;

use super::{Conversation, Held, Outcome, Pulse, Side, Terms};
use crate::settings::{Kind, Upstream};

/// What a request to this path of an upstream is.
pub(crate) fn kind(upstream: &Upstream, path: &str) -> Kind {
    let path = path.split('?').next().unwrap_or_default();
    if upstream.kind == Kind::Models && path.trim_end_matches('/').ends_with("/mcp") {
        return Kind::Mcp;
    }
    upstream.kind
}

/// Whether a path of a server is one of those that are about tokens.
fn is_about_tokens(path: &str) -> bool {
    const TOKENS: [&str; 6] = [
        "register",
        "token",
        "authorize",
        "revoke",
        "introspect",
        "userinfo",
    ];
    let path = path.split('?').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next();
    last.is_some_and(|last| TOKENS.contains(&last))
}
