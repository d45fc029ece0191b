//! People and programs are told what happens: real receivers of HTTP and SMTP, a real server that restarts.

mod mail;
mod outbox;
mod pages;
mod receiver;
mod webhooks;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use stance_serve::Settings;
use stance_store::accounts::Role;

use crate::harness::{self, Client, Running};
use crate::jobs::eventually;

/// A server that does jobs and tells at once.
fn start(change: impl FnOnce(&mut Settings)) -> Running {
    start_in(tempfile::tempdir().unwrap(), change)
}

fn start_in(directory: tempfile::TempDir, change: impl FnOnce(&mut Settings)) -> Running {
    let scanner = PathBuf::from("/nowhere/scanner");
    let mut jobs = stance_serve::jobs::Settings::new(scanner, directory.path().to_owned());
    jobs.tick = Duration::from_millis(50);
    harness::start_in(directory, |settings| {
        settings.jobs = Some(jobs);
        settings.notify.gather = Duration::ZERO;
        settings.notify.patience = Duration::from_secs(2);
        change(settings);
    })
}

/// Adds a notification; gives what is answered.
fn add(client: &mut Client, channel: &str, target: &str, more: &Value) -> Value {
    let mut body = json!({
        "channel": channel, "name": format!("the {channel}"), "target": target,
        "events": ["finding.opened"],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = client.json("POST", "/api/v1/notifications", &body);
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

fn admin(server: &Running) -> Client {
    server.signed_in(Role::Admin)
}

/// Waits until so many deliveries are in a state, and gives them, the latest first.
fn deliveries(client: &mut Client, state: &str, count: usize) -> Vec<Value> {
    eventually("the deliveries do not come", || {
        let list = client.get("/api/v1/notifications/deliveries").json();
        let all = list["deliveries"].as_array().unwrap().clone();
        let of: Vec<Value> = all.into_iter().filter(|it| it["state"] == state).collect();
        (of.len() >= count).then_some(of)
    })
}

/// Waits until a delivery has been tried so often and waits for the next try.
fn retrying(client: &mut Client, delivery: i64, tries: u64) -> Value {
    eventually("the delivery is not tried again", || {
        let one = client.get(&format!("/api/v1/notifications/deliveries/{delivery}"));
        let one = one.json()["delivery"].clone();
        (one["attempts"] == tries && one["next"].is_string()).then_some(one)
    })
}
