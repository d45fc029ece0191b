//! Logs of gateways and providers; records are made after their documentation, but for LiteLLM's, which it wrote itself.

use serde_json::{Value, json};
use stance_core::exchange::Origin;
use stance_telemetry::logs::{Format, Read, Reader};
use stance_telemetry::{Dialect, Interaction, Limits, Operation};

use crate::captured::{ANSWER, QUESTION, SYSTEM, bytes, words};

fn read_text(text: &[u8]) -> (Read, Vec<Interaction>) {
    let mut told = Vec::new();
    let mut reader = Reader::new(Limits::default());
    reader.feed(text, &mut |interaction| told.push(interaction));
    let read = reader.finish(&mut |interaction| told.push(interaction));
    (read, told)
}

/// One record of a format gives one interaction, alone, in a list on one line, and in a document on many lines.
fn one(record: &Value, format: Format) -> Interaction {
    let line = record.to_string();
    let (read, mut told) = read_text(line.as_bytes());
    assert_eq!(read.formats.get(&format), Some(&1), "{read:?}");
    assert!(read.unknown.is_empty(), "{read:?}");
    for text in [
        json!([record, record]).to_string(),
        format!("{line}\n{line}\n"),
        serde_json::to_string_pretty(&json!({ "records": [record, record] })).expect("JSON"),
        serde_json::to_string_pretty(&json!([record, record])).expect("JSON"),
        // As something that collects logs wraps them.
        format!("{}\n{}", json!({ "message": line }), json!({ "log": line })),
    ] {
        let (read, twice) = read_text(text.as_bytes());
        assert_eq!(read.formats.get(&format), Some(&2), "{text}");
        assert_eq!(twice, [told[0].clone(), told[0].clone()], "{text}");
    }
    let one = told.remove(0);
    assert!(one.speaks(Dialect::Log(format)), "{:?}", one.dialects);
    one
}

/// The time and duration of every record here.
fn is_in_time(one: &Interaction) {
    let start = one.start.expect("start").to_string();
    assert!(start.starts_with("2026-11-27T02:00:00"), "{start}");
    assert_eq!(one.duration.map(|took| took.as_millis()), Some(1500));
}

fn request() -> Value {
    json!({ "model": "wheel-1", "max_tokens": 100, "messages": [
        { "role": "system", "content": SYSTEM }, { "role": "user", "content": QUESTION } ] })
}

fn response() -> Value {
    json!({ "id": "chatcmpl-1", "model": "wheel-1-2026",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": ANSWER } }],
        "usage": { "prompt_tokens": 42, "completion_tokens": 11 } })
}

fn is_the_exchange(one: &Interaction) {
    let asked = [(Origin::Operator, SYSTEM), (Origin::User, QUESTION)];
    assert_eq!(words(&one.request), asked);
    assert_eq!(words(&one.response), [(Origin::Model, ANSWER)]);
    assert_eq!(one.usage.input, Some(42));
    assert_eq!(one.usage.output, Some(11));
    assert_eq!(one.operation, Operation::Chat);
    assert!(one.not_judged().is_empty(), "{:?}", one.not_judged());
}

#[test]
fn litellm_as_it_wrote_it() {
    let (read, told) = read_text(&bytes("litellm.payload.json"));
    assert_eq!(read.formats.get(&Format::LiteLlm), Some(&4));
    assert!(read.unknown.is_empty());
    let call = &told[0];
    assert_eq!(call.conversation.as_deref(), Some("visit-9"));
    assert_eq!(call.identity.user.as_deref(), Some("mira@example.com"));
    assert_eq!(call.usage.cached, Some(8));
    assert_eq!(call.usage.reasoning, Some(3));
    assert_eq!(call.request.tools[0].name, "lookup_order");
    let called = &call.response.parts;
    assert_eq!(called.len(), 1, "{called:?}");
    assert_eq!(called[0].tool.as_deref(), Some("lookup_order"));
    let answer = &told[1];
    assert_eq!(words(&answer.response), [(Origin::Model, ANSWER)]);
    assert_eq!(told[2].operation, Operation::Embeddings);
    assert_eq!(words(&told[2].request), [(Origin::Document, "inner tube")]);
    assert_eq!(
        told[3].failure.as_ref().and_then(|why| why.status),
        Some(404)
    );
}

