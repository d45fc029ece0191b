//! Models of Bedrock in their own shapes. The id of a model may be an ARN that tells nothing, so that the shape is told by
//! the members of the body.

use stance_core::exchange::Origin;

use super::anthropic::complete::Complete;
use super::anthropic::messages::Messages;
use super::chat::Chat;
use super::cohere::chat_v1::ChatV1;
use super::cohere::texts::{Embed, Generate};
use super::completions::Completions;
use super::converse::{Converse, trace};
use super::shape::{Bare, Refusal, Shape, Template, quoted};
use super::usage::{usage, wishes};
use crate::Limits;
use crate::filter::{Channel, ChannelKind};
use crate::json::{Document, Value};
use crate::take::{Scope, Taker};

pub(crate) struct Invoke;

/// What a guardrail of the provider adds to a body.
const TRACE: &str = "amazon-bedrock-trace";

impl Shape for Invoke {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        let has = |key: &str| root.get(key).is_some();
        if has("messages") && (has("anthropic_version") || has("system") && !nova(root)) {
            Messages.request(root, to);
        } else if has("messages") && nova(root) {
            Converse.request(root, to);
        } else if has("messages") {
            Chat.request(root, to);
        } else if has("max_tokens_to_sample") {
            Complete.request(root, to);
        } else if has("inputText") {
            titan(root, to);
        } else if has("message") {
            ChatV1.request(root, to);
        } else if has("texts") {
            Embed.request(root, to);
        } else if has("prompt") && (has("p") || has("k") || has("return_likelihoods")) {
            Generate.request(root, to);
        } else if has("prompt") {
            wishes(root, &["max_gen_len", "maxTokens"], &["numResults"], to);
            Completions.request(root, to);
        } else {
            to.unjudged(root, "a body in a shape that is not known");
        }
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        self.body(root, false, to);
    }

    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        if name.is_some_and(|name| name.ends_with("Exception")) {
            to.member(Origin::Model, root, "message");
            to.exchange.ended = Some("error".to_owned());
            return to.end(Scope::All);
        }
        self.body(root, true, to);
    }

    fn carry(&self, channel: &Channel, template: &Template, text: &str) -> Option<Bare> {
        let limits = Limits::default();
        let document = Document::read(&template.data, &limits).ok()?;
        let root = document.root();
        let has = |key: &str| root.get(key).is_some();
        let bare = if has("type") {
            Messages.carry(channel, template, text)
        } else if has("contentBlockDelta") {
            let key = channel.key;
            let delta = match key.kind {
                ChannelKind::Arguments => format!("{{\"toolUse\":{{\"input\":{}}}}}", quoted(text)),
                ChannelKind::Reasoning => {
                    format!("{{\"reasoningContent\":{{\"text\":{}}}}}", quoted(text))
                }
                _ => format!("{{\"text\":{}}}", quoted(text)),
            };
            let data = format!(
                "{{\"contentBlockDelta\":{{\"delta\":{delta},\"contentBlockIndex\":{}}}}}",
                key.index
            );
            Some((None, data.into_bytes()))
        } else if has("choices") {
            Completions.carry(channel, template, text)
        } else if has("event_type") {
            ChatV1.carry(channel, template, text)
        } else {
            let data = if has("outputText") {
                format!("{{\"outputText\":{},\"index\":0}}", quoted(text))
            } else if has("generation") {
                format!("{{\"generation\":{}}}", quoted(text))
            } else if has("outputs") {
                format!("{{\"outputs\":[{{\"text\":{}}}]}}", quoted(text))
            } else if has("completion") {
                format!(
                    "{{\"type\":\"completion\",\"completion\":{}}}",
                    quoted(text)
                )
            } else {
                format!("{{\"text\":{},\"is_finished\":false}}", quoted(text))
            };
            Some((None, data.into_bytes()))
        };
        bare.map(|(_, data)| (Some("chunk".to_owned()), data))
    }

    fn refusal(&self, message: &str, _: &[String]) -> Refusal {
        Converse.refusal(message, &[])
    }

    fn error(&self, message: &str) -> String {
        Converse.error(message)
    }

    fn wrapped(&self) -> Option<&'static str> {
        Some("bytes")
    }
}

