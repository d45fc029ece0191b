//! What streams say, channel by channel.

use serde_json::Value;
use stance_wire::{ChannelKey, ChannelKind, Framing, Operation};

use super::events::events;
use super::{Streamed, add_usage, list};

impl Streamed {
    fn add(&mut self, kind: ChannelKind, answer: u64, index: u64, text: &Value) {
        if let Some(text) = text.as_str() {
            let key = ChannelKey {
                kind,
                answer,
                index,
            };
            self.channels.entry(key).or_default().push_str(text);
        }
    }

    fn ends(&mut self, reason: &Value) {
        if let Some(reason) = reason.as_str() {
            self.ended = Some(reason.to_owned());
        }
    }
}

/// What a stream says.
pub(crate) fn stream(operation: Operation, framing: Framing, bytes: &[u8]) -> Streamed {
    let mut said = Streamed::default();
    for (name, event) in events(framing, bytes) {
        match operation {
            Operation::ChatCompletions | Operation::Completions | Operation::FillInTheMiddle => {
                choices(&mut said, &event);
            }
            Operation::Responses => responses(&mut said, &event),
            Operation::Messages => anthropic(&mut said, &event),
            Operation::Complete => completion(&mut said, &event),
            Operation::GenerateContent => gemini(&mut said, &event),
            Operation::Converse => converse(&mut said, &name, &event),
            Operation::Invoke => invoke(&mut said, &event),
            Operation::CohereChat => cohere(&mut said, &event),
            Operation::CohereChatV1 => cohere_v1(&mut said, &event),
            Operation::CohereGenerate => said.add(ChannelKind::Content, 0, 0, &event["text"]),
            Operation::OllamaChat | Operation::OllamaGenerate => ollama(&mut said, &event),
            Operation::A2a => {
                let result = &event["result"];
                for part in list(&result["artifact"], "parts") {
                    let index = fnv(result["artifact"]["artifactId"].as_str().unwrap());
                    said.add(ChannelKind::Content, 0, index, &part["text"]);
                }
                said.ends(&result["status"]["state"]);
            }
            other => panic!("no stream of {other:?}"),
        }
    }
    said
}

fn choices(said: &mut Streamed, event: &Value) {
    add_usage(&mut said.usage, &event["usage"]);
    add_usage(&mut said.usage, &event["x_groq"]["usage"]);
    for choice in list(event, "choices") {
        let answer = choice["index"].as_u64().unwrap_or(0);
        let delta = &choice["delta"];
        said.add(ChannelKind::Content, answer, 0, &choice["text"]);
        said.add(ChannelKind::Content, answer, 0, &delta["content"]);
        said.add(ChannelKind::Refusal, answer, 0, &delta["refusal"]);
        for key in ["reasoning", "reasoning_content"] {
            said.add(ChannelKind::Reasoning, answer, 0, &delta[key]);
        }
        said.add(
            ChannelKind::Arguments,
            answer,
            0,
            &delta["function_call"]["arguments"],
        );
        for call in list(delta, "tool_calls") {
            let index = call["index"].as_u64().unwrap_or(0);
            said.add(
                ChannelKind::Arguments,
                answer,
                index,
                &call["function"]["arguments"],
            );
        }
        said.ends(&choice["finish_reason"]);
    }
}

fn responses(said: &mut Streamed, event: &Value) {
    let number = |key: &str| event[key].as_u64().unwrap_or(0);
    let kind = match event["type"].as_str().unwrap() {
        "response.output_text.delta" => ChannelKind::Content,
        "response.refusal.delta" => ChannelKind::Refusal,
        "response.function_call_arguments.delta" => ChannelKind::Arguments,
        "response.reasoning_summary_text.delta" => ChannelKind::Reasoning,
        "response.completed" => {
            add_usage(&mut said.usage, &event["response"]["usage"]);
            said.ends(&event["response"]["status"]);
            return;
        }
        _ => return,
    };
    let index = number("content_index") + number("summary_index");
    said.add(kind, number("output_index"), index, &event["delta"]);
}

fn anthropic(said: &mut Streamed, event: &Value) {
    let index = event["index"].as_u64().unwrap_or(0);
    add_usage(&mut said.usage, &event["message"]["usage"]);
    add_usage(&mut said.usage, &event["usage"]);
    add_usage(&mut said.usage, &event["amazon-bedrock-invocationMetrics"]);
    for of in [&event["delta"], &event["content_block"]] {
        said.add(ChannelKind::Content, 0, index, &of["text"]);
        said.add(ChannelKind::Reasoning, 0, index, &of["thinking"]);
        said.add(ChannelKind::Arguments, 0, index, &of["partial_json"]);
    }
    said.ends(&event["delta"]["stop_reason"]);
}

