//! What exporters are answered, and the frames of gRPC.

use stance_telemetry::otlp::answer::{Outcome, Signal, json, json_error, protobuf, protobuf_error};
use stance_telemetry::otlp::{Rejected, grpc};
use stance_telemetry::{Limits, Refused};

#[test]
fn all_taken_is_an_empty_answer() {
    let all = Rejected::default();
    assert!(protobuf(&all).is_empty());
    assert_eq!(json(Signal::Traces, &all), "{}");
}

#[test]
fn what_was_rejected_is_counted_and_explained() {
    let some = Rejected {
        count: 300,
        reason: "too \"deep\"".to_owned(),
    };
    // partial_success = 1 { rejected_spans = 1, error_message = 2 }
    let mut wanted = vec![0x0a, 15, 0x08, 0xac, 0x02, 0x12, 10];
    wanted.extend(b"too \"deep\"");
    assert_eq!(protobuf(&some), wanted);
    for (signal, name) in [
        (Signal::Traces, "rejectedSpans"),
        (Signal::Logs, "rejectedLogRecords"),
        (Signal::Metrics, "rejectedDataPoints"),
    ] {
        let told: serde_json::Value = serde_json::from_str(&json(signal, &some)).expect("JSON");
        assert_eq!(told["partialSuccess"][name], "300");
        assert_eq!(told["partialSuccess"]["errorMessage"], "too \"deep\"");
    }
}

#[test]
fn only_a_lack_of_room_is_worth_another_try() {
    // The statuses after which exporters of the specification send again.
    let again_http = [429, 502, 503, 504];
    let again_grpc = [1, 4, 10, 11, 14, 15];
    let all = [
        Outcome::Taken,
        Outcome::Bad,
        Outcome::TooLarge,
        Outcome::NotKnown,
        Outcome::NotAllowed,
        Outcome::Unsupported,
        Outcome::Later,
    ];
    for outcome in all {
        let again = outcome == Outcome::Later;
        assert_eq!(again_http.contains(&outcome.http()), again, "{outcome:?}");
        assert_eq!(
            again_grpc.contains(&grpc::status(outcome)),
            again,
            "{outcome:?}"
        );
    }
    assert_eq!(
        protobuf_error(Outcome::Bad, "no"),
        [0x08, 3, 0x12, 2, b'n', b'o']
    );
    assert_eq!(
        json_error(Outcome::Bad, "no"),
        r#"{"code":3,"message":"no"}"#
    );
}

#[test]
fn frames_wait_for_their_end_and_are_refused_before_it_when_they_are_too_large() {
    let limits = Limits::default();
    let framed = grpc::frame(b"message");
    for cut in 0..framed.len() {
        assert_eq!(grpc::unframe(&framed[..cut], limits), Ok(None), "{cut}");
    }
    let frame = grpc::unframe(&framed, limits)
        .expect("frame")
        .expect("whole");
    assert_eq!((frame.message, frame.compressed), (&b"message"[..], false));
    let huge = [0, 0xff, 0xff, 0xff, 0xff];
    let refused = grpc::unframe(&huge, limits).expect_err("huge");
    assert!(matches!(refused, Refused::TooLarge { .. }));
    let mut two = framed.clone();
    two.extend(framed);
    assert!(grpc::unframe(&two, limits).is_err());
    assert!(grpc::unframe(&[9, 0, 0, 0, 0], limits).is_err());
    assert_eq!(grpc::message("50 % é"), "50 %25 %C3%A9");
}
