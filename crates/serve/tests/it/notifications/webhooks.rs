//! Webhooks: exactly what arrives, how often, and that it is signed.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;
use serde_json::json;
use stance_core::{Evidence, Finding, Severity};
use stance_store::accounts::Role;

use super::receiver::{Receiver, Reply, is_signed};
use super::{add, admin, deliveries, retrying, start, start_in};
use crate::estate::{self, Told};
use crate::harness::Running;

/// What a source tells that has so many critical findings.
fn many(count: usize) -> Told {
    let mut told = estate::told();
    let model = told.assets[0].id.clone();
    for number in 0..count {
        let evidence = Evidence::file(format!("churn/{number}.pkl"));
        let message = format!("loading pickle {number} runs code");
        let finding = Finding::new(
            "model/pickle-exec",
            Severity::Critical,
            model.clone(),
            evidence,
            message,
        );
        told.findings.push(finding);
    }
    Finding::identify(&mut told.findings);
    told
}

fn fill(server: &Running, told: &Told) {
    server.sql(
        "INSERT INTO source (key, name, kind, created, owner, environment)
         VALUES ('/srv/payments-ml', 'payments-ml', 'directory', 0, 'growth', 'production')",
    );
    estate::tell(server, told);
}

/// Everything that lies in the files of a directory.
fn bytes(directory: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(directory).unwrap();
    let files = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file());
    files
        .flat_map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[test]
fn five_hundred_critical_findings_are_one_message_that_is_signed() {
    let receiver = Receiver::start([]);
    let server = start(|settings| settings.public_url = Some("https://stance.example".to_owned()));
    let mut admin = admin(&server);
    let made = add(&mut admin, "webhook", &receiver.url, &json!({}));
    let secret = made["secret"].as_str().unwrap().to_owned();
    fill(&server, &many(499));

    let request = receiver.wait(1).remove(0);
    assert_eq!(request.line, "POST /hook/s3cret?key=42 HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/json");
    assert!(is_signed(&request, &secret));
    assert!(!is_signed(
        &request,
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    ));
    let body = request.json();
    assert_eq!(body["type"], "finding.opened");
    let data = &body["data"];
    assert_eq!(data["title"], "500 new critical findings");
    assert_eq!(data["total"], 500);
    assert_eq!(data["severities"], json!({"critical": 500}));
    assert_eq!(data["items"].as_array().unwrap().len(), 20);
    let item = &data["items"][0];
    assert_eq!(item["rule"], "model/pickle-exec");
    assert_eq!(item["severity"], "critical");
    assert_eq!(item["owner"], "growth");
    let url = format!("https://stance.example/findings/{}", item["id"]);
    assert_eq!(item["url"], url);

    let sent = deliveries(&mut admin, "delivered", 1);
    assert_eq!(sent.len(), 1, "one message for all of them");
    assert_eq!(sent[0]["last"]["status"], 200);
    assert_eq!(sent[0]["last"]["answer"], "thanks");
    assert_eq!(sent[0]["message"], request.header("webhook-id"));
    assert_eq!(receiver.got().len(), 1);

    // Neither the secret nor the path of the address is told anywhere but where it has to be.
    let again = admin.get("/api/v1/notifications/1").text;
    let audit = admin.get("/api/v1/audit").text;
    for text in [&again, &audit, &server.log()] {
        assert!(
            !text.contains(&secret) && !text.contains("s3cret"),
            "{text}"
        );
    }
    let kept = bytes(server.directory.path());
    assert!(holds(&kept, "the webhook"), "the files were read");
    assert!(!holds(&kept, &secret), "the secret is kept nowhere");
}

