//! Halves that come apart.

use std::time::Duration;

use jiff::Timestamp;
use stance_telemetry::otlp::{SpanId, TraceId};
use stance_telemetry::{Interaction, Joiner};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_694_400 + second).expect("time")
}

fn one(span: u8) -> Interaction {
    Interaction {
        trace: Some(TraceId([1; 16])),
        span: Some(SpanId([span; 8])),
        name: format!("call {span}"),
        ..Interaction::default()
    }
}

#[test]
fn what_has_no_span_does_not_wait() {
    let mut joiner = Joiner::new(2);
    let alone = Interaction::default();
    assert_eq!(joiner.push(alone.clone(), at(0)), Some(alone));
    assert!(joiner.is_empty());
}

#[test]
fn what_waited_long_enough_is_ready_in_the_order_in_which_it_came() {
    let mut joiner = Joiner::new(10);
    for (second, span) in [(0, 3), (1, 1), (5, 2)] {
        assert!(joiner.push(one(span), at(second)).is_none());
    }
    let ready = joiner.ready(at(11), Duration::from_secs(10));
    let names: Vec<_> = ready.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["call 3", "call 1"]);
    assert_eq!(joiner.len(), 1);
}

#[test]
fn there_is_room_for_so_many_and_none_is_lost() {
    let mut joiner = Joiner::new(2);
    assert!(joiner.push(one(1), at(0)).is_none());
    assert!(joiner.push(one(2), at(0)).is_none());
    let oldest = joiner.push(one(3), at(0)).expect("the oldest leaves");
    assert_eq!(oldest.name, "call 1");
    assert_eq!(joiner.finish().len(), 2);
}
