//! Figures, targets and deadlines through a real server.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};
use stance_serve::jobs::Settings;
use stance_store::accounts::Role;
use stance_store::{Estate as _, FindingNumber};

use crate::estate;
use crate::harness::{self, Client, Running};

/// Measures as the job does, now.
fn measure(server: &Running) {
    let now = server.now();
    server.store(move |store| {
        stance_serve::objectives::take(store, now).expect("measured");
        Ok(())
    });
}

/// One figure of the list.
fn figure(client: &mut Client, id: &str) -> Value {
    let view = client.get("/api/v1/objectives").json();
    let all = view["figures"].as_array().unwrap();
    all.iter().find(|it| it["id"] == id).unwrap().clone()
}

/// Waits until it holds; a job does the work.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn figures_have_values_targets_and_a_history() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let nothing = figure(&mut viewer, "asset_coverage");
    assert_eq!(
        (&nothing["value"], &nothing["state"]),
        (&Value::Null, &json!("unknown"))
    );
    estate::fill(&server);
    measure(&server);
    server.later(SignedDuration::from_hours(24 * 3));
    let mut told = estate::told();
    told.findings
        .retain(|it| it.severity != stance_core::Severity::Critical);
    estate::tell(&server, &told);
    measure(&server);
    let mut viewer = server.signed_in(Role::Viewer);

    let critical = figure(&mut viewer, "open_critical");
    assert_eq!(
        (&critical["value"], &critical["state"]),
        (&json!(0.0), &json!("met"))
    );
    assert_eq!(critical["change"], json!(-1.0));
    assert_eq!(critical["history"].as_array().unwrap().len(), 2);
    let high = figure(&mut viewer, "open_high");
    assert_eq!(high["state"], "near", "{high}");
    let stopped = figure(&mut viewer, "detections_stopped");
    assert_eq!(stopped["value"], Value::Null, "nothing watches: not 0");
    let view = viewer.get("/api/v1/objectives").json();
    assert_eq!(view["severities"][0]["fixed"], 1);
    assert_eq!(view["severities"][0]["median"], 3.0);
    assert_eq!(view["severities"][1]["open"], 1);

    let page = viewer.get("/objectives");
    for text in [
        "Open critical findings",
        "off target",
        "not known",
        "Time to remediate",
    ] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let one = viewer.get("/objectives/open_critical?days=14");
    for text in [
        "Day by day",
        "By severity",
        "critical severity",
        "<dd>0</dd>",
    ] {
        assert!(one.text.contains(text), "{text}: {}", one.text);
    }
    assert!(!one.text.contains("Change the target"), "not for a viewer");
    let csv = viewer.get("/objectives.csv?kpi=open_critical");
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", csv.text);
    assert!(lines[1].ends_with(",1,0,0,missed"), "{}", csv.text);
    assert!(lines[2].ends_with(",0,0,0,met"), "{}", csv.text);
    let all = viewer.get("/objectives.csv");
    assert!(
        all.text
            .contains("detections_stopped,Detections stopped,count,,,,unknown")
    );

    let overview = viewer.get("/");
    for text in [
        "Assets looked at",
        "Controls by framework",
        "/objectives/asset_coverage",
    ] {
        assert!(overview.text.contains(text), "{text}: {}", overview.text);
    }
    let json = viewer.get("/api/v1/overview").json();
    assert!(!json["frameworks"].as_array().unwrap().is_empty());
    assert_eq!(viewer.get("/objectives/none").status, 404);
    assert_eq!(viewer.get("/objectives?days=0").status, 422);
    assert_eq!(viewer.get("/objectives.csv?kpi=none").status, 404);
}

/// A server that does jobs.
fn working() -> Running {
    harness::start_with(|settings| {
        let directory = settings.data_dir.clone();
        let mut jobs = Settings::new("/nonexistent".into(), directory);
        jobs.tick = Duration::from_millis(50);
        settings.jobs = Some(jobs);
    })
}

#[test]
fn the_first_measure_comes_by_itself_and_a_day_has_one() {
    let server = working();
    let mut viewer = server.signed_in(Role::Viewer);
    until("measured after the start", || {
        viewer.get("/api/v1/objectives").json()["measured"] != Value::Null
    });
    estate::fill(&server);
    measure(&server);
    measure(&server);
    let view = viewer.get("/api/v1/objectives/open_high").json();
    assert_eq!(view["history"].as_array().unwrap().len(), 1, "{view}");
    assert_eq!(view["value"], 1.0);
}