fn completion(said: &mut Streamed, event: &Value) {
    said.add(ChannelKind::Content, 0, 0, &event["completion"]);
    said.ends(&event["stop_reason"]);
}

fn gemini(said: &mut Streamed, event: &Value) {
    add_usage(&mut said.usage, &event["usageMetadata"]);
    for candidate in list(event, "candidates") {
        let answer = candidate["index"].as_u64().unwrap_or(0);
        for part in list(&candidate["content"], "parts") {
            let kind = match part["thought"].as_bool() {
                Some(true) => ChannelKind::Reasoning,
                _ => ChannelKind::Content,
            };
            said.add(kind, answer, 0, &part["text"]);
        }
        said.ends(&candidate["finishReason"]);
    }
}

fn converse(said: &mut Streamed, name: &str, event: &Value) {
    let index = event["contentBlockIndex"].as_u64().unwrap_or(0);
    match name {
        "contentBlockDelta" => {
            let delta = &event["delta"];
            said.add(ChannelKind::Content, 0, index, &delta["text"]);
            said.add(ChannelKind::Arguments, 0, index, &delta["toolUse"]["input"]);
            said.add(
                ChannelKind::Reasoning,
                0,
                index,
                &delta["reasoningContent"]["text"],
            );
        }
        "messageStop" => said.ends(&event["stopReason"]),
        "metadata" => add_usage(&mut said.usage, &event["usage"]),
        _ => {}
    }
}

fn invoke(said: &mut Streamed, event: &Value) {
    for (name, inner) in event.as_object().unwrap() {
        converse(said, name, inner);
    }
    if event["type"] == "completion" {
        completion(said, event);
    } else if event["type"].is_string() {
        anthropic(said, event);
    } else {
        add_usage(&mut said.usage, event);
        said.add(ChannelKind::Content, 0, 0, &event["outputText"]);
        said.add(ChannelKind::Content, 0, 0, &event["generation"]);
        for output in list(event, "outputs") {
            said.add(ChannelKind::Content, 0, 0, &output["text"]);
        }
        choices(said, event);
        for key in ["completionReason", "stop_reason"] {
            said.ends(&event[key]);
        }
        if event["event_type"].is_string() {
            cohere_v1(said, event);
        }
    }
    add_usage(&mut said.usage, &event["amazon-bedrock-invocationMetrics"]);
}

fn cohere(said: &mut Streamed, event: &Value) {
    let index = event["index"].as_u64().unwrap_or(0);
    let message = &event["delta"]["message"];
    said.add(ChannelKind::Content, 0, index, &message["content"]["text"]);
    said.add(
        ChannelKind::Reasoning,
        0,
        index,
        &message["content"]["thinking"],
    );
    if event["type"] == "tool-plan-delta" {
        said.add(ChannelKind::Reasoning, 0, u64::MAX, &message["tool_plan"]);
    }
    let arguments = &message["tool_calls"]["function"]["arguments"];
    said.add(ChannelKind::Arguments, 0, index, arguments);
    add_usage(&mut said.usage, &event["delta"]["usage"]);
    said.ends(&event["delta"]["finish_reason"]);
}

fn cohere_v1(said: &mut Streamed, event: &Value) {
    if event["event_type"] == "text-generation" {
        said.add(ChannelKind::Content, 0, 0, &event["text"]);
    }
    add_usage(&mut said.usage, &event["response"]["meta"]);
    said.ends(&event["finish_reason"]);
}

fn ollama(said: &mut Streamed, event: &Value) {
    add_usage(&mut said.usage, event);
    for of in [event, &event["message"]] {
        said.add(ChannelKind::Reasoning, 0, 0, &of["thinking"]);
    }
    said.add(ChannelKind::Content, 0, 0, &event["response"]);
    said.add(ChannelKind::Content, 0, 0, &event["message"]["content"]);
    if event["done"] == true {
        said.ends(event.get("done_reason").unwrap_or(&Value::from("done")));
    }
}

/// FNV-1a, as its authors give it.
fn fnv(text: &str) -> u64 {
    let mut hash: u64 = 14_695_981_039_346_656_037;
    for byte in text.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(1_099_511_628_211);
    }
    hash
}
