//! What a witness is told, and what a service is told that a gateway reports to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use stance_core::exchange::Origin;
use stance_core::traffic::{Action, Report, Seen, Teller};
use stance_gateway::judge::Guarded;
use stance_gateway::report::{Reporter, Said};
use stance_gateway::settings;
use stance_gateway::witness::{Waiting, Witness as _, queue};
use stance_guard::policy::{Policy, Preset};

use crate::rig::{Answer, Rig, Upstream, one};

const SESSION: &[(&str, &str)] = &[
    ("x-stance-session", "visit-9"),
    (
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
];

async fn witnessed(upstream: &Upstream, more: &str) -> (Rig, Waiting) {
    let (queue, waiting) = queue(100);
    let judge = Guarded::new(Policy::preset(Preset::Strict), (7, 11));
    let rig = Rig::start_seen(&one(upstream, more), judge, Some(Arc::new(queue))).await;
    (rig, waiting)
}

async fn next(waiting: &mut Waiting) -> Seen {
    let mut batch = waiting.next(1, Duration::ZERO).await.unwrap();
    batch.remove(0)
}

fn asks(words: &str) -> String {
    json!({"model": "gpt-x", "messages": [
        {"role": "system", "content": "You help."},
        {"role": "user", "content": words},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": "{\"id\": 1}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "shipped"},
    ]})
    .to_string()
}

fn says(words: &str) -> String {
    json!({"id": "chatcmpl-77", "object": "chat.completion", "model": "gpt-x-2026", "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": words}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4}})
    .to_string()
}

fn texts(seen: &Seen) -> Vec<&str> {
    let all = seen.pieces.iter();
    all.filter_map(|piece| piece.text.as_deref()).collect()
}

#[tokio::test]
async fn a_witness_is_told_what_a_receipt_tells_and_the_pieces_in_their_order() {
    let upstream = Upstream::start(|_, _| Answer::json(&says("It was shipped."))).await;
    let (rig, mut waiting) = witnessed(&upstream, "").await;
    let told = rig
        .post("/v1/chat/completions", SESSION, &asks("Where is it?"))
        .await;
    let seen = next(&mut waiting).await;
    assert_eq!(told.headers["x-stance-interaction"], seen.id.as_str());
    assert_eq!(
        (seen.teller, seen.place.as_str(), seen.operation.as_str()),
        (Teller::Gateway, "models", "chat.completions")
    );
    assert_eq!(seen.session.as_deref(), Some("visit-9"));
    assert_eq!(
        seen.trace.as_deref(),
        Some("4bf92f3577b34da6a3ce929d0e0e4736")
    );
    assert_eq!(
        (
            seen.model.as_deref(),
            seen.answered.as_deref(),
            seen.answer.as_deref()
        ),
        (Some("gpt-x"), Some("gpt-x-2026"), Some("chatcmpl-77"))
    );
    assert_eq!((seen.usage.input, seen.status), (Some(9), Some(200)));
    let order: Vec<(Origin, bool, Option<&str>, u64)> = seen
        .pieces
        .iter()
        .map(|piece| {
            (
                piece.origin,
                piece.answer,
                piece.tool.as_deref(),
                piece.bytes,
            )
        })
        .collect();
    assert_eq!(
        order,
        [
            (Origin::Operator, false, None, 9),
            (Origin::User, false, None, 12),
            (Origin::ToolArguments, false, Some("look_up"), 9),
            (Origin::ToolResult, false, Some("look_up"), 7),
            (Origin::Model, true, None, 15),
        ]
    );
    assert_eq!(texts(&seen), [""; 0], "no words unless that is set");
    assert_eq!(rig.receipts().len(), 1, "the receipt was there before");
}

