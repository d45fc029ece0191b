//! The events of the streams.

use serde_json::{Value, json};

use super::Event;

pub(super) fn chat(pieces: &[&str], delta: fn(&str) -> Value) -> Vec<Event> {
    let chunk = |choices: Value| {
        (
            "",
            json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}),
        )
    };
    let mut all = vec![
        // As Azure begins.
        (
            "",
            json!({"choices": [], "id": "", "model": "", "prompt_filter_results": [{"prompt_index": 0}]}),
        ),
        chunk(json!([{"index": 0, "delta": {"role": "assistant", "content": "other"}}])),
    ];
    for text in pieces {
        all.push(chunk(
            json!([{"index": 1, "delta": delta(text), "logprobs": null, "finish_reason": null}]),
        ));
    }
    all.push(chunk(
        json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
    ));
    all.push(chunk(
        json!([{"index": 1, "delta": {}, "finish_reason": "stop"}]),
    ));
    all.push((
        "",
        json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
    ));
    all
}

pub(super) fn completions(pieces: &[&str]) -> Vec<Event> {
    let mut all: Vec<Event> = pieces
        .iter()
        .map(|text| {
            (
                "",
                json!({"id": "x", "choices": [{"text": text, "index": 0, "finish_reason": null}]}),
            )
        })
        .collect();
    all.push((
        "",
        json!({"id": "x", "choices": [{"text": "", "index": 0, "finish_reason": "length"}]}),
    ));
    all
}

pub(super) fn responses(pieces: &[&str]) -> Vec<Event> {
    let whole = pieces.concat();
    let part = json!({"type": "output_text", "annotations": [], "text": whole});
    let item = json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "other"}, part]});
    let mut all = vec![
        (
            "response.created",
            json!({"type": "response.created", "response": {"model": "m", "output": []}}),
        ),
        (
            "response.output_item.added",
            json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "role": "assistant", "content": []}}),
        ),
    ];
    for text in pieces {
        all.push(("response.output_text.delta", json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 1, "delta": text, "logprobs": [{"token": text, "logprob": -1}]})));
    }
    for (name, rest) in [
        (
            "response.output_text.done",
            json!({"content_index": 1, "text": whole}),
        ),
        (
            "response.content_part.done",
            json!({"content_index": 1, "part": part}),
        ),
        ("response.output_item.done", json!({"item": item})),
        (
            "response.completed",
            json!({"response": {"status": "completed", "output": [item], "usage": {"input_tokens": 1}}}),
        ),
    ] {
        let mut rest = rest;
        rest["type"] = json!(name);
        rest["output_index"] = json!(0);
        all.push((name, rest));
    }
    all
}

pub(super) fn responses_arguments(pieces: &[&str]) -> Vec<Event> {
    let item = |arguments: &str| json!({"type": "function_call", "name": "f", "call_id": "c", "arguments": arguments});
    let whole = pieces.concat();
    let mut all = vec![(
        "response.output_item.added",
        json!({"type": "response.output_item.added", "output_index": 1, "item": item("")}),
    )];
    for text in pieces {
        all.push(("response.function_call_arguments.delta", json!({"type": "response.function_call_arguments.delta", "output_index": 1, "delta": text})));
    }
    all.push(("response.function_call_arguments.done", json!({"type": "response.function_call_arguments.done", "output_index": 1, "arguments": whole})));
    all.push((
        "response.output_item.done",
        json!({"type": "response.output_item.done", "output_index": 1, "item": item(&whole)}),
    ));
    all
}

pub(super) fn anthropic(pieces: &[&str], block: &str, delta: &str, field: &str) -> Vec<Event> {
    let mut begin = json!({"type": block});
    if block == "tool_use" {
        begin["name"] = json!("f");
        begin["id"] = json!("c1");
        begin["input"] = json!({});
    } else {
        begin[field] = json!("");
    }
    let mut all = vec![
        (
            "message_start",
            json!({"type": "message_start", "message": {"type": "message", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 1}}}),
        ),
        (
            "content_block_start",
            json!({"type": "content_block_start", "index": 1, "content_block": begin}),
        ),
        ("ping", json!({"type": "ping"})),
    ];
    for text in pieces {
        all.push(("content_block_delta", json!({"type": "content_block_delta", "index": 1, "delta": {"type": delta, field: text}})));
    }
    all.push((
        "content_block_stop",
        json!({"type": "content_block_stop", "index": 1}),
    ));
    all.push(("message_delta", json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}})));
    all.push(("message_stop", json!({"type": "message_stop"})));
    all
}

