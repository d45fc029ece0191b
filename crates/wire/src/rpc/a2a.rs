//! Agent2Agent, 0.3 and 1.0: messages, tasks with their artifacts, and streams of updates. The words of an agent are a model's.
//!
//! The older version says with `kind` what a thing is; the newer one by the member that holds it, and has other names for methods,
//! roles and states.

use std::borrow::Cow;

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
        if root.get("jsonrpc").is_none() && root.get("skills").is_some() {
            card(root, to);
            return;
        }
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
        let newer = result.get("artifactUpdate");
        let result = newer.unwrap_or(result);
        let artifact = result.get("artifact")?;
        let mut edits = Edits::default();
        let kind = if newer.is_some() {
            ""
        } else {
            "\"kind\":\"text\","
        };
        let part = format!("[{{{kind}\"text\":{}}}]", quoted(text));
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
        "message/send" | "message/stream" | "SendMessage" | "SendStreamingMessage" => {
            to.exchange.stream |= matches!(method, "message/stream" | "SendStreamingMessage");
            if let Some(message) = params.get("message") {
                self::message(message, to);
            }
            if let Some(more) = params.get("metadata").filter(|more| more.has_text()) {
                to.unjudged(more, "metadata");
            }
        }
        _ if method.starts_with("tasks/") || method.starts_with("agent/") => {}
        _ if ["Task", "Tasks", "TaskPushNotificationConfig", "AgentCard"]
            .iter()
            .any(|noun| method.ends_with(noun)) => {}
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
        "artifact-update" => update(result, stream, to),
        "" => newer(result, stream, to),
        _ if !result.has_text() => {}
        _ => to.unjudged(result, "a result that is not known"),
    }
}

/// What 1.0 answers: told by its members.
fn newer<'d>(result: Value<'d>, stream: bool, to: &mut Taker<'d>) {
    if let Some(message) = result.get("message") {
        self::message(message, to);
    } else if let Some(task) = result.get("task") {
        self::task(task, to);
    } else if let Some(changed) = result.get("statusUpdate") {
        if let Some(status) = changed.get("status") {
            self::status(status, to);
            let state = status.text_of("state").unwrap_or_default();
            if ["COMPLETED", "FAILED", "CANCELED", "REJECTED"]
                .iter()
                .any(|end| state.ends_with(end))
            {
                to.end(Scope::All);
            }
        }
    } else if let Some(changed) = result.get("artifactUpdate") {
        update(changed, stream, to);
    } else if result.get("tasks").is_some() {
        for task in result.get("tasks").into_iter().flat_map(Value::elements) {
            self::task(task, to);
        }
    } else if result.get("status").is_some() && result.get("id").is_some() {
        task(result, to);
    } else if result.get("skills").is_some() {
        card(result, to);
    } else if result.has_text() {
        to.unjudged(result, "a result that is not known");
    }
}

/// A piece of an artifact.
fn update<'d>(changed: Value<'d>, stream: bool, to: &mut Taker<'d>) {
    if let Some(artifact) = changed.get("artifact") {
        self::artifact(artifact, stream, to);
        if changed.get("lastChunk").is_some_and(Value::is_true) {
            to.end(Scope::Block(0, index(artifact)));
        }
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
    let role = message.text_of("role");
    let agent = matches!(role.as_deref(), Some("agent" | "ROLE_AGENT"));
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
    let kind = part.text_of("kind").unwrap_or_else(|| {
        let named = ["text", "data"]
            .into_iter()
            .find(|key| part.get(key).is_some());
        Cow::Borrowed(named.unwrap_or("file"))
    });
    match &*kind {
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
