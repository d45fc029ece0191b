//! What every dialect answers for.

use stance_core::exchange::Origin;

use super::Operation;
use super::{
    anthropic, chat, cohere, completions, converse, embeddings, gemini, invoke, ollama, responses,
};
use crate::filter::Channel;
use crate::json::{Document, Edits, Value};
use crate::take::{Step, Taker};
use crate::{Limits, rpc};

/// The last event of a channel, from which another one of the same shape is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    pub(crate) name: Option<String>,
    pub(crate) data: Vec<u8>,
}

/// An event of ours: its name and its data.
pub(crate) type Bare = (Option<String>, Vec<u8>);

/// How a dialect says that an answer is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) name: Option<&'static str>,
    pub(crate) data: String,
}

/// A dialect.
pub(crate) trait Shape: Sync {
    /// Takes the parts of a request.
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>);

    /// Takes the parts of a whole answer.
    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>);

    /// Takes what an event of a stream does.
    fn event<'d>(&self, name: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        let _ = name;
        self.answer(root, to);
    }

    /// An event that adds `text` to a channel: the template with its text replaced, unless a dialect knows better.
    fn carry(&self, channel: &Channel, template: &Template, text: &str) -> Option<Bare> {
        let limits = Limits::default();
        let document = Document::read(&template.data, &limits).ok()?;
        let mut taken = Taker::new(&document, 0);
        self.event(template.name.as_deref(), document.root(), &mut taken);
        let mut edits = Edits::default();
        let mut last = None;
        for step in &taken.steps {
            if let Step::Delta { key, span, .. } = step {
                if *key == channel.key {
                    last = Some(span.clone());
                } else {
                    edits.replace_text(span.clone(), "");
                }
            }
        }
        edits.replace_text(last?, text);
        for echo in &taken.echoes {
            edits.replace(echo.span.clone(), echo.blank.into());
        }
        Some((template.name.clone(), edits.applied(&template.data)))
    }

    /// The data of the event that ends a stream with an error, saying `message`.
    /// `ids` are those of the requests that it answers, where a protocol has them.
    fn refusal(&self, message: &str, ids: &[String]) -> Refusal {
        let _ = ids;
        Refusal {
            name: None,
            data: self.error(message),
        }
    }

    /// The body of an answer that is an error, saying `message`.
    fn error(&self, message: &str) -> String {
        openai_error(message)
    }

    /// Whether each event is a message of its own, with an id: refusing one does not end the stream.
    fn correlated(&self) -> bool {
        false
    }

    /// Whether the events of a stream carry those of the model itself in base64, and in which member.
    fn wrapped(&self) -> Option<&'static str> {
        None
    }
}

/// `text` as a JSON string, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    crate::json::encode(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// The error object of OpenAI and of those who speak like it.
pub(crate) fn openai_error(message: &str) -> String {
    format!(
        "{{\"error\":{{\"message\":{},\"type\":\"policy_violation\",\"param\":null,\"code\":\"content_blocked\"}}}}",
        quoted(message)
    )
}

/// The template with the value of its member `key` replaced.
pub(super) fn with_member(template: &Template, key: &str, json: String) -> Option<Bare> {
    let limits = Limits::default();
    let document = Document::read(&template.data, &limits).ok()?;
    let mut edits = Edits::default();
    edits.replace(document.root().get(key)?.span(), json.into_bytes());
    Some((template.name.clone(), edits.applied(&template.data)))
}

/// Takes the message of an error, in whichever of the usual places it stands; whether there is one.
pub(super) fn failure<'d>(root: Value<'d>, to: &mut Taker<'d>) -> bool {
    let Some(error) = root.get("error") else {
        return false;
    };
    if error.text().is_some() {
        to.text(Origin::Model, error);
    } else {
        to.member(Origin::Model, error, "message");
    }
    to.exchange.ended = Some("error".to_owned());
    true
}

/// The dialect of an operation; `None` where nothing of it is judged.
pub(crate) fn of(operation: Operation) -> Option<&'static dyn Shape> {
    Some(match operation {
        Operation::ChatCompletions => &chat::Chat,
        Operation::Completions | Operation::FillInTheMiddle => &completions::Completions,
        Operation::Responses => &responses::Responses,
        Operation::Embeddings => &embeddings::Embeddings,
        Operation::Messages | Operation::CountTokens => &anthropic::messages::Messages,
        Operation::Complete => &anthropic::complete::Complete,
        Operation::GenerateContent => &gemini::Gemini,
        Operation::EmbedContent => &embeddings::EmbedContent,
        Operation::Converse => &converse::Converse,
        Operation::Invoke => &invoke::Invoke,
        Operation::CohereChat => &cohere::chat::Chat,
        Operation::CohereChatV1 => &cohere::chat_v1::ChatV1,
        Operation::CohereGenerate => &cohere::texts::Generate,
        Operation::CohereEmbed => &cohere::texts::Embed,
        Operation::CohereRerank => &cohere::texts::Rerank,
        Operation::OllamaChat => &ollama::Chat,
        Operation::OllamaGenerate => &ollama::Generate,
        Operation::OllamaEmbed => &embeddings::OllamaEmbed,
        Operation::Mcp => &rpc::Mcp,
        Operation::A2a => &rpc::A2a,
        Operation::NotJudged(_) => return None,
    })
}
