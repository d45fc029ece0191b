//! Completions: one prompt in which the turns are written out.

use stance_core::exchange::Origin;

use super::super::shape::{Refusal, Shape, failure};
use super::super::usage::{model, wishes};
use crate::filter::ChannelKind;
use crate::json::Value;
use crate::take::{Scope, Taker};

pub(crate) struct Complete;

impl Shape for Complete {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_tokens_to_sample"], &[], to);
        to.member(Origin::User, root, "prompt");
        to.rest(
            root,
            &[
                "model",
                "prompt",
                "stop_sequences",
                "metadata",
                "anthropic_version",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        to.member(Origin::Model, root, "completion");
        if let Some(reason) = root.text_of("stop_reason") {
            to.exchange.ended = Some(reason.into_owned());
        }
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        if let Some(text) = root.get("completion") {
            to.delta(ChannelKind::Content, 0, 0, text);
        }
        if let Some(reason) = root.text_of("stop_reason") {
            to.exchange.ended = Some(reason.into_owned());
            to.end(Scope::All);
        }
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
