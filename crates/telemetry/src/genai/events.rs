//! Events for single messages, as the conventions up to 1.36 have them: in log records, or in the events of a span.

use std::collections::HashMap;

use stance_core::exchange::Origin;

use super::time;
use crate::attributes::Attributes;
use crate::interaction::{Dialect, Interaction, Service};
use crate::limits::Limits;
use crate::message::{Path, Taker, messages};
use crate::otlp::{LogRecord, SpanId, TraceId};
use crate::value::Value;

/// The event that tells a whole operation, as the conventions have it since 1.37.
pub(super) const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// The name of the event that a log record is; older SDKs have it among the attributes.
pub(super) fn name<'r>(record: &'r LogRecord<'_>) -> &'r str {
    if !record.event.is_empty() {
        return &record.event;
    }
    let name = record.attributes.get("event.name");
    name.and_then(Value::text).unwrap_or_default()
}

/// Whose message an event is, by its name; `true` for an answer.
pub(super) fn kind(name: &str) -> Option<(Origin, bool)> {
    Some(match name {
        "gen_ai.system.message" => (Origin::Operator, false),
        "gen_ai.user.message" => (Origin::User, false),
        "gen_ai.assistant.message" => (Origin::Model, false),
        "gen_ai.tool.message" => (Origin::ToolResult, false),
        "gen_ai.choice" => (Origin::Model, true),
        _ => return None,
    })
}

/// Takes the message of an event: its body, or its attributes where it has none.
pub(super) fn message(taker: &mut Taker<'_>, body: &Value<'_>, all: &Attributes<'_>, from: Origin) {
    let before = taker.len();
    match body {
        Value::Null => {
            let fields = all.iter().filter_map(|(name, value)| {
                let name = name.strip_prefix("gen_ai.").unwrap_or(name);
                let known = [
                    "content",
                    "role",
                    "id",
                    "message",
                    "tool_calls",
                    "finish_reason",
                ];
                known
                    .contains(&name)
                    .then(|| (name.to_owned().into(), value.clone()))
            });
            messages(taker, &Value::Map(fields.collect()), from);
        }
        // A result has no role of its own, and its id is that of the call.
        Value::Map(fields) if body.get("role").is_none() && body.get("message").is_none() => {
            let role = match from {
                Origin::Operator => "system",
                Origin::User => "user",
                Origin::ToolResult => "tool",
                _ => "assistant",
            };
            let mut fields = fields.clone();
            fields.push(("role".into(), Value::Text(role.into())));
            messages(taker, &Value::Map(fields), from);
        }
        body => messages(taker, body, from),
    }
    if taker.len() == before && body.get("tool_calls").is_none() {
        taker.unjudged("a message of which the words were not recorded");
    }
}

/// Puts messages together, for each span.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// Where the interaction of a span is.
    by_span: HashMap<(Option<TraceId>, Option<SpanId>), usize>,
    interactions: Vec<Interaction>,
}

impl Messages {
    /// Takes a record; false when it is no message.
    pub(super) fn take(
        &mut self,
        record: &LogRecord<'_>,
        library: &str,
        service: &Service,
        limits: Limits,
    ) -> bool {
        let name = name(record);
        let Some((from, is_answer)) = kind(name) else {
            return false;
        };
        let next = self.interactions.len();
        let at = *self
            .by_span
            .entry((record.trace, record.span))
            .or_insert(next);
        if at == next {
            self.interactions.push(Interaction::default());
        }
        let Some(interaction) = self.interactions.get_mut(at) else {
            return false;
        };
        interaction.trace = record.trace;
        interaction.span = record.span;
        interaction.partial = true;
        if interaction.start.is_none() {
            interaction.start = time(record.time);
            interaction.service = Service {
                library: Some(library.to_owned()).filter(|name| !name.is_empty()),
                ..service.clone()
            };
            interaction.provider = record
                .attributes
                .label(&["gen_ai.provider.name", "gen_ai.system"]);
            interaction.told_in(Dialect::Before137);
        }
        let exchange = match is_answer {
            true => &mut interaction.response,
            false => &mut interaction.request,
        };
        let mut path = Path::at(String::new());
        path.push(name);
        path.push("body");
        let mut taker = Taker::new(exchange, path, limits);
        message(&mut taker, &record.body, &record.attributes, from);
        if is_answer {
            let ended = interaction.response.ended.clone();
            interaction.finish_reasons = ended.into_iter().collect();
        }
        true
    }

    /// One interaction for each span.
    pub(super) fn interactions(self) -> Vec<Interaction> {
        self.interactions
    }
}
