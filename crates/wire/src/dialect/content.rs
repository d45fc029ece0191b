//! Content that is a string or a list of typed blocks, as OpenAI, Mistral, Cohere and others have it.

use stance_core::exchange::Origin;

use crate::json::{Kind, Value};
use crate::take::{About, Taker};

/// Takes the content of a message: a string, a list of blocks, or one block.
pub(crate) fn content<'d>(
    origin: Origin,
    value: Option<Value<'d>>,
    about: About<'_>,
    to: &mut Taker<'d>,
) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::Text => to.part(origin, value, about),
        Kind::Array => {
            for block in value.elements() {
                if block.kind() == Kind::Text {
                    to.part(origin, block, about);
                } else {
                    self::block(origin, block, about, to);
                }
            }
        }
        Kind::Object => block(origin, value, about, to),
        _ => {}
    }
}

/// Takes one block.
fn block<'d>(origin: Origin, block: Value<'d>, about: About<'_>, to: &mut Taker<'d>) {
    let kind = block.text_of("type").unwrap_or_default();
    let text = |key: &str, origin: Origin, to: &mut Taker<'d>| {
        if let Some(value) = block.get(key) {
            to.part(origin, value, about);
        }
    };
    match &*kind {
        "text" | "input_text" | "output_text" | "summary_text" | "json" => {
            let first = to.exchange.parts.len();
            text("text", origin, to);
            if let Some(given) = block.get("logprobs").filter(|given| given.has_text()) {
                to.exchange.probabilities = true;
                to.echo(given, first);
            }
            for key in ["annotations", "citations"] {
                if let Some(notes) = block.get(key) {
                    to.leaves(origin, notes, about);
                }
            }
        }
        "refusal" => text("refusal", origin, to),
        "reasoning_text" => text("text", Origin::Reasoning, to),
        "thinking" => {
            // A list of blocks at Mistral, a string at Cohere.
            content(Origin::Reasoning, block.get("thinking"), about, to);
        }
        "document" => {
            let document = block.get("document").unwrap_or(block);
            to.leaves(Origin::Document, document, about);
        }
        "file" | "input_file" => {
            if let Some(name) = block
                .get("filename")
                .or_else(|| block.at(&["file", "filename"]))
            {
                to.part(Origin::Document, name, about);
            }
            to.unjudged(block, "a file");
        }
        "image_url" | "input_image" | "image" => to.unjudged(block, "an image"),
        "input_audio" | "audio_url" | "output_audio" | "audio" => {
            if let Some(transcript) = block.get("transcript") {
                to.part(origin, transcript, about);
            }
            to.unjudged(block, "audio");
        }
        "video_url" | "video" => to.unjudged(block, "a video"),
        "document_url" => to.unjudged(block, "a document by its address"),
        "reference" => {}
        "" if block.get("text").is_some() => text("text", origin, to),
        _ => to.unjudged(block, "a kind of content that is not known"),
    }
}
