//! Blocks of content.

use stance_core::exchange::Origin;

use crate::json::{Kind, Value};
use crate::take::{About, Taker};

/// Takes a string, or a list of blocks.
pub(super) fn blocks<'d>(
    origin: Origin,
    value: Option<Value<'d>>,
    about: About<'_>,
    to: &mut Taker<'d>,
) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::Text => to.part(origin, value, about),
        Kind::Array => {
            for block in value.elements() {
                self::block(origin, block, about, to);
            }
        }
        Kind::Object => block(origin, value, about, to),
        _ => {}
    }
}

/// Takes one block. Results of tools have blocks of their own, at most one level deeper than the reader went.
pub(super) fn block<'d>(origin: Origin, block: Value<'d>, about: About<'_>, to: &mut Taker<'d>) {
    match &*block.text_of("type").unwrap_or_default() {
        "text" => {
            if let Some(text) = block.get("text") {
                to.part(origin, text, about);
            }
            if let Some(citations) = block.get("citations") {
                to.leaves(Origin::Document, citations, about);
            }
        }
        "thinking" => to.member(Origin::Reasoning, block, "thinking"),
        "redacted_thinking" => to.unjudged(block, "encrypted reasoning"),
        "tool_use" | "server_tool_use" | "mcp_tool_use" => {
            let (call, tool) = (block.text_of("id"), block.text_of("name"));
            to.called(call.as_deref(), tool.as_deref());
            let about = About {
                tool: tool.as_deref(),
                call: call.as_deref(),
            };
            if let Some(input) = block.get("input") {
                to.part(Origin::ToolArguments, input, about);
            }
        }
        "document" => document(block, about, to),
        "search_result" => {
            for key in ["title", "source", "content", "citations"] {
                if let Some(value) = block.get(key) {
                    to.leaves(Origin::Document, value, about);
                }
            }
        }
        "image" => to.unjudged(block, "an image"),
        "container_upload" => to.unjudged(block, "a file"),
        kind if kind.ends_with("tool_result") => result(kind, block, to),
        _ => to.unjudged(block, "a kind of content that is not known"),
    }
}

/// What a tool gave back: of the caller, of a server, or of the provider itself.
fn result<'d>(kind: &str, result: Value<'d>, to: &mut Taker<'d>) {
    let call = result.text_of("tool_use_id");
    let tool = to.tool_of(call.as_deref());
    let about = About {
        tool: tool.as_deref(),
        call: call.as_deref(),
    };
    let Some(content) = result.get("content") else {
        return;
    };
    if matches!(kind, "tool_result" | "mcp_tool_result") {
        return blocks(Origin::ToolResult, Some(content), about, to);
    }
    to.leaves(Origin::ToolResult, content, about);
    for hidden in content.strings() {
        if hidden.key().starts_with("encrypted") {
            to.unjudged(hidden, "encrypted content");
        }
    }
}

fn document<'d>(document: Value<'d>, about: About<'_>, to: &mut Taker<'d>) {
    for key in ["title", "context"] {
        if let Some(text) = document.get(key) {
            to.part(Origin::Document, text, about);
        }
    }
    let Some(source) = document.get("source") else {
        return;
    };
    match &*source.text_of("type").unwrap_or_default() {
        "text" => {
            if let Some(text) = source.get("data") {
                to.part(Origin::Document, text, about);
            }
        }
        "content" => blocks(Origin::Document, source.get("content"), about, to),
        _ => to.unjudged(source, "a document that is no plain text"),
    }
}
