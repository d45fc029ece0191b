//! Answers that are refused whole, and words that repeat what was changed.

use serde_json::{Value, json};
use stance_wire::{
    Framing, Limits, Options, Route, Status, Stream, read_answer, recognise, refusal,
};

use crate::filters::{REDACTED, Redactor};

#[test]
fn each_dialect_has_its_own_error() {
    for (target, pointer) in [
        ("/v1/chat/completions", "/error/message"),
        ("/v1/responses", "/error/message"),
        ("/v1/embeddings", "/error/message"),
        ("/v1/images/generations", "/error/message"),
        ("/v1/messages", "/error/message"),
        ("/v1/complete", "/error/message"),
        ("/v1beta/models/g:generateContent", "/error/message"),
        ("/v1beta/models/g:embedContent", "/error/message"),
        ("/model/m/converse", "/message"),
        ("/model/m/invoke", "/message"),
        ("/v2/chat", "/message"),
        ("/v1/chat", "/message"),
        ("/v2/embed", "/message"),
        ("/v2/rerank", "/message"),
        ("/v1/generate", "/message"),
        ("/api/chat", "/error"),
        ("/api/generate", "/error"),
        ("/api/embed", "/error"),
    ] {
        let route = recognise("POST", target, None).unwrap();
        let body: Value = serde_json::from_str(&refusal(&route, "No \"way\".\n")).unwrap();
        assert_eq!(
            body.pointer(pointer),
            Some(&json!("No \"way\".\n")),
            "{target}"
        );
    }
    let body: Value = serde_json::from_str(&refusal(&Route::mcp(), "no")).unwrap();
    assert_eq!(body["error"]["message"], "no");
    let route = recognise("POST", "/v1/messages", None).unwrap();
    let body: Value = serde_json::from_str(&refusal(&route, "no")).unwrap();
    assert_eq!(body["type"], "error");
}

#[test]
fn probabilities_of_changed_words_are_blanked() {
    let marker = ["mark", "er"].concat();
    let route = recognise("POST", "/v1/chat/completions", None).unwrap();
    let body = json!({"choices": [
        {"index": 0, "message": {"content": format!("a {marker}")}, "logprobs": {"content": [{"token": marker}]}},
        {"index": 1, "message": {"content": "b"}, "logprobs": {"content": [{"token": "b"}]}},
    ]});
    let bytes = body.to_string();
    let reading = read_answer(&route, bytes.as_bytes(), &Limits::default()).unwrap();
    assert!(reading.exchange.probabilities);
    let out = reading.rewrite(bytes.as_bytes(), &mut Redactor::new(&marker));
    let out: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(out["choices"][0]["logprobs"], Value::Null);
    assert_eq!(
        out["choices"][0]["message"]["content"],
        format!("a {REDACTED}")
    );
    assert_eq!(out["choices"][1], body["choices"][1]);
    // In a stream, where the second half of the marker has not come yet.
    let event = json!({"choices": [{"index": 0, "delta": {"content": "mark"}, "logprobs": {"content": [{"token": "mark"}]}}]});
    let mut stream = Stream::new(&route, Framing::Events, Options::default());
    let mut out = Vec::new();
    let bytes = format!("data: {event}\n\n");
    assert_eq!(
        stream.push(bytes.as_bytes(), &mut Redactor::new(&marker), &mut out),
        Status::Open
    );
    assert!(!String::from_utf8(out).unwrap().contains("mark"));
}

#[test]
fn what_a_guardrail_of_the_provider_masked_is_seen_in_its_trace() {
    let marker = ["4111", "1111"].concat();
    let route = recognise("POST", "/model/m/converse", None).unwrap();
    let body = json!({"output": {"message": {"content": [{"text": "{NUMBER}"}]}},
        "trace": {"guardrail": {"modelOutput": [marker], "outputAssessments": {"g": [{"match": marker}]}}}});
    let bytes = body.to_string();
    let reading = read_answer(&route, bytes.as_bytes(), &Limits::default()).unwrap();
    let out = reading.rewrite(bytes.as_bytes(), &mut Redactor::new(&marker));
    assert!(
        !String::from_utf8(out.into_owned())
            .unwrap()
            .contains(&marker)
    );
}
