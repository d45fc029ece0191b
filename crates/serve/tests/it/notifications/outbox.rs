//! What is told to whom, and that it is told once.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};
use stance_store::{Decision, Estate as _, FindingNumber, Requests as _};

use super::receiver::{Receiver, Request};
use super::{add, admin, deliveries, start};
use crate::estate;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How many things each kind of message told.
fn told(requests: &[Request]) -> BTreeMap<String, Vec<u64>> {
    let mut told: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for request in requests {
        let body = request.json();
        let kind = body["type"].as_str().unwrap().to_owned();
        let total = body["data"]["total"].as_u64().unwrap();
        told.entry(kind).or_default().push(total);
    }
    told
}

#[test]
fn each_is_told_of_what_it_asked_for_and_nothing_else() {
    let [all, high, drift, off] = [(); 4].map(|()| Receiver::start([]));
    let server = start(|_| {});
    let mut admin = admin(&server);
    add(
        &mut admin,
        "webhook",
        &all.url,
        &json!({"least_severity": "info"}),
    );
    add(
        &mut admin,
        "webhook",
        &high.url,
        &json!({"least_severity": "high"}),
    );
    add(
        &mut admin,
        "webhook",
        &drift.url,
        &json!({"events": ["change.weakening"]}),
    );
    add(
        &mut admin,
        "webhook",
        &off.url,
        &json!({"enabled": false, "least_severity": "info"}),
    );
    estate::fill(&server);
    let first = all.wait(1).remove(0).json();
    assert_eq!(first["data"]["title"], "3 new findings, 1 critical");
    assert_eq!(
        first["data"]["items"][0]["severity"], "critical",
        "the worst first"
    );
    assert_eq!(
        told(&high.wait(1)),
        BTreeMap::from([("finding.opened".to_owned(), vec![2])])
    );

    // Drift is told as drift, not once more as the finding that stands for it.
    server.later(SignedDuration::from_mins(5));
    let mut changed = estate::told();
    changed.assets[2] = changed.assets[2].clone().with("authentication", "none");
    assert_eq!(estate::tell(&server, &changed).weakening, 1);
    let body = drift.wait(1).remove(0).json();
    assert_eq!(body["type"], "change.weakening");
    let item = &body["data"]["items"][0];
    assert_eq!(item["title"], "authentication of docs: required → none");
    assert_eq!(item["source"], "payments-ml");

    // What is fixed and stands again is new again.
    server.later(SignedDuration::from_mins(5));
    let mut fixed = estate::told();
    fixed.findings.remove(0);
    estate::tell(&server, &fixed);
    server.later(SignedDuration::from_mins(5));
    estate::tell(&server, &estate::told());
    let again = all.wait(2).remove(1).json();
    assert!(
        again["data"]["title"]
            .as_str()
            .unwrap()
            .starts_with("New critical finding: loading the pickle"),
        "{again}"
    );
    assert_eq!(deliveries(&mut admin, "delivered", 5).len(), 5);
    assert_eq!(told(&all.got())["finding.opened"], [3, 1]);
    assert_eq!(told(&high.got())["finding.opened"], [2, 1]);
    assert_eq!(drift.got().len(), 1);
    assert!(off.got().is_empty(), "it is switched off");
}

#[test]
fn what_is_overdue_or_ends_soon_is_told_once() {
    let receiver = Receiver::start([]);
    let server = start(|_| {});
    let mut client = admin(&server);
    estate::fill(&server);
    let now = server.now();
    // A waiver over the finding of medium severity, until day 20.
    server.store(move |store| {
        let ask = Decision {
            actor: "user:1",
            at: now,
        };
        let number = store
            .findings(&Default::default(), &Default::default())?
            .rows
            .iter()
            .find(|row| row.rule == "code/prompt-logging")
            .map(|row| row.number)
            .unwrap();
        let until = now.checked_add(DAY * 20).unwrap();
        let waiver =
            store.request_waiver(&[FindingNumber(number.0)], "until the move", until, &ask)?;
        let decide = Decision {
            actor: "user:2",
            at: now,
        };
        store.decide_request(waiver, true, "", &decide)
    });
    add(
        &mut client,
        "webhook",
        &receiver.url,
        &json!({"events": ["finding.overdue", "waiver.expiring"], "least_severity": "high"}),
    );
    // The critical one is overdue after a week, the high one after thirty days; the waiver is told a week before its end.
    server.later(DAY * 9);
    let first = receiver.wait(1).remove(0).json();
    assert_eq!(first["type"], "finding.overdue");
    assert_eq!(first["data"]["title"], "1 finding is overdue");
    server.later(DAY * 5);
    let second = receiver.wait(2).remove(1).json();
    assert_eq!(second["type"], "waiver.expiring");
    assert!(
        second["data"]["items"][0]["title"]
            .as_str()
            .unwrap()
            .ends_with("until the move"),
        "{second}"
    );
    for _ in 0..3 {
        server.later(SignedDuration::from_hours(2));
    }
    server.later(DAY * 20);
    receiver.wait(3);
    // Weeks passed: the session has ended.
    let mut client = admin(&server);
    let sent = deliveries(&mut client, "delivered", 3);
    assert_eq!(sent.len(), 3, "{sent:?}");
    let all = told(&receiver.got());
    assert_eq!(all["finding.overdue"], [1, 1], "each once");
    assert_eq!(all["waiver.expiring"], [1]);
}

#[test]
fn nothing_is_kept_for_one_that_was_switched_off_or_removed() {
    let receiver = Receiver::start([]);
    // Gathers for longer than the test lasts.
    let server = start(|settings| settings.notify.gather = std::time::Duration::from_secs(86_400));
    let mut admin = admin(&server);
    add(
        &mut admin,
        "webhook",
        &receiver.url,
        &json!({"least_severity": "info"}),
    );
    estate::fill(&server);
    let waits = |server: &crate::harness::Running| {
        server.store(|store| Ok(stance_store::Notifications::waiting(store)?.len()))
    };
    assert_eq!(waits(&server), 1);
    let off: Value = json!({"enabled": false});
    let changed = admin.json("PATCH", "/api/v1/notifications/1", &off);
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(waits(&server), 0);
    let gone = admin.json("DELETE", "/api/v1/notifications/1", &json!({}));
    assert_eq!(gone.status, 200, "{}", gone.text);
    let list = admin.get("/api/v1/notifications").json();
    assert_eq!(list["notifications"], json!([]));
    let test = admin.json("POST", "/api/v1/notifications/1/test", &json!({}));
    assert_eq!(test.status, 404, "{}", test.text);
    let target = server.store(|store| {
        let number = stance_store::notifications::SubscriptionNumber(1);
        Ok(stance_store::Notifications::subscription(store, number)?
            .settings
            .target)
    });
    assert_eq!(target, "", "the address is forgotten");
    assert!(receiver.got().is_empty());
}
