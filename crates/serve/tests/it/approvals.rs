//! What the gateway holds, through a real server: who sees it, who decides, and that the audit log knows.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use stance_core::approval::{Call, Decided, Decision, Desk, Held, NotTaken, Question, Way};
use stance_core::traffic::{Action, Reason, Sureness};
use stance_store::accounts::Role;

use crate::harness;

/// A desk with what a test puts there.
#[derive(Default)]
struct Fake {
    waiting: Mutex<Vec<Question>>,
    said: Mutex<Vec<(Question, Decision)>>,
}

impl Desk for Fake {
    fn waiting(&self) -> Vec<Question> {
        self.waiting.lock().unwrap().clone()
    }

    fn decided(&self) -> Vec<(Question, Decided)> {
        let said = self.said.lock().unwrap();
        said.iter()
            .map(|(question, decision)| {
                let decided = Decided {
                    id: question.id.clone(),
                    held: question.held,
                    allowed: decision.allow,
                    way: Way::Person,
                    by: Some(decision.by.clone()),
                    note: decision.note.clone(),
                    at: question.at,
                    waited_ms: 4_000,
                    rules: Vec::new(),
                };
                (question.clone(), decided)
            })
            .collect()
    }

    fn decide(&self, id: &str, _: Way, decision: Decision) -> Result<Question, NotTaken> {
        if decision.remember {
            return Err(NotTaken::NotRemembered);
        }
        let mut waiting = self.waiting.lock().unwrap();
        let at = waiting.iter().position(|it| it.id == id);
        let question = waiting.remove(at.ok_or(NotTaken::NotWaiting)?);
        self.said.lock().unwrap().push((question.clone(), decision));
        Ok(question)
    }

    fn remembers(&self) -> Option<u64> {
        None
    }

    fn version(&self) -> u64 {
        u64::try_from(self.said.lock().unwrap().len()).unwrap()
    }
}

fn question(id: &str) -> Question {
    let at = Timestamp::now();
    Question {
        id: id.to_owned(),
        interaction: format!("interaction-{id}"),
        at,
        deadline: at + SignedDuration::from_secs(120),
        passes_at_deadline: false,
        held: Held::Answer,
        identity: Some("<b>team</b>".to_owned()),
        upstream: "openai".to_owned(),
        operation: "chat.completions".to_owned(),
        model: Some("gpt-x".to_owned()),
        reasons: vec![Reason {
            action: Action::Ask,
            rule: "flow/unasked-grave".to_owned(),
            score: Sureness::of(0.8),
            places: Vec::new(),
            note: "nobody asked for it".to_owned(),
            failed: false,
        }],
        calls: vec![Call {
            tool: "unlock_door".to_owned(),
            arguments: None,
        }],
    }
}

#[test]
fn approvers_decide_what_others_only_see_and_the_audit_log_knows() {
    let fake = Arc::new(Fake::default());
    *fake.waiting.lock().unwrap() = vec![question("one"), question("two")];
    let server = harness::start();
    server.app.decide_at(fake.clone());
    let mut viewer = server.signed_in(Role::Viewer);
    let page = viewer.get("/approvals");
    assert_eq!(page.status, 200, "{}", page.text);
    for part in [
        "flow/unasked-grave",
        "nobody asked for it",
        "unlock_door",
        "gpt-x",
        "is refused",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("<b>team</b>") && !page.text.contains("Allow"));
    let fields = [("decision", "allow"), ("note", "a drill")];
    assert_eq!(viewer.post("/approvals/one/decide", &fields).status, 403);
    assert!(fake.said.lock().unwrap().is_empty());

    let mut approver = server.signed_in(Role::Approver);
    assert!(approver.get("/approvals").text.contains("Allow"));
    let done = approver.post("/approvals/one/decide", &fields);
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(approver.post("/approvals/one/decide", &fields).status, 409);
    let perhaps = json!({"decision": "perhaps"});
    let path = "/api/v1/approvals/two/decide";
    assert_eq!(approver.json("POST", path, &perhaps).status, 422);
    let remember = json!({"decision": "deny", "remember": "true"});
    assert_eq!(approver.json("POST", path, &remember).status, 422);
    assert_eq!(fake.waiting.lock().unwrap().len(), 1);
    let deny = approver.json("POST", path, &json!({"decision": "deny"}));
    assert_eq!(deny.status, 200, "{}", deny.text);
    assert_eq!(deny.json()["decision"], "deny");
    let view = viewer.get("/api/v1/approvals").json();
    assert_eq!(view["waiting"], json!([]));
    assert_eq!(view["decided"][0]["allowed"], true);
    assert_eq!(view["decided"][0]["note"], "a drill");
    assert_eq!(view["decided"][1]["allowed"], false);
    let said = fake.said.lock().unwrap();
    assert!(said[0].1.by.starts_with("approver"), "{}", said[0].1.by);
    let mut auditor = server.signed_in(Role::Auditor);
    let entries = auditor.get("/api/v1/audit?action=approval.decide").json();
    let entries = entries["entries"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 2, "what was refused left none: {entries:?}");
    let detail = entries.iter().map(ToString::to_string).collect::<String>();
    for part in [
        "a drill",
        "flow/unasked-grave",
        "unlock_door",
        "interaction-two",
    ] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
}

#[test]
fn without_a_gateway_there_is_nothing_to_decide_and_the_page_says_so() {
    let server = harness::start();
    let mut approver = server.signed_in(Role::Approver);
    assert!(approver.get("/approvals").text.contains("No gateway here"));
    let view = approver.get("/api/v1/approvals").json();
    assert_eq!(view["gateway"], false);
    let fields = [("decision", "allow")];
    assert_eq!(approver.post("/approvals/one/decide", &fields).status, 404);
}
