//! What goes through: byte for byte where nothing is changed, and changed in its place where something is.

use hyper::{Method, StatusCode};
use serde_json::Value;
use stance_core::traffic::{Action, Reason, Sureness};
use stance_core::{Exchange, Part};
use stance_gateway::judge::{Interaction, Judge, Observe, Ruling, Subject, Told};
use stance_wire::{Channel, Filter};

use crate::rig::{Answer, Rig, Upstream, one};

/// White space, order and unknown members that nothing may touch.
const REQUEST: &str = "{ \"model\":\"gpt-x\" ,\n\t\"x_new\": {\"b\":1.0e2, \"a\":[ ]}, \"messages\":[{\"role\":\"user\",\"content\":\"h\\u00e9llo secret\"}] }";
const ANSWER: &str = "{\"id\":\"1\",\"object\":\"chat.completion\",\"model\":\"gpt-x-1\",\"choices\":[ {\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a secret\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}";

fn delta(text: &str) -> String {
    format!(
        "data: {{\"id\":\"1\",\"model\":\"gpt-x-1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"
    )
}

fn stream() -> [String; 5] {
    [
        delta("a se"),
        delta("cr"),
        delta("et is out"),
        "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned(),
        "data: [DONE]\n\n".to_owned(),
    ]
}

fn streaming() -> Answer {
    let stream = stream();
    Answer::events(&stream.each_ref().map(String::as_str))
}

/// Puts `[gone]` in place of `secret`, and stops at `forbidden`.
struct Redacting;

struct One {
    held: String,
    seen: String,
    stops: bool,
}

impl Judge for Redacting {
    fn begin(&self, _: Subject) -> Box<dyn Interaction> {
        Box::new(One {
            held: String::new(),
            seen: String::new(),
            stops: false,
        })
    }
}

impl Interaction for One {
    fn request(&mut self, exchange: &Exchange) -> Ruling {
        if exchange
            .parts
            .iter()
            .any(|part| part.text.contains("refuse me"))
        {
            return Ruling::Refuse("Not this.".to_owned());
        }
        Ruling::Pass
    }

    fn asked(&mut self) -> &mut dyn Filter {
        self
    }

    fn answer(&mut self) -> &mut dyn Filter {
        self
    }

    fn answered(&mut self, _: &Exchange) -> Ruling {
        Ruling::Pass
    }

    fn refusal(&self) -> String {
        "Stopped.".to_owned()
    }

    fn told(&self) -> Told {
        Told {
            decision: if self.stops {
                Action::Block
            } else {
                Action::Redact
            },
            reasons: vec![Reason {
                action: Action::Redact,
                rule: "test/secret".to_owned(),
                score: Sureness::FULL,
                places: Vec::new(),
                note: "a test".to_owned(),
                failed: false,
            }],
            policy: "test-1".to_owned(),
            classifier: None,
        }
    }
}

impl Filter for One {
    fn part(&mut self, part: &Part) -> Option<String> {
        self.stops |= part.text.contains("forbidden");
        Some(part.text.replace("secret", "[gone]"))
    }

    fn push(&mut self, _: &Channel, text: &str, out: &mut String) {
        self.held.push_str(text);
        self.seen.push_str(text);
        self.stops |= self.seen.contains("forbidden");
        let changed = self.held.replace("secret", "[gone]");
        let keep = (0..6)
            .rev()
            .find(|length| changed.ends_with(&"secret"[..*length]))
            .unwrap_or(0);
        let (go, stay) = changed.split_at(changed.len() - keep);
        out.push_str(go);
        self.held = stay.to_owned();
    }

    fn finish(&mut self, _: &Channel, out: &mut String) {
        out.push_str(&std::mem::take(&mut self.held));
    }

    fn blocks(&self) -> bool {
        self.stops
    }
}

#[tokio::test]
async fn what_nobody_changes_passes_byte_for_byte() {
    let upstream = Upstream::start(|asked, _| {
        if asked.path.contains("stream") {
            streaming()
        } else {
            Answer::json(ANSWER)
        }
    })
    .await;
    let rig = Rig::simple(&upstream).await;
    let told = rig
        .post(
            "/models/v1/chat/completions?a=%20b",
            &[("x-app", "mine")],
            REQUEST,
        )
        .await;
    assert_eq!((told.status, told.text()), (StatusCode::OK, ANSWER));
    assert_eq!(told.headers["content-type"], "application/json");
    let told = rig.post("/v1/chat/completions?stream", &[], REQUEST).await;
    assert_eq!(told.text(), stream().concat());
    assert!(told.is_whole);
    let asked = upstream.asked();
    assert_eq!(asked[0].path, "/v1/chat/completions?a=%20b");
    assert_eq!(asked[0].body, REQUEST);
    assert_eq!(asked[0].headers["x-app"], "mine");
    assert_eq!(
        asked[0].headers["host"],
        upstream.address.to_string().as_str()
    );
}

