//! Completions of OpenAI, the older ones, and Mistral's between a prompt and a suffix, which answers as chat does.

use stance_core::exchange::Origin;

use super::chat::Chat;
use super::shape::{Bare, Shape, Template, quoted, with_member};
use super::usage::{model, wishes};
use crate::filter::Channel;
use crate::json::{Kind, Value};
use crate::take::Taker;

pub(crate) struct Completions;

impl Shape for Completions {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_tokens"], &["n", "best_of"], to);
        to.exchange.probabilities |= root
            .get("logprobs")
            .is_some_and(|given| given.kind() == Kind::Number);
        if let Some(prompt) = root.get("prompt") {
            to.texts(Origin::User, prompt);
        }
        to.member(Origin::User, root, "suffix");
        to.rest(root, &["model", "prompt", "suffix", "stop", "user"]);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        Chat.answer(root, to);
    }

    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        Chat.event(name, root, to);
    }

    fn carry(&self, channel: &Channel, template: &Template, text: &str) -> Option<Bare> {
        if memchr::memmem::find(&template.data, b"\"delta\"").is_some() {
            return Chat.carry(channel, template, text);
        }
        let choices = format!(
            "[{{\"text\":{},\"index\":{},\"logprobs\":null,\"finish_reason\":null}}]",
            quoted(text),
            channel.key.answer
        );
        with_member(template, "choices", choices)
    }
}

/// Fields beside the message of a choice: verdicts and counts are known.
pub(super) fn beside<'d>(choice: Value<'d>, to: &mut Taker<'d>) {
    to.rest(
        choice,
        &[
            "index",
            "delta",
            "message",
            "text",
            "finish_reason",
            "native_finish_reason",
            "stop_reason",
            "logprobs",
            "content_filter_results",
            "content_filter_offsets",
        ],
    );
}
