//! What may not leave over MCP: to a model by what a server says, and to a server by what a model calls.

use serde_json::{Value, json};
use stance_gateway::judge::Guarded;
use stance_guard::policy::Policy;

use crate::rig::{Answer, Rig, Upstream};

const JSON: (&str, &str) = ("content-type", "application/json");
const PROMPT: &str = "You are Otto, the assistant of Meridian Insurance. Never speak about claims above ten thousand euros; \
hand those over to a person at once.";

fn judge(action: &str) -> Guarded {
    let settings = json!({"preset": "observe", "rules": {"leak/*": {"action": action}, "data/*": {"action": "redact"}},
        "markers": {"otto": {"text": "zx-canary-8812"}, "acme": {"text": "DOC#ACME#7781", "tenants": ["acme-*"]}}});
    let policy = Policy::new(serde_json::from_value(settings).unwrap()).unwrap();
    Guarded::new(policy, (7, 11))
}

/// A server that says this, and a provider of models.
async fn rig(says: &'static str, action: &str) -> (Upstream, Rig) {
    let upstream = Upstream::start(move |asked, _| match asked.path.as_str() {
        "/mcp" => Answer::json(
            &json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": says}]}}).to_string(),
        ),
        _ => Answer::json("{\"object\":\"chat.completion\",\"choices\":[]}"),
    })
    .await;
    let url = format!("http://{}", upstream.address);
    let settings = json!({"upstreams": {"it": {"url": url, "kind": "mcp"}, "models": {"url": url, "auth": "none"}}});
    let rig = Rig::start(&settings.to_string(), judge(action)).await;
    (upstream, rig)
}

/// A call with these arguments, as they are spelled.
fn call(arguments: &str) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"send\",\"arguments\":{arguments}}}}}"
    )
}

fn text(told: &crate::rig::Told) -> String {
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    told["result"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn canaries_and_other_tenants_documents_do_not_reach_the_model() {
    for (says, left, rule) in [
        (
            "The word is ZX-canary-8812.",
            "The word is [WITHHELD].",
            "leak/canary",
        ),
        (
            "From doc#acme#7781, line 2.",
            "From [WITHHELD], line 2.",
            "leak/other-tenant",
        ),
        ("gone\u{1b}[2J again", "gone again", "leak/terminal-escape"),
        ("abc\u{202e}def", "abcdef", "leak/bidi-control"),
    ] {
        let (_, it) = rig(says, "redact").await;
        let told = it.post("/it/mcp", &[JSON], &call("{}")).await;
        assert_eq!(text(&told), left);
        assert_eq!(it.receipts()[0]["detail"]["reasons"][0]["rule"], rule);
        let (_, it) = rig(says, "block").await;
        let told = it.post("/it/mcp", &[JSON], &call("{}")).await;
        assert!(text(&told).contains(rule), "{}", text(&told));
    }
}

#[tokio::test]
async fn arguments_carry_nothing_out_however_they_are_spelled() {
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLQ");
    let spelled = key.replacen('A', "\\u0041", 1);
    for (arguments, kept) in [
        (
            "{\"a\":\"zx-canary-8812\",\"n\":1}".to_owned(),
            "zx-canary-8812",
        ),
        (
            "{\"a\":\"\\u007ax-canary-8812\",\"n\":1}".to_owned(),
            "ax-canary",
        ),
        (format!("{{\"a\":\"{key}\",\"n\":1}}"), "IOSFODNN7"),
        (format!("{{\"a\":\"{spelled}\",\"n\":1}}"), "IOSFODNN7"),
    ] {
        let (upstream, it) = rig("ok", "redact").await;
        it.post("/it/mcp", &[JSON], &call(&arguments)).await;
        let seen = upstream.last_asked().body;
        let seen: Value = serde_json::from_slice(&seen).unwrap();
        let seen = &seen["params"]["arguments"];
        assert!(!seen.to_string().contains(kept), "{seen}");
        assert_eq!(seen["n"], 1);
    }
    let (upstream, it) = rig("ok", "block").await;
    let told = it
        .post(
            "/it/mcp",
            &[JSON],
            &call("{\"a\":[\"\\u007ax-canary-8812\"]}"),
        )
        .await;
    assert!(text(&told).contains("leak/canary"), "{}", text(&told));
    assert!(upstream.asked().is_empty());
    // What is not changed goes on as it is spelled, a program that clears a terminal too.
    let body = call("{\"a\":\"\\u007az \\n \\u001b[2J 1.0e2\",\"n\":1.0e2}");
    it.post("/it/mcp", &[JSON], &body).await;
    assert_eq!(upstream.last_asked().body, body);
}

#[tokio::test]
async fn the_operators_words_do_not_go_to_a_server_of_the_same_session() {
    let (upstream, it) = rig("ok", "block").await;
    let session = ("x-stance-session", "s");
    let asked = json!({"model": "m", "messages": [{"role": "system", "content": PROMPT}, {"role": "user", "content": "Hello"}]});
    let told = it
        .post(
            "/models/v1/chat/completions",
            &[JSON, session],
            &asked.to_string(),
        )
        .await;
    assert_eq!(told.status, 200);
    let before = upstream.asked().len();
    // With line feeds, which stand there as escapes.
    let words = PROMPT.replace("; ", ";\n");
    let arguments = json!({"body": words}).to_string();
    let told = it
        .post("/it/mcp", &[JSON, session], &call(&arguments))
        .await;
    assert!(
        text(&told).contains("leak/system-prompt"),
        "{}",
        text(&told)
    );
    assert_eq!(upstream.asked().len(), before);
    let told = it
        .post(
            "/it/mcp",
            &[JSON, ("x-stance-session", "other")],
            &call(&arguments),
        )
        .await;
    assert_eq!(text(&told), "ok", "nobody knows them there");
}