#[tokio::test]
async fn words_are_kept_where_that_is_set_without_what_policy_hides() {
    // Made here, so that none stands in the tree.
    let key = format!("{}{}", "ghp_", "w4Kd9sTq2LmZx7VbRn5YcH8uJfPa3Ge61oXi");
    let mail = "mira.jansen@example.com";
    let answer = says(&format!("I wrote to {mail}."));
    let events: Vec<String> = ["I wrote to mira.jan", "sen@example.com."]
        .iter()
        .map(|text| {
            let delta = json!({"id": "chatcmpl-78", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}]});
            format!("data: {delta}\n\n")
        })
        .chain(["data: [DONE]\n\n".to_owned()])
        .collect();
    let upstream = Upstream::start(move |asked, _| match asked.path.contains("stream") {
        true => Answer::events(&events.iter().map(String::as_str).collect::<Vec<_>>()),
        false => Answer::json(&answer),
    })
    .await;
    let (rig, mut waiting) = witnessed(&upstream, ", \"keep-words\": true").await;
    for path in ["/v1/chat/completions", "/v1/chat/completions?stream"] {
        let told = rig
            .post(path, &[], &asks(&format!("Write to {mail}.")))
            .await;
        assert!(told.is_whole);
        let seen = next(&mut waiting).await;
        let texts = texts(&seen);
        assert_eq!(texts.len(), seen.pieces.len(), "{texts:?}");
        assert!(
            texts[1].starts_with("Write to ") && !texts[1].contains("mira"),
            "{texts:?}"
        );
        let last = texts.last().unwrap();
        assert!(
            last.starts_with("I wrote to ") && !last.contains("mira"),
            "{texts:?}"
        );
    }
    // A request that is stopped has its pieces too: they are what somebody looks for.
    rig.post(
        "/v1/chat/completions",
        &[],
        &asks(&format!("My key is {key}.")),
    )
    .await;
    let seen = next(&mut waiting).await;
    assert_eq!((seen.decision, seen.status), (Action::Block, Some(403)));
    let all = texts(&seen).concat();
    assert!(!all.contains(&key), "{all}");
    assert!(
        seen.reasons[0].places[0].pointer == seen.pieces[1].pointer,
        "{seen:?}"
    );
}

#[tokio::test]
async fn whoever_is_turned_away_is_seen_as_well() {
    let upstream = Upstream::start(|_, _| Answer::json(&says("yes"))).await;
    let more = format!(
        ", \"keys\": {{\"team\": {{\"sha256\": \"{}\"}}}}",
        crate::rig::key("k")
    );
    let (rig, mut waiting) = witnessed(&upstream, &more).await;
    rig.post("/v1/chat/completions", &[], &asks("Hello")).await;
    let seen = next(&mut waiting).await;
    assert_eq!(
        (seen.decision, seen.status, seen.pieces.len()),
        (Action::Block, Some(401), 0)
    );
}

/// A service that has no room at first.
async fn service(refusals: usize) -> (Upstream, Arc<Mutex<Vec<Report>>>) {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let kept = reports.clone();
    let upstream = Upstream::start(move |asked, number| {
        if number < refusals {
            let mut later = Answer::status(503);
            later.headers.push(("retry-after", "0".to_owned()));
            return later;
        }
        assert_eq!(asked.path, "/api/v1/traffic");
        assert_eq!(asked.headers["authorization"], "Bearer stance_abc");
        let mut json = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::GzDecoder::new(&asked.body[..]),
            &mut json,
        )
        .unwrap();
        kept.lock()
            .unwrap()
            .push(serde_json::from_slice(&json).unwrap());
        Answer::json("{}")
    })
    .await;
    (upstream, reports)
}

#[tokio::test]
async fn a_service_is_told_all_that_passed_also_when_it_had_no_room_at_first() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "stance_abc\n").unwrap();
    let (service, reports) = service(2).await;
    let reporter = Reporter::new(&settings::Report {
        url: format!("http://{}/", service.address),
        token: format!("file:{}", token.display()),
    })
    .unwrap();
    let (queue, waiting) = queue(3);
    for id in ["1", "2", "3", "4"] {
        queue.saw(Seen::new(id, jiff::Timestamp::UNIX_EPOCH, Teller::Gateway));
    }
    drop(queue);
    let said = Arc::new(Mutex::new(Vec::new()));
    let log = said.clone();
    reporter
        .run(waiting, move |it| log.lock().unwrap().push(it))
        .await;
    let reports = reports.lock().unwrap();
    let ids: Vec<&str> = reports[0]
        .seen
        .iter()
        .map(|seen| seen.id.as_str())
        .collect();
    assert_eq!(
        (ids, reports[0].dropped, reports.len()),
        (vec!["1", "2", "3"], 1, 1)
    );
    let said = said.lock().unwrap();
    assert!(
        matches!(
            &said[..],
            [
                Said::Lost { count: 1, .. },
                Said::Trying { .. },
                Said::Arrived
            ]
        ),
        "{said:?}"
    );
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    let mut seen = Seen::new("1", jiff::Timestamp::UNIX_EPOCH, Teller::McpProxy);
    seen.answer = Some("chatcmpl-1".to_owned());
    let text = serde_json::to_string(&seen).unwrap();
    assert_eq!(serde_json::from_str::<Seen>(&text).unwrap(), seen);
    let mut older: Value = serde_json::from_str(&text).unwrap();
    older.as_object_mut().unwrap().remove("answer");
    assert_eq!(serde_json::from_value::<Seen>(older).unwrap().answer, None);
}
