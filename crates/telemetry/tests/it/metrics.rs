//! Metrics, as real instrumentation sent them.

use stance_telemetry::genai::{self, Measures};
use stance_telemetry::otlp::{self, Temporality};
use stance_telemetry::{Limits, Operation};

use crate::captured::bytes;

fn read(name: &str) -> Measures {
    let (body, limits) = (bytes(name), Limits::default());
    let export = if name.ends_with("json") {
        otlp::json::metrics(&body, limits)
    } else {
        otlp::protobuf::metrics(&body, limits)
    };
    genai::metrics(&export.expect(name))
}

fn tokens(read: &Measures, kind: &str, model: &str) -> f64 {
    let all = read.measures.iter();
    all.filter(|one| one.metric == "gen_ai.client.token.usage")
        .filter(|one| one.tokens.as_deref() == Some(kind))
        .filter(|one| one.asked.as_deref() == Some(model) || one.answered.as_deref() == Some(model))
        .filter_map(|one| one.sum)
        .sum()
}

#[test]
fn tokens_by_kind_and_model() {
    // Calls of 42 and 11 tokens; the oldest does not count those of a stream.
    for (name, calls) in [
        ("official-old.metrics.protobuf", 2.0),
        ("official-new.metrics.protobuf", 3.0),
        ("official-new.metrics.json", 3.0),
        ("openllmetry.metrics.protobuf", 3.0),
        ("openllmetry-old.metrics.protobuf", 3.0),
    ] {
        let read = read(name);
        assert_eq!(
            tokens(&read, "input", "wheel-1-2026"),
            calls * 42.0,
            "{name}"
        );
        assert_eq!(
            tokens(&read, "output", "wheel-1-2026"),
            calls * 11.0,
            "{name}"
        );
        let all = read.measures.iter();
        let mut all = all.map(|one| (one.service.name.as_deref(), one.time.is_some()));
        assert!(all.all(|one| one == (Some("workshop"), true)));
    }
}

#[test]
fn calls_and_failures_by_their_duration() {
    let read = read("official-new.metrics.json");
    let durations: Vec<_> = read
        .measures
        .iter()
        .filter(|one| one.metric == "gen_ai.client.operation.duration")
        .collect();
    let calls: u64 = durations.iter().map(|one| one.count).sum();
    assert_eq!(calls, 5);
    let failed = durations
        .iter()
        .find(|one| one.failure.is_some())
        .expect("the failure");
    assert_eq!((failed.count, &failed.operation), (1, &Operation::Chat));
    assert_eq!(failed.temporality, Temporality::Cumulative);
    assert_eq!(failed.unit, "s");
}
