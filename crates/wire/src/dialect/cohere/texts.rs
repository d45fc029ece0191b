//! Completions, embeddings and ranking.

use stance_core::exchange::Origin;

use super::super::content::content;
use super::super::shape::Shape;
use super::super::usage::{model, usage, wishes};
use crate::filter::ChannelKind;
use crate::json::Value;
use crate::take::{About, Scope, Taker};

/// Completions.
pub(crate) struct Generate;

impl Shape for Generate {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        wishes(root, &["max_tokens"], &["num_generations"], to);
        to.member(Origin::User, root, "prompt");
        to.rest(
            root,
            &[
                "model",
                "prompt",
                "truncate",
                "preset",
                "end_sequences",
                "stop_sequences",
                "return_likelihoods",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        for one in root
            .get("generations")
            .into_iter()
            .flat_map(Value::elements)
        {
            to.member(Origin::Model, one, "text");
            if let Some(reason) = one.text_of("finish_reason") {
                to.exchange.ended = Some(reason.into_owned());
            }
        }
        to.member(Origin::User, root, "prompt");
        to.member(Origin::Model, root, "message");
        usage(root.get("meta"), to);
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        if let Some(text) = root.get("text") {
            to.delta(
                ChannelKind::Content,
                root.whole_of("index").unwrap_or(0),
                0,
                text,
            );
        }
        if root.get("is_finished").is_some_and(Value::is_true) {
            to.end(Scope::All);
            if let Some(response) = root.get("response") {
                self.answer(response, to);
            }
            if let Some(reason) = root.text_of("finish_reason") {
                to.exchange.ended = Some(reason.into_owned());
            }
        }
    }

    fn error(&self, message: &str) -> String {
        super::error(message)
    }
}

/// Embeddings: the answer repeats the texts.
pub(crate) struct Embed;

impl Shape for Embed {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        if let Some(texts) = root.get("texts") {
            to.texts(Origin::User, texts);
        }
        for input in root.get("inputs").into_iter().flat_map(Value::elements) {
            content(Origin::User, input.get("content"), About::default(), to);
        }
        if let Some(images) = root.get("images") {
            to.unjudged(images, "images");
        }
        to.rest(
            root,
            &[
                "model",
                "texts",
                "inputs",
                "images",
                "input_type",
                "embedding_types",
                "truncate",
            ],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        if let Some(texts) = root.get("texts") {
            to.texts(Origin::User, texts);
        }
        to.member(Origin::Model, root, "message");
        usage(root.get("meta"), to);
    }

    fn error(&self, message: &str) -> String {
        super::error(message)
    }
}

/// Ranking of documents.
pub(crate) struct Rerank;

impl Shape for Rerank {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        to.member(Origin::User, root, "query");
        if let Some(documents) = root.get("documents") {
            to.leaves(Origin::Document, documents, About::default());
        }
        to.rest(root, &["model", "query", "documents", "rank_fields"]);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        for result in root.get("results").into_iter().flat_map(Value::elements) {
            if let Some(document) = result.get("document") {
                to.leaves(Origin::Document, document, About::default());
            }
        }
        to.member(Origin::Model, root, "message");
        usage(root.get("meta"), to);
    }

    fn error(&self, message: &str) -> String {
        super::error(message)
    }
}
