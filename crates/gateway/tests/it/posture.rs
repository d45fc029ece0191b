//! What scans found about a model or a server decides whether it may be used.

use std::sync::Arc;

use hyper::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use stance_core::{AssetKind, Severity};
use stance_gateway::judge::Guarded;
use stance_gateway::posture::{Held, Snapshot, Standing, Subject};
use stance_guard::policy::{Policy, Settings};

use crate::rig::{Answer, Rig, Told, Upstream, one};

const ID: &str = "0123456789abcdef0123456789abcdef";

fn policy(settings: Value) -> Policy {
    Policy::new(serde_json::from_value::<Settings>(settings).unwrap()).unwrap()
}

fn subject(kind: AssetKind, name: &str, rule: &str, severity: Severity, waived: bool) -> Subject {
    Subject {
        kind,
        names: vec![name.to_owned()],
        findings: vec![Standing {
            id: ID.to_owned(),
            rule: rule.to_owned(),
            severity,
            waived,
        }],
    }
}

/// A model with a critical finding, one with a high one, one whose critical finding somebody accepted, and a server of tools.
fn found() -> Vec<Subject> {
    use Severity::{Critical, High};
    vec![
        subject(
            AssetKind::Model,
            "bad",
            "model/pickle-exec",
            Critical,
            false,
        ),
        subject(AssetKind::Model, "worn", "model/unsigned", High, false),
        subject(
            AssetKind::Model,
            "accepted",
            "model/pickle-exec",
            Critical,
            true,
        ),
        subject(
            AssetKind::McpServer,
            "it",
            "agent/unpinned",
            Critical,
            false,
        ),
    ]
}

fn held(age: SignedDuration) -> Arc<Held> {
    let held = Held::default();
    held.set(&found(), Timestamp::now() - age);
    Arc::new(held)
}

fn judge(settings: Value, held: &Arc<Held>) -> Guarded {
    Guarded::new(policy(settings), (7, 11)).with_posture(Some(held.clone()))
}

async fn answering() -> Upstream {
    Upstream::start(|_, _| Answer::json("{\"object\":\"chat.completion\",\"choices\":[]}")).await
}

async fn ask(rig: &Rig, model: &str) -> Told {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "Good morning."}]});
    rig.post("/v1/chat/completions", &[], &body.to_string())
        .await
}

