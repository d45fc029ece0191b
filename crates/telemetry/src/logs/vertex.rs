//! Vertex AI: request-response logs, exported from the table of BigQuery.
//!
//! Columns from <https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/request-response-logging>: `endpoint`,
//! `deployed_model_id`, `logging_time`, `request_id`, `request_payload` and `response_payload` (lists of texts), and for
//! Gemini and Claude `full_request`, `full_response`, `model`, `api_method`, `metadata`.

use super::record::{begin, body, label, map, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::interaction::{Operation, fill};
use crate::limits::Limits;
use crate::message::body as bodies;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Vertex,
    claims,
    read,
    id: &[&["request_id"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    has("logging_time") && (has("full_request") || has("request_payload") || has("endpoint"))
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::Vertex);
    interaction.name = label(value, &["request_id"]).unwrap_or_default();
    interaction.start = time::of(value, &["logging_time"]);
    interaction.provider = Some("gcp.vertex_ai".to_owned());
    let last = |text: String| text.rsplit('/').next().unwrap_or_default().to_owned();
    interaction.asked = label(value, &["model", "deployed_model_id"])
        .or_else(|| label(value, &["endpoint"]))
        .map(last);
    interaction.answered = label(value, &["model_version"]);
    interaction.operation = match label(value, &["api_method"]).as_deref() {
        Some(method) if method.contains("embed") => Operation::Embeddings,
        // A model of one's own may do anything: tables, pictures, texts.
        None if value.get("full_request").is_none() => Operation::Other("predict".to_owned()),
        _ => Operation::Chat,
    };
    interaction.service.name = label(value, &["endpoint"]).map(last);
    let request = body(value, "/full_request").or_else(|| body(value, "/request_payload"));
    let response = body(value, "/full_response").or_else(|| body(value, "/response_payload"));
    bodies::sides(&mut interaction, request, response, limits);
    if let Some(metadata) = map(value, "metadata", limits) {
        let latency = number(&metadata, &["request_latency", "latency_ms", "latencyMs"]);
        fill(&mut interaction.duration, milliseconds(latency));
    }
    Record::of(interaction)
}
