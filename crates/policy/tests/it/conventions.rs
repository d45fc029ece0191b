//! `deny`, `violation`, `warn` and `exception`, with the counts that conftest gives.

use serde_json::json;
use stance_policy::Asked;
use stance_policy::conventions::{Checked, check, namespaces};

use crate::bundle;

fn checked(text: &str, input: serde_json::Value) -> Checked {
    check(&bundle(text), "main", &Asked::new(&[], Some(&input))).unwrap()
}

#[test]
fn strings_and_objects_are_messages() {
    let text = "package main\n\n# METADATA\n# title: T\n# custom: {id: M-1, severity: low}\ndeny contains msg if msg := \"plain\"\n\nwarn_more contains r if r := {\"msg\": \"full\", \"id\": \"R-1\", \"severity\": \"critical\", \"asset\": \"a\", \"controls\": [\"x:1\"], \"remediation\": \"do\", \"evidence\": {\"l\": 1}, \"own\": 2}\n\nviolation contains msg if { input.bad; msg := \"bad\" }\n";
    let all = checked(text, json!({}));
    assert_eq!(
        (all.successes, all.failures.len(), all.warnings.len()),
        (1, 1, 1)
    );
    assert_eq!(all.failures[0].message, "plain");
    assert_eq!(all.failures[0].id.as_deref(), Some("M-1"));
    let full = serde_json::to_value(&all.warnings[0]).unwrap();
    assert_eq!(
        full,
        json!({"rule": "data.main.warn_more", "level": "warn", "message": "full", "id": "R-1", "severity": "critical", "asset": "a", "controls": ["x:1"], "remediation": "do", "evidence": {"l": 1}, "details": {"own": 2}})
    );
    assert_eq!(checked(text, json!({"bad": true})).failures.len(), 2);
}

#[test]
fn exceptions_take_out_rules_and_are_told() {
    let text = "package main\n\ndeny_root contains msg if { input.root; msg := \"root\" }\n\ndeny_other contains \"other\"\n\nexception contains rules if { input.name == \"legacy\"; rules := [\"root\"] }\n";
    let all = checked(text, json!({"root": true, "name": "legacy"}));
    assert_eq!(
        (all.tests(), all.failures.len(), all.exceptions.len()),
        (2, 1, 1)
    );
    assert_eq!(all.exceptions[0], "data.main.exception[_][_] == \"root\"");
    let all = checked(text, json!({"root": true, "name": "new"}));
    assert_eq!((all.failures.len(), all.exceptions.len()), (2, 0));
}

#[test]
fn a_result_that_is_no_message_is_an_error() {
    let bundle = bundle("package main\ndeny contains {\"message\": \"x\"}\n");
    let fault = check(&bundle, "main", &Asked::new(&[], None)).unwrap_err();
    assert!(fault.message.contains("without `msg`"), "{fault}");
    assert_eq!(namespaces(&bundle), ["main"]);
}
