//! Cloudflare AI Gateway: events of Logpush, and what its interface lists.
//!
//! Fields from <https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/ai_gateway_events/> and from the
//! interface's "List Gateway Logs". In Logpush the bodies are encrypted for the owner of a key, and are not judged.

use stance_core::exchange::Unjudged;

use super::portkey::operation;
use super::record::{begin, body, count, failed, label, map, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::interaction::{Cost, Failure, Interaction};
use crate::limits::Limits;
use crate::message::body as bodies;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Cloudflare,
    claims,
    read,
    id: &[&["id"], &["RayID"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    let pushed = has("Gateway") && has("Provider") && has("Model");
    let listed = has("provider") && has("tokens_in") && has("tokens_out");
    pushed || listed
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::Cloudflare);
    interaction.name = label(value, &["id", "RayID"]).unwrap_or_default();
    let path = label(value, &["Endpoint", "path"]).unwrap_or_default();
    interaction.operation = operation(&path);
    interaction.start = time::of(value, &["Timestamp", "created_at"]);
    let metrics = value.get("Metrics").unwrap_or(&Value::Null);
    interaction.duration = milliseconds(number(metrics, &["durationMs"]))
        .or_else(|| milliseconds(number(value, &["duration"])));
    interaction.provider = label(value, &["Provider", "provider"]);
    interaction.asked = label(value, &["RequestedModel", "Model", "model"]);
    interaction.answered = label(value, &["Model", "model"]);
    interaction.usage.input = count(value, &["tokens_in"])
        .or_else(|| count(metrics, &["tokensIn", "inputTokens", "tokens_in"]));
    interaction.usage.output = count(value, &["tokens_out"])
        .or_else(|| count(metrics, &["tokensOut", "outputTokens", "tokens_out"]));
    interaction.cost =
        Cost::dollars(number(value, &["cost"]).or_else(|| number(metrics, &["cost"])));
    interaction.service.name = label(value, &["Gateway", "gateway_id"]);
    let metadata = map(value, "Metadata", limits).or_else(|| map(value, "metadata", limits));
    let metadata = metadata.unwrap_or_default();
    interaction.identity.user = label(&metadata, &["user", "user_id", "userId", "email"]);
    interaction.identity.group = label(&metadata, &["team", "teamId", "organization"]);
    interaction.failure = failed(count(value, &["StatusCode", "status_code"]));
    if interaction.failure.is_none() && value.get("success").and_then(Value::truth) == Some(false) {
        interaction.failure = Some(Failure {
            kind: "failure".to_owned(),
            ..Failure::default()
        });
    }
    sides(value, &mut interaction, limits);
    Record::of(interaction)
}

fn sides(value: &Value<'_>, interaction: &mut Interaction, limits: Limits) {
    let mut open = [None, None];
    let places = [["/RequestBody", "/request"], ["/ResponseBody", "/response"]];
    for (side, names) in open.iter_mut().zip(places) {
        let found = names.into_iter().find_map(|name| body(value, name));
        let Some((pointer, content)) = found else {
            continue;
        };
        if content.get("type").and_then(Value::text) == Some("encrypted") {
            interaction.unjudged.push(Unjudged {
                pointer: pointer.to_owned(),
                what: "a body that is encrypted for its owner".to_owned(),
            });
        } else {
            *side = Some((pointer, content));
        }
    }
    let [request, response] = open;
    bodies::sides(interaction, request, response, limits);
}
