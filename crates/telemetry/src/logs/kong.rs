//! Kong AI Gateway: audit logs, as any logging plugin writes them.
//!
//! Fields from <https://developer.konghq.com/ai-gateway/ai-audit-log-reference/>: `ai.proxy` (before 3.8 a field named after
//! the plugin) with `meta`, `usage` and `payload`, and `ai.mcp` with the calls of the Model Context Protocol. Times are in
//! milliseconds.

use stance_core::exchange::Origin;

use super::portkey::operation;
use super::record::{begin, body, count, failed, label, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::interaction::{Cost, Failure, Interaction, Mcp, Operation, Tool};
use crate::limits::Limits;
use crate::message::{Path, Taker, body as bodies};
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Kong,
    claims,
    read,
    id: &[&["request", "id"]],
};

fn claims(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    matches!(value.get("ai"), Some(Value::Map(_)))
        && (has("started_at") || has("latencies") || has("upstream_uri") || has("client_ip"))
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::Kong);
    let request = value.get("request").unwrap_or(&Value::Null);
    interaction.name = label(request, &["id"]).unwrap_or_default();
    interaction.start = time::of(value, &["started_at"]);
    let latencies = value.get("latencies").unwrap_or(&Value::Null);
    interaction.duration = milliseconds(number(latencies, &["request"]));
    let consumer = value.get("consumer").unwrap_or(&Value::Null);
    interaction.identity.user = label(consumer, &["username", "custom_id", "id"]);
    interaction.identity.address = label(value, &["client_ip"]);
    let service = value.get("service").unwrap_or(&Value::Null);
    interaction.service.name = label(service, &["name"]);
    let status = value.at(&["response", "status"]).and_then(Value::count);
    interaction.failure = failed(status);
    let ai = value.get("ai").unwrap_or(&Value::Null);
    if let Some(call) = ai
        .at(&["mcp", "rpc"])
        .and_then(|calls| calls.items().first())
    {
        mcp(&mut interaction, ai, call, limits);
        return Record::of(interaction);
    }
    let proxies = ai.fields().iter();
    let mut proxies = proxies.filter(|(_, proxy)| {
        proxy.get("meta").is_some()
            && (proxy.get("usage").is_some() || proxy.get("payload").is_some())
    });
    let Some((name, proxy)) = proxies.next() else {
        // What a guard or a cache did, without a call of a model.
        return Record::Other;
    };
    let url = label(value, &["upstream_uri"]).or_else(|| label(request, &["uri", "url"]));
    interaction.operation = operation(&url.unwrap_or_default());
    let meta = proxy.get("meta").unwrap_or(&Value::Null);
    interaction.provider = label(meta, &["provider_name"]);
    interaction.asked = label(meta, &["request_model"]);
    interaction.answered = label(meta, &["response_model"]);
    let usage = proxy.get("usage").unwrap_or(&Value::Null);
    interaction.usage.input = count(usage, &["prompt_tokens", "input_tokens"]);
    interaction.usage.output = count(usage, &["completion_tokens", "output_tokens"]);
    interaction.cost = Cost::dollars(number(usage, &["cost"]).filter(|cost| *cost > 0.0));
    let payload = proxy.get("payload").unwrap_or(&Value::Null);
    let (asked, answered) = match name.as_ref() {
        "proxy" => ("/ai/proxy/payload/request", "/ai/proxy/payload/response"),
        _ => ("/ai/payload/request", "/ai/payload/response"),
    };
    let asked = payload.first(&["request"]).map(|body| (asked, body));
    let answered = payload.first(&["response"]).map(|body| (answered, body));
    bodies::sides(&mut interaction, asked, answered, limits);
    Record::of(interaction)
}

/// The first call of the Model Context Protocol in a request; batches are gone from the protocol.
fn mcp(interaction: &mut Interaction, ai: &Value<'_>, call: &Value<'_>, limits: Limits) {
    let method = label(call, &["method"]).unwrap_or_default();
    let tool = label(call, &["tool_name"]);
    interaction.operation = match method.as_str() {
        "tools/call" => Operation::ExecuteTool,
        _ => Operation::Mcp(method.clone()),
    };
    interaction.mcp = Some(Mcp {
        method: Some(method),
        session: ai.at(&["mcp", "mcp_session_id"]).and_then(Value::label),
        request: label(call, &["id"]),
        ..Mcp::default()
    });
    interaction.duration = milliseconds(number(call, &["latency"])).or(interaction.duration);
    if let Some(error) = label(call, &["error"]) {
        interaction.failure = Some(Failure {
            kind: "error".to_owned(),
            message: error,
            status: None,
        });
    }
    if let Some((pointer, asked)) = body(call, "/payload/request") {
        let path = Path::at(format!("/ai/mcp/rpc/0{pointer}"));
        Taker::new(&mut interaction.request, path, limits).arguments(asked, tool.as_deref(), None);
    }
    if let Some((pointer, answered)) = body(call, "/payload/response") {
        let path = Path::at(format!("/ai/mcp/rpc/0{pointer}"));
        let text = answered.written();
        let mut taker = Taker::new(&mut interaction.response, path, limits);
        taker.part(Origin::ToolResult, &text, tool.as_deref(), None);
    }
    interaction.tool = tool.map(|name| Tool {
        name,
        ..Tool::default()
    });
}
