//! Messages, whole and as a stream; Bedrock's invocation of the same models has the same bodies.

use stance_core::exchange::Origin;

use super::super::shape::{Bare, Refusal, Shape, Template, failure, quoted};
use super::super::tools;
use super::super::usage::{model, usage, wishes};
use super::blocks::{block, blocks};
use crate::filter::{Channel, ChannelKind};
use crate::json::Value;
use crate::take::{About, Scope, Taker};

pub(crate) struct Messages;

impl Shape for Messages {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_tokens"], &[], to);
        blocks(Origin::Operator, root.get("system"), About::default(), to);
        for message in root.get("messages").into_iter().flat_map(Value::elements) {
            let origin = match &*message.text_of("role").unwrap_or_default() {
                "assistant" => Origin::Model,
                "system" => Origin::Operator,
                _ => Origin::User,
            };
            blocks(origin, message.get("content"), About::default(), to);
            to.rest(message, &["role", "content"]);
        }
        tools::offered(root.get("tools"), to);
        for key in ["output_format", "output_config"] {
            if let Some(schema) = root.get(key).filter(|format| format.has_text()) {
                to.text(Origin::Operator, schema);
            }
        }
        to.rest(
            root,
            &[
                "model",
                "messages",
                "system",
                "tools",
                "output_format",
                "output_config",
                "stop_sequences",
                "thinking",
                "tool_choice",
                "service_tier",
                "anthropic_version",
                "anthropic_beta",
                "betas",
                "cache_control",
                "inference_geo",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        usage(root.get("usage"), to);
        if let Some(count) = root.whole_of("input_tokens") {
            to.exchange.usage.input = Some(count);
        }
        blocks(Origin::Model, root.get("content"), About::default(), to);
        if let Some(reason) = root.text_of("stop_reason") {
            to.exchange.ended = Some(reason.into_owned());
        }
    }

    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        let kind = root.text_of("type");
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let index = root.whole_of("index").unwrap_or(0);
        match kind {
            "message_start" => {
                if let Some(message) = root.get("message") {
                    self.answer(message, to);
                }
            }
            "content_block_start" => {
                if let Some(block) = root.get("content_block") {
                    start(index, block, to);
                }
            }
            "content_block_delta" => {
                if let Some(delta) = root.get("delta") {
                    self::delta(index, delta, to);
                }
            }
            "content_block_stop" => to.end(Scope::Block(0, index)),
            "message_delta" => {
                usage(root.get("usage"), to);
                if let Some(reason) = root.at(&["delta", "stop_reason"]).and_then(Value::text) {
                    to.exchange.ended = Some(reason.into_owned());
                }
            }
            "message_stop" => {
                usage(root.get("amazon-bedrock-invocationMetrics"), to);
                to.end(Scope::All);
            }
            "error" => {
                failure(root, to);
                to.end(Scope::All);
            }
            "ping" => {}
            _ => to.unjudged(root, "a kind of event that is not known"),
        }
    }

    fn carry(&self, channel: &Channel, _: &Template, text: &str) -> Option<Bare> {
        let (kind, key) = match channel.key.kind {
            ChannelKind::Reasoning => ("thinking_delta", "thinking"),
            ChannelKind::Arguments => ("input_json_delta", "partial_json"),
            _ => ("text_delta", "text"),
        };
        let data = format!(
            "{{\"type\":\"content_block_delta\",\"index\":{},\"delta\":{{\"type\":\"{kind}\",\"{key}\":{}}}}}",
            channel.key.index,
            quoted(text)
        );
        Some((Some("content_block_delta".to_owned()), data.into_bytes()))
    }

    fn refusal(&self, message: &str, _: &[String]) -> Refusal {
        Refusal {
            name: Some("error"),
            data: super::error(message),
        }
    }

    fn error(&self, message: &str) -> String {
        super::error(message)
    }
}

/// A block that begins: with its first words, or whole, as the results of the provider's own tools come.
fn start<'d>(index: u64, block: Value<'d>, to: &mut Taker<'d>) {
    match &*block.text_of("type").unwrap_or_default() {
        "text" => {
            if let Some(text) = block.get("text") {
                to.delta(ChannelKind::Content, 0, index, text);
            }
        }
        "thinking" => {
            if let Some(text) = block.get("thinking") {
                to.delta(ChannelKind::Reasoning, 0, index, text);
            }
        }
        "tool_use" | "server_tool_use" | "mcp_tool_use" => {
            to.open(0, index, block.text_of("name"), block.text_of("id"));
            if block.get("input").is_some_and(Value::has_text) {
                self::block(Origin::Model, block, About::default(), to);
            }
        }
        _ => self::block(Origin::Model, block, About::default(), to),
    }
}

fn delta<'d>(index: u64, delta: Value<'d>, to: &mut Taker<'d>) {
    let (kind, key) = match &*delta.text_of("type").unwrap_or_default() {
        "text_delta" => (ChannelKind::Content, "text"),
        "thinking_delta" => (ChannelKind::Reasoning, "thinking"),
        "input_json_delta" => (ChannelKind::Arguments, "partial_json"),
        "citations_delta" => {
            if let Some(citation) = delta.get("citation") {
                to.leaves(Origin::Document, citation, About::default());
            }
            return;
        }
        "signature_delta" => return,
        _ => return to.unjudged(delta, "a kind of content that is not known"),
    };
    if let Some(text) = delta.get(key) {
        to.delta(kind, 0, index, text);
    }
}
