//! The audit log through a real server: read, filtered, taken along, signed, and verified.

use stance_store::accounts::Role;
use stance_store::audit::AuditLog as _;

use crate::estate;
use crate::harness;

#[test]
fn the_log_tells_who_did_what_and_is_filtered_and_taken_along() {
    let server = harness::start();
    estate::fill(&server);
    let mut analyst = server.signed_in(Role::Analyst);
    let said = [("text", "=looks real")];
    assert_eq!(analyst.post("/findings/1/comment", &said).status, 303);
    assert_eq!(analyst.get("/audit").status, 403);

    let mut auditor = server.signed_in(Role::Auditor);
    let all = auditor.get("/api/v1/audit?limit=2").json();
    let newest = all["entries"][0]["seq"].as_u64().unwrap();
    assert_eq!(all["entries"][1]["seq"], newest - 1, "{all}");
    assert_eq!(all["status"]["entries"], newest);
    let next = all["next"].as_str().unwrap();
    let more = auditor
        .get(&format!("/api/v1/audit?limit=2&after={next}"))
        .json();
    assert_eq!(more["entries"][0]["seq"], newest - 2);

    let about = auditor.get("/api/v1/audit?kind=finding&object=1").json();
    assert_eq!(about["entries"][0]["action"], "finding.comment");
    assert_eq!(about["entries"][0]["detail"]["text"], "=looks real");
    assert_eq!(about["entries"].as_array().unwrap().len(), 1);
    let area = auditor.get("/api/v1/audit?action=source").json();
    assert_eq!(area["entries"][0]["action"], "source.scanned");
    let day = server.now().strftime("%Y-%m-%d").to_string();
    let today = auditor
        .get(&format!("/api/v1/audit?since={day}&until={day}"))
        .json();
    assert!(!today["entries"].as_array().unwrap().is_empty());
    let past = auditor.get("/api/v1/audit?until=2001-01-01").json();
    assert!(past["entries"].as_array().unwrap().is_empty());
    assert_eq!(auditor.get("/audit?since=soon").status, 422);

    let page = auditor.get("/audit?action=finding");
    assert!(page.text.contains("commented on"), "{}", page.text);
    assert!(page.text.contains("href=\"/findings/1\""));
    let seq = about["entries"][0]["seq"].to_string();
    let one = auditor.get(&format!("/audit/{seq}"));
    assert!(one.text.contains("=looks real") && one.text.contains("Its hash"));
    assert_eq!(auditor.get("/audit/999999").status, 404);

    let csv = auditor.get("/audit.csv?action=finding.comment");
    assert!(csv.text.contains("finding.comment"), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 2);
    let lines = auditor.get("/audit.jsonl?action=finding");
    let line: serde_json::Value = serde_json::from_str(lines.text.trim()).unwrap();
    assert_eq!(line["action"], "finding.comment");
}

#[test]
fn the_log_is_signed_when_the_service_ends_and_verified_on_demand() {
    let server = harness::start();
    estate::fill(&server);
    let directory = server.stop();
    let server = harness::start_in(directory, |_| {});
    let mut auditor = server.signed_in(Role::Auditor);
    let status = auditor.get("/api/v1/audit").json()["status"].clone();
    assert!(status["signed"].as_u64().unwrap() >= 1, "{status}");
    assert_eq!(status["key"].as_str().unwrap().len(), 64, "{status}");
    let checkpoint = auditor.get("/audit/checkpoint.txt");
    assert!(checkpoint.text.contains(status["origin"].as_str().unwrap()));
    assert!(auditor.get("/audit/key.pem").text.contains("PUBLIC KEY"));
    let good = auditor.get("/api/v1/audit/verify").json();
    assert_eq!(good["holds"], true, "{good}");
    assert!(good["checkpoints"].as_u64().unwrap() >= 1);
    let size = server.store(|store| Ok(store.audit_status()?.size));
    assert_eq!(good["entries"], size);

    server.sql(
        "DROP TRIGGER audit_log_is_never_changed;
         UPDATE audit_log SET actor_name = 'nobody' WHERE seq = 1;",
    );
    let bad = auditor.get("/api/v1/audit/verify").json();
    assert_eq!(bad["holds"], false);
    let told = bad["faults"].to_string();
    assert!(told.contains("entry 1"), "{told}");
    assert!(
        auditor
            .get("/audit/verify")
            .text
            .contains("The log was changed")
    );
}