#[test]
fn an_administrator_sets_targets_and_it_is_on_record() {
    let server = harness::start();
    estate::fill(&server);
    measure(&server);
    let mut admin = server.signed_in(Role::Admin);
    let set = admin.post(
        "/objectives/open_high/aim",
        &[("target", "1"), ("threshold", "")],
    );
    assert_eq!(set.status, 303, "{}", set.text);
    let high = figure(&mut admin, "open_high");
    assert_eq!(
        (&high["state"], &high["target"]),
        (&json!("met"), &json!(1.0))
    );
    assert_eq!(
        (&high["threshold"], &high["own_aim"]),
        (&Value::Null, &json!(true))
    );
    let page = admin.get("/objectives/open_high");
    assert!(page.text.contains("this organisation"), "{}", page.text);
    let put = admin.json(
        "PUT",
        "/api/v1/objectives/open_high/aim",
        &json!({"target": 2, "threshold": 4}),
    );
    assert_eq!(put.json()["threshold"], 4.0);
    for (id, body, field) in [
        (
            "open_high",
            json!({"target": 5, "threshold": 4}),
            "threshold",
        ),
        ("owned", json!({"target": 50, "threshold": 60}), "threshold"),
        ("owned", json!({"target": 101}), "target"),
        ("open_high", json!({"target": -1}), "target"),
    ] {
        let path = format!("/api/v1/objectives/{id}/aim");
        let wrong = admin.json("PUT", &path, &body);
        assert_eq!(wrong.status, 422, "{body}");
        assert_eq!(wrong.json()["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(
        admin
            .json("PUT", "/api/v1/objectives/none/aim", &json!({}))
            .status,
        404
    );
    let reset = admin.post("/objectives/open_high/aim/reset", &[]);
    assert_eq!(reset.status, 303, "{}", reset.text);
    assert_eq!(figure(&mut admin, "open_high")["own_aim"], false);

    let told = admin.get("/api/v1/audit?kind=kpi").json();
    let text = told.to_string();
    assert_eq!(text.matches("\"kpi.aim\"").count(), 2, "{text}");
    assert_eq!(text.matches("\"kpi.reset\"").count(), 1, "{text}");
    let mut analyst = server.signed_in(Role::Analyst);
    let refused = analyst.post("/objectives/open_high/aim", &[("target", "9")]);
    assert_eq!(refused.status, 403);
}

#[test]
fn deadlines_move_the_due_dates_of_what_is_open() {
    let server = working();
    estate::fill(&server);
    let mut admin = server.signed_in(Role::Admin);
    let due = |server: &Running, number: i64| {
        let found = server.store(move |store| store.finding(FindingNumber(number)));
        found.unwrap().row.due
    };
    let before = due(&server, 1).unwrap();
    let page = admin.get("/settings/deadlines");
    assert!(
        page.text.contains("Days for critical findings"),
        "{}",
        page.text
    );
    let fields = [
        ("critical", "3"),
        ("high", "30"),
        ("medium", "90"),
        ("low", "180"),
    ];
    let set = admin.post("/settings/deadlines", &fields);
    assert_eq!(set.status, 303, "{}", set.text);
    let four_days = SignedDuration::from_hours(4 * 24);
    until("the critical one is due earlier", || {
        due(&server, 1) == Some(before - four_days)
    });
    let view = admin.get("/api/v1/deadlines").json();
    assert_eq!(view["severities"][0]["days"], 3);
    assert_eq!(view["severities"][0]["default_days"], 7);
    // What opens from now on follows them as well.
    let wrong = json!({"critical": 0, "high": 30, "medium": 90, "low": 4000});
    let answer = admin.json("PUT", "/api/v1/deadlines", &wrong);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 2);
    let upside_down = json!({"critical": 30, "high": 7, "medium": 90, "low": 180});
    assert_eq!(
        admin.json("PUT", "/api/v1/deadlines", &upside_down).status,
        422
    );
    let told = admin.get("/api/v1/audit?action=deadlines.set").json();
    assert!(told.to_string().contains("deadlines.set"), "{told}");
    let mut auditor = server.signed_in(Role::Auditor);
    assert_eq!(auditor.get("/settings/deadlines").status, 200);
    assert_eq!(auditor.post("/settings/deadlines", &fields).status, 403);
}

#[test]
fn controls_on_the_overview_follow_what_people_decide() {
    let server = harness::start();
    estate::fill(&server);
    let mut analyst = server.signed_in(Role::Analyst);
    let not_met = |client: &mut Client| -> u64 {
        let view = client.get("/api/v1/overview").json();
        let all = view["frameworks"].as_array().unwrap().iter();
        all.flat_map(|it| it["states"].as_array().unwrap())
            .filter(|it| it["state"] == "not_met")
            .map(|it| it["count"].as_u64().unwrap())
            .sum()
    };
    let before = not_met(&mut analyst);
    assert!(before > 0);
    assert_eq!(not_met(&mut analyst), before);
    for number in 1..=3 {
        let path = format!("/api/v1/findings/{number}/false-positive");
        let done = analyst.json("POST", &path, &json!({"text": "a test file"}));
        assert_eq!(done.status, 200, "{}", done.text);
    }
    assert_eq!(not_met(&mut analyst), 0);
}
