//! Responses of OpenAI: items in, items out, and a stream of typed events which says everything twice, in pieces and
//! then whole.

use stance_core::exchange::Origin;

use super::content::content;
use super::items::{item, items};
use super::shape::{Refusal, Shape, failure, quoted};
use super::tools;
use super::usage::{model, usage, wishes};
use crate::filter::ChannelKind;
use crate::json::Value;
use crate::take::{About, Scope, Taker};

pub(crate) struct Responses;

impl Shape for Responses {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_output_tokens"], &[], to);
        to.exchange.probabilities |= root.whole_of("top_logprobs").is_some_and(|top| top > 0);
        items(Origin::Operator, root.get("instructions"), to);
        items(Origin::User, root.get("input"), to);
        tools::offered(root.get("tools"), to);
        if let Some(schema) = root.at(&["text", "format", "schema"]) {
            to.text(Origin::Operator, schema);
        }
        for key in ["previous_response_id", "conversation", "prompt"] {
            if let Some(kept) = root.get(key) {
                to.unjudged(kept, "words that the provider keeps");
            }
        }
        if let Some(variables) = root.at(&["prompt", "variables"]) {
            to.leaves(Origin::User, variables, About::default());
        }
        to.rest(
            root,
            &[
                "model",
                "input",
                "instructions",
                "tools",
                "text",
                "previous_response_id",
                "conversation",
                "prompt",
                "include",
                "reasoning",
                "service_tier",
                "tool_choice",
                "truncation",
                "user",
                "safety_identifier",
                "prompt_cache_key",
                "prompt_cache_retention",
                "context_management",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        usage(root.get("usage"), to);
        items(Origin::Operator, root.get("instructions"), to);
        items(Origin::Model, root.get("output"), to);
        let ended = root
            .at(&["incomplete_details", "reason"])
            .or_else(|| root.get("status"));
        if let Some(reason) = ended.and_then(Value::text) {
            to.exchange.ended = Some(reason.into_owned());
        }
    }

    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        let kind = root.text_of("type");
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let answer = root.whole_of("output_index").unwrap_or(0);
        let index = ["content_index", "summary_index"]
            .iter()
            .find_map(|key| root.whole_of(key))
            .unwrap_or(0);
        let Some(event) = kind.strip_prefix("response.") else {
            if kind == "error" || root.get("error").is_some() {
                if !failure(root, to) {
                    to.member(Origin::Model, root, "message");
                    to.exchange.ended = Some("error".to_owned());
                }
                to.end(Scope::All);
            } else if kind != "keepalive" {
                to.unjudged(root, "a kind of event that is not known");
            }
            return;
        };
        let (channel, key) = match event.rsplit_once('.').map_or(event, |(first, _)| first) {
            "output_text" => (ChannelKind::Content, "text"),
            "refusal" => (ChannelKind::Refusal, "refusal"),
            "reasoning_text" | "reasoning_summary_text" | "reasoning" | "reasoning_summary" => {
                (ChannelKind::Reasoning, "text")
            }
            "function_call_arguments" | "mcp_call_arguments" | "mcp_call.arguments" => {
                (ChannelKind::Arguments, "arguments")
            }
            "custom_tool_call_input" => (ChannelKind::Arguments, "input"),
            "code_interpreter_call_code" => (ChannelKind::Arguments, "code"),
            "audio.transcript" => (ChannelKind::Transcript, "transcript"),
            _ => return other(event, answer, root, to),
        };
        if event.ends_with(".delta") {
            if let Some(delta) = root.get("delta") {
                to.delta(channel, answer, index, delta);
            }
            if let Some(given) = root.get("logprobs").filter(|given| given.has_text()) {
                to.exchange.probabilities = true;
                to.echo(given, 0);
            }
        } else if event.ends_with(".done") {
            to.end(Scope::Block(answer, index));
            let first = to.exchange.parts.len();
            if let Some(whole) = root.get(key) {
                let origin = match channel {
                    ChannelKind::Reasoning => Origin::Reasoning,
                    ChannelKind::Arguments => Origin::ToolArguments,
                    _ => Origin::Model,
                };
                to.text(origin, whole);
            }
            if let Some(given) = root.get("logprobs").filter(|given| given.has_text()) {
                to.echo(given, first);
            }
        } else if let Some(note) = root.get("annotation") {
            to.leaves(Origin::Model, note, About::default());
        }
    }

    fn refusal(&self, message: &str, _: &[String]) -> Refusal {
        // Clients look for one form or the other: the event as it is documented, and the error within that is sent.
        let said = quoted(message);
        Refusal {
            name: Some("error"),
            data: format!(
                "{{\"type\":\"error\",\"code\":\"content_blocked\",\"message\":{said},\"param\":null,\"error\":{{\"type\":\"policy_violation\",\"code\":\"content_blocked\",\"message\":{said},\"param\":null}}}}"
            ),
        }
    }
}

/// Events that are about items and the whole response.
fn other<'d>(event: &str, answer: u64, root: Value<'d>, to: &mut Taker<'d>) {
    match event {
        "created" | "in_progress" | "queued" => {
            if let Some(response) = root.get("response") {
                model(response, to);
                items(Origin::Operator, response.get("instructions"), to);
                items(Origin::Model, response.get("output"), to);
            }
        }
        "completed" | "incomplete" | "failed" | "cancelled" => {
            to.end(Scope::All);
            if let Some(response) = root.get("response") {
                Responses.answer(response, to);
            }
        }
        "output_item.added" => {
            if let Some(added) = root.get("item") {
                to.open(answer, 0, added.text_of("name"), added.text_of("call_id"));
                item(added, to);
            }
        }
        "output_item.done" => {
            to.end(Scope::Answer(answer));
            if let Some(done) = root.get("item") {
                item(done, to);
            }
        }
        "content_part.added" | "reasoning_summary_part.added" => {
            content(part_origin(event), root.get("part"), About::default(), to);
        }
        "content_part.done" | "reasoning_summary_part.done" => {
            let index = ["content_index", "summary_index"]
                .iter()
                .find_map(|key| root.whole_of(key))
                .unwrap_or(0);
            to.end(Scope::Block(answer, index));
            content(part_origin(event), root.get("part"), About::default(), to);
        }
        "audio.delta" | "audio.done" => to.unjudged(root, "audio"),
        _ if event.starts_with("image_generation_call.partial") => to.unjudged(root, "an image"),
        // What a tool of the provider is about to do; its item says what it did.
        _ if event.contains("_call.") || event.starts_with("mcp_list_tools.") => {}
        _ => to.unjudged(root, "a kind of event that is not known"),
    }
}

fn part_origin(event: &str) -> Origin {
    if event.starts_with("reasoning") {
        Origin::Reasoning
    } else {
        Origin::Model
    }
}
