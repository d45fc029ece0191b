//! Exchanges that official client libraries made with real providers, through the gateway: byte for byte.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use stance_gateway::judge::Observe;

use crate::cassettes;
use crate::rig::{Answer, Rig, Upstream, one};

/// Names the exchange to the upstream.
const NUMBER: &str = "x-number";

#[tokio::test]
async fn they_come_out_as_they_went_in_and_each_leaves_a_receipt() {
    let recorded = Arc::new(cassettes::all());
    let answers = recorded.clone();
    let upstream = Upstream::start(move |asked, _| {
        let number: usize = asked.headers[NUMBER].to_str().unwrap().parse().unwrap();
        let it = &answers[number];
        // Pieces that end anywhere.
        let length = 1 + (number * 37) % 211;
        let pieces = match it.content_type.contains("stream") {
            true => it
                .answer
                .chunks(length)
                .map(Bytes::copy_from_slice)
                .collect(),
            false => vec![Bytes::from(it.answer.clone())],
        };
        Answer {
            status: it.status,
            headers: vec![("content-type", it.content_type.clone())],
            pieces,
            ..Answer::default()
        }
    })
    .await;
    let rig = Rig::start(&one(&upstream, ""), Observe).await;
    for (number, it) in recorded.iter().enumerate() {
        let method: Method = it.method.parse().unwrap();
        let number = number.to_string();
        let headers = [(NUMBER, number.as_str())];
        let told = rig.ask(method, &it.target, &headers, &it.request).await;
        let what = format!("{} {}{}", it.file, it.host, it.target);
        assert_eq!(
            told.status,
            StatusCode::from_u16(it.status).unwrap(),
            "{what}: {:?}",
            told.body
        );
        assert!(
            told.body == it.answer && told.is_whole,
            "{what}: the answer"
        );
        assert!(
            upstream.last_asked().body == it.request,
            "{what}: the request"
        );
    }
    let receipts = rig.receipts();
    assert_eq!(receipts.len(), recorded.len());
    let mut judged = 0;
    for (receipt, it) in receipts.iter().zip(recorded.iter()) {
        let is_judged = receipt["detail"]["scanned"] != serde_json::json!([]);
        judged += usize::from(is_judged);
        let is_said = receipt["detail"]["unjudged_count"] != 0;
        assert!(
            is_judged || is_said,
            "{} {}: neither looked at nor said to be not",
            it.file,
            it.target
        );
    }
    eprintln!(
        "{} recorded exchanges, {judged} with texts that were looked at",
        recorded.len()
    );
}
