//! Parts of a message: texts, thoughts, calls of tools, their results, and what has no words.

use stance_core::exchange::Origin;

use super::taker::Taker;
use crate::value::Value;

/// Types of parts that have no words, or none that are recorded.
const WORDLESS: &[&str] = &[
    "image",
    "image_url",
    "input_image",
    "input_audio",
    "audio",
    "video",
    "file",
    "input_file",
    "blob",
    "uri",
    "image_generation_call",
    "redacted_thinking",
];

/// Takes the content of a message: a text, a list of parts, one part.
pub(super) fn content(
    taker: &mut Taker<'_>,
    value: &Value<'_>,
    origin: Origin,
    tool: Option<&str>,
    call: Option<&str>,
) {
    match value {
        Value::Text(text) => {
            // OpenLLMetry writes lists of parts as JSON into one attribute.
            let parts = taker
                .document(text)
                .filter(|document| is_parts(&document.value));
            match parts {
                Some(document) => {
                    list(taker, document.value.items(), origin, tool, call);
                    if document.cut {
                        taker.unjudged("what was cut off by the application");
                    }
                }
                None => taker.part(origin, text, tool, call),
            }
        }
        Value::List(items) => list(taker, items, origin, tool, call),
        Value::Map(_) if is_part(value) => part(taker, value, origin, call),
        // What a tool gave back as it is.
        Value::Map(_) if origin == Origin::ToolResult => {
            taker.part(origin, &value.written(), tool, call);
        }
        Value::Map(_) => {
            // Gemini has its parts below the content.
            if let Some(parts) = value.get("parts") {
                taker.inside("parts", |taker| content(taker, parts, origin, tool, call));
            } else {
                taker.unjudged("content in a form that is not known");
            }
        }
        Value::Null => {}
        _ => taker.unjudged("content in a form that is not known"),
    }
}

