//! LiteLLM: the payload that it gives to every logger, and the rows of its table of spendings.
//!
//! Fields from <https://docs.litellm.ai/docs/proxy/logging_spec> (`StandardLoggingPayload`) and from the table
//! `LiteLLM_SpendLogs` of its `schema.prisma`. Checked against what 1.110 writes.

use super::record::{begin, body, count, failed, label, map, number, seconds};
use super::{Format, Known, Record, time};
use crate::interaction::{Cost, Failure, Operation, fill};
use crate::limits::Limits;
use crate::message::{Path, Taker, body as bodies, tools};
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::LiteLlm,
    claims,
    read,
    id: &[&["litellm_call_id"], &["request_id"], &["id"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    has("call_type") && (has("response_cost") || has("spend") || has("litellm_call_id"))
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::LiteLlm);
    interaction.name = label(value, &["litellm_call_id", "request_id", "id"]).unwrap_or_default();
    interaction.operation = label(value, &["call_type"])
        .map(|name| Operation::of(&name))
        .unwrap_or_default();
    interaction.start = time::of(value, &["startTime", "start_time"]);
    let end = time::of(value, &["endTime", "end_time"]);
    interaction.duration = interaction
        .start
        .zip(end)
        .and_then(|(start, end)| end.duration_since(start).try_into().ok())
        .or_else(|| seconds(number(value, &["response_time"])));
    interaction.provider = label(value, &["custom_llm_provider"]);
    interaction.asked = label(value, &["model_group", "model"]);
    interaction.conversation = label(value, &["session_id", "trace_id"]);
    interaction.answer = label(value, &["id"]);
    let usage = &mut interaction.usage;
    usage.input = count(value, &["prompt_tokens"]);
    usage.output = count(value, &["completion_tokens"]);
    if let Some(told) = value.at(&["metadata", "usage_object"]) {
        bodies::usage(told, usage);
    }
    interaction.cost = Cost::dollars(number(value, &["response_cost", "spend"]));
    who(value, &mut interaction, limits);
    let request = body(value, "/messages").or_else(|| body(value, "/proxy_server_request"));
    bodies::sides(&mut interaction, request, body(value, "/response"), limits);
    if let Some(offered) = value.at(&["model_parameters", "tools"]) {
        let path = Path::at("/model_parameters/tools".to_owned());
        tools(
            &mut Taker::new(&mut interaction.request, path, limits),
            offered,
        );
    }
    if let Some(parameters) = value.get("model_parameters") {
        bodies::settings(&mut interaction.request, parameters);
    }
    let stream = value.get("stream").and_then(Value::truth);
    interaction.request.stream |= stream.unwrap_or_default();
    if label(value, &["status"]).as_deref() == Some("failure") {
        let told = value.get("error_information").unwrap_or(&Value::Null);
        let status = count(told, &["error_code"]);
        interaction.failure = Some(Failure {
            kind: label(told, &["error_class"]).unwrap_or_else(|| "failure".to_owned()),
            message: label(told, &["error_message"])
                .or_else(|| label(value, &["error_str"]))
                .unwrap_or_default(),
            status: failed(status).and_then(|failure| failure.status),
        });
    }
    Record::of(interaction)
}

/// Keys are told by their names or hashes. A row of the table has the hash in `api_key`.
fn who(value: &Value<'_>, interaction: &mut crate::Interaction, limits: Limits) {
    let identity = &mut interaction.identity;
    let metadata = map(value, "metadata", limits).unwrap_or_default();
    identity.user = label(value, &["end_user"])
        .or_else(|| {
            label(
                &metadata,
                &["user_api_key_user_email", "user_api_key_user_id"],
            )
        })
        .or_else(|| label(value, &["user"]))
        .or_else(|| {
            let parameters = value.get("model_parameters")?;
            label(parameters, &["user"])
        });
    identity.key = label(&metadata, &["user_api_key_alias", "user_api_key_hash"])
        .or_else(|| label(value, &["api_key"]).filter(|key| is_hash(key)));
    identity.group = label(
        &metadata,
        &["user_api_key_team_alias", "user_api_key_team_id"],
    )
    .or_else(|| label(value, &["team_id"]));
    identity.address = label(value, &["requester_ip_address"]);
    fill(
        &mut interaction.service.name,
        label(&metadata, &["service_name"]),
    );
}

/// A hash, not a key in the clear, which must not go on.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
