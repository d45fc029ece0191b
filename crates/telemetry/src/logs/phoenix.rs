//! Arize Phoenix: exports of spans.
//!
//! Records as `GET /v1/projects/{project}/spans` and `phoenix.Client().get_spans_dataframe()` give them
//! (<https://arize.com/docs/phoenix/sdk-api-reference/rest-api/api-reference/spans>): `context` with the ids, `span_kind`,
//! `attributes` in the names of OpenInference, flattened or as maps inside of maps, `status_code`, `status_message`.

use super::record::label;
use super::{Format, Known, Record, time};
use crate::attributes::Attributes;
use crate::genai;
use crate::interaction::{Dialect, Failure, fill};
use crate::limits::Limits;
use crate::otlp::{SpanId, TraceId};
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Phoenix,
    claims,
    read,
    id: &[],
};

fn claims(value: &Value<'_>) -> bool {
    let nested = value.at(&["context", "trace_id"]).is_some();
    let flat = value.get("context.trace_id").is_some();
    (nested || flat) && (value.get("span_kind").is_some() || value.get("attributes").is_some())
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut attributes = Attributes::default();
    match value.get("attributes") {
        Some(nested) => flatten(nested, String::new(), limits.depth, &mut attributes),
        // Columns of a data frame.
        None => {
            for (name, value) in value.fields() {
                if let Some(name) = name.strip_prefix("attributes.") {
                    flatten(value, name.to_owned(), limits.depth, &mut attributes);
                }
            }
        }
    }
    if let Some(kind) = value.get("span_kind").filter(|kind| !kind.is_empty())
        && attributes.get("openinference.span.kind").is_none()
    {
        attributes.push("openinference.span.kind", kind.clone());
    }
    let Some(mut interaction) = genai::of_attributes(&attributes, limits) else {
        return Record::Other;
    };
    let id = |name: &'static str, flat: &'static str| {
        value
            .at(&["context", name])
            .or_else(|| value.get(flat))
            .and_then(Value::label)
    };
    interaction.told_in(Dialect::Log(Format::Phoenix));
    interaction.name = label(value, &["name"]).unwrap_or_default();
    interaction.trace = id("trace_id", "context.trace_id").and_then(|id| TraceId::from_hex(&id));
    interaction.span = id("span_id", "context.span_id").and_then(|id| SpanId::from_hex(&id));
    interaction.parent = label(value, &["parent_id"]).and_then(|id| SpanId::from_hex(&id));
    interaction.start = time::of(value, &["start_time"]);
    let end = time::of(value, &["end_time"]);
    interaction.duration = interaction
        .start
        .zip(end)
        .and_then(|(start, end)| end.duration_since(start).try_into().ok());
    if label(value, &["status_code"]).as_deref() == Some("ERROR") {
        fill(
            &mut interaction.failure,
            Some(Failure {
                kind: "error".to_owned(),
                message: label(value, &["status_message"]).unwrap_or_default(),
                status: None,
            }),
        );
    }
    Record::of(interaction)
}

/// Maps inside of maps, and lists of maps, to names with dots.
fn flatten<'a>(value: &Value<'a>, name: String, depth: u32, attributes: &mut Attributes<'a>) {
    let Some(deeper) = depth.checked_sub(1) else {
        return;
    };
    let below = |step: &str| match name.is_empty() {
        true => step.to_owned(),
        false => format!("{name}.{step}"),
    };
    match value {
        Value::Map(fields) => {
            for (step, value) in fields {
                flatten(value, below(step), deeper, attributes);
            }
        }
        Value::List(items) if items.iter().any(|item| matches!(item, Value::Map(_))) => {
            for (at, item) in items.iter().enumerate() {
                flatten(item, below(&at.to_string()), deeper, attributes);
            }
        }
        value => attributes.push(name, value.clone()),
    }
}
