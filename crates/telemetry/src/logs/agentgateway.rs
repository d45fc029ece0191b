//! agentgateway: its log of requests, as lines of `name=value` or as JSON.
//!
//! Names from its `telemetry/log.rs` and from <https://kgateway.dev/docs/agentgateway/latest/llm/observability/>: those of
//! the GenAI conventions, `llm.request.model` and `llm.request.tokens` before; `mcp.method`, `mcp.target`,
//! `mcp.resource.name`; `jwt.sub`, `src.addr`, `http.status`, `duration=3804ms`.

use std::borrow::Cow;

use super::record::{failed, milliseconds};
use super::{Format, Known, Record, time};
use crate::attributes::Attributes;
use crate::genai;
use crate::interaction::{Dialect, Interaction, Mcp, Operation, Tool, fill};
use crate::limits::Limits;
use crate::otlp::{SpanId, TraceId};
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::AgentGateway,
    claims,
    read,
    id: &[],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    has("gateway") && has("listener") && (has("http.status") || has("src.addr") || has("duration"))
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut attributes = super::envoy::flat(value);
    if let Some(inner) = value.get("fields") {
        for (name, value) in inner.fields() {
            attributes.push(name.as_ref(), value.clone());
        }
    }
    request(&attributes, limits)
}

/// A line of text; `None` when it is none of this gateway.
pub(super) fn line(text: &str, limits: Limits) -> Option<Record> {
    let (head, fields) = text.split_once("request gateway=")?;
    let mut attributes = Attributes::default();
    let when = head.split(['\t', ' ']).next().unwrap_or_default();
    attributes.push("time", Value::Text(when.to_owned().into()));
    let mut rest = fields.split_once(' ').map_or("", |(_, rest)| rest);
    while let Some((name, value, behind)) = pair(rest) {
        attributes.push(name.to_owned(), Value::Text(value.into_owned().into()));
        rest = behind;
        if attributes.len() > 256 {
            break;
        }
    }
    Some(request(&attributes, limits))
}

/// The next `name=value`; values with spaces have quotes.
fn pair(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let text = text.trim_start();
    let (name, rest) = text.split_once('=')?;
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = quoted.char_indices().find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        let end = end.map_or(quoted.len(), |(at, _)| at);
        let value = quoted.get(..end).unwrap_or_default();
        let behind = quoted.get(end.saturating_add(1)..).unwrap_or_default();
        return Some((name, value.replace("\\\"", "\"").into(), behind));
    }
    let (value, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((name, value.into(), behind))
}

fn request(all: &Attributes<'_>, limits: Limits) -> Record {
    let mut interaction = genai::of_attributes(all, limits).unwrap_or_default();
    interaction.dialects = vec![Dialect::Log(Format::AgentGateway)];
    let asked = all.label(&["llm.request.model"]);
    fill(&mut interaction.asked, asked);
    fill(
        &mut interaction.answered,
        all.label(&["llm.response.model"]),
    );
    fill(&mut interaction.provider, all.label(&["llm.provider"]));
    let usage = &mut interaction.usage;
    fill(&mut usage.input, all.count(&["llm.request.tokens"]));
    fill(&mut usage.output, all.count(&["llm.response.tokens"]));
    let is_model = interaction.asked.is_some() || interaction.answered.is_some();
    if let Some(method) = all.label(&["mcp.method", "mcp.method.name"]) {
        mcp(&mut interaction, method, all);
    } else if let Some(method) = all.label(&["a2a.method"]) {
        interaction.operation = match method.as_str() {
            "message/send" | "message/stream" | "SendMessage" => Operation::InvokeAgent,
            _ => Operation::Other(method),
        };
    } else if is_model {
        if interaction.operation == Operation::Unknown {
            interaction.operation = Operation::Chat;
        }
    } else {
        return Record::Other;
    }
    interaction.trace = id(all, "trace.id").and_then(|id| TraceId::from_hex(&id));
    interaction.span = id(all, "span.id").and_then(|id| SpanId::from_hex(&id));
    let when = all.get("time").or_else(|| all.get("timestamp"));
    interaction.start = when.and_then(time::time);
    let took = all.label(&["duration"]);
    interaction.duration = took.and_then(|took| {
        let number = took.strip_suffix("ms")?.parse().ok();
        milliseconds(number)
    });
    interaction.identity.user = all.label(&["jwt.sub"]);
    interaction.identity.address = all.label(&["src.addr"]);
    interaction.service.name = all.label(&["route", "gateway"]);
    interaction.failure = failed(all.count(&["http.status"])).map(|mut failure| {
        failure.message = all.label(&["error"]).unwrap_or_default();
        failure
    });
    Record::of(interaction)
}

fn id(all: &Attributes<'_>, name: &'static str) -> Option<String> {
    all.label(&[name])
}

fn mcp(interaction: &mut Interaction, method: String, all: &Attributes<'_>) {
    let name = all.label(&["mcp.resource.name", "mcp.tool.name", "gen_ai.tool.name"]);
    if method == "tools/call" {
        interaction.operation = Operation::ExecuteTool;
        interaction.tool = name.map(|name| Tool {
            name,
            ..Tool::default()
        });
    } else {
        interaction.operation = Operation::Mcp(method.clone());
    }
    let known = interaction.mcp.take().unwrap_or_default();
    interaction.mcp = Some(Mcp {
        method: Some(method),
        server: all.label(&["mcp.target"]).or(known.server),
        session: known.session.or_else(|| all.label(&["mcp.session.id"])),
        ..known
    });
}
