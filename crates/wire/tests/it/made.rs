//! Streams of our own, of every dialect, whose texts a test chooses.

use serde_json::{Value, json};
use stance_wire::frame::Spelling;
use stance_wire::{ChannelKey, ChannelKind, Framing, Route, recognise};

/// A stream of one dialect, with the text of one channel in pieces.
pub(crate) struct Made {
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    pub(crate) framing: Framing,
    pub(crate) key: ChannelKey,
    make: fn(&[&str]) -> Vec<Event>,
}

/// One event: its name and its data.
type Event = (&'static str, Value);

impl Made {
    pub(crate) fn route(&self) -> Route {
        recognise("POST", self.target, None).unwrap()
    }

    /// The events, each in its bytes.
    pub(crate) fn events(&self, pieces: &[&str]) -> Vec<Vec<u8>> {
        let mut spelling = Spelling::default();
        let invoke = self.target.contains("/invoke");
        let mut all: Vec<Vec<u8>> = (self.make)(pieces)
            .into_iter()
            .map(|(name, data)| {
                let mut data = data.to_string();
                if invoke {
                    data = json!({"bytes": base64(data.as_bytes()), "p": "abc"}).to_string();
                }
                let mut out = Vec::new();
                let name = Some(name).filter(|name| !name.is_empty());
                spelling.write(self.framing, name, data.as_bytes(), &mut out);
                out
            })
            .collect();
        if self.framing == Framing::Array {
            all.push(b"\r\n]".to_vec());
        }
        if self.target.ends_with("/completions") {
            all.push(b"data: [DONE]\n\n".to_vec());
        }
        all
    }

    pub(crate) fn bytes(&self, pieces: &[&str]) -> Vec<u8> {
        self.events(pieces).concat()
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

const fn key(kind: ChannelKind, answer: u64, index: u64) -> ChannelKey {
    ChannelKey {
        kind,
        answer,
        index,
    }
}

const CHAT: &str = "/v1/chat/completions";
const NOVA: &str = "/model/amazon.nova-lite-v1:0/invoke-with-response-stream";
const CONVERSE: &str = "/model/amazon.nova-lite-v1:0/converse-stream";
const GEMINI: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";
const GEMINI_EVENTS: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";

/// Every dialect, and every kind of channel that it has.
pub(crate) const ALL: &[Made] = &[
    Made {
        name: "chat, content",
        target: CHAT,
        framing: Framing::Events,
        key: key(ChannelKind::Content, 1, 0),
        make: |pieces| chat(pieces, |text| json!({"content": text})),
    },
    Made {
        name: "chat, reasoning",
        target: CHAT,
        framing: Framing::Events,
        key: key(ChannelKind::Reasoning, 1, 0),
        make: |pieces| chat(pieces, |text| json!({"reasoning": text})),
    },
    Made {
        name: "chat, refusal",
        target: CHAT,
        framing: Framing::Events,
        key: key(ChannelKind::Refusal, 1, 0),
        make: |pieces| chat(pieces, |text| json!({"refusal": text})),
    },
    Made {
        name: "chat, arguments",
        target: CHAT,
        framing: Framing::Events,
        key: key(ChannelKind::Arguments, 1, 2),
        make: |pieces| {
            chat(
                pieces,
                |text| json!({"tool_calls": [{"index": 2, "id": "c1", "type": "function", "function": {"name": "f", "arguments": text}}]}),
            )
        },
    },
    Made {
        name: "completions",
        target: "/v1/completions",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 0),
        make: completions,
    },
    Made {
        name: "fill in the middle",
        target: "/v1/fim/completions",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 1, 0),
        make: |pieces| chat(pieces, |text| json!({"content": text})),
    },
    Made {
        name: "responses, content",
        target: "/v1/responses",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 1),
        make: responses,
    },
    Made {
        name: "responses, arguments",
        target: "/v1/responses",
        framing: Framing::Events,
        key: key(ChannelKind::Arguments, 1, 0),
        make: responses_arguments,
    },
    Made {
        name: "messages, content",
        target: "/v1/messages",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 1),
        make: |pieces| anthropic(pieces, "text", "text_delta", "text"),
    },
    Made {
        name: "messages, reasoning",
        target: "/v1/messages",
        framing: Framing::Events,
        key: key(ChannelKind::Reasoning, 0, 1),
        make: |pieces| anthropic(pieces, "thinking", "thinking_delta", "thinking"),
    },
    Made {
        name: "messages, arguments",
        target: "/v1/messages",
        framing: Framing::Events,
        key: key(ChannelKind::Arguments, 0, 1),
        make: |pieces| anthropic(pieces, "tool_use", "input_json_delta", "partial_json"),
    },
    Made {
        name: "complete",
        target: "/v1/complete",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 0),
        make: complete,
    },
    Made {
        name: "gemini, array",
        target: GEMINI,
        framing: Framing::Array,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| gemini(pieces, false),
    },
    Made {
        name: "gemini, events",
        target: GEMINI_EVENTS,
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| gemini(pieces, false),
    },
    Made {
        name: "gemini, reasoning",
        target: GEMINI,
        framing: Framing::Array,
        key: key(ChannelKind::Reasoning, 0, 0),
        make: |pieces| gemini(pieces, true),
    },
    Made {
        name: "converse, content",
        target: CONVERSE,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 3),
        make: |pieces| converse(pieces, |text| json!({"text": text})),
    },
    Made {
        name: "converse, arguments",
        target: CONVERSE,
        framing: Framing::Messages,
        key: key(ChannelKind::Arguments, 0, 3),
        make: |pieces| converse(pieces, |text| json!({"toolUse": {"input": text}})),
    },
    Made {
        name: "converse, reasoning",
        target: CONVERSE,
        framing: Framing::Messages,
        key: key(ChannelKind::Reasoning, 0, 3),
        make: |pieces| converse(pieces, |text| json!({"reasoningContent": {"text": text}})),
    },
    Made {
        name: "invoke, nova",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 3),
        make: nova,
    },
    Made {
        name: "invoke, anthropic",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 1),
        make: |pieces| chunks(anthropic(pieces, "text", "text_delta", "text")),
    },
    Made {
        name: "invoke, titan",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| {
            plain(
                pieces,
                |text| json!({"outputText": text, "index": 0}),
                json!({"outputText": "", "completionReason": "FINISH"}),
            )
        },
    },
    Made {
        name: "invoke, llama",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| {
            plain(
                pieces,
                |text| json!({"generation": text, "stop_reason": null}),
                json!({"generation": "", "stop_reason": "stop"}),
            )
        },
    },
    Made {
        name: "invoke, mistral",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| {
            plain(
                pieces,
                |text| json!({"outputs": [{"text": text, "stop_reason": null}]}),
                json!({"outputs": [{"text": "", "stop_reason": "stop"}]}),
            )
        },
    },
    Made {
        name: "invoke, chat",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 1, 0),
        make: |pieces| chunks(chat(pieces, |text| json!({"content": text}))),
    },
    Made {
        name: "invoke, cohere",
        target: NOVA,
        framing: Framing::Messages,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| chunks(cohere_v1(pieces)),
    },
    Made {
        name: "cohere, content",
        target: "/v2/chat",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| {
            cohere(
                pieces,
                "content-delta",
                "content-end",
                |text| json!({"content": {"text": text}}),
            )
        },
    },
    Made {
        name: "cohere, plan",
        target: "/v2/chat",
        framing: Framing::Events,
        key: key(ChannelKind::Reasoning, 0, u64::MAX),
        make: |pieces| {
            cohere(
                pieces,
                "tool-plan-delta",
                "citation-end",
                |text| json!({"tool_plan": text}),
            )
        },
    },
    Made {
        name: "cohere, arguments",
        target: "/v2/chat",
        framing: Framing::Events,
        key: key(ChannelKind::Arguments, 0, 0),
        make: |pieces| {
            cohere(
                pieces,
                "tool-call-delta",
                "tool-call-end",
                |text| json!({"tool_calls": {"function": {"arguments": text}}}),
            )
        },
    },
    Made {
        name: "cohere, version 1",
        target: "/v1/chat",
        framing: Framing::Lines,
        key: key(ChannelKind::Content, 0, 0),
        make: cohere_v1,
    },
    Made {
        name: "ollama, chat",
        target: "/api/chat",
        framing: Framing::Lines,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| {
            ollama(
                pieces,
                |text| json!({"message": {"role": "assistant", "content": text}, "done": false}),
            )
        },
    },
    Made {
        name: "ollama, reasoning",
        target: "/api/chat",
        framing: Framing::Lines,
        key: key(ChannelKind::Reasoning, 0, 0),
        make: |pieces| {
            ollama(
                pieces,
                |text| json!({"message": {"role": "assistant", "content": "", "thinking": text}, "done": false}),
            )
        },
    },
    Made {
        name: "ollama, generate",
        target: "/api/generate",
        framing: Framing::Lines,
        key: key(ChannelKind::Content, 0, 0),
        make: |pieces| {
            ollama(
                pieces,
                |text| json!({"model": "m", "response": text, "done": false}),
            )
        },
    },
];

