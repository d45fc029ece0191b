//! Envoy AI Gateway: access logs in JSON.
//!
//! The keys are what an operator writes into the `EnvoyProxy` resource; those of the documentation
//! (<https://aigateway.envoyproxy.io/docs/capabilities/observability/accesslogs>) and of the gateway's own defaults are names of
//! the GenAI conventions beside Envoy's: `gen_ai.request.model`, `gen_ai.usage.input_tokens`, `mcp.method.name`,
//! `start_time`, `duration` (milliseconds), `response_code`.

use super::record::{count, failed, label, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::attributes::Attributes;
use crate::genai;
use crate::interaction::{Dialect, Operation, fill};
use crate::limits::Limits;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Envoy,
    claims,
    read,
    id: &[&["x-request-id"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    let told = |prefix: &str| {
        let mut names = value.fields().iter();
        names.any(|(name, _)| name.starts_with(prefix))
    };
    (has("response_code") || has("response_flags") || has("x-envoy-origin-path"))
        && (told("gen_ai.") || told("mcp."))
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let attributes = flat(value);
    let Some(mut interaction) = genai::of_attributes(&attributes, limits) else {
        return Record::Other;
    };
    // Where a route has no model or method, the keys are there and null.
    let is_model = interaction.asked.is_some() || interaction.answered.is_some();
    if !is_model && interaction.mcp.is_none() {
        return Record::Other;
    }
    interaction.dialects = vec![Dialect::Log(Format::Envoy)];
    let path = label(value, &["x-envoy-origin-path", "path"]);
    interaction.name = label(value, &["x-request-id"]).unwrap_or_default();
    if is_model && matches!(interaction.operation, Operation::Unknown | Operation::Chat) {
        interaction.operation = super::portkey::operation(&path.unwrap_or_default());
    }
    interaction.start = time::of(value, &["start_time"]);
    interaction.duration = milliseconds(number(value, &["duration"]));
    interaction.identity.address = label(value, &["x-forwarded-for", "downstream_remote_address"]);
    fill(
        &mut interaction.service.name,
        label(value, &["route_name", ":authority"]),
    );
    let status = count(value, &["response_code"]);
    interaction.failure = failed(status).map(|mut failure| {
        failure.message = label(value, &["response_code_details"]).unwrap_or_default();
        failure
    });
    Record::of(interaction)
}

/// The fields of a record as attributes. `-` is how Envoy writes that there is nothing.
pub(super) fn flat<'v>(value: &'v Value<'_>) -> Attributes<'v> {
    let fields = value.fields().iter();
    fields
        .filter(|(_, value)| value.text() != Some("-"))
        .map(|(name, value)| (name.as_ref().into(), value.clone()))
        .collect()
}
