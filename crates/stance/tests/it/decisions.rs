//! What people decide: waivers, comments, baselines, thresholds.

use crate::harness::{EXEC_PICKLE, Scratch, of_rule, rules};

const RULE: &str = "model/pickle-exec";

fn waiver(expires: &str) -> String {
    format!(
        "[[waiver]]\nrule = \"{RULE}\"\npath = \"models/**\"\nreason = \"a test\"\nowner = \"me\"\nexpires = {expires}\n"
    )
}

#[test]
fn an_open_finding_fails_the_run_and_a_waiver_accepts_it() {
    let scratch = Scratch::new();
    scratch.write("models/a.pkl", EXEC_PICKLE);
    let (code, report) = scratch.scan(&[]);
    assert_eq!(code, 1);
    assert_eq!(of_rule(&report, RULE)[0]["status"], "open");

    scratch.write("stance.toml", waiver("2999-01-01"));
    let (_, report) = scratch.scan(&["--fail-on", "critical"]);
    let finding = of_rule(&report, RULE)[0];
    assert_eq!(finding["status"], "accepted");
    assert!(
        finding["status_reason"]
            .as_str()
            .unwrap()
            .contains("a test")
    );
    assert_eq!(scratch.scan(&["--fail-on", "critical"]).0, 0);
}

#[test]
fn an_expired_waiver_accepts_nothing_and_is_reported() {
    let scratch = Scratch::new();
    scratch.write("models/a.pkl", EXEC_PICKLE);
    scratch.write("stance.toml", waiver("2020-01-01"));
    let (code, report) = scratch.scan(&[]);
    assert_eq!(code, 1);
    assert_eq!(of_rule(&report, RULE)[0]["status"], "open");
    assert_eq!(of_rule(&report, "governance/expired-waiver").len(), 1);
}

#[test]
fn a_waiver_that_fits_nothing_is_reported() {
    let scratch = Scratch::new();
    scratch.write("stance.toml", waiver("2999-01-01"));
    let (_, report) = scratch.scan(&[]);
    assert_eq!(rules(&report), ["governance/unmatched-waiver"]);
}

#[test]
fn a_comment_with_a_reason_suppresses_and_one_without_does_not() {
    let scratch = Scratch::new();
    let load = |comment: &str| {
        format!(
            "import pickle\nfrom sys import stdin\nx = pickle.load(stdin.buffer)  # {comment}\n"
        )
    };
    scratch.write("a.py", load("stance: allow code/pickle-load -- own cache"));
    scratch.write("b.py", load("stance: allow code/pickle-load"));
    let (_, report) = scratch.scan(&[]);
    let found = of_rule(&report, "code/pickle-load");
    let status = |path: &str| {
        found
            .iter()
            .find(|finding| finding["evidence"][0]["path"] == path)
            .unwrap()["status"]
            .clone()
    };
    assert_eq!(status("a.py"), "suppressed");
    assert_eq!(status("b.py"), "open");
    assert_eq!(of_rule(&report, "governance/allow-without-reason").len(), 1);
}

#[test]
fn a_baseline_holds_back_what_was_known_and_fails_on_what_is_new() {
    let scratch = Scratch::new();
    scratch.write("a.pkl", EXEC_PICKLE);
    scratch.write("stance.toml", "");
    let written = scratch.run(&["baseline", "write"]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let (code, report) = scratch.scan(&[]);
    assert_eq!(code, 0);
    assert_eq!(of_rule(&report, RULE)[0]["status"], "baseline");
    assert_eq!(scratch.scan(&["--no-baseline"]).0, 1);

    scratch.write("b.pkl", EXEC_PICKLE);
    let (code, report) = scratch.scan(&[]);
    assert_eq!(code, 1);
    let open: Vec<_> = of_rule(&report, RULE)
        .into_iter()
        .filter(|finding| finding["status"] == "open")
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["evidence"][0]["path"], "b.pkl");
}

#[test]
fn moving_code_keeps_the_identity_of_its_findings() {
    let scratch = Scratch::new();
    let code = "import pickle\nx = pickle.load(open('a', 'rb'))\n";
    scratch.write("a.py", code);
    let before = scratch.scan(&[]).1;
    scratch.write("a.py", format!("# one more line\n\n{code}"));
    let after = scratch.scan(&[]).1;
    let id = |report: &serde_json::Value| of_rule(report, "code/pickle-load")[0]["id"].clone();
    assert_eq!(id(&before), id(&after));
}

#[test]
fn the_threshold_decides_about_the_exit_code_only() {
    let scratch = Scratch::new();
    scratch.write("a.pkl", EXEC_PICKLE);
    for (fail_on, code) in [("critical", 1), ("info", 1), ("never", 0)] {
        let (got, report) = scratch.scan(&["--fail-on", fail_on]);
        assert_eq!(got, code, "{fail_on}");
        assert!(!of_rule(&report, RULE).is_empty());
    }
}

#[test]
fn a_rule_can_be_switched_off_or_made_quieter() {
    let scratch = Scratch::new();
    scratch.write("a.pkl", EXEC_PICKLE);
    scratch.write("stance.toml", format!("[rules]\ndisable = [\"{RULE}\"]\n"));
    assert!(of_rule(&scratch.scan(&[]).1, RULE).is_empty());
    scratch.write(
        "stance.toml",
        format!("[rules.severity]\n\"{RULE}\" = \"low\"\n"),
    );
    let report = scratch.scan(&[]).1;
    assert_eq!(of_rule(&report, RULE)[0]["severity"], "low");
}