fn list(
    taker: &mut Taker<'_>,
    items: &[Value<'_>],
    origin: Origin,
    tool: Option<&str>,
    call: Option<&str>,
) {
    if !taker.enter() {
        return;
    }
    for (at, item) in items.iter().enumerate() {
        taker.inside(&at.to_string(), |taker| match item {
            Value::Text(text) => taker.part(origin, text, tool, call),
            item => part(taker, item, origin, call),
        });
    }
    taker.leave();
}

/// Whether a list is one of parts: all of its items look like some.
fn is_parts(value: &Value<'_>) -> bool {
    let items = value.items();
    !items.is_empty() && items.iter().all(is_part)
}

/// Whether a map is a part or an item rather than a message.
pub(super) fn is_part(value: &Value<'_>) -> bool {
    const NAMES: [&str; 14] = [
        "type",
        "message_content",
        "tool_call",
        "functionCall",
        "function_call",
        "functionResponse",
        "function_response",
        "inlineData",
        "fileData",
        "toolUse",
        "toolResult",
        "reasoningContent",
        "guardContent",
        "cachePoint",
    ];
    matches!(value, Value::Map(_))
        && (NAMES.iter().any(|name| value.get(name).is_some())
            || (value.get("text").is_some() && value.get("content").is_none()))
}

/// Takes one part. A text in it is from `origin`.
pub(super) fn part(taker: &mut Taker<'_>, value: &Value<'_>, origin: Origin, call: Option<&str>) {
    if !taker.enter() {
        return;
    }
    match value.get("type").and_then(Value::text) {
        Some(kind) => typed(taker, kind, value, origin, call),
        None => untyped(taker, value, origin, call),
    }
    taker.leave();
}

fn typed(taker: &mut Taker<'_>, kind: &str, value: &Value<'_>, origin: Origin, call: Option<&str>) {
    let text_of = |name: &'static str| value.get(name).map(|content| (name, content));
    let id = value
        .first(&["tool_use_id", "call_id", "id", "toolUseId"])
        .and_then(Value::text);
    match kind {
        "text" | "input_text" | "output_text" | "summary_text" | "reasoning_text" => {
            let origin = match kind {
                "summary_text" | "reasoning_text" => Origin::Reasoning,
                _ => origin,
            };
            take_first(taker, value, &["text", "content"], origin, call);
        }
        "reasoning" | "thinking" => {
            let names = ["thinking", "content", "text", "summary", "reasoning"];
            take_first(taker, value, &names, Origin::Reasoning, None);
        }
        "refusal" => take_first(taker, value, &["refusal", "content"], Origin::Model, None),
        "compaction" => take_first(taker, value, &["content"], Origin::Model, None),
        // An item of the responses interface.
        "message" => {
            let role = value.get("role").and_then(Value::text);
            let from = role.map_or(origin, |role| super::role::origin(role, origin));
            take_first(taker, value, &["content"], from, None);
        }
        "tool_call" | "tool_use" | "function_call" | "function" | "custom_tool_call"
        | "mcp_call" => {
            self::call(taker, value);
            if let Some(output) = value.get("output").filter(|output| !output.is_empty()) {
                let tool = value.get("name").and_then(Value::text);
                taker.inside("output", |taker| {
                    content(taker, output, Origin::ToolResult, tool, id);
                });
            }
        }
        "server_tool_call" | "server_tool_use" => {
            let names = ["server_tool_call", "input", "arguments"];
            let arguments = value.first(&names).unwrap_or(&Value::Null);
            let tool = value.get("name").and_then(Value::text);
            taker.arguments(arguments, tool, id);
        }
        "tool_call_response"
        | "tool_result"
        | "function_call_output"
        | "custom_tool_call_output"
        | "server_tool_call_response"
        | "tool_output"
        | "web_search_tool_result"
        | "web_fetch_tool_result"
        | "mcp_tool_result" => {
            let names = [
                "response",
                "result",
                "content",
                "output",
                "server_tool_call_response",
            ];
            let Some((name, result)) = names.into_iter().find_map(text_of) else {
                return taker.unjudged("a result of a tool that was not recorded");
            };
            taker.inside(name, |taker| match result {
                Value::Map(_) if !is_part(result) => {
                    taker.part(Origin::ToolResult, &result.written(), None, id);
                }
                result => content(taker, result, Origin::ToolResult, None, id),
            });
        }
        "document" | "search_result" => document(taker, value),
        "mcp_list_tools" => {
            if let Some(offered) = value.get("tools") {
                taker.inside("tools", |taker| super::tools(taker, offered));
            }
        }
        kind if WORDLESS.contains(&kind) => {
            taker.unjudged(&format!("a part of type {}", short(kind)));
        }
        kind => unknown(taker, kind, value, origin, call),
    }
}

/// A type that is not known: its texts are taken where it has any, and it is said.
fn unknown(
    taker: &mut Taker<'_>,
    kind: &str,
    value: &Value<'_>,
    origin: Origin,
    call: Option<&str>,
) {
    let before = taker.len();
    take_first(taker, value, &["text", "content", "output"], origin, call);
    if taker.len() == before {
        taker.unjudged(&format!("a part of type {}", short(kind)));
    }
}

fn short(kind: &str) -> String {
    kind.chars().take(40).collect()
}

/// Parts that are known by the name of their one field: Gemini, Bedrock, OpenInference.
fn untyped(taker: &mut Taker<'_>, value: &Value<'_>, origin: Origin, call: Option<&str>) {
    if let Some(inner) = value.get("message_content") {
        return taker.inside("message_content", |taker| match inner.get("type") {
            // OpenInference has the call beside its type.
            Some(Value::Text(kind)) if kind == "tool_use" => {}
            _ => part(taker, inner, origin, call),
        });
    }
    if let Some(inner) = value.get("tool_call") {
        return taker.inside("tool_call", |taker| self::call(taker, inner));
    }
    for name in ["functionCall", "function_call", "toolUse"] {
        if let Some(inner) = value.get(name) {
            return taker.inside(name, |taker| self::call(taker, inner));
        }
    }
    for name in ["functionResponse", "function_response", "toolResult"] {
        if let Some(inner) = value.get(name) {
            return taker.inside(name, |taker| result(taker, inner));
        }
    }
    if let Some(inner) = value.at(&["reasoningContent", "reasoningText"]) {
        return taker.inside("reasoningContent", |taker| {
            taker.inside("reasoningText", |taker| {
                take_first(taker, inner, &["text"], Origin::Reasoning, None);
            });
        });
    }
    if let Some(inner) = value.at(&["guardContent", "text"]) {
        return taker.inside("guardContent", |taker| {
            taker.inside("text", |taker| {
                take_first(taker, inner, &["text"], origin, call);
            });
        });
    }
    if value.get("cachePoint").is_some() {
        return;
    }
    if let Some(inner) = value.get("json") {
        return taker.inside("json", |taker| {
            taker.part(origin, &inner.written(), None, call);
        });
    }
    if let Some(inner) = value.get("document") {
        return taker.inside("document", |taker| document(taker, inner));
    }
    if let Some(Value::Text(text)) = value.get("text") {
        let origin = match value.get("thought").and_then(Value::truth) {
            Some(true) => Origin::Reasoning,
            _ => origin,
        };
        return taker.inside("text", |taker| taker.part(origin, text, None, call));
    }
    taker.unjudged("a part in a form that is not known");
}

/// Takes the first of these fields that is there.
fn take_first(
    taker: &mut Taker<'_>,
    value: &Value<'_>,
    names: &[&str],
    origin: Origin,
    call: Option<&str>,
) {
    let found = names.iter().find_map(|name| {
        let content = value.get(name)?;
        (!content.is_empty()).then_some((*name, content))
    });
    if let Some((name, found)) = found {
        taker.inside(name, |taker| match found {
            Value::Text(text) => taker.part(origin, text, None, call),
            found => content(taker, found, origin, None, call),
        });
    }
}

/// Takes calls of tools: a list of them, or the same as JSON.
pub(super) fn calls(taker: &mut Taker<'_>, value: &Value<'_>) {
    match value {
        Value::Text(text) => match taker.document(text) {
            Some(document) => calls(taker, &document.value),
            None => taker.unjudged("calls of tools in a form that is not known"),
        },
        value => {
            for (at, item) in value.items().iter().enumerate() {
                taker.inside(&at.to_string(), |taker| match item.get("tool_call") {
                    Some(inner) => taker.inside("tool_call", |taker| call(taker, inner)),
                    None => call(taker, item),
                });
            }
        }
    }
}

/// Takes one call of a tool.
pub(super) fn call(taker: &mut Taker<'_>, value: &Value<'_>) {
    let id = value
        .first(&["call_id", "id", "toolUseId", "tool_call_id"])
        .and_then(Value::text);
    let (of, inner) = match value.get("function") {
        Some(inner @ Value::Map(_)) => (Some("function"), inner),
        _ => (None, value),
    };
    let tool = inner.first(&["name", "tool_name"]).and_then(Value::text);
    let names = ["arguments", "input", "args", "parameters"];
    let found = names
        .into_iter()
        .find_map(|name| Some((name, inner.get(name)?)));
    let (name, arguments) = found.unwrap_or(("arguments", &Value::Null));
    let take = |taker: &mut Taker<'_>| {
        taker.inside(name, |taker| taker.arguments(arguments, tool, id));
    };
    match of {
        Some(step) => taker.inside(step, take),
        None => take(taker),
    }
}

