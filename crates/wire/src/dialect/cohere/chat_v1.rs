//! Chat, version 1: one message, a history, and a stream of lines.

use std::borrow::Cow;

use stance_core::exchange::Origin;

use super::super::shape::{Bare, Refusal, Shape, Template, quoted};
use super::super::tools;
use super::super::usage::{model, usage, wishes};
use crate::filter::{Channel, ChannelKind};
use crate::json::Value;
use crate::take::{About, Scope, Taker};

pub(crate) struct ChatV1;

impl Shape for ChatV1 {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_tokens"], &[], to);
        to.member(Origin::Operator, root, "preamble");
        for turn in root
            .get("chat_history")
            .into_iter()
            .flat_map(Value::elements)
        {
            let origin = match &*turn
                .text_of("role")
                .unwrap_or(Cow::Borrowed(""))
                .to_ascii_uppercase()
            {
                "SYSTEM" => Origin::Operator,
                "CHATBOT" => Origin::Model,
                "TOOL" => Origin::ToolResult,
                _ => Origin::User,
            };
            to.member(origin, turn, "message");
            tools::calls(turn.get("tool_calls"), to);
            results(turn.get("tool_results"), to);
        }
        to.member(Origin::User, root, "message");
        if let Some(documents) = root.get("documents") {
            to.leaves(Origin::Document, documents, About::default());
        }
        tools::offered(root.get("tools"), to);
        results(root.get("tool_results"), to);
        for key in ["conversation_id", "connectors"] {
            if let Some(kept) = root.get(key) {
                to.unjudged(kept, "words that the provider keeps or fetches");
            }
        }
        to.rest(
            root,
            &[
                "model",
                "preamble",
                "chat_history",
                "message",
                "documents",
                "tools",
                "tool_results",
                "conversation_id",
                "connectors",
                "stop_sequences",
                "prompt_truncation",
                "citation_quality",
                "safety_mode",
                "response_format",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        to.member(Origin::Model, root, "text");
        if root.get("text").is_none() {
            to.member(Origin::Model, root, "message");
        }
        tools::calls(root.get("tool_calls"), to);
        for turn in root
            .get("chat_history")
            .into_iter()
            .flat_map(Value::elements)
        {
            let model = turn.text_of("role").as_deref() == Some("CHATBOT");
            let origin = if model { Origin::Model } else { Origin::User };
            to.member(origin, turn, "message");
        }
        for key in ["documents", "citations", "search_results"] {
            if let Some(found) = root.get(key) {
                to.leaves(Origin::Document, found, About::default());
            }
        }
        usage(root.get("meta"), to);
        if let Some(reason) = root.text_of("finish_reason") {
            to.exchange.ended = Some(reason.into_owned());
        }
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        match &*root.text_of("event_type").unwrap_or_default() {
            "stream-start" | "search-queries-generation" => {}
            "text-generation" => {
                if let Some(text) = root.get("text") {
                    to.delta(ChannelKind::Content, 0, 0, text);
                }
            }
            "tool-calls-chunk" => {
                if let Some(text) = root.get("text") {
                    to.delta(ChannelKind::Reasoning, 0, 0, text);
                }
                if let Some(call) = root.get("tool_call_delta") {
                    let index = call.whole_of("index").unwrap_or(0);
                    to.open(0, index, call.text_of("name"), None);
                    if let Some(arguments) = call.get("parameters") {
                        to.delta(ChannelKind::Arguments, 0, index, arguments);
                    }
                }
            }
            "tool-calls-generation" => {
                to.member(Origin::Reasoning, root, "text");
                tools::calls(root.get("tool_calls"), to);
            }
            "citation-generation" | "search-results" => {
                to.leaves(Origin::Document, root, About::default());
            }
            "stream-end" => {
                to.end(Scope::All);
                if let Some(response) = root.get("response") {
                    self.answer(response, to);
                }
                if let Some(reason) = root.text_of("finish_reason") {
                    to.exchange.ended = Some(reason.into_owned());
                }
            }
            _ => to.unjudged(root, "a kind of event that is not known"),
        }
    }

    fn carry(&self, channel: &Channel, _: &Template, text: &str) -> Option<Bare> {
        let text = quoted(text);
        let data = match channel.key.kind {
            ChannelKind::Arguments => format!(
                "{{\"is_finished\":false,\"event_type\":\"tool-calls-chunk\",\"tool_call_delta\":{{\"index\":{},\"parameters\":{text}}}}}",
                channel.key.index
            ),
            ChannelKind::Reasoning => format!(
                "{{\"is_finished\":false,\"event_type\":\"tool-calls-chunk\",\"text\":{text}}}"
            ),
            _ => format!(
                "{{\"is_finished\":false,\"event_type\":\"text-generation\",\"text\":{text}}}"
            ),
        };
        Some((None, data.into_bytes()))
    }

    fn refusal(&self, message: &str, _: &[String]) -> Refusal {
        Refusal {
            name: None,
            data: format!(
                "{{\"is_finished\":true,\"event_type\":\"stream-end\",\"finish_reason\":\"ERROR\",\"response\":{{\"text\":\"\",\"finish_reason\":\"ERROR\",\"error\":{}}}}}",
                quoted(message)
            ),
        }
    }

    fn error(&self, message: &str) -> String {
        super::error(message)
    }
}

/// Takes what tools gave back.
fn results<'d>(results: Option<Value<'d>>, to: &mut Taker<'d>) {
    for result in results.into_iter().flat_map(Value::elements) {
        let tool = result.at(&["call", "name"]).and_then(Value::text);
        let about = About {
            tool: tool.as_deref(),
            call: None,
        };
        if let Some(arguments) = result.at(&["call", "parameters"]) {
            to.part(Origin::ToolArguments, arguments, about);
        }
        if let Some(outputs) = result.get("outputs") {
            to.part(Origin::ToolResult, outputs, about);
        }
    }
}
