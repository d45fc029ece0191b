//! Agent2Agent 0.3: messages, tasks with their artifacts, and streams of updates. The words of an agent are a model's.

use stance_core::exchange::Origin;

use super::take;
use crate::Limits;
use crate::dialect::{Bare, Refusal, Shape, Template, quoted};
use crate::filter::{Channel, ChannelKind};
use crate::json::{Document, Edits, Value};
use crate::take::{About, Scope, Taker};

pub(crate) struct A2a;

impl Shape for A2a {
    fn request<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        take(root, to, ask, |result, _, to| answer(result, false, to));
    }

    fn answer<'d>(&self, root: Value<'d>, to: &mut Taker<'d>) {
        self.request(root, to);
    }

    fn event<'d>(&self, _: Option<&str>, root: Value<'d>, to: &mut Taker<'d>) {
        take(root, to, ask, |result, _, to| answer(result, true, to));
    }

    fn carry(&self, _: &Channel, template: &Template, text: &str) -> Option<Bare> {
        let limits = Limits::default();
        let document = Document::read(&template.data, &limits).ok()?;
        let result = document.root().get("result")?;
        let artifact = result.get("artifact")?;
        let mut edits = Edits::default();
        let part = format!("[{{\"kind\":\"text\",\"text\":{}}}]", quoted(text));
        edits.replace(artifact.get("parts")?.span(), part.into_bytes());
        match result.members().find(|member| member.key() == "append") {
            Some(append) => edits.replace(append.span(), b"true".to_vec()),
            None => {
                let after = artifact.span().end;
                edits.replace(after..after, b",\"append\":true".to_vec());
            }
        }
        if let Some(last) = result.get("lastChunk") {
            edits.replace(last.span(), b"false".to_vec());
        }
        Some((template.name.clone(), edits.applied(&template.data)))
    }

    fn refusal(&self, message: &str, ids: &[String]) -> Refusal {
        Refusal {
            name: None,
            data: super::refusal(ids, message),
        }
    }

    fn error(&self, message: &str) -> String {
        super::refusal(&[], message)
    }

    fn correlated(&self) -> bool {
        true
    }
}

fn ask<'d>(method: &str, params: Value<'d>, _: Option<&str>, to: &mut Taker<'d>) {
    match method {
        "message/send" | "message/stream" => {
            to.exchange.stream |= method == "message/stream";
            if let Some(message) = params.get("message") {
                self::message(message, to);
            }
            if let Some(more) = params.get("metadata").filter(|more| more.has_text()) {
                to.unjudged(more, "metadata");
            }
        }
        _ if method.starts_with("tasks/") || method.starts_with("agent/") => {}
        _ if !params.has_text() => {}
        _ => to.unjudged(params, "a method that is not known"),
    }
}

fn answer<'d>(result: Value<'d>, stream: bool, to: &mut Taker<'d>) {
    match &*result.text_of("kind").unwrap_or_default() {
        "message" => message(result, to),
        "task" => task(result, to),
        "status-update" => {
            if let Some(status) = result.get("status") {
                self::status(status, to);
            }
            if result.get("final").is_some_and(Value::is_true) {
                to.end(Scope::All);
            }
        }
        "artifact-update" => {
            if let Some(artifact) = result.get("artifact") {
                self::artifact(artifact, stream, to);
                let index = index(artifact);
                if result.get("lastChunk").is_some_and(Value::is_true) {
                    to.end(Scope::Block(0, index));
                }
            }
        }
        _ if result.get("skills").is_some() => card(result, to),
        _ if !result.has_text() => {}
        _ => to.unjudged(result, "a result that is not known"),
    }
}

fn task<'d>(task: Value<'d>, to: &mut Taker<'d>) {
    for earlier in task.get("history").into_iter().flat_map(Value::elements) {
        message(earlier, to);
    }
    for artifact in task.get("artifacts").into_iter().flat_map(Value::elements) {
        self::artifact(artifact, false, to);
    }
    if let Some(status) = task.get("status") {
        self::status(status, to);
    }
}

fn status<'d>(status: Value<'d>, to: &mut Taker<'d>) {
    if let Some(message) = status.get("message") {
        self::message(message, to);
    }
    if let Some(state) = status.text_of("state") {
        to.exchange.ended = Some(state.into_owned());
    }
}

fn message<'d>(message: Value<'d>, to: &mut Taker<'d>) {
    let agent = message.text_of("role").as_deref() == Some("agent");
    let origin = if agent { Origin::Model } else { Origin::User };
    for part in message.get("parts").into_iter().flat_map(Value::elements) {
        self::part(origin, part, None, to);
    }
}

fn artifact<'d>(artifact: Value<'d>, stream: bool, to: &mut Taker<'d>) {
    for key in ["name", "description"] {
        to.member(Origin::Model, artifact, key);
    }
    let index = stream.then(|| index(artifact));
    for part in artifact.get("parts").into_iter().flat_map(Value::elements) {
        self::part(Origin::Model, part, index, to);
    }
}

/// Which channel the text of an artifact goes to: artifacts have names, channels have numbers (FNV-1a).
fn index(artifact: Value<'_>) -> u64 {
    let id = artifact.text_of("artifactId").unwrap_or_default();
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn part<'d>(origin: Origin, part: Value<'d>, stream: Option<u64>, to: &mut Taker<'d>) {
    match &*part.text_of("kind").unwrap_or_default() {
        "text" => match (part.get("text"), stream) {
            (Some(text), Some(index)) => to.delta(ChannelKind::Content, 0, index, text),
            (Some(text), None) => to.text(origin, text),
            (None, _) => {}
        },
        "data" => {
            if let Some(data) = part.get("data") {
                to.text(origin, data);
            }
        }
        "file" => to.unjudged(part, "a file"),
        _ => to.unjudged(part, "a kind of content that is not known"),
    }
}

/// The card of an agent: what it says about itself.
fn card<'d>(card: Value<'d>, to: &mut Taker<'d>) {
    for key in ["name", "description", "skills"] {
        if let Some(said) = card.get(key) {
            to.leaves(Origin::ToolDefinition, said, About::default());
        }
    }
}
