//! Gemini: contents of keyed parts, whole, as events, or as one array.

use std::borrow::Cow;

use stance_core::exchange::Origin;

use super::shape::{Bare, Shape, Template, failure, quoted, with_member};
use super::usage::{model, usage, wishes};
use crate::filter::{Channel, ChannelKind};
use crate::json::{Kind, Value};
use crate::take::{About, Scope, Taker};

pub(crate) struct Gemini;

/// The first of two spellings that is there: bodies come in camel case and in snake case.
fn either<'d>(of: Value<'d>, camel: &str, snake: &str) -> Option<Value<'d>> {
    of.get(camel).or_else(|| of.get(snake))
}

impl Shape for Gemini {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        // The count of tokens may have the request within.
        if let Some(inner) = root.get("generateContentRequest") {
            self.request(inner, to);
        }
        model(root, to);
        if let Some(system) = either(root, "systemInstruction", "system_instruction") {
            content(Origin::Operator, system, to);
        }
        let contents = root.get("contents");
        // One content, one string, or a list of them.
        match contents.map(Value::kind) {
            Some(Kind::Array) => {
                for one in contents.into_iter().flat_map(Value::elements) {
                    content(Origin::User, one, to);
                }
            }
            Some(_) => {
                if let Some(one) = contents {
                    content(Origin::User, one, to);
                }
            }
            None => {}
        }
        for tool in root.get("tools").into_iter().flat_map(Value::elements) {
            for declared in either(tool, "functionDeclarations", "function_declarations")
                .into_iter()
                .flat_map(Value::elements)
            {
                declaration(declared, to);
            }
        }
        if let Some(config) = either(root, "generationConfig", "generation_config") {
            wishes(
                config,
                &["maxOutputTokens", "max_output_tokens"],
                &["candidateCount", "candidate_count"],
                to,
            );
            to.exchange.probabilities |= config.get("responseLogprobs").is_some_and(Value::is_true);
            for key in ["responseSchema", "responseJsonSchema"] {
                to.member(Origin::Operator, config, key);
            }
        }
        if let Some(kept) = either(root, "cachedContent", "cached_content") {
            to.unjudged(kept, "words that the provider keeps");
        }
        to.rest(
            root,
            &[
                "model",
                "generateContentRequest",
                "systemInstruction",
                "system_instruction",
                "contents",
                "tools",
                "toolConfig",
                "tool_config",
                "generationConfig",
                "generation_config",
                "safetySettings",
                "safety_settings",
                "cachedContent",
                "cached_content",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        each(root, false, to);
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        each(root, true, to);
    }

    fn carry(&self, channel: &Channel, template: &Template, text: &str) -> Option<Bare> {
        let thought = match channel.key.kind {
            ChannelKind::Reasoning => ",\"thought\":true",
            _ => "",
        };
        let candidates = format!(
            "[{{\"content\":{{\"parts\":[{{\"text\":{}{thought}}}],\"role\":\"model\"}},\"index\":{}}}]",
            quoted(text),
            channel.key.answer
        );
        with_member(template, "candidates", candidates)
    }

    fn error(&self, message: &str) -> String {
        error(message)
    }
}

/// The error object of Google.
pub(super) fn error(message: &str) -> String {
    format!(
        "{{\"error\":{{\"code\":403,\"message\":{},\"status\":\"PERMISSION_DENIED\"}}}}",
        quoted(message)
    )
}

fn declaration<'d>(declared: Value<'d>, to: &mut Taker<'d>) {
    let schema = ["parameters", "parametersJsonSchema"]
        .iter()
        .find_map(|key| declared.get(key));
    let name = declared.text_of("name").unwrap_or(Cow::Borrowed(""));
    to.tool(declared, name, declared.get("description"), schema);
    to.rest(
        declared,
        &[
            "name",
            "description",
            "parameters",
            "parametersJsonSchema",
            "behavior",
        ],
    );
}

/// Takes one content: its role says whose words they are.
fn content<'d>(origin: Origin, content: Value<'d>, to: &mut Taker<'d>) {
    if content.kind() == Kind::Text {
        return to.text(origin, content);
    }
    let origin = match content.text_of("role").as_deref() {
        Some("model") => Origin::Model,
        _ => origin,
    };
    for part in content.get("parts").into_iter().flat_map(Value::elements) {
        self::part(origin, part, None, to);
    }
}

