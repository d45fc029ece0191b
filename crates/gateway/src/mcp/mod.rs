//! MCP: every message of a session between a client and a server, judged on its way.
//!
//! Either side may ask the other, so that a [`conversation`] looks at messages, not at requests of HTTP. What comes from a
//! server is what a model will read: it is judged as what a model is asked. What comes from a client is what a model or a
//! person said: it is judged as an answer, a call of a tool before all. Each request leaves a receipt once it is answered,
//! and so does each notification that has words.
//!
//! Policy never lets a side wait for nothing. A request that is stopped is answered in place of the other side; an answer that
//! is stopped is replaced by an error with its id; only a notification goes without a trace but its receipt. A call of a tool
//! is answered with a result that says `isError`, which models read, all else with an error of JSON-RPC.
//!
//! What a rule asks about is held, and nothing else with it: all that a [`conversation`] does is done at once, and a message that
//! waits is one that it keeps, until whoever carries it settles it.
//!
//! Over stdio the messages are lines ([`stdio`]); over streamable HTTP they are bodies and events of the gateway.

mod conversation;
pub(crate) mod http;
mod judging;
mod open;
mod outcome;
pub mod stdio;
mod terms;
mod tools;

pub(crate) use conversation::{Conversation, Held, Pulse};
pub(crate) use outcome::Outcome;
pub(crate) use terms::Terms;

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The application with the model.
    Client,
    /// The server with the tools.
    Server,
}

impl Side {
    /// The one that it talks to.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}
