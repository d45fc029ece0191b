//! Ollama: chat and completions, whole or as lines.

use stance_core::exchange::Origin;

use super::chat::Chat as OpenAi;
use super::content::content;
use super::shape::{Bare, Shape, Template, failure, quoted, with_member};
use super::tools;
use super::usage::{model, usage, wishes};
use crate::filter::{Channel, ChannelKind};
use crate::json::{Kind, Value};
use crate::take::{About, Scope, Taker};

/// Chat.
pub(crate) struct Chat;

/// Completions.
pub(crate) struct Generate;

impl Shape for Chat {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        let before = to.exchange.unjudged.len();
        OpenAi.request(root, to);
        settings(root, before, to);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        if let Some(message) = root.get("message") {
            to.member(Origin::Reasoning, message, "thinking");
            content(Origin::Model, message.get("content"), About::default(), to);
            tools::calls(message.get("tool_calls"), to);
            beside(message, to);
        }
        facts(root, to);
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        if failure(root, to) {
            to.end(Scope::All);
        }
        if let Some(message) = root.get("message") {
            if let Some(text) = message.get("thinking") {
                to.delta(ChannelKind::Reasoning, 0, 0, text);
            }
            if let Some(text) = message.get("content") {
                to.delta(ChannelKind::Content, 0, 0, text);
            }
            tools::calls(message.get("tool_calls"), to);
            beside(message, to);
        }
        facts(root, to);
    }

    fn carry(&self, channel: &Channel, template: &Template, text: &str) -> Option<Bare> {
        let text = quoted(text);
        let message = match channel.key.kind {
            ChannelKind::Reasoning => {
                format!("{{\"role\":\"assistant\",\"content\":\"\",\"thinking\":{text}}}")
            }
            _ => format!("{{\"role\":\"assistant\",\"content\":{text}}}"),
        };
        with_member(template, "message", message)
    }

    fn error(&self, message: &str) -> String {
        error(message)
    }
}

impl Shape for Generate {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        to.member(Origin::Operator, root, "system");
        to.member(Origin::User, root, "prompt");
        to.member(Origin::User, root, "suffix");
        to.member(Origin::Operator, root, "template");
        if let Some(images) = root
            .get("images")
            .filter(|images| images.children().next().is_some())
        {
            to.unjudged(images, "images");
        }
        to.rest(
            root,
            &[
                "model",
                "system",
                "prompt",
                "suffix",
                "template",
                "images",
                "format",
                "options",
                "keep_alive",
            ],
        );
        settings(root, usize::MAX, to);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        to.member(Origin::Reasoning, root, "thinking");
        to.member(Origin::Model, root, "response");
        facts(root, to);
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        if failure(root, to) {
            to.end(Scope::All);
        }
        if let Some(text) = root.get("thinking") {
            to.delta(ChannelKind::Reasoning, 0, 0, text);
        }
        if let Some(text) = root.get("response") {
            to.delta(ChannelKind::Content, 0, 0, text);
        }
        facts(root, to);
    }

    fn error(&self, message: &str) -> String {
        error(message)
    }
}

fn error(message: &str) -> String {
    format!("{{\"error\":{}}}", quoted(message))
}

/// Ollama streams unless it is told not to. Settings that chat completions do not have are known here.
fn settings<'d>(root: Value<'d>, before: usize, to: &mut Taker<'d>) {
    to.exchange.stream = root.get("stream").is_none_or(Value::is_true);
    if let Some(options) = root.get("options") {
        wishes(options, &["num_predict"], &[], to);
    }
    if let Some(format) = root.get("format").filter(|it| it.kind() == Kind::Object) {
        to.text(Origin::Operator, format);
    }
    let mut place = 0_usize;
    to.exchange.unjudged.retain(|said| {
        let known = ["/format", "/options", "/keep_alive", "/think"];
        let keep = place < before || !known.contains(&said.pointer.as_str());
        place = place.saturating_add(1);
        keep
    });
}

/// Fields of a message that are no words.
fn beside<'d>(message: Value<'d>, to: &mut Taker<'d>) {
    if let Some(images) = message
        .get("images")
        .filter(|images| images.children().next().is_some())
    {
        to.unjudged(images, "images");
    }
    to.rest(
        message,
        &[
            "role",
            "content",
            "thinking",
            "tool_calls",
            "tool_name",
            "images",
        ],
    );
}

fn facts<'d>(root: Value<'d>, to: &mut Taker<'d>) {
    model(root, to);
    usage(Some(root), to);
    if let Some(given) = root.get("logprobs") {
        to.exchange.probabilities = true;
        to.echo(given, 0);
    }
    if root.get("done").is_some_and(Value::is_true) {
        let reason = root.text_of("done_reason");
        to.exchange.ended = Some(reason.map_or_else(|| "done".to_owned(), Into::into));
        to.end(Scope::All);
    }
}