#[tokio::test]
async fn what_is_changed_is_changed_in_its_place_also_over_pieces() {
    let upstream = Upstream::start(|asked, _| {
        if asked.path.contains("stream") {
            streaming()
        } else {
            Answer::json(ANSWER)
        }
    })
    .await;
    let rig = Rig::start(&one(&upstream, ""), Redacting).await;
    let told = rig.post("/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(told.text(), ANSWER.replace("secret", "[gone]"));
    let sent = &upstream.asked()[0].body;
    let expected = REQUEST.replace("\"h\\u00e9llo secret\"", "\"héllo [gone]\"");
    assert_eq!(std::str::from_utf8(sent).unwrap(), expected);

    let told = rig.post("/v1/chat/completions?stream", &[], REQUEST).await;
    assert!(
        !told.text().contains("cr\""),
        "no part of it is there: {}",
        told.text()
    );
    let said: String = told
        .text()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter_map(|event| Some(event["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect();
    assert_eq!(said, "a [gone] is out");
    assert!(told.text().ends_with("data: [DONE]\n\n"));
    for receipt in rig.receipts() {
        assert_eq!(receipt["detail"]["decision"], "redact");
        assert_eq!(receipt["detail"]["policy"], "test-1");
        assert!(
            !receipt.to_string().contains("llo"),
            "no words of the exchange"
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_told_in_the_form_of_the_dialect_and_without_its_words() {
    let upstream = Upstream::start(|_, _| {
        Answer::events(&[
            &delta("all"),
            &delta(" forbid"),
            &delta("den things"),
            "data: [DONE]\n\n",
        ])
    })
    .await;
    let settings = one(&upstream, ", \"message\": \"Ask security@example.org.\"");
    let rig = Rig::start(&settings, Redacting).await;
    let asked = REQUEST.replace("llo", " refuse me");
    let told = rig.post("/v1/chat/completions", &[], &asked).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let error: Value = serde_json::from_str(told.text()).unwrap();
    let interaction = told.headers["x-stance-interaction"].to_str().unwrap();
    assert_eq!(
        error["error"]["message"],
        format!("Not this. Ask security@example.org. Interaction: {interaction}.")
    );
    assert!(upstream.asked().is_empty(), "it never got there");

    let told = rig.post("/v1/chat/completions", &[], REQUEST).await;
    assert!(told.text().starts_with(&delta("all")));
    assert!(!told.text().contains("den things") && !told.text().contains("[DONE]"));
    let last = told.text().trim_end().rsplit("\n\n").next().unwrap();
    let error: Value = serde_json::from_str(last.strip_prefix("data: ").unwrap()).unwrap();
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("withheld by policy")
    );
    let receipts = rig.receipts();
    assert_eq!(receipts.len(), 2);
    for receipt in receipts {
        assert_eq!(receipt["detail"]["decision"], "block");
    }
}

#[tokio::test]
async fn what_is_not_known_passes_only_where_the_settings_say_so() {
    let upstream = Upstream::start(|_, _| Answer::json("[1]")).await;
    let rig = Rig::simple(&upstream).await;
    let told = rig.ask(Method::POST, "/v9/telepathy", &[], b"{}").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let told = rig
        .ask(Method::POST, "/v1/chat/completions", &[], b"{\"mod")
        .await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    assert!(upstream.asked().is_empty());
    let told = rig.ask(Method::GET, "/v1/models", &[], b"").await;
    assert_eq!(told.text(), "[1]", "known, and nothing to judge");
    let settings = one(&upstream, ", \"unreadable\": \"pass\"");
    rig.reload
        .take(
            serde_json::from_str(&settings).unwrap(),
            std::sync::Arc::new(Observe),
        )
        .unwrap();
    for (path, body) in [("/v9/telepathy", "{}"), ("/v1/chat/completions", "{\"mod")] {
        let told = rig.ask(Method::POST, path, &[], body.as_bytes()).await;
        assert_eq!(told.text(), "[1]");
        assert_eq!(upstream.asked().last().unwrap().body, body);
        let receipt = rig.receipts().pop().unwrap();
        assert_ne!(receipt["detail"]["unjudged_count"], 0, "{receipt}");
    }
}

#[tokio::test]
async fn a_request_in_gzip_is_read_and_one_that_is_too_large_refused() {
    use std::io::Write as _;
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = Rig::start(&one(&upstream, ", \"body-limit\": 1"), Redacting).await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(REQUEST.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let headers = [("content-encoding", "gzip")];
    let told = rig
        .ask(Method::POST, "/v1/chat/completions", &headers, &packed)
        .await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(upstream.asked()[0].body.ends_with(b"[gone]\"}] }"));
    let large = format!("{{\"messages\": \"{}\"}}", "x".repeat(1 << 20));
    let told = rig.post("/v1/chat/completions", &[], &large).await;
    assert_eq!(told.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 4 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    let told = rig
        .ask(Method::POST, "/v1/chat/completions", &headers, &bomb)
        .await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
}
