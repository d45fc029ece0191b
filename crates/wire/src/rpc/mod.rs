//! JSON-RPC 2.0 between agents and tools: MCP in both of its lifecycles (sessions that begin with `initialize`, up to
//! 2025-11-25, and single requests with their own `_meta`, 2026-07-28), and A2A 0.3.
//!
//! Messages and batches of them are read by [`crate::read_request`] and [`crate::read_answer`] with [`Route::mcp`] and
//! [`Route::a2a`], which make no difference between the two: either side may ask. Over stdio they come as lines, over
//! streamable HTTP as one body or as events; both are a [`crate::Stream`]. What a result is about is told by its members, not
//! by a request before it, so that no state decides what is judged.

mod a2a;
mod mcp;
mod read;

use stance_core::exchange::Origin;

use crate::dialect::{Operation, Route};
use crate::json::{Document, Kind, Value};
use crate::take::{About, Taker};
use crate::{Fault, Limits};

pub(crate) use a2a::A2a;
pub(crate) use mcp::Mcp;
pub use read::{Read, batch, read, without_tools};

/// The code of an error that policy made: of those that servers may define, one that neither protocol uses.
const REFUSED: i32 = -32050;

/// Longest token of progress that is looked at, in bytes.
const LONGEST_TOKEN: usize = 1024;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Asks, and wants an answer.
    Request,
    /// Tells, and wants none.
    Notification,
    /// Answers.
    Result,
    /// Says why there is no answer.
    Error,
}

/// The envelope of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// Its id as it is written, a number or a string with its quotes.
    pub id: Option<String>,
    /// What is asked for or told.
    pub method: Option<String>,
    /// The tool, prompt or resource that is asked for.
    pub name: Option<String>,
    /// The version of MCP that it names: in `initialize`, its result, or `_meta`.
    pub version: Option<String>,
    /// The id of the request that it cancels, as it is written.
    pub cancels: Option<String>,
    /// Whether it asks for a task in place of its result.
    pub is_task: bool,
    /// What progress of it is told by, as it is written: of a request, what its sender wants it to be; of a notification of
    /// progress, whose it is.
    pub token: Option<String>,
    /// How far a notification of progress says that it is, as it is written.
    pub progress: Option<String>,
}

impl Route {
    /// MCP, in either direction.
    #[must_use]
    pub fn mcp() -> Self {
        Self::new(Operation::Mcp)
    }

    /// A2A, in either direction.
    #[must_use]
    pub fn a2a() -> Self {
        Self::new(Operation::A2a)
    }
}

/// The envelopes of a message or a batch.
///
/// # Errors
///
/// A body that is no JSON, or more of it than `limits` allow.
pub fn messages(body: &[u8], limits: &Limits) -> Result<Vec<Message>, Fault> {
    let document = Document::read(body, limits)?;
    Ok(each(document.root()).filter_map(envelope).collect())
}

/// The error that stands in place of the answers to the requests with these ids, in the form that they came in.
#[must_use]
pub fn refusal(ids: &[String], message: &str) -> String {
    let error = |id: &str| {
        let message = crate::dialect::quoted(message);
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{REFUSED},\"message\":{message}}}}}"
        )
    };
    match ids {
        [] => error("null"),
        [one] => error(one),
        all => {
            let all: Vec<String> = all.iter().map(|id| error(id)).collect();
            format!("[{}]", all.join(","))
        }
    }
}

/// The result of a call of a tool that policy stopped: an error that the model reads, so that it can do without. `id` is that of
/// the call, as it came.
#[must_use]
pub fn tool_refusal(id: &str, message: &str) -> String {
    let message = crate::dialect::quoted(message);
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"resultType\":\"complete\",\"content\":[{{\"type\":\"text\",\"text\":{message}}}],\"isError\":true}}}}"
    )
}

