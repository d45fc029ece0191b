//! Money: what exchanges cost, and what is left.

use hyper::StatusCode;
use stance_gateway::judge::Observe;

use crate::rig::{Answer, Rig, Told, Upstream, key, one};

const PATH: &str = "/models/v1/chat/completions";
const REQUEST: &str =
    "{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello, how are you?\"}]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"model\":\"gpt-x-2026\",\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\
                      \"completion_tokens\":100,\"prompt_tokens_details\":{\"cached_tokens\":400}}}";
const HELD: [(&str, &str); 1] = [("authorization", "Bearer virtual")];

/// Settings with one key and prices: 600 * 2.5 + 400 * 1.25 + 100 * 10 = 3000 millionths of a dollar for an exchange.
fn settings(upstream: &Upstream, allowance: &str, more: &str) -> String {
    let more = format!(
        ", \"keys\": {{\"team\": {{\"sha256\": \"{}\", {allowance}}}}},
        \"prices\": {{\"gpt-*\": {{\"input\": 2.5, \"output\": 10.0, \"cached\": 1.25}}}}{more}",
        key("virtual")
    );
    one(upstream, &more)
}

fn after(told: &Told) -> u64 {
    let value = told.headers["retry-after"].to_str().unwrap();
    value.parse().unwrap()
}

#[tokio::test]
async fn a_budget_ends_is_told_in_the_form_of_the_dialect_and_survives_a_restart() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let settings = settings(&upstream, "\"budget-per-day\": 0.005", "");
    let rig = Rig::start(&settings, Observe).await;
    for _ in 0..2 {
        let told = rig.post(PATH, &HELD, REQUEST).await;
        assert_eq!(
            told.status,
            StatusCode::OK,
            "what is over is told once it is used"
        );
        assert_eq!(
            rig.receipts().pop().unwrap()["detail"]["cost_microdollars"],
            3000
        );
    }
    let told = rig.post(PATH, &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=86_400).contains(&after(&told)));
    let error: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("the budget of today is used up"),
        "{message}"
    );
    let told = rig.post("/models/v1/messages", &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    let error: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(error["type"], "error", "as Anthropic says it");
    let directory = rig.stop().await;
    let kept = std::fs::read_to_string(directory.path().join("usage.json")).unwrap();
    assert!(kept.contains("\"team\"") && kept.contains("6000"), "{kept}");
    assert!(!kept.contains("Hello"));
    let rig = Rig::start_in(directory, &settings, Observe).await;
    let told = rig.post(PATH, &HELD, REQUEST).await;
    assert_eq!(
        told.status,
        StatusCode::TOO_MANY_REQUESTS,
        "it is used up still"
    );
    assert_eq!(upstream.asked().len(), 2);
}

#[tokio::test]
async fn tokens_of_a_day_survive_a_restart_too() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let settings = settings(&upstream, "\"tokens-per-day\": 1100", "");
    let rig = Rig::start(&settings, Observe).await;
    assert_eq!(rig.post(PATH, &HELD, REQUEST).await.status, StatusCode::OK);
    let rig = Rig::start_in(rig.stop().await, &settings, Observe).await;
    let told = rig.post(PATH, &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn what_a_model_costs_has_to_be_known() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let other = REQUEST.replace("gpt-x", "free-model");
    let refusing = settings(&upstream, "\"budget-per-day\": 1.0", "");
    let rig = Rig::start(&refusing, Observe).await;
    let told = rig.post(PATH, &HELD, &other).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.text().contains("has no price"), "{}", told.text());
    // What no model is named for, and costs all the same.
    let told = rig
        .post(
            "/models/v1/images/generations",
            &HELD,
            "{\"prompt\":\"a cat\"}",
        )
        .await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let told = rig
        .ask(hyper::Method::GET, "/models/v1/models", &HELD, b"")
        .await;
    assert_eq!(told.status, StatusCode::OK);
    let passing = settings(
        &upstream,
        "\"budget-per-day\": 1.0",
        ", \"unpriced\": \"pass\"",
    );
    let rig = Rig::start(&passing, Observe).await;
    assert_eq!(rig.post(PATH, &HELD, &other).await.status, StatusCode::OK);
    let without = settings(&upstream, "\"tokens-per-day\": 9999", "");
    let rig = Rig::start(&without, Observe).await;
    assert_eq!(rig.post(PATH, &HELD, &other).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_may_be_too_much_is_refused_before_where_that_is_wanted() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let before = settings(
        &upstream,
        "\"budget-per-month\": 0.01",
        ", \"estimate\": true",
    );
    let rig = Rig::start(&before, Observe).await;
    let asking =
        |most: u32| REQUEST.replace("{\"model\"", &format!("{{\"max_tokens\":{most},\"model\""));
    let told = rig.post(PATH, &HELD, &asking(2000)).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(upstream.asked().is_empty());
    let twice = asking(600).replace("{\"max_tokens\"", "{\"n\":2,\"max_tokens\"");
    let told = rig.post(PATH, &HELD, &twice).await;
    assert_eq!(
        told.status,
        StatusCode::TOO_MANY_REQUESTS,
        "each answer costs"
    );
    assert_eq!(
        rig.post(PATH, &HELD, &asking(600)).await.status,
        StatusCode::OK
    );
    assert_eq!(
        rig.post(PATH, &HELD, &asking(600)).await.status,
        StatusCode::OK,
        "what was set aside is back"
    );
    assert_eq!(
        rig.post(PATH, &HELD, &asking(600)).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn a_stream_that_does_not_tell_what_it_used_is_counted_all_the_same() {
    let upstream = Upstream::start(|_, _| {
        let words = "word ".repeat(80);
        let piece = format!(
            "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{words}\"}}}}]}}\n\n"
        );
        Answer::events(&[&piece, "data: [DONE]\n\n"])
    })
    .await;
    let settings = settings(&upstream, "\"tokens-per-day\": 100", "");
    let rig = Rig::start(&settings, Observe).await;
    let request = REQUEST.replace("{\"model\"", "{\"stream\":true,\"model\"");
    let told = rig.post(PATH, &HELD, &request).await;
    assert_eq!(told.status, StatusCode::OK);
    let detail = rig.receipts().pop().unwrap()["detail"].clone();
    assert_eq!(detail["usage"]["output"], 100, "400 bytes of text");
    assert_eq!(detail["usage"]["input"], 5, "19 bytes of text");
    assert_eq!(detail["estimated"], true);
    assert_eq!(
        detail["cost_microdollars"], 1013,
        "12.5 and 1000, rounded up"
    );
    let told = rig.post(PATH, &HELD, &request).await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_error_of_the_provider_costs_nothing() {
    let upstream = Upstream::start(|_, _| Answer::status(400)).await;
    let rig = Rig::start(&settings(&upstream, "\"budget-per-day\": 1.0", ""), Observe).await;
    assert_eq!(
        rig.post(PATH, &HELD, REQUEST).await.status,
        StatusCode::BAD_REQUEST
    );
    let detail = rig.receipts().pop().unwrap()["detail"].clone();
    assert!(detail.get("cost_microdollars").is_none(), "{detail}");
}