impl Invoke {
    /// A whole answer, or one event of a stream.
    fn body<'d>(&self, root: Value<'d>, stream: bool, to: &mut Taker<'d>) {
        let has = |key: &str| root.get(key).is_some();
        let shape: Option<&dyn Shape> =
            if has("completion") || root.text_of("type").as_deref() == Some("completion") {
                Some(&Complete)
            } else if has("type") {
                Some(&Messages)
            } else if has("choices") {
                Some(&Completions)
            } else if has("output") {
                Some(&Converse)
            } else if has("event_type") || has("chat_history") || has("response_id") {
                Some(&ChatV1)
            } else if has("generations") {
                Some(&Generate)
            } else {
                None
            };
        match shape {
            Some(shape) if stream => shape.event(None, root, to),
            Some(shape) => shape.answer(root, to),
            None if stream && nova_event(root, to) => {}
            None => plain(root, stream, to),
        }
        trace(root.get(TRACE), to);
        usage(root.get("amazon-bedrock-invocationMetrics"), to);
    }
}

/// Whether messages are in blocks that are told by their one member, as Nova has them.
fn nova(root: Value<'_>) -> bool {
    root.get("inferenceConfig").is_some()
        || root.get("schemaVersion").is_some()
        || root
            .get("messages")
            .into_iter()
            .flat_map(Value::elements)
            .flat_map(|message| message.get("content").into_iter().flat_map(Value::elements))
            .any(|block| block.get("type").is_none() && block.get("text").is_some())
}

fn titan<'d>(root: Value<'d>, to: &mut Taker<'d>) {
    to.member(Origin::User, root, "inputText");
    if let Some(config) = root.get("textGenerationConfig") {
        wishes(config, &["maxTokenCount"], &[], to);
    }
    if let Some(image) = root.get("inputImage") {
        to.unjudged(image, "an image");
    }
    to.rest(
        root,
        &[
            "inputText",
            "textGenerationConfig",
            "inputImage",
            "embeddingTypes",
        ],
    );
}

/// An event that is an object with the name of the event around what `converse` says.
fn nova_event<'d>(root: Value<'d>, to: &mut Taker<'d>) -> bool {
    let mut found = false;
    for member in root.members() {
        let key = member.key();
        if matches!(
            &*key,
            "messageStart"
                | "contentBlockStart"
                | "contentBlockDelta"
                | "contentBlockStop"
                | "messageStop"
                | "metadata"
        ) {
            Converse.event(Some(&key), member, to);
            found = true;
        }
    }
    found
}

/// The shapes that are a text and why it ended: Titan, Llama, Mistral, AI21, Cohere.
fn plain<'d>(root: Value<'d>, stream: bool, to: &mut Taker<'d>) {
    usage(Some(root), to);
    let mut texts = Vec::new();
    let mut ends = vec![root];
    for key in ["outputText", "generation", "text"] {
        texts.extend(root.get(key));
    }
    for (list, path) in [
        ("results", &["outputText"][..]),
        ("outputs", &["text"]),
        ("completions", &["data", "text"]),
    ] {
        for one in root.get(list).into_iter().flat_map(Value::elements) {
            texts.extend(one.at(path));
            if let Some(count) = one.whole_of("tokenCount") {
                to.exchange.usage.output = Some(count);
            }
            ends.push(one);
        }
    }
    let vectors = ["embedding", "embeddings"];
    let known = !texts.is_empty() || vectors.iter().any(|key| root.get(key).is_some());
    for (answer, text) in (0_u64..).zip(texts) {
        if stream {
            to.delta(ChannelKind::Content, answer, 0, text);
        } else {
            to.text(Origin::Model, text);
        }
    }
    for one in ends {
        ended(one, to);
    }
    to.member(Origin::Model, root, "message");
    if !known && root.get("message").is_none() && root.has_text() {
        to.unjudged(root, "a body in a shape that is not known");
    }
}

fn ended<'d>(of: Value<'d>, to: &mut Taker<'d>) {
    let reason = ["stop_reason", "completionReason", "finish_reason"]
        .iter()
        .find_map(|key| of.text_of(key))
        .or_else(|| of.at(&["finishReason", "reason"]).and_then(Value::text));
    if let Some(reason) = reason {
        to.exchange.ended = Some(reason.into_owned());
        to.end(Scope::All);
    }
}
