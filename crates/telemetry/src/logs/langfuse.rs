//! Langfuse: exports of observations, in the names of its blob storage (`trace_id`) and of its interface (`traceId`).
//!
//! Fields from <https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields> and its OpenAPI
//! document.

use stance_core::exchange::Origin;

use super::record::{begin, body, label, map, number, seconds};
use super::{Format, Known, Record, time};
use crate::interaction::{Agent, Cost, Failure, Interaction, Operation, Tool};
use crate::limits::Limits;
use crate::message::{Path, Taker, body as bodies, tools};
use crate::otlp::{SpanId, TraceId};
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Langfuse,
    claims,
    read,
    id: &[&["id"]],
};

/// The types of observations.
const TYPES: [&str; 11] = [
    "SPAN",
    "GENERATION",
    "EVENT",
    "AGENT",
    "TOOL",
    "CHAIN",
    "RETRIEVER",
    "EVALUATOR",
    "EMBEDDING",
    "GUARDRAIL",
    "PROMPT",
];

fn claims(value: &Value<'_>) -> bool {
    let kind = value.get("type").and_then(Value::text);
    let has = |names: [&str; 2]| value.first(&names).is_some();
    kind.is_some_and(|kind| TYPES.contains(&kind))
        && has(["trace_id", "traceId"])
        && has(["start_time", "startTime"])
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let kind = label(value, &["type"]).unwrap_or_default();
    if matches!(kind.as_str(), "SPAN" | "EVENT" | "CHAIN" | "PROMPT") {
        return Record::Other;
    }
    let mut interaction = begin(Format::Langfuse);
    interaction.name = label(value, &["name", "id"]).unwrap_or_default();
    interaction.operation = Operation::of(&kind);
    let id = |names: &[&str]| label(value, names);
    interaction.trace = id(&["trace_id", "traceId"]).and_then(|id| TraceId::from_hex(&id));
    interaction.span = id(&["id"]).and_then(|id| SpanId::from_hex(&id));
    interaction.parent =
        id(&["parent_observation_id", "parentObservationId"]).and_then(|id| SpanId::from_hex(&id));
    interaction.start = time::of(value, &["start_time", "startTime"]);
    let end = time::of(value, &["end_time", "endTime"]);
    interaction.duration = interaction
        .start
        .zip(end)
        .and_then(|(start, end)| end.duration_since(start).try_into().ok())
        .or_else(|| seconds(number(value, &["latency"])));
    interaction.asked = id(&["provided_model_name", "providedModelName", "model"]);
    interaction.conversation = id(&["session_id", "sessionId"]);
    interaction.identity.user = id(&["user_id", "userId"]);
    interaction.service.name = id(&["trace_name", "traceName"]);
    interaction.service.environment = id(&["environment"]);
    interaction.service.version = id(&["release"]);
    usage(value, &mut interaction, limits);
    words(value, &mut interaction, limits);
    if id(&["level"]).as_deref() == Some("ERROR") {
        interaction.failure = Some(Failure {
            kind: "error".to_owned(),
            message: id(&["status_message", "statusMessage"]).unwrap_or_default(),
            status: None,
        });
    }
    Record::of(interaction)
}

fn usage(value: &Value<'_>, interaction: &mut Interaction, limits: Limits) {
    let details = ["usage_details", "usageDetails", "usage"];
    let told = details.iter().find_map(|name| map(value, name, limits));
    if let Some(told) = told {
        let count = |names: &[&str]| super::record::count(&told, names);
        let usage = &mut interaction.usage;
        usage.input = count(&["input", "promptTokens"]);
        usage.output = count(&["output", "completionTokens"]);
        usage.cached = count(&["input_cached_tokens", "cache_read_input_tokens"]);
        usage.reasoning = count(&["output_reasoning_tokens", "reasoning_tokens"]);
    }
    let cost = number(value, &["total_cost", "totalCost", "calculatedTotalCost"]);
    let details = ["cost_details", "costDetails"];
    let told = details.iter().find_map(|name| map(value, name, limits));
    let cost = cost.or_else(|| number(&told?, &["total"]));
    interaction.cost = Cost::dollars(cost);
}

fn words(value: &Value<'_>, interaction: &mut Interaction, limits: Limits) {
    let name = label(value, &["name"]).unwrap_or_default();
    match interaction.operation {
        Operation::ExecuteTool => {
            if let Some((pointer, asked)) = body(value, "/input") {
                let path = Path::at(pointer.to_owned());
                let mut taker = Taker::new(&mut interaction.request, path, limits);
                taker.arguments(asked, Some(&name), None);
            }
            if let Some((pointer, answered)) = body(value, "/output") {
                let path = Path::at(pointer.to_owned());
                let mut taker = Taker::new(&mut interaction.response, path, limits);
                let text = answered.written();
                taker.part(Origin::ToolResult, &text, Some(&name), None);
            }
            interaction.tool = Some(Tool {
                name,
                ..Tool::default()
            });
            return;
        }
        Operation::InvokeAgent => {
            interaction.agent = Some(Agent {
                name: Some(name),
                ..Agent::default()
            });
        }
        _ => {}
    }
    bodies::sides(
        interaction,
        body(value, "/input"),
        body(value, "/output"),
        limits,
    );
    let found = ["/tool_definitions", "/toolDefinitions"];
    if let Some((pointer, offered)) = found.into_iter().find_map(|name| body(value, name)) {
        let path = Path::at(pointer.to_owned());
        let mut taker = Taker::new(&mut interaction.request, path, limits);
        // A map of names to definitions.
        for (_, definition) in offered.fields() {
            tools(&mut taker, definition);
        }
        tools(
            &mut taker,
            if offered.fields().is_empty() {
                offered
            } else {
                &Value::Null
            },
        );
    }
}