fn chat(pieces: &[&str], delta: fn(&str) -> Value) -> Vec<Event> {
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

fn completions(pieces: &[&str]) -> Vec<Event> {
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

fn responses(pieces: &[&str]) -> Vec<Event> {
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

fn responses_arguments(pieces: &[&str]) -> Vec<Event> {
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

fn anthropic(pieces: &[&str], block: &str, delta: &str, field: &str) -> Vec<Event> {
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

fn complete(pieces: &[&str]) -> Vec<Event> {
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

fn gemini(pieces: &[&str], thought: bool) -> Vec<Event> {
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

fn converse(pieces: &[&str], delta: fn(&str) -> Value) -> Vec<Event> {
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

fn nova(pieces: &[&str]) -> Vec<Event> {
    let all = converse(pieces, |text| json!({"text": text}));
    all.into_iter()
        .map(|(name, data)| ("chunk", json!({name: data})))
        .collect()
}

fn chunks(events: Vec<Event>) -> Vec<Event> {
    events
        .into_iter()
        .map(|(_, data)| ("chunk", data))
        .collect()
}

fn plain(pieces: &[&str], event: fn(&str) -> Value, last: Value) -> Vec<Event> {
    let mut all: Vec<Event> = pieces.iter().map(|text| ("chunk", event(text))).collect();
    all.push(("chunk", last));
    all
}

fn cohere(
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

fn cohere_v1(pieces: &[&str]) -> Vec<Event> {
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

fn ollama(pieces: &[&str], event: fn(&str) -> Value) -> Vec<Event> {
    let mut all: Vec<Event> = pieces.iter().map(|text| ("", event(text))).collect();
    let mut last = event("");
    last["done"] = json!(true);
    last["done_reason"] = json!("stop");
    last["eval_count"] = json!(7);
    all.push(("", last));
    all
}
