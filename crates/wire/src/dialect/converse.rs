//! Bedrock's conversation, whole and as a binary stream; Nova's own shape has the same blocks.

use std::borrow::Cow;

use stance_core::exchange::Origin;

use super::shape::{Refusal, Shape, quoted};
use super::usage::{usage, wishes};
use crate::filter::ChannelKind;
use crate::json::Value;
use crate::take::{About, Scope, Taker};

pub(crate) struct Converse;

impl Shape for Converse {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        blocks(Origin::Operator, root.get("system"), About::default(), to);
        for message in root.get("messages").into_iter().flat_map(Value::elements) {
            let origin = match &*message.text_of("role").unwrap_or_default() {
                "assistant" => Origin::Model,
                "system" => Origin::Operator,
                _ => Origin::User,
            };
            blocks(origin, message.get("content"), About::default(), to);
        }
        for tool in root
            .at(&["toolConfig", "tools"])
            .into_iter()
            .flat_map(Value::elements)
        {
            let Some(spec) = tool.get("toolSpec") else {
                continue;
            };
            let name = spec.text_of("name").unwrap_or(Cow::Borrowed(""));
            let schema = spec.at(&["inputSchema", "json"]);
            to.tool(spec, name, spec.get("description"), schema);
        }
        if let Some(config) = root.get("inferenceConfig") {
            wishes(config, &["maxTokens", "max_new_tokens"], &[], to);
        }
        if let Some(variables) = root.get("promptVariables") {
            to.leaves(Origin::User, variables, About::default());
        }
        to.rest(
            root,
            &[
                "system",
                "messages",
                "toolConfig",
                "inferenceConfig",
                "promptVariables",
                "guardrailConfig",
                "performanceConfig",
                "schemaVersion",
                "modelId",
                "additionalModelResponseFieldPaths",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        if root.get("output").is_none() {
            // An error.
            to.member(Origin::Model, root, "message");
        }
        let content = root.at(&["output", "message", "content"]);
        blocks(Origin::Model, content, About::default(), to);
        usage(root.get("usage"), to);
        if let Some(reason) = root.text_of("stopReason") {
            to.exchange.ended = Some(reason.into_owned());
        }
        trace(root.get("trace"), to);
    }

    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        let index = root.whole_of("contentBlockIndex").unwrap_or(0);
        match name.unwrap_or_default() {
            "messageStart" => {}
            "contentBlockStart" => {
                if let Some(tool) = root.at(&["start", "toolUse"]) {
                    to.open(0, index, tool.text_of("name"), tool.text_of("toolUseId"));
                } else if root.get("start").is_some_and(Value::has_text) {
                    to.unjudged(root, "a kind of content that is not known");
                }
            }
            "contentBlockDelta" => {
                if let Some(delta) = root.get("delta") {
                    self::delta(index, delta, to);
                }
            }
            "contentBlockStop" => to.end(Scope::Block(0, index)),
            "messageStop" => {
                to.end(Scope::All);
                if let Some(reason) = root.text_of("stopReason") {
                    to.exchange.ended = Some(reason.into_owned());
                }
            }
            "metadata" => {
                usage(root.get("usage"), to);
                trace(root.get("trace"), to);
            }
            name if name.ends_with("Exception") => {
                to.member(Origin::Model, root, "message");
                to.exchange.ended = Some("error".to_owned());
                to.end(Scope::All);
            }
            _ => to.unjudged(root, "a kind of event that is not known"),
        }
    }

    fn refusal(&self, message: &str, _: &[String]) -> Refusal {
        Refusal {
            name: Some("modelStreamErrorException"),
            data: self.error(message),
        }
    }

    fn error(&self, message: &str) -> String {
        format!("{{\"message\":{}}}", quoted(message))
    }
}

/// Takes what an event adds to a block.
fn delta<'d>(index: u64, delta: Value<'d>, to: &mut Taker<'d>) {
    if let Some(text) = delta.get("text") {
        to.delta(ChannelKind::Content, 0, index, text);
    }
    if let Some(input) = delta.at(&["toolUse", "input"]) {
        to.delta(ChannelKind::Arguments, 0, index, input);
    }
    if let Some(reasoning) = delta.get("reasoningContent") {
        if let Some(text) = reasoning.get("text") {
            to.delta(ChannelKind::Reasoning, 0, index, text);
        }
        if let Some(hidden) = reasoning.get("redactedContent") {
            to.unjudged(hidden, "encrypted reasoning");
        }
    }
    if let Some(citation) = delta.get("citation") {
        to.leaves(Origin::Document, citation, About::default());
    }
    to.rest(delta, &["text", "toolUse", "reasoningContent", "citation"]);
}

/// Takes blocks, each of which has one member that says what it is.
fn blocks<'d>(origin: Origin, value: Option<Value<'d>>, about: About<'_>, to: &mut Taker<'d>) {
    for block in value.into_iter().flat_map(Value::elements) {
        for member in block.members() {
            self::block(origin, member, about, to);
        }
    }
}

fn block<'d>(origin: Origin, block: Value<'d>, about: About<'_>, to: &mut Taker<'d>) {
    match &*block.key() {
        "text" => to.part(origin, block, about),
        "json" => to.part(origin, block, about),
        "guardContent" => {
            if let Some(text) = block.at(&["text", "text"]) {
                to.part(origin, text, about);
            } else {
                to.unjudged(block, "an image");
            }
        }
        "toolUse" => {
            let (call, tool) = (block.text_of("toolUseId"), block.text_of("name"));
            to.called(call.as_deref(), tool.as_deref());
            let about = About {
                tool: tool.as_deref(),
                call: call.as_deref(),
            };
            if let Some(input) = block.get("input") {
                to.part(Origin::ToolArguments, input, about);
            }
        }
        "toolResult" => {
            let call = block.text_of("toolUseId");
            let tool = to.tool_of(call.as_deref());
            let about = About {
                tool: tool.as_deref(),
                call: call.as_deref(),
            };
            blocks(Origin::ToolResult, block.get("content"), about, to);
        }
        "reasoningContent" => {
            if let Some(text) = block.at(&["reasoningText", "text"]) {
                to.part(Origin::Reasoning, text, about);
            }
            if let Some(hidden) = block.get("redactedContent") {
                to.unjudged(hidden, "encrypted reasoning");
            }
        }
        "citationsContent" => {
            blocks(origin, block.get("content"), about, to);
            if let Some(citations) = block.get("citations") {
                to.leaves(Origin::Document, citations, about);
            }
        }
        "searchResult" => to.leaves(Origin::Document, block, about),
        "document" => {
            for key in ["name", "context"] {
                if let Some(text) = block.get(key) {
                    to.part(Origin::Document, text, about);
                }
            }
            let source = block.get("source");
            if let Some(text) = source.and_then(|source| source.get("text")) {
                to.part(Origin::Document, text, about);
            } else if let Some(content) = source.and_then(|source| source.get("content")) {
                blocks(Origin::Document, Some(content), about, to);
            } else {
                to.unjudged(block, "a document that is no plain text");
            }
        }
        "image" => to.unjudged(block, "an image"),
        "video" => to.unjudged(block, "a video"),
        "audio" => to.unjudged(block, "audio"),
        "cachePoint" => {}
        _ if !block.has_text() => {}
        _ => to.unjudged(block, "a kind of content that is not known"),
    }
}

/// What a guardrail of the provider tells of its work, in which the words that it masked stand.
pub(super) fn trace<'d>(trace: Option<Value<'d>>, to: &mut Taker<'d>) {
    if let Some(trace) = trace {
        to.leaves(Origin::Model, trace, About::default());
    }
}
