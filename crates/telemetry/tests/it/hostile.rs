//! What is sent may be anything.

use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use serde_json::json;
use stance_telemetry::{Limits, Refused, genai, otlp};

#[path = "../../fuzz/checks.rs"]
mod checks;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

use crate::captured::{bytes, names};
use crate::made::{Made, Message, envelope, json_body, protobuf, spans};

proptest! {
    #[test]
    fn any_bytes_do_no_harm(data in prop::collection::vec(any::<u8>(), 0..400)) {
        checks::otlp(&data);
        checks::log(&data);
        checks::grpc(&data);
    }

    #[test]
    fn any_text_that_looks_like_json_does_no_harm(text in r#"[\[\]{}":,\\ue0-9tfn a]{0,200}"#) {
        checks::otlp(text.as_bytes());
        checks::log(text.as_bytes());
    }

    #[test]
    fn damage_anywhere_does_no_harm(made in spans(), at in any::<prop::sample::Index>(), byte in any::<u8>(), is_json in any::<bool>()) {
        let mut body = if is_json { json_body(&made, false) } else { protobuf(&made) };
        if !body.is_empty() {
            let at = at.index(body.len());
            body[at] = byte;
        }
        checks::otlp(&body);
    }
}

/// The targets of the fuzzer on what real emitters sent, cut at many lengths and damaged in many places.
#[test]
fn captures_and_their_ruins_do_no_harm() {
    for name in names() {
        let whole = bytes(&name);
        checks::otlp(&whole);
        checks::log(&whole);
        for step in 1..40 {
            let at = whole.len() * step / 40;
            checks::otlp(&whole[..at]);
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            checks::otlp(&damaged);
        }
    }
}

#[test]
fn one_bad_span_is_rejected_alone() {
    let good = Made::new(&[("gen_ai.system", json!("openai"))]);
    let good = protobuf(&[good]);
    // The span inside the envelope that the test made.
    let export = otlp::protobuf::traces(&good, Limits::default()).expect("good");
    assert_eq!((export.len(), export.rejected.count), (1, 0));
    let fine = Message::default().bytes(5, b"fine").0;
    let broken = vec![0x2a, 0x7f, b'x'];
    let body = envelope(&[fine.clone(), broken, fine]);
    let export = otlp::protobuf::traces(&body, Limits::default()).expect("the others");
    assert_eq!(export.len(), 2);
    assert_eq!(export.rejected.count, 1);
    assert!(
        export.rejected.reason.contains("protobuf"),
        "{:?}",
        export.rejected
    );
}

fn nested(depth: usize) -> serde_json::Value {
    (0..depth).fold(json!("x"), |inner, _| json!([inner]))
}

#[test]
fn limits_are_kept() {
    let limits = Limits::default();
    let made = |value| Made::new(&[("gen_ai.input.messages", value)]);
    // Depth: the span that is too deep is rejected, and the next is not.
    let body = protobuf(&[made(nested(200)), made(json!("shallow"))]);
    let export = otlp::protobuf::traces(&body, limits).expect("protobuf");
    assert_eq!((export.len(), export.rejected.count), (1, 1));
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let refused = otlp::json::traces(deep.as_bytes(), limits);
    assert_eq!(refused.expect_err("deep"), Refused::TooDeep(limits.depth));
    // Bytes.
    let small = Limits {
        bytes: 100,
        ..limits
    };
    let body = protobuf(&[made(json!("x".repeat(200)))]);
    let refused = otlp::protobuf::traces(&body, small).expect_err("large");
    assert!(matches!(refused, Refused::TooLarge { most: 100, .. }));
    // Values and records.
    let few = Limits {
        values: 10,
        ..limits
    };
    let many = protobuf(&[made(json!(vec![1; 50]))]);
    let refused = otlp::protobuf::traces(&many, few).expect_err("many");
    assert_eq!(refused, Refused::TooManyValues(10));
    let many = json_body(&[made(json!(1))], false);
    let refused = otlp::json::traces(&many, few);
    assert_eq!(refused.expect_err("many"), Refused::TooManyValues(10));
    let few = Limits {
        records: 1,
        ..limits
    };
    let two = [made(json!("a")), made(json!("b"))];
    for refused in [
        otlp::protobuf::traces(&protobuf(&two), few).expect_err("two"),
        otlp::json::traces(&json_body(&two, false), few).expect_err("two"),
    ] {
        assert_eq!(refused, Refused::TooManyRecords(1));
    }
}

