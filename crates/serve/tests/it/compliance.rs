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

/// How a control stands.
fn state(client: &mut Client, control: &str) -> String {
    let view = client
        .get(&format!("/api/v1/compliance/control?id={control}"))
        .json();
    view["control"]["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_control_is_met_where_a_rule_judged_something_in_a_fresh_scan() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let control = "iso-42001-2023:8.3";
    let mut clean = estate::told();
    clean.findings.clear();
    clean.judged = Some([("governance/expired-waiver".to_owned(), 0)].into());
    estate::fill(&server);
    server.later(jiff::SignedDuration::from_mins(5));
    estate::tell(&server, &clean);
    assert_eq!(
        state(&mut viewer, control),
        "no_evidence",
        "nothing to judge"
    );

    clean.judged = Some([("governance/expired-waiver".to_owned(), 3)].into());
    server.later(jiff::SignedDuration::from_mins(5));
    estate::tell(&server, &clean);
    assert_eq!(state(&mut viewer, control), "met");
    let view = viewer
        .get(&format!("/api/v1/compliance/control?id={control}"))
        .json();
    let rule = view["rules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|rule| rule["id"] == "governance/expired-waiver")
        .unwrap();
    assert_eq!(rule["judged"], 3);
    let page = viewer.get(&format!("/compliance/control?id={control}"));
    assert!(
        page.text
            .contains("governance/expired-waiver judged 3 things and found nothing"),
        "{}",
        page.text
    );
    server.later(jiff::SignedDuration::from_hours(24 * 31));
    let mut later = server.signed_in(Role::Viewer);
    assert_eq!(state(&mut later, control), "stale");
}

#[test]
fn people_answer_for_a_control_and_somebody_else_approves() {
    let server = harness::start();
    let mut analyst = server.signed_in(Role::Analyst);
    let mut approver = server.signed_in(Role::Approver);
    let mut auditor = server.signed_in(Role::Auditor);
    let control = "iso-42001-2023:A.2.2";
    assert_eq!(state(&mut auditor, control), "no_evidence");
    let day = (server.now() + jiff::SignedDuration::from_hours(24 * 30))
        .strftime("%Y-%m-%d")
        .to_string();
    let words = [
        ("control", control),
        ("claim", "met"),
        ("reason", "The board signed <b>the</b> AI policy."),
        ("evidence", "https://wiki.example.org/ai-policy"),
        ("expires", &day),
    ];
    assert_eq!(auditor.post("/compliance/attest", &words).status, 403);
    let asked = analyst.post("/compliance/attest", &words);
    assert_eq!(asked.status, 303, "{}", asked.text);
    assert_eq!(
        state(&mut auditor, control),
        "no_evidence",
        "nobody approved it"
    );
    let page = analyst.get(&format!("/compliance/control?id={control}"));
    assert!(page.text.contains("signed &#60;b&#62;the"), "{}", page.text);
    assert!(!page.text.contains("value=\"approve\""), "not the own one");

    let list = approver
        .get("/api/v1/compliance/attestations?state=requested")
        .json();
    let number = list["attestations"][0]["number"].as_i64().unwrap();
    let decide = format!("/compliance/attestations/{number}/decide");
    let own = analyst.post(&decide, &[("decision", "approve")]);
    assert_eq!(own.status, 403, "{}", own.text);
    let approved = approver.post(&decide, &[("decision", "approve"), ("note", "Seen.")]);
    assert_eq!(approved.status, 303, "{}", approved.text);
    assert_eq!(state(&mut auditor, control), "attested");
    let csv = auditor.get("/compliance.csv?framework=iso-42001-2023").text;
    let row = csv.lines().find(|row| row.contains(",A.2.2,")).unwrap();
    assert!(row.contains("https://wiki.example.org/ai-policy"), "{row}");
    let mut admin = server.signed_in(Role::Admin);
    let told = admin.get("/api/v1/audit?kind=attestation").text;
    assert!(told.contains("attestation.approve"), "{told}");

    // An own one is not approved by an approver either.
    let mut body = serde_json::json!({
        "control": "iso-42001-2023:A.2.3", "claim": "not_applicable", "reason": "One site only.", "expires": day,
    });
    let made = approver.json("POST", "/api/v1/compliance/attest", &body);
    let number = made.json()["number"].as_i64().unwrap();
    let path = format!("/api/v1/compliance/attestations/{number}");
    let decision = serde_json::json!({ "decision": "approve" });
    let own = approver.json("POST", &format!("{path}/decide"), &decision);
    assert_eq!(own.status, 403, "{}", own.text);
    admin.json("POST", &format!("{path}/decide"), &decision);
    assert_eq!(
        state(&mut auditor, "iso-42001-2023:A.2.3"),
        "not_applicable"
    );
    for (field, wrong) in [
        ("control", "none:1"),
        ("claim", "perhaps"),
        ("reason", " "),
        ("evidence", "javascript:alert(1)"),
        ("expires", "2020-01-01"),
        ("expires", "2099-01-01"),
    ] {
        body["control"] = "iso-42001-2023:A.2.4".into();
        let right = body[field].clone();
        body[field] = wrong.into();
        let refused = approver.json("POST", "/api/v1/compliance/attest", &body);
        assert!(
            matches!(refused.status, 409 | 422),
            "{field}: {}",
            refused.text
        );
        body[field] = right;
    }

    let silent = approver.json("POST", &format!("{path}/withdraw"), &serde_json::json!({}));
    assert_eq!(silent.status, 422, "{}", silent.text);
    let why = serde_json::json!({ "note": "A second site opened." });
    let back = approver.json("POST", &format!("{path}/withdraw"), &why);
    assert_eq!(back.status, 200, "{}", back.text);
    assert_eq!(state(&mut auditor, "iso-42001-2023:A.2.3"), "no_evidence");

    server.later(jiff::SignedDuration::from_hours(24 * 32));
    let mut later = server.signed_in(Role::Viewer);
    assert_eq!(state(&mut later, control), "stale");
}