/// Takes one part; with `stream`, its text goes to the channels of that answer.
fn part<'d>(origin: Origin, part: Value<'d>, stream: Option<u64>, to: &mut Taker<'d>) {
    let thought = part.get("thought").is_some_and(Value::is_true);
    if let Some(text) = part.get("text") {
        match (stream, thought) {
            (Some(answer), true) => to.delta(ChannelKind::Reasoning, answer, 0, text),
            (Some(answer), false) => to.delta(ChannelKind::Content, answer, 0, text),
            (None, true) => to.text(Origin::Reasoning, text),
            (None, false) => to.text(origin, text),
        }
    }
    if let Some(call) = either(part, "functionCall", "function_call") {
        let (name, id) = (call.text_of("name"), call.text_of("id"));
        let about = About {
            tool: name.as_deref(),
            call: id.as_deref(),
        };
        if let Some(arguments) = call.get("args") {
            to.part(Origin::ToolArguments, arguments, about);
        }
    }
    if let Some(answer) = either(part, "functionResponse", "function_response") {
        let (name, id) = (answer.text_of("name"), answer.text_of("id"));
        let about = About {
            tool: name.as_deref(),
            call: id.as_deref(),
        };
        if let Some(response) = answer.get("response") {
            to.part(Origin::ToolResult, response, about);
        }
        if let Some(parts) = answer.get("parts") {
            to.unjudged(parts, "media");
        }
    }
    if let Some(code) = either(part, "executableCode", "executable_code") {
        to.member(Origin::ToolArguments, code, "code");
    }
    if let Some(result) = either(part, "codeExecutionResult", "code_execution_result") {
        to.member(Origin::ToolResult, result, "output");
    }
    for (camel, snake) in [("inlineData", "inline_data"), ("fileData", "file_data")] {
        if let Some(media) = either(part, camel, snake) {
            to.unjudged(media, "media");
        }
    }
    to.rest(
        part,
        &[
            "text",
            "thoughtSignature",
            "thought_signature",
            "functionCall",
            "function_call",
            "functionResponse",
            "function_response",
            "executableCode",
            "executable_code",
            "codeExecutionResult",
            "code_execution_result",
            "inlineData",
            "inline_data",
            "fileData",
            "file_data",
            "videoMetadata",
            "mediaResolution",
        ],
    );
}

fn each<'d>(root: Value<'d>, stream: bool, to: &mut Taker<'d>) {
    if failure(root, to) {
        to.end(Scope::All);
    }
    model(root, to);
    usage(root.get("usageMetadata"), to);
    if let Some(count) = root.whole_of("totalTokens") {
        to.exchange.usage.input = Some(count);
    }
    if let Some(reason) = root
        .at(&["promptFeedback", "blockReason"])
        .and_then(Value::text)
    {
        to.exchange.ended = Some(reason.into_owned());
    }
    for candidate in root.get("candidates").into_iter().flat_map(Value::elements) {
        let answer = candidate.whole_of("index").unwrap_or(0);
        let first = to.exchange.parts.len();
        for part in candidate
            .at(&["content", "parts"])
            .into_iter()
            .flat_map(Value::elements)
        {
            self::part(Origin::Model, part, stream.then_some(answer), to);
        }
        if let Some(given) = candidate.get("logprobsResult") {
            to.exchange.probabilities = true;
            to.echo(given, first);
        }
        for key in ["groundingMetadata", "urlContextMetadata"] {
            if let Some(found) = candidate.get(key) {
                to.leaves(Origin::Document, found, About::default());
            }
        }
        if let Some(reason) = candidate.text_of("finishReason") {
            to.exchange.ended = Some(reason.into_owned());
            to.end(Scope::Answer(answer));
        }
        to.rest(
            candidate,
            &[
                "index",
                "content",
                "finishReason",
                "finishMessage",
                "logprobsResult",
                "groundingMetadata",
                "urlContextMetadata",
                "safetyRatings",
                "citationMetadata",
            ],
        );
    }
}
