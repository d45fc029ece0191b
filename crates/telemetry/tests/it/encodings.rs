//! The same request in protobuf and in JSON is the same.

use proptest::prelude::*;
use serde_json::json;
use stance_telemetry::{Limits, genai, otlp};

use crate::made::{Made, json_body, protobuf, spans};

proptest! {
    #[test]
    fn protobuf_and_json_give_equal_spans_and_interactions(made in spans()) {
        let limits = Limits::default();
        let [one, two, three] = [protobuf(&made), json_body(&made, false), json_body(&made, true)];
        let one = otlp::protobuf::traces(&one, limits).expect("protobuf");
        let two = otlp::json::traces(&two, limits).expect("JSON");
        let three = otlp::json::traces(&three, limits).expect("JSON in the other spelling");
        prop_assert_eq!(one.len(), made.len());
        prop_assert_eq!(&one, &two);
        prop_assert_eq!(&one, &three);
        prop_assert_eq!(genai::traces(&one, limits), genai::traces(&two, limits));
    }
}

#[test]
fn ids_times_and_values_are_those_that_were_sent() {
    let made = Made::new(&[
        ("whole", json!(-5)),
        ("part", json!(0.25)),
        ("list", json!(["a", 1, true])),
        ("map", json!({ "b": { "c": "d" } })),
    ]);
    for body in [
        protobuf(std::slice::from_ref(&made)),
        json_body(std::slice::from_ref(&made), false),
    ] {
        let export = if body.starts_with(b"{") {
            otlp::json::traces(&body, Limits::default())
        } else {
            otlp::protobuf::traces(&body, Limits::default())
        };
        let export = export.expect("OTLP");
        let scope = &export.groups[0].scopes[0];
        assert_eq!(scope.name, "tests");
        let span = &scope.records[0];
        assert_eq!(span.trace.expect("trace").to_string(), "01".repeat(16));
        assert_eq!(span.id.expect("span").to_string(), "02".repeat(8));
        // All zeros are no parent.
        assert_eq!(span.parent, None);
        assert_eq!(span.end - span.start, 1_500_000_000);
        let shown: Vec<String> = span
            .attributes
            .iter()
            .map(|(name, value)| format!("{name}={}", value.written()))
            .collect();
        let wanted = [
            r"whole=-5",
            "part=0.25",
            r#"list=["a",1,true]"#,
            r#"map={"b":{"c":"d"}}"#,
        ];
        assert_eq!(shown, wanted);
    }
}

#[test]
fn ids_in_base64_as_the_json_mapping_of_protobuf_has_them() {
    let body = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[
        {"traceId":"AQEBAQEBAQEBAQEBAQEBAQ==","spanId":"AgICAgICAgI="}]}]}]}"#;
    let export = otlp::json::traces(body, Limits::default()).expect("JSON");
    let span = &export.groups[0].scopes[0].records[0];
    assert_eq!(span.trace.expect("trace").0, [1; 16]);
    assert_eq!(span.id.expect("span").0, [2; 8]);
}
