//! What is broken, too much, or from somebody who may not.

use hyper::StatusCode;
use stance_core::traffic::Measure;

use crate::rig::{GZIP, JSON, PROTOBUF, Rig, capture, framed, packed, span};

#[tokio::test]
async fn what_cannot_be_read_is_refused_for_good() {
    let rig = Rig::start().await;
    let whole = capture("openinference.traces.protobuf");
    let torn = whole[..whole.len() - 7].to_vec();
    let (status, headers, body) = rig.post("/v1/traces", &[PROTOBUF], torn.clone()).await;
    assert_eq!(
        (status, &headers["content-type"]),
        (
            StatusCode::BAD_REQUEST,
            &"application/x-protobuf".parse().unwrap()
        )
    );
    assert_eq!(body[..2], [0x08, 3], "a status of gRPC: invalid argument");
    let (status, _, body) = rig
        .post("/v1/traces", &[JSON], b"{\"resourceSpans\": [".to_vec())
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(String::from_utf8(body).unwrap().contains("\"message\":"));
    assert_eq!(
        rig.call("TraceService", &[], framed(&torn, false)).await.0,
        3
    );
    // A frame that promises more than comes, one that says it is packed and is not, and one that does not say how.
    assert_eq!(
        rig.call("TraceService", &[], vec![0, 0, 0, 1, 0, 1])
            .await
            .0,
        3
    );
    let gzip = [("grpc-encoding", "gzip")];
    assert_eq!(
        rig.call("TraceService", &gzip, framed(&whole, true))
            .await
            .0,
        3
    );
    assert_eq!(
        rig.call("TraceService", &[], framed(&packed(&whole), true))
            .await
            .0,
        3
    );
    assert_eq!(
        rig.call(
            "TraceService",
            &[("grpc-encoding", "br")],
            framed(&whole, false)
        )
        .await
        .0,
        12
    );
    assert!(rig.end().await.is_empty());
}

#[tokio::test]
async fn one_record_that_is_broken_does_not_take_the_others_along() {
    let rig = Rig::start().await;
    let mut body: serde_json::Value = serde_json::from_slice(&span(1, "Where is it?")).unwrap();
    let spans = body
        .pointer_mut("/resourceSpans/0/scopeSpans/0/spans")
        .unwrap()
        .as_array_mut()
        .unwrap();
    spans.push("no span".into());
    let (status, _, answer) = rig
        .post("/v1/traces", &[JSON], body.to_string().into_bytes())
        .await;
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(answer.contains("\"rejectedSpans\":\"1\""), "{answer}");
    assert_eq!(rig.end().await.len(), 1);
}

#[tokio::test]
async fn a_bomb_and_a_huge_batch_are_too_large() {
    let rig = Rig::start().await;
    let bomb = packed(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let (status, ..) = rig.post("/v1/traces", &[JSON, GZIP], bomb.clone()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let gzip = [("grpc-encoding", "gzip")];
    assert_eq!(
        rig.call("TraceService", &gzip, framed(&bomb, true)).await.0,
        8
    );
    // More records than are taken, each of the shortest.
    let spans = "{},".repeat(60_000);
    let body = format!(
        "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}",
        spans.trim_end_matches(',')
    );
    let (status, ..) = rig.post("/v1/traces", &[JSON], body.into_bytes()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // A length that nobody will send.
    let (status, ..) = rig
        .post("/v1/traces", &[JSON], vec![b' '; (16 << 20) + 1])
        .await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // It goes on after all of that.
    let (status, ..) = rig
        .post("/v1/traces", &[JSON], span(1, "Where is it?"))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(rig.end().await.len(), 1);
}

#[tokio::test]
async fn a_page_of_a_browser_and_whoever_has_no_token_are_not_let_in() {
    let rig = Rig::with(Some("stance_it"), false).await;
    let plain = [("content-type", "text/plain")];
    let (status, ..) = rig.post("/v1/traces", &plain, span(1, "Hello")).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, ..) = rig.post("/v1/traces", &[JSON], span(1, "Hello")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let wrong = [JSON, ("authorization", "Bearer stance_other")];
    let (status, ..) = rig.post("/v1/traces", &wrong, span(1, "Hello")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let message = framed(&capture("mcp.traces.protobuf"), false);
    assert_eq!(rig.call("TraceService", &[], message.clone()).await.0, 16);
    assert_eq!(
        rig.call(
            "TraceService",
            &[("authorization", "Bearer x")],
            message.clone()
        )
        .await
        .0,
        7
    );
    assert!(rig.memory.waiting.lock().unwrap().is_empty());
    let right = [JSON, ("authorization", "Bearer stance_it")];
    let (status, ..) = rig.post("/v1/traces", &right, span(1, "Hello")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(rig.call("TraceService", &right[1..], message).await.0, 0);
    let (status, ..) = rig.post("/v1/other", &right, Vec::new()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn metrics_are_kept_as_totals_and_as_no_interaction() {
    let rig = Rig::start().await;
    let (status, ..) = rig
        .post(
            "/v1/metrics",
            &[PROTOBUF],
            capture("official-new.metrics.protobuf"),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    let told = std::mem::take(&mut *rig.memory.measured.lock().unwrap());
    let sum = |measure| -> (u64, u64) {
        let of = told.iter().filter(|one| one.measure == measure);
        of.fold((0, 0), |all, one| (all.0 + one.count, all.1 + one.sum))
    };
    // Five calls, of which one failed; 42 and 11 tokens each, where they were counted.
    let (calls, took) = sum(Measure::Calls);
    assert!(calls == 5 && took > 0, "{told:?}");
    let failed = told.iter().filter(|one| one.failed);
    assert_eq!(failed.map(|one| one.count).sum::<u64>(), 1);
    let chat: u64 = told
        .iter()
        .filter(|one| one.measure == Measure::TokensOut)
        .map(|one| one.sum)
        .sum();
    assert_eq!(chat % 11, 0);
    assert!(
        told.iter()
            .all(|one| one.service == "workshop" && one.cumulative)
    );
    let series: std::collections::BTreeSet<&str> =
        told.iter().map(|one| one.series.as_str()).collect();
    assert_eq!(
        series.len(),
        told.len(),
        "each point is of a series of its own"
    );
    assert_eq!(
        rig.call(
            "MetricsService",
            &[],
            framed(&capture("official-old.metrics.grpc"), false)
        )
        .await
        .0,
        0
    );
    assert!(!rig.memory.measured.lock().unwrap().is_empty());
    assert!(rig.end().await.is_empty());
}
