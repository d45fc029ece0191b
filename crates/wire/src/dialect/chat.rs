//! Chat completions: OpenAI's, and those of Azure, Groq, Mistral, DeepSeek, vLLM and others who speak like it.

use stance_core::exchange::Origin;

use super::content::content;
use super::shape::{Bare, Shape, Template, failure, quoted, with_member};
use super::usage::{model, usage, wishes};
use super::{completions, tools};
use crate::filter::{Channel, ChannelKind};
use crate::json::{Kind, Value};
use crate::take::{About, Scope, Taker};

/// Fields of a request that name, count or choose.
const REQUEST: &[&str] = &[
    "model",
    "messages",
    "tools",
    "functions",
    "response_format",
    "prediction",
    "documents",
    "stop",
    "user",
    "tool_choice",
    "function_call",
    "modalities",
    "audio",
    "reasoning_effort",
    "reasoning",
    "reasoning_format",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "verbosity",
    "service_tier",
    "thinking",
    "prompt_mode",
];

/// Names under which thoughts come with a message.
const THOUGHTS: [&str; 3] = ["reasoning_content", "reasoning", "thinking"];

/// Fields of a message that this dialect knows.
const MESSAGE: &[&str] = &[
    "role",
    "content",
    "name",
    "tool_calls",
    "function_call",
    "tool_call_id",
    "refusal",
    "reasoning_content",
    "reasoning",
    "thinking",
    "audio",
    "annotations",
    "cache_control",
    "images",
    "tool_name",
    "type",
    "id",
    "obfuscation",
];

pub(crate) struct Chat;

impl Shape for Chat {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_completion_tokens", "max_tokens"], &["n"], to);
        to.exchange.probabilities |= root.get("logprobs").is_some_and(Value::is_true);
        messages(root, to);
        tools::offered(root.get("tools"), to);
        tools::offered(root.get("functions"), to);
        schema(root.get("response_format"), to);
        if let Some(expected) = root.get("prediction") {
            content(Origin::User, expected.get("content"), About::default(), to);
        }
        if let Some(documents) = root.get("documents") {
            to.leaves(Origin::Document, documents, About::default());
        }
        to.rest(root, REQUEST);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        usage(root.get("usage"), to);
        let Some(choices) = root.get("choices") else {
            return;
        };
        for choice in choices.elements() {
            let first = to.exchange.parts.len();
            if let Some(message) = choice.get("message") {
                self::message(Origin::Model, message, to);
            } else {
                to.member(Origin::Model, choice, "text");
            }
            probabilities(choice, first, to);
            if let Some(reason) = choice.text_of("finish_reason") {
                to.exchange.ended = Some(reason.into_owned());
            }
        }
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        if failure(root, to) {
            to.end(Scope::All);
        }
        model(root, to);
        usage(root.get("usage"), to);
        // Groq counts beside.
        usage(root.at(&["x_groq", "usage"]), to);
        let Some(choices) = root.get("choices") else {
            return;
        };
        for choice in choices.elements() {
            let answer = choice.whole_of("index").unwrap_or(0);
            let first = to.exchange.parts.len();
            if let Some(delta) = choice.get("delta") {
                self::delta(answer, delta, to);
            } else if let Some(message) = choice.get("message") {
                self::message(Origin::Model, message, to);
            } else if let Some(text) = choice.get("text") {
                to.delta(ChannelKind::Content, answer, 0, text);
            }
            probabilities(choice, first, to);
            if let Some(reason) = choice.text_of("finish_reason") {
                to.exchange.ended = Some(reason.into_owned());
                to.end(Scope::Answer(answer));
            }
        }
    }

    fn carry(&self, channel: &Channel, template: &Template, text: &str) -> Option<Bare> {
        let text = quoted(text);
        let key = channel.key;
        let delta = match key.kind {
            ChannelKind::Content => format!("{{\"content\":{text}}}"),
            ChannelKind::Refusal => format!("{{\"refusal\":{text}}}"),
            ChannelKind::Transcript => format!("{{\"audio\":{{\"transcript\":{text}}}}}"),
            ChannelKind::Arguments => format!(
                "{{\"tool_calls\":[{{\"index\":{},\"function\":{{\"arguments\":{text}}}}}]}}",
                key.index
            ),
            ChannelKind::Reasoning => {
                let data = &template.data;
                let name = THOUGHTS
                    .iter()
                    .find(|name| memchr::memmem::find(data, quoted(name).as_bytes()).is_some());
                format!("{{\"{}\":{text}}}", name.unwrap_or(&"reasoning_content"))
            }
        };
        let choices = format!(
            "[{{\"index\":{},\"delta\":{delta},\"finish_reason\":null}}]",
            key.answer
        );
        with_member(template, "choices", choices)
    }
}

/// Takes the messages of a request.
fn messages<'d>(root: Value<'d>, to: &mut Taker<'d>) {
    let Some(messages) = root.get("messages") else {
        return;
    };
    for message in messages.elements() {
        let origin = match &*message.text_of("role").unwrap_or_default() {
            "system" | "developer" => Origin::Operator,
            "assistant" => Origin::Model,
            "tool" | "function" => Origin::ToolResult,
            _ => Origin::User,
        };
        self::message(origin, message, to);
    }
}

