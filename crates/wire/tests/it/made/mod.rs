//! Streams of our own, of every dialect, whose texts a test chooses.

mod events;

use events::{
    a2a, anthropic, chat, chunks, cohere, cohere_v1, complete, completions, converse, gemini, nova,
    ollama, plain, responses, responses_arguments,
};
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
        match self.target {
            "a2a" => Route::a2a(),
            target => recognise("POST", target, None).unwrap(),
        }
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
    Made {
        name: "a2a, artifact",
        target: "a2a",
        framing: Framing::Events,
        key: key(ChannelKind::Content, 0, 0xe756_b719_0570_bd6a),
        make: a2a,
    },
];
