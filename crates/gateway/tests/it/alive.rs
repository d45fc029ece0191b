//! What shows the clients of streams that wait for a decision that they live.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::Method;
use serde_json::{Value, json};
use stance_core::approval::{Desk as _, Way};

use crate::asking::{rig, says, waiting};
use crate::rig::{Answer, Rig, Upstream};

/// A stream in which something waits, and what shows that it lives; `path` and the pieces that come before and in the end.
async fn alive(path: &str, headers: &[(&str, &str)], answer: Answer) -> (Rig, Vec<u8>) {
    let upstream = Upstream::start(move |_, _| answer.clone()).await;
    let rig = rig(&upstream, &json!({})).await;
    let body = json!({"messages": [{"role": "user", "content": "Open up"}], "contents": []});
    let response = rig
        .open(Method::POST, path, headers, body.to_string().as_bytes())
        .await;
    let mut coming = response.into_body();
    let mut seen = Vec::new();
    let deadline = tokio::time::sleep(Duration::from_secs(12));
    let mut deadline = std::pin::pin!(deadline);
    loop {
        tokio::select! {
            frame = coming.frame() => seen.extend_from_slice(&frame.unwrap().unwrap().into_data().unwrap()),
            () = &mut deadline => break,
        }
    }
    let question = waiting(&rig, 1).await.remove(0);
    rig.desk
        .decide(&question.id, Way::Person, says(true))
        .unwrap();
    let rest = coming.collect().await.unwrap().to_bytes();
    seen.extend_from_slice(&rest);
    (rig, seen)
}

#[tokio::test]
async fn every_dialect_has_a_sign_of_life_that_its_libraries_pass_over() {
    let part = |part: Value| json!({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]});
    let words = part(json!({"text": "One moment."})).to_string();
    let call = part(json!({"functionCall": {"name": "unlock_door", "args": {"guest": "Amy"}}}))
        .to_string();
    let events = [
        format!("data: {words}\r\n\r\n"),
        format!("data: {call}\r\n\r\n"),
    ];
    let gemini = Answer::events(&events.each_ref().map(String::as_str));
    let line = |message: Value, done: bool| {
        json!({"model": "m", "message": message, "done": done}).to_string() + "\n"
    };
    let lines = [
        line(
            json!({"role": "assistant", "content": "One moment."}),
            false,
        ),
        line(
            json!({"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "unlock_door", "arguments": {"guest": "Amy"}}}]}),
            false,
        ),
        line(json!({"role": "assistant", "content": ""}), true),
    ];
    let ollama = Answer {
        headers: vec![("content-type", "application/x-ndjson".to_owned())],
        ..Answer::events(&lines.each_ref().map(String::as_str))
    };
    let mut messages = Vec::new();
    for (name, data) in [
        ("messageStart", json!({"role": "assistant"})),
        (
            "contentBlockStart",
            json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": "unlock_door"}}}),
        ),
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{}"}}}),
        ),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("messageStop", json!({"stopReason": "tool_use"})),
    ] {
        let mut event = Vec::new();
        let data = data.to_string();
        stance_wire::frame::Spelling::default().write(
            stance_wire::Framing::Messages,
            Some(name),
            data.as_bytes(),
            &mut event,
        );
        messages.extend_from_slice(&event);
    }
    let bedrock = Answer {
        headers: vec![(
            "content-type",
            "application/vnd.amazon.eventstream".to_owned(),
        )],
        pieces: vec![messages.clone().into()],
        ..Answer::events(&[])
    };
    let path = "/v1beta/models/m:streamGenerateContent?alt=sse";
    let genai = [("x-goog-api-client", "google-genai-sdk/1.0 gl-python/3")];
    let ((_, new), (_, old), (_, lined), (_, binary)) = tokio::join!(
        alive(path, &genai, gemini.clone()),
        alive(path, &[], gemini),
        alive("/api/chat", &[], ollama),
        alive("/model/m/converse-stream", &[], bedrock),
    );
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text(&old), events.concat(), "nothing that breaks it");
    let [words, call] = &events;
    assert_eq!(text(&new), format!("{words}\n\n\n\n{call}"));
    let [first, second, last] = &lines;
    assert_eq!(text(&lined), format!("{first}  {second}{last}"));
    // As it came, but for events of our own.
    let mut splitter = stance_wire::frame::Splitter::new(stance_wire::Framing::Messages, 1 << 20);
    splitter.push(&binary);
    let (mut left, mut own) = (Vec::new(), 0);
    while let Some(frame) = splitter.next_frame(true).unwrap() {
        match frame.name.as_deref() {
            Some("stanceWaits") => own += 1,
            _ => left.extend_from_slice(frame.raw),
        }
    }
    assert_eq!((left, own), (messages, 2));
}
