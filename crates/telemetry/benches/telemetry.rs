//! Spans per second and core, from the bytes of a request to interactions; requests are made here.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::time::Instant;

use serde_json::{Value, json};
use stance_telemetry::{Limits, genai, otlp};

#[path = "../tests/it/made.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod made;

use made::{Made, json_body, protobuf};

/// Spans of one request, as exporters send them.
const BATCH: usize = 512;

fn conversation() -> String {
    let turn = |role: &str, text: &str| json!({ "role": role, "parts": [{ "type": "text", "content": text }] });
    let long =
        "The bell of the blue bicycle does not ring any more, and its chain jumps. ".repeat(8);
    json!([
        turn("system", &long),
        turn("user", &long),
        turn("assistant", &long),
        turn("user", "And now?")
    ])
    .to_string()
}

fn common() -> Vec<(&'static str, Value)> {
    vec![
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.request.model", json!("wheel-1")),
        ("gen_ai.response.model", json!("wheel-1-2026")),
        ("gen_ai.request.temperature", json!(0.5)),
        ("gen_ai.response.finish_reasons", json!(["stop"])),
        ("gen_ai.usage.input_tokens", json!(420)),
        ("gen_ai.usage.output_tokens", json!(110)),
        ("gen_ai.conversation.id", json!("visit-9")),
        ("server.address", json!("api.example.com")),
        ("server.port", json!(443)),
    ]
}

fn kinds() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    let mut words = common();
    words.push(("gen_ai.provider.name", json!("openai")));
    words.push(("gen_ai.input.messages", json!(conversation())));
    words.push(("gen_ai.output.messages", json!(conversation())));
    let mut quiet = common();
    quiet.push(("gen_ai.provider.name", json!("openai")));
    let web = vec![
        ("http.request.method", json!("GET")),
        ("http.route", json!("/orders/{id}")),
        ("http.response.status_code", json!(200)),
        ("url.scheme", json!("https")),
        ("server.address", json!("shop.example.com")),
        ("client.address", json!("10.0.0.9")),
        ("user_agent.original", json!("Mozilla/5.0")),
        ("network.protocol.version", json!("1.1")),
    ];
    let text =
        "The bell of the blue bicycle does not ring any more, and its chain jumps. ".repeat(8);
    let inference = vec![
        ("openinference.span.kind", json!("LLM")),
        ("llm.model_name", json!("wheel-1-2026")),
        ("llm.token_count.prompt", json!(420)),
        ("llm.token_count.completion", json!(110)),
        ("session.id", json!("visit-9")),
        ("llm.input_messages.0.message.role", json!("system")),
        ("llm.input_messages.0.message.content", json!(text)),
        ("llm.input_messages.1.message.role", json!("user")),
        ("llm.input_messages.1.message.content", json!(text)),
        ("llm.input_messages.2.message.role", json!("assistant")),
        ("llm.input_messages.2.message.content", json!(text)),
        ("llm.output_messages.0.message.role", json!("assistant")),
        ("llm.output_messages.0.message.content", json!(text)),
    ];
    vec![
        ("1.37 with words", words),
        ("openinference with words", inference),
        ("1.37 without words", quiet),
        ("not about models", web),
    ]
}

fn main() {
    let limits = Limits::default();
    for (name, attributes) in kinds() {
        let all: Vec<Made> = (0..BATCH)
            .map(|at| {
                let mut made = Made::new(&attributes);
                made.span = (at as u64 + 1).to_be_bytes();
                made
            })
            .collect();
        for (encoding, body) in [
            ("protobuf", protobuf(&all)),
            ("JSON", json_body(&all, false)),
        ] {
            let mut best = f64::MAX;
            for _ in 0..20 {
                let clock = Instant::now();
                let export = match encoding {
                    "JSON" => otlp::json::traces(&body, limits),
                    _ => otlp::protobuf::traces(&body, limits),
                };
                let read = genai::traces(&export.expect("OTLP"), limits);
                best = best.min(clock.elapsed().as_secs_f64());
                assert_eq!(read.interactions.len() as u64 + read.passed, BATCH as u64);
            }
            println!(
                "{name:25} {encoding:9} {:>9.0} spans/s, {:>5.0} MB/s, {:>6} bytes a span",
                BATCH as f64 / best,
                body.len() as f64 / best / 1e6,
                body.len() / BATCH
            );
        }
    }
}