pub(super) fn complete(pieces: &[&str]) -> Vec<Event> {
    let event = |text: &str, reason: Value| {
        (
            "completion",
            json!({"type": "completion", "completion": text, "stop_reason": reason}),
        )
    };
    let mut all: Vec<Event> = pieces.iter().map(|text| event(text, Value::Null)).collect();
    all.push(event("", json!("stop_sequence")));
    all
}

pub(super) fn gemini(pieces: &[&str], thought: bool) -> Vec<Event> {
    let last = pieces.len().saturating_sub(1);
    (0..)
        .zip(pieces)
        .map(|(at, text)| {
            let mut part = json!({"text": text});
            if thought {
                part["thought"] = json!(true);
            }
            let mut candidate = json!({"content": {"parts": [part], "role": "model"}});
            // The last words come with the end.
            if at == last {
                candidate["finishReason"] = json!("STOP");
            }
            (
                "",
                json!({"candidates": [candidate], "usageMetadata": {"promptTokenCount": 2}}),
            )
        })
        .collect()
}

pub(super) fn converse(pieces: &[&str], delta: fn(&str) -> Value) -> Vec<Event> {
    let mut all = vec![("messageStart", json!({"role": "assistant", "p": "abc"}))];
    for text in pieces {
        all.push((
            "contentBlockDelta",
            json!({"contentBlockIndex": 3, "delta": delta(text), "p": "abc"}),
        ));
    }
    all.push(("contentBlockStop", json!({"contentBlockIndex": 3})));
    all.push(("messageStop", json!({"stopReason": "end_turn"})));
    all.push((
        "metadata",
        json!({"usage": {"inputTokens": 1, "outputTokens": 2}}),
    ));
    all
}

pub(super) fn nova(pieces: &[&str]) -> Vec<Event> {
    let all = converse(pieces, |text| json!({"text": text}));
    all.into_iter()
        .map(|(name, data)| ("chunk", json!({name: data})))
        .collect()
}

pub(super) fn chunks(events: Vec<Event>) -> Vec<Event> {
    events
        .into_iter()
        .map(|(_, data)| ("chunk", data))
        .collect()
}

pub(super) fn plain(pieces: &[&str], event: fn(&str) -> Value, last: Value) -> Vec<Event> {
    let mut all: Vec<Event> = pieces.iter().map(|text| ("chunk", event(text))).collect();
    all.push(("chunk", last));
    all
}

pub(super) fn cohere(
    pieces: &[&str],
    delta: &'static str,
    end: &'static str,
    message: fn(&str) -> Value,
) -> Vec<Event> {
    let mut all = vec![(
        "message-start",
        json!({"type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}}),
    )];
    for text in pieces {
        all.push((
            delta,
            json!({"type": delta, "index": 0, "delta": {"message": message(text)}}),
        ));
    }
    all.push((end, json!({"type": end, "index": 0})));
    all.push(("message-end", json!({"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 1}}}})));
    all
}

pub(super) fn cohere_v1(pieces: &[&str]) -> Vec<Event> {
    let mut all: Vec<Event> = pieces
        .iter()
        .map(|text| {
            (
                "",
                json!({"is_finished": false, "event_type": "text-generation", "text": text}),
            )
        })
        .collect();
    let whole = pieces.concat();
    all.push(("", json!({"is_finished": true, "event_type": "stream-end", "finish_reason": "COMPLETE", "response": {"text": whole, "chat_history": [{"role": "CHATBOT", "message": whole}]}})));
    all
}

pub(super) fn ollama(pieces: &[&str], event: fn(&str) -> Value) -> Vec<Event> {
    let mut all: Vec<Event> = pieces.iter().map(|text| ("", event(text))).collect();
    let mut last = event("");
    last["done"] = json!(true);
    last["done_reason"] = json!("stop");
    last["eval_count"] = json!(7);
    all.push(("", last));
    all
}

pub(super) fn a2a(pieces: &[&str]) -> Vec<Event> {
    let result = |result: Value| ("", json!({"jsonrpc": "2.0", "id": 7, "result": result}));
    let mut all = vec![result(
        json!({"kind": "task", "id": "t", "status": {"state": "submitted"}}),
    )];
    for (at, text) in (0..).zip(pieces) {
        let mut update = json!({"kind": "artifact-update", "taskId": "t", "artifact": {"artifactId": "art", "parts": [{"kind": "text", "text": text}]}});
        if at > 0 {
            update["append"] = json!(true);
        }
        all.push(result(update));
    }
    all.push(result(json!({"kind": "status-update", "taskId": "t", "status": {"state": "completed"}, "final": true})));
    all
}
