//! The log of receipts, as somebody verifies it.

use std::sync::Arc;

use stance_govern::audit::{Source, Verifier};
use stance_govern::signature::PrivateKey;

use crate::rig::{Answer, Rig, Upstream};

const REQUEST: &str = "{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\",\"description\":\"Looks things up.\",\"parameters\":{}}}]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"model\":\"gpt-x-1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ho\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}";

#[tokio::test]
async fn every_exchange_leaves_one_and_all_of_them_verify() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = Arc::new(Rig::simple(&upstream).await);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let rig = rig.clone();
        asking.spawn(async move {
            let told = rig.post("/v1/chat/completions", &[], REQUEST).await;
            let id = told.headers["x-stance-interaction"]
                .to_str()
                .unwrap()
                .to_owned();
            // Whoever has the end of an answer can have its receipt.
            let receipts = rig.receipts();
            assert!(receipts.iter().any(|it| it["object"]["id"] == id.as_str()));
        });
    }
    while let Some(done) = asking.join_next().await {
        done.unwrap();
    }
    let receipt = rig.receipts().pop().unwrap();
    let detail = &receipt["detail"];
    assert_eq!(detail["model"], "gpt-x");
    assert_eq!(detail["answered"], "gpt-x-1");
    assert_eq!(detail["calls"], serde_json::json!(["look"]));
    assert_eq!(detail["tools"], 1);
    assert_eq!(detail["usage"]["input"], 7);
    assert_eq!(detail["request_bytes"], REQUEST.len());
    assert_eq!(detail["answer_bytes"], ANSWER.len());
    let looked: Vec<&str> = detail["scanned"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["origin"].as_str().unwrap())
        .collect();
    assert_eq!(
        looked,
        ["model", "tool_arguments", "tool_definition", "user"]
    );

    let rig = Arc::into_inner(rig).unwrap();
    let directory = rig.stop().await;
    let path = directory.path().join("receipts-000001.jsonl");
    let note =
        std::fs::read_to_string(directory.path().join("receipts-000001.jsonl.checkpoint")).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let verify = |text: &str| {
        let key = PrivateKey::ed25519(&[9; 32]).unwrap();
        let mut verifier = Verifier::of_a_part();
        verifier.checkpoint(Source::Outside, "its own", &note, &[key.public().clone()]);
        for (number, line) in text.lines().enumerate() {
            verifier.line(number as u64 + 1, line);
        }
        verifier.finish().holds()
    };
    assert!(verify(&text));
    assert!(!verify(&text.replacen(
        "\"model\":\"gpt-x\"",
        "\"model\":\"gpt-y\"",
        1
    )));
    let lines: Vec<&str> = text.lines().collect();
    assert!(!verify(&lines[..39].join("\n")), "the last one is missing");
}