#[test]
fn a_message_is_tried_again_until_it_is_taken_and_then_no_more() {
    let receiver = Receiver::start([Reply::Status(500, "\r\nno"), Reply::Silence]);
    let server = start(|_| {});
    let mut admin = admin(&server);
    let secret = add(&mut admin, "webhook", &receiver.url, &json!({}))["secret"].clone();
    fill(&server, &estate::told());
    // Each pause is at most an hour.
    for tries in 1..=2 {
        assert_eq!(retrying(&mut admin, 1, tries)["state"], "waiting");
        server.later(SignedDuration::from_hours(1));
    }
    deliveries(&mut admin, "delivered", 1);
    let one = admin.get("/api/v1/notifications/deliveries/1").json();
    assert_eq!(one["delivery"]["state"], "delivered", "{one}");
    let tries = one["attempts"].as_array().unwrap();
    assert_eq!(tries[0]["status"], 500);
    assert_eq!(tries[0]["answer"], "no");
    assert_eq!(tries[1]["error"], "no answer within 2 seconds");
    assert!(tries[1].get("status").is_none());
    assert!(tries[1]["milliseconds"].as_u64().unwrap() >= 1900, "{one}");
    assert_eq!(tries[2]["status"], 200);

    let got = receiver.got();
    let ids: BTreeSet<&str> = got.iter().map(|it| it.header("webhook-id")).collect();
    assert_eq!(ids.len(), 1, "the same message each time");
    let times: BTreeSet<&str> = got
        .iter()
        .map(|it| it.header("webhook-timestamp"))
        .collect();
    assert_eq!(times.len(), 3, "signed anew each time");
    assert!(got.iter().all(|it| is_signed(it, secret.as_str().unwrap())));

    // What was acknowledged is not sent again, however long one waits; by hand it is, under the same number.
    server.later(SignedDuration::from_hours(48));
    let mut admin = server.signed_in(Role::Admin);
    let again = admin.json(
        "POST",
        "/api/v1/notifications/deliveries/1/redeliver",
        &json!({}),
    );
    assert_eq!(again.status, 201, "{}", again.text);
    assert_eq!(again.json()["repeats"], 1);
    let got = receiver.wait(4);
    assert_eq!(got.len(), 4);
    assert_eq!(got[3].header("webhook-id"), got[0].header("webhook-id"));
    assert_eq!(got[3].body, got[0].body);
}

#[test]
fn a_restart_between_two_tries_loses_nothing() {
    let receiver = Receiver::start([Reply::Status(503, "\r\nlater")]);
    let server = start(|_| {});
    let mut client = admin(&server);
    let secret = add(&mut client, "webhook", &receiver.url, &json!({}))["secret"].clone();
    fill(&server, &estate::told());
    let first = receiver.wait(1).remove(0);
    let directory = server.stop();
    let server = start_in(directory, |_| {});
    server.later(SignedDuration::from_hours(1));
    let got = receiver.wait(2);
    assert_eq!(got[1].header("webhook-id"), first.header("webhook-id"));
    assert_eq!(got[1].body, first.body);
    assert!(is_signed(&got[1], secret.as_str().unwrap()));
    let mut client = admin(&server);
    let sent = deliveries(&mut client, "delivered", 1);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["attempts"], 2);
}

#[test]
fn redirects_are_not_followed_and_what_is_gone_is_left_alone() {
    let other = Receiver::start([]);
    let to = format!("location: {}\r\n\r\n", other.url);
    let receiver = Receiver::start([
        Reply::Status(410, "\r\n"),
        Reply::Status(307, Box::leak(to.into_boxed_str())),
    ]);
    let server = start(|_| {});
    let mut admin = admin(&server);
    add(&mut admin, "webhook", &receiver.url, &json!({}));
    let test = |client: &mut crate::harness::Client| {
        let sent = client.json("POST", "/api/v1/notifications/1/test", &json!({}));
        assert_eq!(sent.status, 201, "{}", sent.text);
    };
    test(&mut admin);
    let failed = deliveries(&mut admin, "failed", 1);
    assert_eq!(failed[0]["attempts"], 1, "410 ends it");
    test(&mut admin);
    receiver.wait(2);
    let last = retrying(&mut admin, 2, 1)["last"].clone();
    assert_eq!(last["status"], 307);
    assert!(
        last["error"].as_str().unwrap().contains("redirect"),
        "{last}"
    );
    assert!(other.got().is_empty());
}

#[test]
fn addresses_where_nothing_may_go_are_refused() {
    let server = start(|_| {});
    let mut admin = admin(&server);
    for target in [
        "http://hooks.example.org/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/",
        "https://name:password@hooks.example.org/",
        "javascript:alert(1)",
        "",
    ] {
        let body = json!({"channel": "webhook", "name": "x", "target": target, "events": ["finding.opened"]});
        let refused = admin.json("POST", "/api/v1/notifications", &body);
        assert_eq!(refused.status, 422, "{target}: {}", refused.text);
        assert_eq!(refused.json()["errors"][0]["field"], "target", "{target}");
    }
    // An address that was taken when it was allowed is checked again when something is sent.
    let receiver = Receiver::start([]);
    add(&mut admin, "webhook", &receiver.url, &json!({}));
    server.sql("UPDATE subscription SET target = 'http://169.254.169.254/'");
    admin.json("POST", "/api/v1/notifications/1/test", &json!({}));
    let failed = deliveries(&mut admin, "failed", 1);
    assert!(
        failed[0]["last"]["error"]
            .as_str()
            .unwrap()
            .contains("https only"),
        "{failed:?}"
    );
    assert!(receiver.got().is_empty());
}
