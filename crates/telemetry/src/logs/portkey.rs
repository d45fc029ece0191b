//! Portkey: rows of an export of logs.
//!
//! Columns from <https://portkey.ai/docs/product/observability/logs-export>: requests and answers stand whole in
//! `request` and `response`, or in `request.body` and `response.body`; the cost is in cents.

use super::record::{begin, body, count, failed, label, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::interaction::{Cost, Failure, Operation};
use crate::limits::Limits;
use crate::message::body as bodies;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Portkey,
    claims,
    read,
    id: &[&["id"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    (has("ai_org") || has("ai_model"))
        && (has("req_units")
            || has("response_status_code")
            || has("is_success")
            || has("request_url"))
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::Portkey);
    interaction.name = label(value, &["id", "trace_id"]).unwrap_or_default();
    interaction.operation = operation(&label(value, &["request_url"]).unwrap_or_default());
    interaction.start = time::of(value, &["created_at"]);
    interaction.duration = milliseconds(number(value, &["response_time"]));
    interaction.provider = label(value, &["ai_org"]);
    interaction.asked = label(value, &["ai_model"]);
    interaction.conversation = label(value, &["trace_id"]);
    interaction.usage.input = count(value, &["req_units", "prompt_tokens"]);
    interaction.usage.output = count(value, &["res_units", "completion_tokens"]);
    let cents = number(value, &["cost"]);
    interaction.cost = Cost::dollars(cents.map(|cents| cents / 100.0)).map(|cost| Cost {
        currency: label(value, &["cost_currency"]).unwrap_or(cost.currency),
        ..cost
    });
    let metadata = value.get("metadata").unwrap_or(&Value::Null);
    interaction.identity.user = label(metadata, &["_user", "user", "user_id"]);
    interaction.identity.key = label(value, &["virtual_key", "api_key_id"]);
    interaction.identity.group = label(metadata, &["_organisation", "organisation", "team"])
        .or_else(|| label(value, &["workspace_slug"]));
    let request = body(value, "/request.body")
        .or_else(|| body(value, "/request/body"))
        .or_else(|| body(value, "/request"));
    let response = body(value, "/response.body")
        .or_else(|| body(value, "/response/body"))
        .or_else(|| body(value, "/response"));
    bodies::sides(&mut interaction, request, response, limits);
    let stream = value.get("stream_mode").and_then(Value::truth);
    interaction.request.stream |= stream.unwrap_or_default();
    let status = count(value, &["response_status_code"]);
    if interaction.failure.is_none() {
        interaction.failure = failed(status);
    }
    let success = value.get("is_success").and_then(Value::truth);
    if success == Some(false) && interaction.failure.is_none() {
        interaction.failure = Some(Failure {
            kind: "failure".to_owned(),
            ..Failure::default()
        });
    }
    Record::of(interaction)
}

/// What was asked for, by the path of the interface.
pub(super) fn operation(url: &str) -> Operation {
    let path = url.split('?').next().unwrap_or_default();
    if path.contains("/embeddings") || path.contains(":embedContent") {
        Operation::Embeddings
    } else if path.contains("/images") || path.contains("/audio") {
        Operation::Media
    } else if path.contains("/rerank") {
        Operation::Rerank
    } else if path.ends_with("/completions") && !path.ends_with("/chat/completions") {
        Operation::TextCompletion
    } else {
        Operation::Chat
    }
}