/// Takes the result of a tool as Gemini and Bedrock have it.
fn result(taker: &mut Taker<'_>, value: &Value<'_>) {
    let id = value.first(&["toolUseId", "id"]).and_then(Value::text);
    let tool = value.get("name").and_then(Value::text);
    if let Some(response) = value.get("response") {
        return taker.inside("response", |taker| {
            taker.part(Origin::ToolResult, &response.written(), tool, id);
        });
    }
    if let Some(inner) = value.get("content") {
        taker.inside("content", |taker| {
            content(taker, inner, Origin::ToolResult, tool, id);
        });
    }
}

/// Takes a document that was attached: its text, or a note that it is not there.
fn document(taker: &mut Taker<'_>, value: &Value<'_>) {
    let before = taker.len();
    for name in ["title", "context"] {
        if let Some(Value::Text(text)) = value.get(name) {
            taker.inside(name, |taker| taker.part(Origin::Document, text, None, None));
        }
    }
    let titled = taker.len();
    if let Some(source @ Value::Map(_)) = value.get("source")
        && source.get("type").and_then(Value::text) != Some("base64")
    {
        taker.inside("source", |taker| {
            let names = ["data", "content", "text"];
            take_first(taker, source, &names, Origin::Document, None);
        });
    }
    take_first(taker, value, &["content", "text"], Origin::Document, None);
    if taker.len() == titled || taker.len() == before {
        taker.unjudged("a document without its text");
    }
}
