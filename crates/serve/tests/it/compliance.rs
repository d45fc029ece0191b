//! Compliance through a real server: states follow findings, and silence is no pass.

use serde_json::Value;
use stance_store::accounts::Role;

use crate::estate;
use crate::harness::{self, Client};

/// How many controls of a framework are in a state.
fn count(client: &mut Client, framework: &str, state: &str) -> u64 {
    let view = client
        .get(&format!("/api/v1/compliance/framework/{framework}"))
        .json();
    let states = view["states"].as_array().unwrap();
    let found = states.iter().find(|it| it["state"] == state);
    found.unwrap()["count"].as_u64().unwrap()
}

#[test]
fn controls_follow_findings_and_silence_is_no_pass() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let key = "owasp-llm-2025";
    let all = count(&mut viewer, key, "no_evidence");
    assert_eq!(all, 10, "nothing was looked at");
    estate::fill(&server);
    assert!(count(&mut viewer, key, "not_met") > 0);
    assert_eq!(count(&mut viewer, key, "met"), 0);

    let path = format!("/compliance/framework/{key}?state=not_met");
    let view = viewer.get(&format!("/api/v1{path}")).json();
    let control: &Value = &view["controls"][0];
    assert!(control["open"].as_u64().unwrap() > 0, "{control}");
    let page = viewer.get(&path);
    assert!(page.text.contains("state not-met"), "{}", page.text);
    let reference = control["reference"].as_str().unwrap();
    let one = viewer.get(&format!("/compliance/control?id={reference}"));
    assert!(one.text.contains("/findings?rule="), "{}", one.text);
    let overview = viewer.get("/compliance");
    assert!(overview.text.contains("no evidence"), "{}", overview.text);
    assert_eq!(viewer.get("/compliance/framework/none").status, 404);
    assert_eq!(viewer.get("/compliance/control?id=none").status, 404);
    let csv = viewer.get(&format!("/compliance.csv?framework={key}"));
    assert_eq!(csv.text.lines().count(), 11, "{}", csv.text);

    let mut clean = estate::told();
    clean.findings.clear();
    server.later(jiff::SignedDuration::from_mins(5));
    estate::tell(&server, &clean);
    assert_eq!(count(&mut viewer, key, "not_met"), 0);
    assert!(
        count(&mut viewer, key, "met") > 0,
        "fixed where it was found"
    );
    server.later(jiff::SignedDuration::from_hours(24 * 40));
    let mut later = server.signed_in(Role::Viewer);
    assert_eq!(count(&mut later, key, "met"), 0);
    assert!(count(&mut later, key, "stale") > 0);
}
