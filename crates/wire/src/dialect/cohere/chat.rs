//! Chat, version 2: messages as at OpenAI, events of its own.

use stance_core::exchange::Origin;

use super::super::chat::Chat as OpenAi;
use super::super::content::content;
use super::super::shape::{Refusal, Shape, quoted};
use super::super::tools;
use super::super::usage::usage;
use crate::filter::ChannelKind;
use crate::json::{Kind, Value};
use crate::take::{About, Scope, Taker};

pub(crate) struct Chat;

impl Shape for Chat {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        OpenAi.request(root, to);
        for message in root.get("messages").into_iter().flat_map(Value::elements) {
            to.member(Origin::Reasoning, message, "tool_plan");
        }
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        match root.get("message") {
            Some(message) if message.kind() == Kind::Object => self::message(message, to),
            // An error.
            Some(error) => to.text(Origin::Model, error),
            None => {}
        }
        usage(root.get("usage"), to);
        if let Some(given) = root.get("logprobs") {
            to.exchange.probabilities = true;
            to.echo(given, 0);
        }
        if let Some(reason) = root.text_of("finish_reason") {
            to.exchange.ended = Some(reason.into_owned());
        }
    }

    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        let kind = root.text_of("type");
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let index = root.whole_of("index").unwrap_or(0);
        let message = root.at(&["delta", "message"]);
        match kind {
            "message-start" => {
                if let Some(message) = message {
                    self::message(message, to);
                }
            }
            "content-start" | "content-delta" => {
                if kind == "content-start" {
                    to.end(Scope::Block(0, PLAN));
                }
                if let Some(block) = message.and_then(|message| message.get("content")) {
                    if let Some(text) = block.get("text") {
                        to.delta(ChannelKind::Content, 0, index, text);
                    }
                    if let Some(text) = block.get("thinking") {
                        to.delta(ChannelKind::Reasoning, 0, index, text);
                    }
                }
                if let Some(given) = root.get("logprobs") {
                    to.exchange.probabilities = true;
                    to.echo(given, 0);
                }
            }
            "tool-plan-delta" => {
                if let Some(text) = message.and_then(|message| message.get("tool_plan")) {
                    to.delta(ChannelKind::Reasoning, 0, PLAN, text);
                }
            }
            "tool-call-start" | "tool-call-delta" => {
                // What is planned is said before anything is called.
                if kind == "tool-call-start" {
                    to.end(Scope::Block(0, PLAN));
                }
                if let Some(call) = message.and_then(|message| message.get("tool_calls")) {
                    let name = call.at(&["function", "name"]).and_then(Value::text);
                    to.open(0, index, name, call.text_of("id"));
                    if let Some(arguments) = call.at(&["function", "arguments"]) {
                        to.delta(ChannelKind::Arguments, 0, index, arguments);
                    }
                }
            }
            "content-end" | "tool-call-end" => to.end(Scope::Block(0, index)),
            "citation-start" => {
                if let Some(citations) = message.and_then(|message| message.get("citations")) {
                    to.leaves(Origin::Document, citations, About::default());
                }
            }
            "citation-end" => {}
            "message-end" => {
                to.end(Scope::All);
                if let Some(delta) = root.get("delta") {
                    usage(delta.get("usage"), to);
                    to.member(Origin::Model, delta, "error");
                    if let Some(reason) = delta.text_of("finish_reason") {
                        to.exchange.ended = Some(reason.into_owned());
                    }
                }
            }
            "debug" => to.unjudged(root, "the prompt as the provider wrote it out"),
            _ => to.unjudged(root, "a kind of event that is not known"),
        }
    }

    fn refusal(&self, message: &str, _: &[String]) -> Refusal {
        Refusal {
            name: Some("message-end"),
            data: format!(
                "{{\"type\":\"message-end\",\"delta\":{{\"error\":{},\"finish_reason\":\"ERROR\"}}}}",
                quoted(message)
            ),
        }
    }

    fn error(&self, message: &str) -> String {
        super::error(message)
    }
}

/// The plan has no index; this one is beyond those of blocks.
const PLAN: u64 = u64::MAX;

fn message<'d>(message: Value<'d>, to: &mut Taker<'d>) {
    to.member(Origin::Reasoning, message, "tool_plan");
    content(Origin::Model, message.get("content"), About::default(), to);
    tools::calls(message.get("tool_calls"), to);
    if let Some(citations) = message.get("citations") {
        to.leaves(Origin::Document, citations, About::default());
    }
    to.rest(
        message,
        &["role", "tool_plan", "content", "tool_calls", "citations"],
    );
}