#[test]
fn litellm_spendings() {
    let hash = "ab".repeat(32);
    let row = json!({
        "request_id": "r1", "call_type": "acompletion", "api_key": hash, "spend": 0.25, "total_tokens": 53,
        "prompt_tokens": 42, "completion_tokens": 11, "startTime": "2026-11-27T02:00:00Z", "endTime": "2026-11-27T02:00:01.500Z",
        "model": "wheel-1", "custom_llm_provider": "openai", "user": "mira", "team_id": "t1", "requester_ip_address": "10.0.0.9",
        "session_id": "visit-9", "messages": request()["messages"], "response": response(), "status": "success",
        "metadata": "{\"user_api_key_team_alias\":\"repairs\"}",
    });
    let one = one(&row, Format::LiteLlm);
    is_in_time(&one);
    is_the_exchange(&one);
    assert_eq!(one.cost.as_ref().map(|cost| cost.amount), Some(0.25));
    assert_eq!(one.identity.key.as_deref(), Some(hash.as_str()));
    assert_eq!(one.identity.group.as_deref(), Some("repairs"));
    // A key in the clear does not go on.
    let mut clear = row;
    clear["api_key"] = json!(format!("{}-{}", "sk", "1".repeat(20)));
    assert_eq!(self::one(&clear, Format::LiteLlm).identity.key, None);
}

#[test]
fn portkey() {
    let row = json!({
        "id": "p1", "created_at": "2026-11-27T02:00:00.000Z", "request": request(), "response": response(), "is_success": 1,
        "ai_org": "openai", "ai_model": "wheel-1", "req_units": 42, "res_units": 11, "cost": 25, "cost_currency": "USD",
        "request_url": "https://api.example.com/v1/chat/completions", "response_status_code": 200, "response_time": 1500,
        "trace_id": "visit-9", "virtual_key": "main", "metadata": { "_user": "mira" },
    });
    let one = one(&row, Format::Portkey);
    is_in_time(&one);
    is_the_exchange(&one);
    // The column is in cents.
    assert_eq!(one.cost.as_ref().map(|cost| cost.amount), Some(0.25));
    assert_eq!(one.identity.user.as_deref(), Some("mira"));
}

fn kong() -> Value {
    json!({
        "started_at": 1_795_744_800_000_u64, "client_ip": "10.0.0.9", "upstream_uri": "/v1/chat/completions",
        "request": { "id": "k1", "uri": "/chat" }, "response": { "status": 200 }, "latencies": { "request": 1500, "kong": 3 },
        "consumer": { "username": "mira" }, "service": { "name": "models" },
        "ai": { "proxy": {
            "meta": { "provider_name": "openai", "request_model": "wheel-1", "response_model": "wheel-1-2026", "llm_latency": 1400 },
            "usage": { "prompt_tokens": 42, "completion_tokens": 11, "cost": 0.25 },
            "payload": { "request": request().to_string(), "response": response().to_string() } } },
    })
}

#[test]
fn kong_audit_logs() {
    let one = one(&kong(), Format::Kong);
    is_in_time(&one);
    is_the_exchange(&one);
    assert_eq!(one.provider.as_deref(), Some("openai"));
    assert_eq!(one.identity.user.as_deref(), Some("mira"));
    assert_eq!(one.service.name.as_deref(), Some("models"));
    // Before 3.8 the field has the name of the plugin, and words may not be logged.
    let mut older = kong();
    let mut proxy = older["ai"]["proxy"].take();
    proxy.as_object_mut().expect("map").remove("payload");
    older["ai"] = json!({ "ai-proxy": proxy });
    let older = self::one(&older, Format::Kong);
    assert_eq!(older.asked.as_deref(), Some("wheel-1"));
    assert_eq!(older.not_judged().len(), 2);
}

