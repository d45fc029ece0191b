//! Upstreams that have no room, fail, break off or are not there.

use std::time::Duration;

use hyper::StatusCode;
use stance_gateway::judge::Observe;

use crate::rig::{Answer, Rig, Upstream, one};

const REQUEST: &str = "{\"model\":\"gpt-x\",\"messages\":[]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"choices\":[]}";

#[tokio::test]
async fn a_request_is_sent_again_and_then_to_the_next() {
    let busy = Upstream::start(|_, _| Answer {
        headers: vec![("retry-after", "0".to_owned())],
        ..Answer::status(503)
    })
    .await;
    let other = Upstream::start(|_, number| {
        if number == 0 {
            Answer::status(429)
        } else {
            Answer::json(ANSWER)
        }
    })
    .await;
    let settings = format!(
        "{{\"upstreams\": {{
            \"gone\": {{\"url\": \"http://127.0.0.1:9\", \"auth\": \"none\", \"retries\": 0, \"fallback\": [\"other\"]}},
            \"busy\": {{\"url\": \"http://{}\", \"auth\": \"none\", \"retries\": 2}},
            \"other\": {{\"url\": \"http://{}\", \"auth\": \"none\"}}
         }}}}",
        busy.address, other.address
    );
    let rig = Rig::start(&settings, Observe).await;
    let told = rig.post("/busy/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(
        told.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "the last answer is told"
    );
    assert_eq!(busy.asked().len(), 3);
    let told = rig.post("/gone/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(told.text(), ANSWER);
    let receipt = rig.receipts().pop().unwrap();
    assert_eq!(receipt["detail"]["upstream"], "other");
    assert_eq!(receipt["detail"]["tries"], 3);
}

#[tokio::test]
async fn nobody_there_is_told_and_recorded() {
    let rig = Rig::start(
        "{\"upstreams\": {\"gone\": {\"url\": \"http://127.0.0.1:9\", \"auth\": \"none\", \"retries\": 0}}}",
        Observe,
    )
    .await;
    let told = rig.post("/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    let receipt = rig.receipts().pop().unwrap();
    assert!(
        receipt["detail"]["error"]
            .as_str()
            .unwrap()
            .contains("connect")
    );
}

#[tokio::test]
async fn a_stream_that_breaks_off_does_not_look_whole() {
    let upstream = Upstream::start(|_, _| Answer {
        breaks: true,
        ..Answer::events(&["data: {\"choices\":[]}\n\n"])
    })
    .await;
    let rig = Rig::simple(&upstream).await;
    let told = rig.post("/v1/chat/completions", &[], REQUEST).await;
    assert!(!told.is_whole);
    let receipt = rig.receipts().pop().unwrap();
    assert_eq!(
        receipt["detail"]["error"],
        "the upstream broke the stream off"
    );
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_receipt_and_the_upstream_is_let_go() {
    let upstream = Upstream::start(|_, _| {
        let piece = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"on and on\"}}]}\n\n";
        Answer {
            pause: Duration::from_millis(1),
            ..Answer::events(&vec![piece; 3000])
        }
    })
    .await;
    let rig = Rig::start(&one(&upstream, ""), Observe).await;
    let asking = rig.post("/v1/chat/completions", &[], REQUEST);
    let _ = tokio::time::timeout(Duration::from_millis(300), asking).await;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if let Some(receipt) = rig.receipts().pop() {
            assert_eq!(receipt["detail"]["error"], "the caller went away");
            return;
        }
    }
    panic!("no receipt");
}
