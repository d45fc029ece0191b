//! Drift through a real server: what weakens waits, is approved by an approver, and pages and events tell of it.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use serde_json::json;
use stance_store::accounts::Role;

use crate::estate;
use crate::harness;

#[test]
fn a_change_that_weakens_waits_for_an_approver_and_becomes_the_approved_state() {
    let server = harness::start();
    estate::fill(&server);
    let mut told = estate::told();
    told.assets[2] = told.assets[2].clone().with("authentication", "none");
    server.later(jiff::SignedDuration::from_mins(5));
    assert_eq!(estate::tell(&server, &told).weakening, 1);
    let mut analyst = server.signed_in(Role::Analyst);
    let waiting = analyst.get("/api/v1/changes").json();
    assert_eq!(waiting["count"], 1, "{waiting}");
    let change = &waiting["changes"][0];
    assert_eq!(change["before"], "required");
    assert_eq!(change["after"], "none");
    assert_eq!(change["effect"], "weakening");
    let page = analyst.get("/changes");
    assert!(page.text.contains("state weakening"), "{}", page.text);
    let finding = analyst
        .get(&format!("/api/v1/findings/{}", change["finding"]))
        .json();
    assert_eq!(finding["finding"]["state"], "open");

    let number = change["number"].to_string();
    let fields = [("id", number.as_str()), ("note", "a public server")];
    assert_eq!(analyst.post("/changes/approve", &fields).status, 403);
    let mut approver = server.signed_in(Role::Approver);
    let done = approver.post("/changes/approve", &fields);
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(analyst.get("/api/v1/changes").json()["count"], 0);
    let all = analyst.get("/api/v1/changes?state=approved").json();
    assert_eq!(all["changes"][0]["note"], "a public server");
    assert!(analyst.get("/changes").text.contains("as it was approved"));
    server.later(jiff::SignedDuration::from_mins(5));
    assert_eq!(estate::tell(&server, &told).changes, 0);
}

#[test]
fn an_announced_change_needs_no_decision() {
    let server = harness::start();
    estate::fill(&server);
    let mut approver = server.signed_in(Role::Approver);
    let today = server.now().strftime("%Y-%m-%d").to_string();
    let announce = json!({
        "asset": "mcp_server:*", "field": "*", "reason": "CHG-7", "opens": today, "closes": "2100-01-01",
    });
    let announced = approver.json("POST", "/api/v1/changes/expected/announce", &announce);
    assert_eq!(announced.status, 200, "{}", announced.text);
    let decide = format!(
        "/api/v1/changes/expected/{}/decide",
        announced.json()["number"]
    );
    let yes = json!({ "decision": "approve" });
    assert_eq!(
        approver.json("POST", &decide, &yes).status,
        403,
        "not the own one"
    );
    let mut other = server.signed_in(Role::Approver);
    assert_eq!(other.json("POST", &decide, &yes).status, 200);
    let mut told = estate::told();
    told.assets[2] = told.assets[2].clone().with("authentication", "none");
    server.later(jiff::SignedDuration::from_mins(5));
    let done = estate::tell(&server, &told);
    assert_eq!((done.changes, done.weakening), (0, 0));
    assert_eq!(other.get("/changes/expected").status, 200);
    let expected = other.get("/api/v1/changes/expected").json();
    assert_eq!(expected["expected"][0]["met"], 1);
}

#[test]
fn the_overview_tells_the_score_what_moved_it_and_what_to_do_first() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let empty = viewer.get("/");
    assert_eq!(empty.status, 200, "{}", empty.text);
    assert!(empty.text.contains("Nothing was looked at yet"));
    estate::fill(&server);
    let before = viewer.get("/api/v1/overview").json();
    let score = before["score"]["value"].as_f64().unwrap();
    assert!(score > 0.0 && score < 100.0);
    assert_eq!(before["findings"], json!([1, 1, 1, 0, 0]));
    let first = &before["first"][0];
    let back = first["gives_back"].as_f64().unwrap();
    assert!(back > 0.0);
    // What it says it gives back is what it gives back.
    let mut told = estate::told();
    told.findings
        .retain(|it| *it.rule != *first["rule"].as_str().unwrap());
    server.later(jiff::SignedDuration::from_mins(5));
    estate::tell(&server, &told);
    let after = viewer.get("/api/v1/overview").json();
    let now = after["score"]["value"].as_f64().unwrap();
    assert!((now - score - back).abs() < 1e-6, "{score} {back} {now}");
    let moved = &after["movements"][0];
    assert!(
        (moved["value"].as_f64().unwrap() - back).abs() < 1e-3,
        "{moved}"
    );
    let page = viewer.get("/?days=30");
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Fix these first"));
    assert_eq!(viewer.get("/?days=0").status, 422);
}

#[test]
fn browsers_hear_that_something_changed_and_not_what() {
    let server = harness::start();
    estate::fill(&server);
    assert_eq!(
        server.client().get("/events").status,
        303,
        "not without an account"
    );
    let viewer = server.signed_in(Role::Viewer);
    let (tell, told) = std::sync::mpsc::channel();
    let stream = viewer.stream("/events");
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                break;
            }
        }
    });
    let mut clean = estate::told();
    clean.findings.clear();
    // The first look of the server is no event: wait until it was.
    std::thread::sleep(Duration::from_secs(1));
    server.later(jiff::SignedDuration::from_mins(5));
    estate::tell(&server, &clean);
    let mut heard = String::new();
    while !heard.contains("event: findings") {
        let line = told.recv_timeout(Duration::from_secs(20)).unwrap();
        heard.push_str(&line);
        heard.push('\n');
    }
    assert!(!heard.contains("pickle"), "{heard}");
}

#[test]
fn a_text_that_changed_is_told_without_what_it_says_and_the_timeline_has_days() {
    let server = harness::start();
    estate::fill(&server);
    let of = |text: &str| {
        let mut told = estate::told();
        let digest = stance_core::digest::text(text);
        told.assets[1] = told.assets[1].clone().with("text_sha256", digest);
        told
    };
    server.later(jiff::SignedDuration::from_mins(5));
    assert_eq!(estate::tell(&server, &of("Be brief.")).changes, 0);
    server.later(jiff::SignedDuration::from_hours(30));
    assert_eq!(estate::tell(&server, &of("Be rude!!")).weakening, 1);
    let mut viewer = server.signed_in(Role::Viewer);
    let page = viewer.get("/changes").text;
    assert!(page.contains("text changed"), "{page}");
    assert!(!page.contains("class=\"day\""), "what waits goes by effect");
    let whole = stance_core::digest::text("Be rude!!");
    assert!(
        page.contains(&whole[..12]) && !page.contains(&whole),
        "{page}"
    );
    let timeline = viewer.get("/changes?state=all").text;
    assert_eq!(timeline.matches("class=\"day\"").count(), 2, "{timeline}");
}