#[test]
fn kong_calls_of_the_model_context_protocol() {
    let mut record = kong();
    record["ai"] = json!({ "mcp": { "mcp_session_id": "s1", "rpc": [{
        "id": "1", "method": "tools/call", "tool_name": "lookup_order", "latency": 1500,
        "payload": { "request": "{\"order\":\"A-17\"}", "response": "status: shipped" } }] } });
    let one = one(&record, Format::Kong);
    assert_eq!(one.operation, Operation::ExecuteTool);
    assert_eq!(
        one.mcp.as_ref().and_then(|mcp| mcp.session.as_deref()),
        Some("s1")
    );
    let arguments = [(Origin::ToolArguments, r#"{"order":"A-17"}"#)];
    assert_eq!(words(&one.request), arguments);
}

#[test]
fn envoy_ai_gateway() {
    let record = json!({
        "gen_ai.request.model": "wheel-1", "gen_ai.response.model": "wheel-1-2026", "gen_ai.provider.name": "default/openai",
        "gen_ai.usage.input_tokens": 42, "gen_ai.usage.output_tokens": 11, "session.id": "visit-9", "gen_ai.request.model_override": null,
        "start_time": "2026-11-27T02:00:00.000Z", "duration": 1500, "response_code": 200, "response_flags": "-",
        "x-envoy-origin-path": "/v1/chat/completions", "x-request-id": "e1", "x-forwarded-for": "10.0.0.9", "route_name": "models",
    });
    let one = one(&record, Format::Envoy);
    is_in_time(&one);
    assert_eq!(one.operation, Operation::Chat);
    assert_eq!((one.usage.input, one.usage.output), (Some(42), Some(11)));
    assert_eq!(one.conversation.as_deref(), Some("visit-9"));
    // Access logs have no words.
    assert_eq!(one.not_judged().len(), 2);
    let mut call = record.clone();
    for name in [
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.provider.name",
    ] {
        call[name] = Value::Null;
    }
    call["mcp.method.name"] = json!("tools/call");
    call["mcp.tool.name"] = json!("lookup_order");
    let call = self::one(&call, Format::Envoy);
    assert_eq!(call.operation, Operation::ExecuteTool);
    // A health check has all the keys and nothing in them.
    let mut other = record;
    other["gen_ai.request.model"] = json!("-");
    other["gen_ai.response.model"] = Value::Null;
    let (read, told) = read_text(other.to_string().as_bytes());
    assert_eq!((told.len(), read.other), (0, 1));
}

#[test]
fn agentgateway_as_text_and_as_json() {
    let text = "2026-11-27T02:00:00.000000Z\tinfo\trequest gateway=default/agw listener=http route=default/openai \
        src.addr=10.0.0.9:38655 http.method=POST http.path=/v1/chat/completions http.status=200 jwt.sub=mira protocol=llm \
        gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=wheel-1 gen_ai.response.model=wheel-1-2026 \
        gen_ai.usage.input_tokens=42 gen_ai.usage.output_tokens=11 duration=1500ms";
    let (read, told) = read_text(text.as_bytes());
    assert_eq!(
        read.formats.get(&Format::AgentGateway),
        Some(&1),
        "{read:?}"
    );
    is_in_time(&told[0]);
    assert_eq!(told[0].usage.input, Some(42));
    assert_eq!(told[0].identity.user.as_deref(), Some("mira"));
    assert_eq!(told[0].service.name.as_deref(), Some("default/openai"));
    let older = "2026-11-27T02:00:00Z\tinfo\trequest gateway=a/b listener=http llm.provider=openai llm.request.model= \
        llm.request.tokens=42 llm.response.model=wheel-1-2026 llm.response.tokens=11 http.status=429 error=\"too many\" duration=3ms";
    let (_, told) = read_text(older.as_bytes());
    assert_eq!(told[0].usage.output, Some(11));
    let why = told[0].failure.as_ref().expect("failure");
    assert_eq!((why.status, why.message.as_str()), (Some(429), "too many"));
    let record = json!({ "level": "info", "time": "2026-11-27T02:00:00Z", "scope": "request", "gateway": "a/b", "listener": "http",
        "http.status": 200, "duration": "1500ms", "mcp.method": "tools/call", "mcp.target": "orders", "mcp.resource.name": "lookup_order" });
    let one = one(&record, Format::AgentGateway);
    is_in_time(&one);
    assert_eq!(one.operation, Operation::ExecuteTool);
    assert_eq!(
        one.tool.as_ref().map(|tool| tool.name.as_str()),
        Some("lookup_order")
    );
    assert_eq!(
        one.mcp.as_ref().and_then(|mcp| mcp.server.as_deref()),
        Some("orders")
    );
}

#[test]
fn cloudflare_pushed_and_listed() {
    let encrypted = json!({ "type": "encrypted", "data": "AAAA" });
    let pushed = json!({
        "Cached": false, "Endpoint": "chat/completions", "Gateway": "main", "Metadata": { "user": "mira" }, "Model": "wheel-1-2026",
        "RequestedModel": "wheel-1", "Metrics": { "cost": 0.25, "durationMs": 1500 }, "Provider": "openai", "RateLimited": false,
        "RequestBody": encrypted, "ResponseBody": encrypted, "StatusCode": 200, "Timestamp": "2026-11-27T02:00:00Z",
    });
    let one = one(&pushed, Format::Cloudflare);
    is_in_time(&one);
    assert_eq!(one.asked.as_deref(), Some("wheel-1"));
    let said: Vec<String> = one.unjudged.iter().map(|said| said.what.clone()).collect();
    assert_eq!(said, ["a body that is encrypted for its owner"; 2]);
    let listed = json!({ "id": "c1", "created_at": "2026-11-27T02:00:00Z", "duration": 1500, "provider": "openai", "model": "wheel-1",
        "tokens_in": 42, "tokens_out": 11, "cost": 0.25, "success": false, "status_code": 500, "path": "chat/completions" });
    let one = self::one(&listed, Format::Cloudflare);
    is_in_time(&one);
    assert_eq!(one.usage.output, Some(11));
    assert_eq!(one.failure.and_then(|why| why.status), Some(500));
}

#[test]
fn bodies_that_nobody_knows_are_said_and_texts_for_vectors_are_documents() {
    let mut record = kong();
    record["ai"]["proxy"]["payload"] = json!({ "request": { "text_prompts": [{ "weight": 1 }] } });
    let unknown = one(&record, Format::Kong);
    let said: Vec<_> = unknown
        .request
        .unjudged
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(said, ["a body in a form that is not known"]);
    record["upstream_uri"] = json!("/v1/embeddings");
    record["ai"]["proxy"]["payload"] = json!({
        "request": { "model": "spoke-embed", "input": "saddle" }, "response": { "data": [{ "embedding": [0.5] }] } });
    let embedding = one(&record, Format::Kong);
    assert_eq!(words(&embedding.request), [(Origin::Document, "saddle")]);
    assert!(
        embedding.not_judged().is_empty(),
        "{:?}",
        embedding.not_judged()
    );
}

#[test]
fn helicone() {
    let record = json!({
        "request_id": "h1", "request_created_at": "2026-11-27T02:00:00+00:00", "request_body": request(), "response_body": response(),
        "request_path": "/v1/chat/completions", "request_user_id": "mira", "request_model": "wheel-1", "response_model": "wheel-1-2026",
        "provider": "OPENAI", "delay_ms": 1500, "response_status": 200, "prompt_tokens": 42, "completion_tokens": 11, "costUSD": 0.25,
        "request_properties": { "Helicone-Session-Id": "visit-9", "environment": "staging" },
    });
    let one = one(&record, Format::Helicone);
    is_in_time(&one);
    is_the_exchange(&one);
    assert_eq!(one.conversation.as_deref(), Some("visit-9"));
    assert_eq!(one.service.environment.as_deref(), Some("staging"));
}

#[test]
fn langfuse() {
    let record = json!({
        "id": "0202020202020202", "trace_id": "01".repeat(16), "type": "GENERATION", "parent_observation_id": "", "name": "answer",
        "start_time": "2026-11-27 02:00:00.000000", "end_time": "2026-11-27 02:00:01.500000", "environment": "staging",
        "input": request()["messages"].to_string(), "output": json!({ "role": "assistant", "content": ANSWER }).to_string(),
        "provided_model_name": "wheel-1", "usage_details": { "input": 42, "output": 11, "total": 53 }, "total_cost": 0.25,
        "user_id": "mira", "session_id": "visit-9", "level": "DEFAULT", "tool_definitions": {},
    });
    let one = one(&record, Format::Langfuse);
    is_in_time(&one);
    is_the_exchange(&one);
    assert!(one.trace.is_some() && one.span.is_some());
    assert_eq!(one.cost.as_ref().map(|cost| cost.amount), Some(0.25));
    let tool = json!({ "id": "o2", "traceId": "t", "type": "TOOL", "name": "lookup_order", "startTime": "2026-11-27T02:00:00.000Z",
        "latency": 1.5, "input": { "order": "A-17" }, "output": "status: shipped", "level": "ERROR", "statusMessage": "slow" });
    let tool = self::one(&tool, Format::Langfuse);
    is_in_time(&tool);
    assert_eq!(
        words(&tool.request),
        [(Origin::ToolArguments, r#"{"order":"A-17"}"#)]
    );
    assert_eq!(tool.failure.map(|why| why.message).as_deref(), Some("slow"));
}

#[test]
fn phoenix() {
    let attributes = json!({ "llm": {
        "model_name": "wheel-1-2026", "token_count": { "prompt": 42, "completion": 11 },
        "input_messages": [{ "message": { "role": "system", "content": SYSTEM } }, { "message": { "role": "user", "content": QUESTION } }],
        "output_messages": [{ "message": { "role": "assistant", "content": ANSWER } }] },
        "session": { "id": "visit-9" } });
    let record = json!({ "name": "ChatCompletion", "context": { "trace_id": "01".repeat(16), "span_id": "02".repeat(8) },
        "span_kind": "LLM", "parent_id": null, "start_time": "2026-11-27T02:00:00+00:00", "end_time": "2026-11-27T02:00:01.500+00:00",
        "status_code": "OK", "status_message": "", "attributes": attributes });
    let one = one(&record, Format::Phoenix);
    is_in_time(&one);
    is_the_exchange(&one);
    assert_eq!(one.conversation.as_deref(), Some("visit-9"));
}

#[test]
fn bedrock_whole_streamed_and_elsewhere() {
    let record = json!({
        "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": "2026-11-27T02:00:00Z", "accountId": "123456789012",
        "identity": { "arn": "arn:aws:sts::123456789012:assumed-role/desk/mira" }, "region": "us-east-1", "requestId": "b1",
        "operation": "Converse", "modelId": "arn:aws:bedrock:us-east-1::foundation-model/crank-1",
        "input": { "inputContentType": "application/json", "inputTokenCount": 42, "inputBodyJson": {
            "system": [{ "text": SYSTEM }], "messages": [{ "role": "user", "content": [{ "text": QUESTION }] }] } },
        "output": { "outputContentType": "application/json", "outputTokenCount": 11, "outputBodyJson": {
            "output": { "message": { "role": "assistant", "content": [{ "text": ANSWER }] } }, "stopReason": "end_turn" } },
    });
    let one = one(&record, Format::Bedrock);
    is_the_exchange(&one);
    assert_eq!(one.asked.as_deref(), Some("crank-1"));
    assert_eq!(one.finish_reasons, ["end_turn"]);
    let mut streamed = record.clone();
    streamed["output"]["outputBodyJson"] = json!([
        { "type": "message_start", "message": { "id": "msg_1", "model": "crank-1", "usage": { "input_tokens": 42 } } },
        { "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } },
        { "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": &ANSWER[..10] } },
        { "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": &ANSWER[10..] } },
        { "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 11 } },
    ]);
    let streamed = self::one(&streamed, Format::Bedrock);
    is_the_exchange(&streamed);
    assert_eq!(streamed.answer.as_deref(), Some("msg_1"));
    let mut large = record;
    large["input"] = json!({ "inputBodyS3Path": "s3://logs/body.json.gz" });
    large["errorCode"] = json!("ThrottlingException");
    let large = self::one(&large, Format::Bedrock);
    assert_eq!(large.unjudged[0].pointer, "/input/inputBodyS3Path");
    assert_eq!(
        large.failure.map(|why| why.kind).as_deref(),
        Some("ThrottlingException")
    );
}

#[test]
fn azure_openai_diagnostic_logs() {
    let resource =
        "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/DESK";
    let properties = json!({ "apiName": "Azure OpenAI API version 2026-02-01", "requestLength": 200, "responseLength": 100, "objectId": "o1",
        "streamType": "Streaming", "modelDeploymentName": "desk-chat", "modelName": "wheel-1", "modelVersion": "2026" });
    let record = json!({ "time": "2026-11-27T02:00:00.0000000Z", "resourceId": resource, "category": "RequestResponse",
        "operationName": "ChatCompletions_Create", "durationMs": 1500, "callerIpAddress": "10.0.0.***", "correlationId": "a1",
        "resultSignature": "200", "location": "eastus", "properties": properties.to_string() });
    let one = one(&record, Format::AzureOpenAi);
    is_in_time(&one);
    assert_eq!(one.asked.as_deref(), Some("desk-chat"));
    assert_eq!(one.answered.as_deref(), Some("wheel-1"));
    assert_eq!(one.identity.user.as_deref(), Some("o1"));
    assert_eq!(one.service.name.as_deref(), Some("desk"));
    assert!(one.request.stream);
    // The service logs no words.
    assert_eq!(one.not_judged().len(), 2);
    let mut files = record;
    files["operationName"] = json!("Files_List");
    let (read, told) = read_text(files.to_string().as_bytes());
    assert_eq!((told.len(), read.other), (0, 1));
}

#[test]
fn vertex_request_response_logs() {
    let record = json!({
        "endpoint": "projects/p/locations/l/publishers/google/models/gem-1", "deployed_model_id": "", "logging_time": "2026-11-27 02:00:00 UTC",
        "request_id": 7, "model": "publishers/google/models/gem-1", "model_version": "gem-1-002", "api_method": "generateContent",
        "full_request": { "systemInstruction": { "parts": [{ "text": SYSTEM }] }, "contents": [{ "role": "user", "parts": [{ "text": QUESTION }] }] },
        "full_response": { "candidates": [{ "content": { "role": "model", "parts": [{ "text": ANSWER }] }, "finishReason": "STOP" }],
            "usageMetadata": { "promptTokenCount": 42, "candidatesTokenCount": 11 } },
        "metadata": { "request_latency": 1500 },
    });
    let one = one(&record, Format::Vertex);
    is_in_time(&one);
    is_the_exchange(&one);
    assert_eq!(one.asked.as_deref(), Some("gem-1"));
    assert_eq!(one.finish_reasons, ["STOP"]);
}

#[test]
fn otlp_in_files_as_the_collector_writes_them() {
    let (read, told) = read_text(&bytes("openinference.traces.json"));
    assert_eq!(
        read.formats.get(&Format::Otlp),
        Some(&told.len().try_into().expect("count"))
    );
    assert!(told.iter().all(|one| one.speaks(Dialect::OpenInference)));
}

#[test]
fn what_is_not_understood_is_counted_with_its_reason() {
    let text = format!("{}\nnot a log\n{}\n42\n{{\"a\":1}}\n", kong(), kong());
    let (read, told) = read_text(text.as_bytes());
    assert_eq!(told.len(), 2);
    let unknown: Vec<_> = read.unknown.iter().collect();
    assert_eq!(
        unknown,
        [
            (&"a line that is no JSON", &2),
            (&"a record of a format that is not known", &1)
        ]
    );
    assert_eq!(read.example.as_deref(), Some("not a log"));
}

#[test]
fn a_first_line_that_was_cut_off_does_not_take_the_others_with_it() {
    let line = kong().to_string();
    let text = format!("{}\n{line}\n{line}\n", &line[..line.len() / 2]);
    let (read, told) = read_text(text.as_bytes());
    assert_eq!(told.len(), 2);
    assert_eq!(read.unknown.len(), 1, "{read:?}");
}

#[test]
fn a_line_longer_than_is_read_is_passed_over_and_the_next_is_not() {
    let limits = Limits {
        bytes: 4000,
        ..Limits::default()
    };
    let mut told = 0;
    let mut reader = Reader::new(limits);
    let text = format!(
        "{}\n{{\"x\":\"{}\"}}\n{}\n",
        kong(),
        "y".repeat(9000),
        kong()
    );
    for piece in text.as_bytes().chunks(100) {
        reader.feed(piece, &mut |_| told += 1);
    }
    let read = reader.finish(&mut |_| told += 1);
    assert_eq!(told, 2);
    assert_eq!(
        read.unknown.get("a record that is longer than is read"),
        Some(&1)
    );
}