#[test]
fn what_is_too_long_or_too_much_in_one_interaction_is_said() {
    let few = Limits {
        text: 10,
        parts: 2,
        ..Limits::default()
    };
    let messages = json!([
        { "role": "user", "content": "a text of more than ten bytes, é" },
        { "role": "user", "content": "two" },
        { "role": "user", "content": "three" },
    ]);
    let body = protobuf(&[Made::new(&[("gen_ai.input.messages", messages)])]);
    let export = otlp::protobuf::traces(&body, few).expect("protobuf");
    let read = genai::traces(&export, few);
    let chat = &read.interactions[0];
    assert_eq!(chat.request.parts.len(), 2);
    assert_eq!(chat.request.parts[0].text, "a text of ");
    let said: Vec<String> = chat.not_judged().into_iter().map(|one| one.what).collect();
    assert!(
        said.iter().any(|what| what.contains("longer than is kept")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|what| what.contains("more parts")),
        "{said:?}"
    );
}

#[test]
fn many_attributes_of_one_list_are_read_in_time_that_grows_with_their_number() {
    // A list of so many places, each named once, must not be searched for each of them again.
    let attributes: Vec<(String, serde_json::Value)> = (0..60_000)
        .map(|at| {
            (
                format!("llm.input_messages.{at}.message.content"),
                json!("x"),
            )
        })
        .collect();
    let mut made = Made::new(&[]);
    made.attributes = attributes;
    let body = protobuf(&[made]);
    let limits = Limits::default();
    let export = otlp::protobuf::traces(&body, limits).expect("protobuf");
    let read = genai::traces(&export, limits);
    let chat = &read.interactions[0];
    assert_eq!(chat.request.parts.len(), limits.parts);
    let said: Vec<String> = chat.not_judged().into_iter().map(|one| one.what).collect();
    assert!(
        said.iter().any(|what| what.contains("more attributes")),
        "{said:?}"
    );
}

#[test]
fn what_lies_inside_of_itself_is_walked_once() {
    // Shapes that a reader could walk by two ways, each inside of the other, behind more parts than are taken.
    let few = Limits {
        parts: 1,
        ..Limits::default()
    };
    let deep = (0..60).fold(json!("end"), |inner, at| match at % 3 {
        0 => json!({ "model": "m", "output": { "message": inner, "content": [] } }),
        1 => json!({ "contents": [inner], "messages": { "message": "x" } }),
        _ => json!({ "message": inner, "tool_calls": [] }),
    });
    let answer = json!([{ "role": "assistant", "content": "first" }, deep]);
    let made = Made::new(&[
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.output.messages", json!(answer.to_string())),
    ]);
    let body = protobuf(&[made]);
    let export = otlp::protobuf::traces(&body, few).expect("protobuf");
    let read = genai::traces(&export, few);
    assert_eq!(read.interactions[0].response.parts.len(), 1);
}

/// The worst bodies of the size and number that default limits take: memory stays within what the design note says.
#[test]
fn the_worst_bodies_take_bounded_memory() {
    let limits = Limits::default();
    let empty_attributes = Message(b"\x4a\x00".repeat(990_000)).0;
    let numbered: Vec<u8> = (0..300_000)
        .flat_map(|at| {
            let name = format!("llm.input_messages.{at}.message.content");
            let pair = Message::default().bytes(1, name.as_bytes());
            Message::default()
                .bytes(9, &pair.bytes(2, b"\x0a\x01x").0)
                .0
        })
        .collect();
    let lists = format!("[{}]", vec!["[]"; 990_000].join(","));
    let listed = Message::default().bytes(1, b"gen_ai.input.messages");
    let listed = listed.bytes(2, &Message::default().bytes(1, lists.as_bytes()).0);
    let listed = Message::default().bytes(9, &listed.0).0;
    for (name, span) in [
        ("empty attributes", empty_attributes),
        ("numbered attributes", numbered),
        ("a list of empty lists", listed),
    ] {
        let body = envelope(&[span]);
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let export = otlp::protobuf::traces(&body, limits).expect(name);
        let read = genai::traces(&export, limits);
        let peak = HEAP.peak_usage().saturating_sub(before) >> 20;
        assert!(read.passed + read.interactions.len() as u64 == 1, "{name}");
        // Other tests run at the same time, and take a few.
        assert!(peak < 250, "{name}: {peak} MB");
    }
    let json = format!("{{\"resourceSpans\":[{}]}}", vec!["{}"; 990_000].join(","));
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    let export = otlp::json::traces(json.as_bytes(), limits).expect("JSON");
    let peak = HEAP.peak_usage().saturating_sub(before) >> 20;
    assert!(export.is_empty());
    assert!(peak < 250, "JSON: {peak} MB");
}
