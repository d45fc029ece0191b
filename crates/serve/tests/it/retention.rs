//! Retention through a real server: settings with bounds, what goes, and that the record stays.

use jiff::SignedDuration;
use serde_json::json;
use stance_store::accounts::Role;

use crate::estate;
use crate::harness;
use crate::jobs::eventually;

#[test]
fn what_is_older_than_the_settings_goes_and_the_record_stays() {
    let directory = tempfile::tempdir().unwrap();
    let mut jobs =
        stance_serve::jobs::Settings::new("/nowhere".into(), directory.path().to_owned());
    jobs.tick = std::time::Duration::from_millis(50);
    let server = harness::start_in(directory, |settings| settings.jobs = Some(jobs));
    estate::fill(&server);
    let at = server.now().as_millisecond();
    server.sql(&format!(
        "INSERT INTO run (source, cause, state, queued, finished, log) VALUES
             (1, 'schedule', 'succeeded', {at}, {at}, 'old'), (1, 'schedule', 'succeeded', {at}, {at}, 'new');"
    ));
    server.later(SignedDuration::from_hours(24 * 100));
    let mut admin = server.signed_in(Role::Admin);
    let kind = |client: &mut harness::Client, name: &str| {
        let view = client.get("/api/v1/retention").json();
        let kinds = view["kinds"].as_array().unwrap().clone();
        kinds.into_iter().find(|kind| kind["name"] == name).unwrap()
    };
    assert_eq!(kind(&mut admin, "runs")["would_go"], 0);
    let page = admin.get("/settings/retention");
    assert_eq!(page.status, 200, "{}", page.text);

    let short = admin.json(
        "PATCH",
        "/api/v1/retention",
        &json!({"changes": 30, "runs": 1}),
    );
    assert_eq!(short.status, 422, "{}", short.text);
    assert_eq!(short.json()["errors"].as_array().unwrap().len(), 2);
    let changed = admin.post("/settings/retention", &[("runs", "30"), ("revision", "0")]);
    assert_eq!(changed.status, 303, "{}", changed.text);
    let late = admin.post("/settings/retention", &[("runs", "60"), ("revision", "0")]);
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!(
        kind(&mut admin, "runs")["would_go"],
        1,
        "the last one stays"
    );

    let findings = admin.get("/api/v1/findings").json()["count"].clone();
    assert_eq!(admin.post("/settings/retention/run", &[]).status, 303);
    eventually("nothing goes", || {
        (kind(&mut admin, "runs")["would_go"] == 0).then_some(())
    });
    let runs = admin.get("/api/v1/runs").json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1, "{runs}");
    assert_eq!(admin.get("/api/v1/findings").json()["count"], findings);
    let entries = eventually("it is not told", || {
        let log = admin.get("/api/v1/audit").text;
        log.contains("retention.forget").then_some(log)
    });
    for action in ["retention.edit", "retention.run", "source.scanned"] {
        assert!(entries.contains(action), "{action}: {entries}");
    }
    let mut auditor = server.signed_in(Role::Auditor);
    let page = auditor.get("/settings/retention").text;
    assert!(!page.contains("<input id=\"f-runs\""), "{page}");
    assert_eq!(
        auditor
            .post("/settings/retention", &[("runs", "30")])
            .status,
        403
    );
}
