//! Findings through a real server: lists, decisions by two people, waivers, export.

use serde_json::json;
use stance_store::accounts::Role;

use crate::estate;
use crate::harness;

#[test]
fn a_finding_is_found_assigned_and_its_risk_accepted_by_a_second_person() {
    let server = harness::start();
    estate::fill(&server);
    let mut analyst = server.signed_in(Role::Analyst);
    let list = analyst.get("/api/v1/findings?severity=critical").json();
    assert_eq!(list["count"], 1, "{list}");
    let number = list["findings"][0]["number"].as_i64().unwrap();
    let page = analyst.get("/findings?q=pickle");
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains(&format!("href=\"/findings/{number}\"")));

    let path = format!("/findings/{number}");
    let one = analyst.get(&path);
    assert_eq!(one.status, 200, "{}", one.text);
    assert!(one.text.contains("posix.system"), "evidence is shown");
    let me = analyst.get("/api/v1/account").json()["login"].clone();
    let people = server.store(|store| {
        use stance_store::accounts::Accounts as _;
        store.users()
    });
    let id = people
        .iter()
        .find(|user| me == user.login.as_str())
        .unwrap()
        .id;
    let mine = format!("user:{id}");
    let done = analyst.post(&format!("{path}/assign"), &[("assignee", mine.as_str())]);
    assert_eq!(done.status, 303, "{}", done.text);
    let list = analyst
        .get(&format!("/api/v1/findings?assignee={mine}"))
        .json();
    assert_eq!(list["count"], 1);

    let fields = [("text", "not loaded anywhere"), ("expires", "2027-01-31")];
    let asked = analyst.post(&format!("{path}/accept"), &fields);
    assert_eq!(asked.status, 303, "{}", asked.text);
    let waiting = analyst.get("/api/v1/waivers?state=requested").json();
    let waiver = waiting["waivers"][0]["number"].as_i64().unwrap();
    let approve = [("decision", "approve"), ("note", "agreed")];
    let decide = format!("/waivers/{waiver}/decide");
    assert_eq!(analyst.post(&decide, &approve).status, 403);
    let mut approver = server.signed_in(Role::Approver);
    let decided = approver.post(&decide, &approve);
    assert_eq!(decided.status, 303, "{}", decided.text);
    let one = analyst.get(&format!("/api/v1{path}")).json();
    assert_eq!(one["finding"]["state"], "accepted");
    assert_eq!(one["waiver"]["note"], "agreed");
    let told: Vec<&str> = one["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["what"].as_str().unwrap())
        .collect();
    let expected = ["accepted the risk", "asked to accept the risk"];
    assert_eq!(told[..2], expected, "{told:?}");
    assert!(told[2].starts_with("assigned it to analyst"), "{told:?}");
    assert_eq!(analyst.get("/waivers").status, 200);
}

#[test]
fn an_approver_does_not_approve_an_own_request() {
    let server = harness::start();
    estate::fill(&server);
    let mut approver = server.signed_in(Role::Approver);
    let list = approver.get("/api/v1/findings").json();
    let number = &list["findings"][0]["number"];
    let body = json!({ "text": "why not", "expires": "2027-01-31" });
    let asked = approver.json("POST", &format!("/api/v1/findings/{number}/accept"), &body);
    let waiver = asked.json()["waiver"].as_i64().unwrap();
    let own = approver.json(
        "POST",
        &format!("/api/v1/waivers/{waiver}/decide"),
        &json!({ "decision": "approve" }),
    );
    assert_eq!(own.status, 403, "{}", own.text);
    let back = json!({ "decision": "reject" });
    let back = approver.json("POST", &format!("/api/v1/waivers/{waiver}/decide"), &back);
    assert_eq!(back.status, 200, "{}", back.text);
}

#[test]
fn many_findings_are_dismissed_at_once_and_a_reason_is_asked_for() {
    let server = harness::start();
    estate::fill(&server);
    let mut analyst = server.signed_in(Role::Analyst);
    let list = analyst.get("/api/v1/findings").json();
    let numbers: Vec<String> = list["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["number"].to_string())
        .collect();
    let mut fields: Vec<(&str, &str)> = numbers.iter().map(|it| ("id", it.as_str())).collect();
    fields.push(("act", "false_positive"));
    let refused = analyst.post("/findings/bulk", &fields);
    assert_eq!(refused.status, 422, "{}", refused.text);
    fields.push(("text", "only in a test"));
    assert_eq!(analyst.post("/findings/bulk", &fields).status, 303);
    assert_eq!(analyst.get("/api/v1/findings").json()["count"], 0);
    let dismissed = analyst.get("/api/v1/findings?state=false_positive").json();
    assert_eq!(dismissed["count"], numbers.len());
    let empty = analyst.get("/findings");
    assert!(empty.text.contains("No finding fits"));
}

#[test]
fn groups_slices_and_export_tell_the_same_findings() {
    let server = harness::start();
    estate::fill(&server);
    let mut viewer = server.signed_in(Role::Viewer);
    let all = viewer.get("/api/v1/findings").json();
    let count = all["count"].as_u64().unwrap();
    let mut met = 0;
    let mut path = "/api/v1/findings?limit=1".to_owned();
    loop {
        let slice = viewer.get(&path).json();
        met += slice["findings"].as_array().unwrap().len() as u64;
        let Some(next) = slice["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/findings?limit=1&after={next}");
    }
    assert_eq!(met, count);
    for by in ["rule", "asset", "owner", "fix"] {
        let groups = viewer.get(&format!("/api/v1/findings?group={by}")).json();
        let sum: u64 = groups["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["counts"].as_array().unwrap())
            .map(|count| count.as_u64().unwrap())
            .sum();
        assert_eq!(sum, count, "{by}");
        assert_eq!(viewer.get(&format!("/findings?group={by}")).status, 200);
    }
    let csv = viewer.get("/findings.csv");
    assert_eq!(csv.text.lines().count() as u64, count + 1);
    for wrong in [
        "state=none",
        "severity=worst",
        "sort=x",
        "group=x",
        "after=x",
        "limit=0",
        "nope=1",
    ] {
        let answer = viewer.get(&format!("/api/v1/findings?{wrong}"));
        assert!(
            (400..500).contains(&answer.status),
            "{wrong}: {}",
            answer.status
        );
    }
    assert_eq!(viewer.get("/findings/999999").status, 404);
    let number = &all["findings"][0]["number"];
    let denied = viewer.post(&format!("/findings/{number}/comment"), &[("text", "x")]);
    assert_eq!(denied.status, 403);
}