/// Takes one message.
fn message<'d>(origin: Origin, message: Value<'d>, to: &mut Taker<'d>) {
    let call = message.text_of("tool_call_id");
    let tool = to
        .tool_of(call.as_deref())
        .or_else(|| message.text_of("tool_name").map(Into::into))
        .or_else(|| message.text_of("name").map(Into::into))
        .filter(|_| origin == Origin::ToolResult);
    let about = About {
        tool: tool.as_deref(),
        call: call.as_deref(),
    };
    for name in THOUGHTS {
        if let Some(thought) = message.get(name).filter(|it| it.kind() == Kind::Text) {
            to.text(Origin::Reasoning, thought);
        }
    }
    content(origin, message.get("content"), about, to);
    to.member(Origin::Model, message, "refusal");
    tools::calls(message.get("tool_calls"), to);
    if let Some(function) = message.get("function_call") {
        let name = function.text_of("name");
        let about = About {
            tool: name.as_deref(),
            call: None,
        };
        if let Some(arguments) = function.get("arguments") {
            to.part(Origin::ToolArguments, arguments, about);
        }
    }
    if let Some(audio) = message.get("audio") {
        to.member(origin, audio, "transcript");
        to.unjudged(audio, "audio");
    }
    if let Some(images) = message.get("images") {
        to.unjudged(images, "images");
    }
    if let Some(notes) = message.get("annotations") {
        to.leaves(Origin::Model, notes, About::default());
    }
    to.rest(message, MESSAGE);
}

/// Takes what an event adds to an answer.
fn delta<'d>(answer: u64, delta: Value<'d>, to: &mut Taker<'d>) {
    for name in THOUGHTS {
        if let Some(thought) = delta.get(name).filter(|it| it.kind() == Kind::Text) {
            to.delta(ChannelKind::Reasoning, answer, 0, thought);
        }
    }
    match delta.get("content") {
        Some(text) if text.kind() == Kind::Text => {
            to.delta(ChannelKind::Content, answer, 0, text);
        }
        Some(blocks) => self::blocks(answer, blocks, to),
        None => {}
    }
    if let Some(text) = delta.get("refusal") {
        to.delta(ChannelKind::Refusal, answer, 0, text);
    }
    if let Some(calls) = delta.get("tool_calls") {
        for (place, call) in (0_u64..).zip(calls.elements()) {
            let index = call.whole_of("index").unwrap_or(place);
            let function = call.get("function").or_else(|| call.get("custom"));
            let name = function.and_then(|function| function.text_of("name"));
            to.open(answer, index, name, call.text_of("id"));
            if let Some(arguments) =
                function.and_then(|it| it.get("arguments").or_else(|| it.get("input")))
            {
                to.delta(ChannelKind::Arguments, answer, index, arguments);
            }
        }
    }
    if let Some(function) = delta.get("function_call") {
        to.open(answer, 0, function.text_of("name"), None);
        if let Some(arguments) = function.get("arguments") {
            to.delta(ChannelKind::Arguments, answer, 0, arguments);
        }
    }
    if let Some(audio) = delta.get("audio") {
        if let Some(text) = audio.get("transcript") {
            to.delta(ChannelKind::Transcript, answer, 0, text);
        }
        if audio.get("data").is_some() {
            to.unjudged(audio, "audio");
        }
    }
    if let Some(notes) = delta.get("annotations") {
        to.leaves(Origin::Model, notes, About::default());
    }
    to.rest(delta, MESSAGE);
}

/// Content in blocks, as Mistral's reasoning models stream it.
fn blocks<'d>(answer: u64, blocks: Value<'d>, to: &mut Taker<'d>) {
    for block in blocks.elements() {
        match &*block.text_of("type").unwrap_or_default() {
            "text" => {
                if let Some(text) = block.get("text") {
                    to.delta(ChannelKind::Content, answer, 0, text);
                }
            }
            "thinking" => {
                let Some(thinking) = block.get("thinking") else {
                    continue;
                };
                for thought in thinking.strings() {
                    if thought.key() == "text" || thought.key() == "thinking" {
                        to.delta(ChannelKind::Reasoning, answer, 0, thought);
                    }
                }
            }
            _ => content(Origin::Model, Some(block), About::default(), to),
        }
    }
}

/// The schema that an answer must have: the operator's words.
fn schema<'d>(format: Option<Value<'d>>, to: &mut Taker<'d>) {
    if let Some(schema) = format.and_then(|format| format.get("json_schema")) {
        to.text(Origin::Operator, schema);
    }
}

/// Probabilities of tokens repeat the words.
fn probabilities<'d>(choice: Value<'d>, first: usize, to: &mut Taker<'d>) {
    if let Some(given) = choice.get("logprobs") {
        to.exchange.probabilities = true;
        to.echo(given, first);
    }
    // What a provider says beside a choice.
    completions::beside(choice, to);
}
