//! Messages, parts and tools in the shapes that providers and conventions have, to parts with origins.
//!
//! One reader for all of them, because telemetry and logs carry whatever the application sent: OpenAI's chat and
//! responses, Anthropic's blocks, Gemini's parts, Bedrock's Converse, Cohere, OpenTelemetry's parts, and the flattened
//! attributes of OpenInference and OpenLLMetry, which `flat` puts together again. A shape that is not known is said.

pub(crate) mod body;
mod flat;
mod part;
mod path;
mod role;
mod taker;
mod tools;

pub(crate) use flat::unflatten;
pub(crate) use path::Path;
pub(crate) use taker::Taker;

use stance_core::exchange::Origin;

use crate::value::Value;
use role::origin;

/// Takes a list of messages, one message, or a text that is one of these in JSON. What has no role is from `default`.
pub(crate) fn messages(taker: &mut Taker<'_>, value: &Value<'_>, default: Origin) {
    match value {
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                taker.inside(&at.to_string(), |taker| match item {
                    Value::Text(text) => taker.part(default, text, None, None),
                    item => message(taker, item, default),
                });
            }
        }
        Value::Map(_) => message(taker, value, default),
        Value::Text(text) => match taker.document(text) {
            Some(document) if !matches!(document.value, Value::Map(_) | Value::List(_)) => {
                taker.part(default, text, None, None);
            }
            Some(document) => {
                messages(taker, &document.value, default);
                if document.cut {
                    taker.unjudged("what was cut off by the application");
                }
            }
            None => taker.part(default, text, None, None),
        },
        Value::Null => {}
        _ => taker.unjudged("messages in a form that is not known"),
    }
}

/// Takes one message.
fn message(taker: &mut Taker<'_>, message: &Value<'_>, default: Origin) {
    if !taker.enter() {
        return;
    }
    // OpenInference has everything below `message`, events of a choice have it beside their index.
    if let Some(inner @ Value::Map(_)) = message.get("message")
        && message.get("role").is_none()
    {
        let before = taker.len();
        taker.ended(message);
        taker.inside("message", |taker| self::message(taker, inner, default));
        called(taker, message, before);
        taker.leave();
        return;
    }
    if message.get("role").is_none() && part::is_part(message) {
        part::part(taker, message, default, None);
        taker.leave();
        return;
    }
    if !is_message(message) {
        other(taker, message, default);
        taker.leave();
        return;
    }
    let role = message.get("role").and_then(Value::text);
    let from = role.map_or(default, |role| origin(role, default));
    let call = (from == Origin::ToolResult)
        .then(|| message.first(&["tool_call_id", "id", "call_id"]))
        .flatten()
        .and_then(Value::text);
    let tool = (from == Origin::ToolResult)
        .then(|| message.first(&["name", "tool_name"]))
        .flatten()
        .and_then(Value::text);
    for name in ["reasoning_content", "reasoning", "thinking"] {
        if let Some(Value::Text(text)) = message.get(name) {
            taker.inside(name, |taker| {
                taker.part(Origin::Reasoning, text, None, None);
            });
        }
    }
    let before = taker.len();
    for name in ["parts", "contents", "content", "message", "text"] {
        let Some(content) = message.get(name).filter(|content| !content.is_empty()) else {
            continue;
        };
        taker.inside(name, |taker| {
            part::content(taker, content, from, tool, call);
        });
        // Emitters that have two of these have the same in both.
        if taker.len() > before {
            break;
        }
    }
    if let Some(Value::Text(text)) = message.get("refusal") {
        taker.inside("refusal", |taker| {
            taker.part(Origin::Model, text, None, None);
        });
    }
    called(taker, message, before);
    taker.ended(message);
    taker.leave();
}

/// Takes the calls of a message, unless its content had them already.
fn called(taker: &mut Taker<'_>, message: &Value<'_>, before: usize) {
    let present = |name: &str| message.get(name).filter(|calls| !calls.is_empty());
    if let Some(calls) = present("tool_calls")
        && !taker.has_arguments_since(before)
    {
        taker.inside("tool_calls", |taker| part::calls(taker, calls));
    }
    if let Some(call) = present("function_call") {
        taker.inside("function_call", |taker| part::call(taker, call));
    }
    if let Some(name) = message.get("function_call_name").and_then(Value::text) {
        let arguments = message.get("function_call_arguments_json");
        taker.inside("function_call_arguments_json", |taker| {
            taker.arguments(arguments.unwrap_or(&Value::Null), Some(name), None);
        });
    }
}

/// Whether a map has anything that messages have.
fn is_message(value: &Value<'_>) -> bool {
    const NAMES: [&str; 13] = [
        "role",
        "parts",
        "contents",
        "content",
        "message",
        "text",
        "refusal",
        "tool_calls",
        "function_call",
        "function_call_name",
        "reasoning_content",
        "reasoning",
        "thinking",
    ];
    let has = |name: &&str| value.get(name).is_some();
    // `contents` and `content` are also what whole requests and answers have.
    let is_whole = value.get("role").is_none() && ["contents", "model", "usage"].iter().any(has);
    !is_whole && NAMES.iter().any(has)
}

/// Takes a map that is no message: a whole request or answer of a provider, or words of an application's own.
fn other(taker: &mut Taker<'_>, value: &Value<'_>, default: Origin) {
    let before = taker.len();
    match default {
        Origin::Model => body::response(taker, value, &mut body::Told::default()),
        _ => body::request(taker, value),
    }
    if taker.len() == before && !value.is_empty() {
        taker.part(default, &value.written(), None, None);
    }
}

/// Takes tools that are offered.
pub(crate) fn tools(taker: &mut Taker<'_>, value: &Value<'_>) {
    tools::tools(taker, value);
}

/// Takes documents that were retrieved: a list of texts or of maps with a text.
pub(crate) fn documents(taker: &mut Taker<'_>, value: &Value<'_>) {
    match value {
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                taker.inside(&at.to_string(), |taker| document(taker, item));
            }
        }
        Value::Text(text) => match taker.document(text) {
            Some(document) if matches!(document.value, Value::List(_)) => {
                documents(taker, &document.value);
                if document.cut {
                    taker.unjudged("what was cut off by the application");
                }
            }
            _ => taker.part(Origin::Document, text, None, None),
        },
        value => document(taker, value),
    }
}

fn document(taker: &mut Taker<'_>, value: &Value<'_>) {
    if let Value::Text(text) = value {
        return taker.part(Origin::Document, text, None, None);
    }
    if let Some(inner @ Value::Map(_)) = value.get("document") {
        return taker.inside("document", |taker| document(taker, inner));
    }
    for name in ["content", "page_content", "text", "snippet", "chunk"] {
        if let Some(content) = value.get(name).filter(|content| !content.is_empty()) {
            let text = content.written();
            return taker.inside(name, |taker| {
                taker.part(Origin::Document, &text, None, None);
            });
        }
    }
    taker.unjudged("a document of which only the id was recorded");
}
