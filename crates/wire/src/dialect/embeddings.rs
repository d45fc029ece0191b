//! Texts that become vectors: the vectors are not looked at.

use stance_core::exchange::Origin;

use super::content::content;
use super::shape::{Shape, failure, quoted};
use super::usage::{model, usage};
use crate::json::Value;
use crate::take::{About, Taker};

/// OpenAI's, and of those who speak like it.
pub(crate) struct Embeddings;

impl Shape for Embeddings {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        if let Some(input) = root.get("input") {
            to.texts(Origin::User, input);
        }
        to.rest(
            root,
            &["model", "input", "user", "encoding_format", "output_dtype"],
        );
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        usage(root.get("usage"), to);
    }
}

/// Ollama's, both paths.
pub(crate) struct OllamaEmbed;

impl Shape for OllamaEmbed {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        for key in ["input", "prompt"] {
            if let Some(input) = root.get(key) {
                to.texts(Origin::User, input);
            }
        }
        to.rest(root, &["model", "input", "prompt", "keep_alive", "options"]);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
        model(root, to);
        usage(Some(root), to);
    }

    fn error(&self, message: &str) -> String {
        format!("{{\"error\":{}}}", quoted(message))
    }
}

/// Gemini's, single and in batches.
pub(crate) struct EmbedContent;

impl Shape for EmbedContent {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        model(root, to);
        let one = root.get("content").map(|_| root);
        let several = root.get("requests");
        for request in one
            .into_iter()
            .chain(several.into_iter().flat_map(Value::elements))
        {
            let parts = request.at(&["content", "parts"]);
            content(Origin::User, parts, About::default(), to);
            to.member(Origin::User, request, "title");
        }
        to.rest(root, &["model", "content", "requests", "taskType", "title"]);
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        failure(root, to);
    }

    fn error(&self, message: &str) -> String {
        super::gemini::error(message)
    }
}
