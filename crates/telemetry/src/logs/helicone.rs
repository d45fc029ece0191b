//! Helicone: exports of requests.
//!
//! Fields from its export tool and from the interface `POST /v1/request/query-clickhouse`
//! (<https://docs.helicone.ai/tools/export>), whose records are its type `HeliconeRequest`: `request_body`, `response_body`,
//! `delay_ms`, `request_user_id`, `request_properties`, `costUSD`; and from its webhooks
//! (<https://docs.helicone.ai/features/webhooks>): `request_id`, `user_id`, `request_body`, `response_body`, `metadata`.

use super::portkey::operation;
use super::record::{begin, body, count, failed, label, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::interaction::Cost;
use crate::limits::Limits;
use crate::message::body as bodies;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Helicone,
    claims,
    read,
    id: &[&["request_id"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    let exported = has("request_created_at") && (has("provider") || has("response_status"));
    let told = has("request_body") && has("response_body");
    has("request_id") && (exported || told)
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::Helicone);
    interaction.name = label(value, &["request_id"]).unwrap_or_default();
    interaction.operation = operation(&label(value, &["request_path"]).unwrap_or_default());
    interaction.start = time::of(value, &["request_created_at"]);
    let metadata = value.get("metadata").unwrap_or(&Value::Null);
    interaction.duration =
        milliseconds(number(value, &["delay_ms"]).or_else(|| number(metadata, &["latencyMs"])));
    interaction.provider = label(value, &["provider"]).map(|name| name.to_ascii_lowercase());
    interaction.asked = label(value, &["request_model", "model_override", "model"]);
    interaction.answered = label(value, &["response_model", "model"]);
    let usage = &mut interaction.usage;
    usage.input = count(value, &["prompt_tokens"]);
    usage.output = count(value, &["completion_tokens"]);
    usage.cached = count(value, &["prompt_cache_read_tokens"]);
    usage.reasoning = count(value, &["reasoning_tokens"]);
    if usage.input.is_none() && usage.output.is_none() {
        usage.input = count(metadata, &["promptTokens"]);
        usage.output = count(metadata, &["completionTokens"]);
    }
    interaction.cost =
        Cost::dollars(number(value, &["costUSD", "cost"]).or_else(|| number(metadata, &["cost"])));
    let properties = value
        .first(&["request_properties", "properties"])
        .unwrap_or(&Value::Null);
    interaction.identity.user = label(value, &["request_user_id", "user_id"]);
    interaction.identity.key = label(value, &["key_name"]);
    interaction.conversation = label(properties, &["Helicone-Session-Id"]);
    interaction.service.name = label(properties, &["Helicone-Session-Name", "appname"]);
    interaction.service.environment = label(properties, &["environment", "Environment"]);
    let request = body(value, "/request_body");
    let response = body(value, "/response_body");
    bodies::sides(&mut interaction, request, response, limits);
    if interaction.failure.is_none() {
        interaction.failure = failed(count(value, &["response_status"]));
    }
    Record::of(interaction)
}
