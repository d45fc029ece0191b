//! Rego that is newer than the engine, and functions that it lacks.

use serde_json::json;

use crate::value;

#[test]
fn templates_and_keywords_in_references() {
    let text = "package t\nx := {\"if\": {\"in\": 1}}\np := $\"a {x.if.in} {input.none} {{1}}\"\n";
    assert_eq!(value(text).unwrap(), Some(json!("a 1 <undefined> {1}")));
}

#[test]
fn functions_that_the_engine_lacks() {
    for (call, want) in [
        (
            "net.cidr_contains(\"10.0.0.0/8\", \"10.1.2.3\")",
            json!(true),
        ),
        ("array.flatten([1, [2, [3]]])", json!([1, 2, [3]])),
        ("time.weekday(1517832000000000000)", json!("Monday")),
        (
            "time.format([1670006453141828752, \"+05:30\", \"RFC1123Z\"])",
            json!("Sat, 03 Dec 2022 00:10:53 +0530"),
        ),
        (
            "time.parse_duration_ns(\"1h0.5s\")",
            json!(3_600_500_000_000_i64),
        ),
        (
            "crypto.sha256(\"\")",
            json!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ),
        ("yaml.unmarshal(\"a: [1, x]\")", json!({"a": [1, "x"]})),
        ("regex.replace(\"a1b2\", \"[0-9]\", \"-\")", json!("a-b-")),
    ] {
        let text = format!("package t\np := {call}\n");
        assert_eq!(value(&text).unwrap(), Some(want), "{call}");
    }
}

#[test]
fn they_can_be_replaced_in_tests() {
    let text = "package t\nq := time.now_ns()\np := x if x := q with time.now_ns as 7\n";
    assert_eq!(value(text).unwrap(), Some(json!(7)));
}

#[test]
fn metadata_is_known_to_rules() {
    let text = "package t\n\n# METADATA\n# title: Mine\n# custom:\n#   id: A-1\np := rego.metadata.rule()\n";
    assert_eq!(
        value(text).unwrap(),
        Some(json!({"title": "Mine", "custom": {"id": "A-1"}, "scope": "rule"}))
    );
}

#[test]
fn both_versions_are_read() {
    assert_eq!(
        value("package t\np[x] { x := 1 }\n").unwrap(),
        Some(json!([1]))
    );
    assert_eq!(
        value("package t\np contains 1 if true\n").unwrap(),
        Some(json!([1]))
    );
}
