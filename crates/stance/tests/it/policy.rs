//! `stance policy`, end to end: policies and inputs in, messages, reports and exit code out.

use serde_json::Value;

use crate::harness::Scratch;

const POLICY: &str = "package main\n\n# METADATA\n# title: Pinned\n# custom:\n#   id: M-1\n#   severity: high\ndeny contains msg if {\n\tinput.tag == \"latest\"\n\tmsg := \"a tag moves\"\n}\n\nwarn contains msg if {\n\tnot input.owner\n\tmsg := \"no owner\"\n}\n";

const TESTS: &str = "package main_test\n\nimport data.main\n\ntest_tag if count(main.deny) == 1 with input as {\"tag\": \"latest\"}\n";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn files_are_held_against_a_policy() {
    let scratch = Scratch::new();
    scratch.write("policy/main.rego", POLICY);
    scratch.write("bad.yaml", "tag: latest\n---\ntag: v1\nowner: x\n");
    scratch.write("good.toml", "tag = \"v1\"\nowner = \"x\"\n");
    scratch.write("warned.json", "{\"tag\": \"v1\"}");
    let bad = scratch.run(&["policy", "eval", "bad.yaml"]);
    assert_eq!(bad.code, 1, "{}", bad.stderr);
    assert!(
        bad.stdout
            .contains("FAIL - bad.yaml - main - a tag moves (M-1, high)"),
        "{}",
        bad.stdout
    );
    assert!(
        bad.stdout
            .contains("4 tests, 2 passed, 1 warning, 1 failure, 0 exceptions"),
        "{}",
        bad.stdout
    );
    assert_eq!(scratch.run(&["policy", "eval", "good.toml"]).code, 0);
    assert_eq!(scratch.run(&["policy", "eval", "warned.json"]).code, 0);
    assert_eq!(
        scratch
            .run(&["policy", "eval", "--fail-on", "warn", "warned.json"])
            .code,
        1
    );
    let other = scratch.run(&["policy", "eval", "--namespace", "other", "bad.yaml"]);
    assert_eq!(other.code, 0);
    assert!(other.stderr.contains("there are main"), "{}", other.stderr);
}

#[test]
fn the_id_of_a_rule_in_sarif_is_its_full_name() {
    let scratch = Scratch::new();
    scratch.write("policy/main.rego", POLICY);
    scratch.write("bad.json", "{\"tag\": \"latest\", \"owner\": 1}");
    let run = scratch.run(&["policy", "eval", "--format", "sarif", "bad.json"]);
    let log = json(&run.stdout);
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "data.main.deny");
    assert_eq!(result["level"], "error");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(
        log["runs"][0]["tool"]["driver"]["rules"][index]["id"],
        "data.main.deny"
    );
}

#[test]
fn tests_run_and_lines_are_counted() {
    let scratch = Scratch::new();
    let more = "\nunreached if {\n\tinput.a == 1\n\tinput.b == 2\n}\n";
    scratch.write("policy/main.rego", format!("{POLICY}{more}"));
    scratch.write("policy/main_test.rego", TESTS);
    let run = scratch.run(&["policy", "test", "--coverage"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("tests: 1, 1 passed"), "{}", run.stdout);
    assert!(run.stdout.contains("not evaluated: 20"), "{}", run.stdout);
    assert_eq!(
        scratch.run(&["policy", "test", "--threshold", "100"]).code,
        1
    );
    let lcov = scratch.run(&["policy", "test", "--format", "lcov"]).stdout;
    assert!(
        lcov.contains("SF:policy/main.rego") && lcov.contains("DA:9,1"),
        "{lcov}"
    );
    scratch.write(
        "policy/main_test.rego",
        TESTS.replace("== 1 with", "== 2 with"),
    );
    let run = scratch.run(&["policy", "test"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("FAIL  data.main_test.test_tag"),
        "{}",
        run.stdout
    );
}

#[test]
fn mistakes_are_found_and_style_is_one() {
    let scratch = Scratch::new();
    scratch.write("policy/main.rego", POLICY.replace("count(", "count ("));
    assert_eq!(scratch.run(&["policy", "check"]).code, 0);
    scratch.write(
        "policy/main.rego",
        POLICY.replace("msg := \"no owner\"", "msg := sprint(1)"),
    );
    let check = scratch.run(&["policy", "check"]);
    assert_eq!(check.code, 1);
    assert!(
        check
            .stdout
            .contains("main.rego:15:9: error: there is no function sprint"),
        "{}",
        check.stdout
    );
    scratch.write("policy/main.rego", POLICY.replace('\t', "  "));
    assert_eq!(scratch.run(&["policy", "fmt", "--check"]).code, 1);
    assert!(
        scratch
            .run(&["policy", "fmt", "--diff"])
            .stdout
            .contains("+\tinput.tag")
    );
    assert_eq!(scratch.run(&["policy", "fmt"]).code, 0);
    assert_eq!(scratch.run(&["policy", "fmt", "--check"]).code, 0);
    assert_eq!(
        std::fs::read_to_string(scratch.tree().join("policy/main.rego")).unwrap(),
        POLICY
    );
    scratch.write("policy/main.rego", "package main\ndeny contains {\n");
    let broken = scratch.run(&["policy", "check"]);
    assert_eq!(broken.code, 2);
    assert!(
        broken.stderr.contains("policy/main.rego:"),
        "{}",
        broken.stderr
    );
}

#[test]
fn rules_are_listed_and_measured() {
    let scratch = Scratch::new();
    scratch.write("policy/main.rego", POLICY);
    scratch.write("in.json", "{}");
    let list = json(&scratch.run(&["policy", "list", "--format", "json"]).stdout);
    assert_eq!(list[0]["id"], "M-1");
    assert_eq!(list[1]["rule"], "data.main.warn");
    let bench = scratch.run(&[
        "policy", "bench", "in.json", "--count", "3", "--format", "json",
    ]);
    assert_eq!(json(&bench.stdout)["evaluations"], 3, "{}", bench.stderr);
}