/// Decision, and rule and note of each reason, of the last receipt.
fn receipt(rig: &Rig) -> (String, Vec<(String, String)>) {
    let receipt = rig.receipts().pop().unwrap()["detail"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let reasons = receipt["reasons"].as_array().cloned().unwrap_or_default();
    let reasons = reasons
        .iter()
        .map(|it| (text(&it["rule"]), text(&it["note"])))
        .collect();
    (text(&receipt["decision"]), reasons)
}

#[tokio::test]
async fn a_model_with_a_critical_finding_is_refused_with_its_rule_and_id() {
    let upstream = answering().await;
    let held = held(SignedDuration::ZERO);
    let rig = Rig::start(
        &one(&upstream, ""),
        judge(json!({"preset": "strict"}), &held),
    )
    .await;
    for model in ["bad", "BAD", "openai/bad"] {
        let told = ask(&rig, model).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{model}");
    }
    let told = ask(&rig, "openai/bad").await;
    let words = format!("(posture/finding: model/pickle-exec {ID}).");
    assert!(
        told.text().contains("Stopped by policy strict-"),
        "{}",
        told.text()
    );
    assert!(told.text().contains(&words), "{}", told.text());
    let (decision, reasons) = receipt(&rig);
    assert_eq!(decision, "block");
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert_eq!(reasons[0].0, "posture/finding");
    assert!(
        reasons[0].1.contains("critical finding model/pickle-exec"),
        "{reasons:?}"
    );
    for model in ["worn", "accepted", "good", "bad-2"] {
        let told = ask(&rig, model).await;
        assert_eq!(told.status, StatusCode::OK, "{model}: {}", told.text());
    }
    assert_eq!(upstream.asked().len(), 4, "what is refused goes nowhere");
}

#[tokio::test]
async fn settings_say_which_findings_count_and_what_follows() {
    let upstream = answering().await;
    let held = held(SignedDuration::ZERO);
    let block = json!({"posture/finding": {"action": "block"}});
    for (settings, model, decision) in [
        (json!({}), "openai/bad", "flag"),
        (json!({"preset": "observe"}), "openai/bad", "flag"),
        (
            json!({"rules": {"posture/finding": {"action": "allow"}}}),
            "openai/bad",
            "allow",
        ),
        (json!({"rules": block}), "openai/bad", "block"),
        (json!({"rules": block}), "worn", "allow"),
        (
            json!({"rules": block, "posture": {"severity": "high"}}),
            "worn",
            "block",
        ),
        (
            json!({"rules": block, "posture": {"rules": ["agent/*"]}}),
            "openai/bad",
            "allow",
        ),
        (
            json!({"rules": block, "posture": {"rules": ["model/*"]}}),
            "openai/bad",
            "block",
        ),
        (
            json!({"rules": block, "posture": {"waived": true}}),
            "accepted",
            "block",
        ),
    ] {
        let rig = Rig::start(&one(&upstream, ""), judge(settings.clone(), &held)).await;
        let told = ask(&rig, model).await;
        let status = match decision {
            "block" => StatusCode::FORBIDDEN,
            _ => StatusCode::OK,
        };
        assert_eq!(told.status, status, "{settings} {model}");
        assert_eq!(receipt(&rig).0, decision, "{settings} {model}");
    }
}

#[tokio::test]
async fn findings_that_are_too_old_are_not_known_and_the_failure_mode_decides() {
    let upstream = answering().await;
    let (old, future) = (
        SignedDuration::from_hours(8 * 24),
        SignedDuration::from_hours(-48),
    );
    let open = json!({"posture/finding": {"on-failure": "open"}});
    let blind = Arc::new(Held::default());
    for (settings, held, status, words) in [
        (
            json!({"preset": "strict"}),
            held(old),
            403,
            "older than 7 days",
        ),
        (
            json!({"preset": "strict"}),
            held(future),
            403,
            "time to come",
        ),
        (
            json!({"preset": "strict"}),
            blind.clone(),
            403,
            "not known yet",
        ),
        (
            json!({"preset": "strict", "rules": open}),
            held(old),
            200,
            "older than 7 days",
        ),
        (
            json!({"preset": "strict", "posture": {"max-age-days": 9}}),
            held(old),
            200,
            "",
        ),
    ] {
        let rig = Rig::start(&one(&upstream, ""), judge(settings.clone(), &held)).await;
        // Its name makes no difference: whether something stands against it is what is not known.
        let told = ask(&rig, "good").await;
        assert_eq!(told.status.as_u16(), status, "{settings}");
        let (_, reasons) = receipt(&rig);
        assert_eq!(reasons.len(), usize::from(!words.is_empty()), "{reasons:?}");
        for (rule, note) in reasons {
            assert_eq!(rule, "posture/finding");
            assert!(note.contains(words), "{note}");
        }
    }
}

#[tokio::test]
async fn what_is_found_meanwhile_counts_for_the_next_request_under_any_policy() {
    let upstream = answering().await;
    let known = Arc::new(Held::default());
    known.set(&[], Timestamp::now());
    let first = judge(json!({"preset": "strict"}), &known);
    let second = first.with_policy(
        policy(json!({"preset": "strict", "hosts": ["acme.org"]})),
        None,
    );
    let rig = Rig::start(&one(&upstream, ""), first).await;
    assert_eq!(ask(&rig, "openai/bad").await.status, StatusCode::OK);
    known.set(&found(), Timestamp::now());
    assert_eq!(ask(&rig, "openai/bad").await.status, StatusCode::FORBIDDEN);
    let settings = serde_json::from_str(&one(&upstream, "")).unwrap();
    rig.reload.take(settings, Arc::new(second)).unwrap();
    assert_eq!(ask(&rig, "openai/bad").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_server_of_tools_with_a_finding_is_asked_nothing() {
    let upstream = Upstream::start(|_, _| {
        Answer::json("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}")
    })
    .await;
    let settings = |name: &str| {
        json!({"upstreams": {name: {"url": format!("http://{}", upstream.address), "kind": "mcp"}}})
            .to_string()
    };
    let held = held(SignedDuration::ZERO);
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
    ];
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read", "arguments": {}}});
    for (name, is_refused) in [("it", true), ("other", false)] {
        let rig = Rig::start(&settings(name), judge(json!({"preset": "strict"}), &held)).await;
        let told = rig
            .post(&format!("/{name}/mcp"), &headers, &call.to_string())
            .await;
        let words = format!("posture/finding: agent/unpinned {ID}");
        assert_eq!(told.text().contains(&words), is_refused, "{}", told.text());
    }
    assert_eq!(upstream.asked().len(), 1);
}

#[test]
fn a_snapshot_comes_back_from_its_file_and_nothing_else_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("posture.json");
    let snapshot = Snapshot::new(found(), Timestamp::UNIX_EPOCH);
    std::fs::write(&path, serde_json::to_string(&snapshot).unwrap()).unwrap();
    assert_eq!(Snapshot::read(&path).unwrap(), snapshot);
    for (text, said) in [
        ("{}", "missing field `format`"),
        ("no", "stance posture export"),
        (
            "{\"format\": \"stance/posture-v2\", \"more\": 1}",
            "stance/posture-v2",
        ),
        (
            "{\"format\": \"stance/posture-v1\", \"time\": \"yesterday\", \"subjects\": []}",
            "posture-v1 (",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Snapshot::read(&path).unwrap_err().to_string();
        assert!(
            error.contains(said) && error.contains("posture.json"),
            "{error}"
        );
    }
    let gone = Snapshot::read(&directory.path().join("gone")).unwrap_err();
    assert!(gone.to_string().contains("gone"), "{gone}");
}

#[tokio::test]
async fn an_endpoint_is_known_by_its_address_and_whoever_asks_as_an_agent() {
    use stance_gateway::judge::{Judge as _, Subject as Asking};

    let held = Held::default();
    let critical =
        |kind, name: &str| subject(kind, name, "endpoint/open", Severity::Critical, false);
    held.set(
        &[
            critical(AssetKind::Endpoint, "http://10.0.0.5:8000/v1/models"),
            critical(AssetKind::Agent, "support-bot"),
        ],
        Timestamp::now(),
    );
    let judge = judge(json!({"preset": "strict"}), &Arc::new(held));
    let is_refused = |asking: Asking| {
        let mut interaction = judge.begin(asking);
        interaction.request(&stance_core::exchange::Exchange::default());
        let told = interaction.told();
        let notes: Vec<String> = told.reasons.into_iter().map(|it| it.note).collect();
        notes.join("; ")
    };
    let at = |address: &str| Asking {
        upstream: "local".to_owned(),
        address: Some(address.to_owned()),
        ..Asking::default()
    };
    assert!(
        is_refused(at("http://10.0.0.5:8000")).contains("the endpoint has the critical finding")
    );
    assert_eq!(is_refused(at("http://10.0.0.5:8001")), "");
    let by = |identity: Option<&str>, agent: Option<&str>| Asking {
        identity: identity.map(str::to_owned),
        agent: agent.map(str::to_owned),
        ..Asking::default()
    };
    for asking in [
        by(Some("support-bot"), None),
        by(Some("key"), Some("Support-Bot")),
    ] {
        assert!(is_refused(asking).contains("the agent has the critical finding"));
    }
    assert_eq!(is_refused(by(Some("other"), None)), "");

    // Through the gateway: the address of the upstream is that of its settings.
    let upstream = answering().await;
    let held = Held::default();
    let address = format!("http://{}/v1", upstream.address);
    let open = critical(AssetKind::Endpoint, &address);
    held.set(&[open], Timestamp::now());
    let rig = Rig::start(
        &one(&upstream, ""),
        self::judge(json!({"preset": "strict"}), &Arc::new(held)),
    )
    .await;
    assert_eq!(ask(&rig, "good").await.status, StatusCode::FORBIDDEN);
}
