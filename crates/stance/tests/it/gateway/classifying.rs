//! A gateway with a classifier of the user's own.

use serde_json::{Value, json};
use stance_core::digest::sha256_hex;

use super::provider::Provider;
use super::{Client, Gateway, receipts, settings};
use crate::classifier::made;
use crate::classifier::with_engine::{WORDS, with};

#[test]
fn a_gateway_asks_it_in_time_and_says_so_in_receipts() {
    let scratch = with(&made::adding());
    let provider = Provider::start();
    let model = scratch.tree().join("classifier").display().to_string();
    let more = format!("[guard.classifier]\nmodel = \"{model}\"\ntimeout-ms = 20000\n");
    let words = settings(&scratch, &provider, &more);
    let mut command = scratch.command();
    command.args(&words);
    let gateway = Gateway::start(command);
    let client = Client::new();
    let (status, ..) = client.ask_of(&gateway.url, "m", WORDS).unwrap();
    assert_eq!(status, 403);
    let (status, ..) = client
        .ask_of(&gateway.url, "m", "hello nice weather")
        .unwrap();
    assert_eq!(status, 200);
    let all = receipts(&scratch);
    let told: Vec<&Value> = all.iter().map(|it| &it["detail"]["classifier"]).collect();
    let expected = json!({"sha256": sha256_hex(&made::adding()), "scored": 1, "missed": 0});
    assert_eq!(told, [&expected, &expected]);
    assert_eq!(all[0]["detail"]["reasons"][0]["rule"], "text/classifier");
}