/// An error that is no matter of policy: a message that cannot be read, or has no answer.
#[must_use]
pub fn failure(id: Option<&str>, code: i32, message: &str) -> String {
    let message = crate::dialect::quoted(message);
    let id = id.unwrap_or("null");
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{{\"code\":{code},\"message\":{message}}}}}"
    )
}

/// A notification that a request is still under way (MCP, `notifications/progress`). `token` is that of the request, as it came;
/// `progress` has to grow from one to the next.
#[must_use]
pub fn progress(token: &str, progress: f64, message: &str) -> String {
    let message = crate::dialect::quoted(message);
    format!(
        "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"progressToken\":{token},\"progress\":{progress},\"message\":{message}}}}}"
    )
}

/// The messages of a body.
fn each(root: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let single = (root.kind() == Kind::Object).then_some(root);
    single.into_iter().chain(root.elements())
}

fn envelope(message: Value<'_>) -> Option<Message> {
    let id = message
        .get("id")
        .map(|id| String::from_utf8_lossy(id.raw()).into_owned());
    let method = message.text_of("method");
    let kind = if method.is_some() {
        match id {
            Some(_) => MessageKind::Request,
            None => MessageKind::Notification,
        }
    } else if message.get("error").is_some() {
        MessageKind::Error
    } else if message.get("result").is_some() {
        MessageKind::Result
    } else {
        return None;
    };
    let params = message.get("params");
    let body = params.or_else(|| message.get("result"));
    let name = params.and_then(|params| params.text_of("name").or_else(|| params.text_of("uri")));
    let meta = "io.modelcontextprotocol/protocolVersion";
    let version = body.and_then(|body| {
        body.text_of("protocolVersion")
            .or_else(|| body.at(&["_meta", meta]).and_then(Value::text))
    });
    Some(Message {
        kind,
        id,
        method: method.map(Into::into),
        name: name.map(Into::into),
        version: version.map(Into::into),
        cancels: params
            .and_then(|params| params.get("requestId"))
            .map(|id| String::from_utf8_lossy(id.raw()).into_owned()),
        is_task: params.is_some_and(|params| params.get("task").is_some()),
        token: params
            .and_then(|params| {
                params
                    .at(&["_meta", "progressToken"])
                    .or_else(|| params.get("progressToken"))
            })
            .filter(|token| matches!(token.kind(), Kind::Text | Kind::Number))
            .filter(|token| token.raw().len() <= LONGEST_TOKEN)
            .map(|token| String::from_utf8_lossy(token.raw()).into_owned()),
        progress: params
            .and_then(|params| params.get("progress"))
            .filter(|progress| progress.kind() == Kind::Number)
            .map(|progress| String::from_utf8_lossy(progress.raw()).into_owned()),
    })
}

/// The ids of what a document asks or answers, and whether it asks.
pub(crate) fn correlation(root: Value<'_>) -> (Vec<String>, bool) {
    let all: Vec<Message> = each(root).filter_map(envelope).collect();
    let asks = all.iter().any(|message| message.method.is_some());
    (all.into_iter().filter_map(|one| one.id).collect(), asks)
}

/// Takes the messages of a body: requests and notifications by their method, results by their members.
fn take<'d>(
    root: Value<'d>,
    to: &mut Taker<'d>,
    ask: impl Fn(&str, Value<'d>, Option<&str>, &mut Taker<'d>),
    answer: impl Fn(Value<'d>, Option<&str>, &mut Taker<'d>),
) {
    if !matches!(root.kind(), Kind::Object | Kind::Array) {
        to.unjudged(root, "no message");
    }
    for message in each(root) {
        let id = message.get("id").map(Value::raw);
        let id = id.map(String::from_utf8_lossy);
        if let Some(method) = message.text_of("method") {
            if let Some(params) = message.get("params") {
                ask(&method, params, id.as_deref(), to);
            }
        } else if let Some(result) = message.get("result") {
            answer(result, id.as_deref(), to);
        } else if let Some(error) = message.get("error") {
            let tool = to.tool_of(id.as_deref());
            let about = About {
                tool: tool.as_deref(),
                call: id.as_deref(),
            };
            to.leaves(Origin::ToolResult, error, about);
            to.exchange.ended = Some("error".to_owned());
        } else {
            to.unjudged(message, "no message");
        }
        to.rest(
            message,
            &["jsonrpc", "id", "method", "params", "result", "error"],
        );
    }
}
