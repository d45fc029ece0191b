//! The pages of notifications, and who may see what.

use serde_json::json;
use stance_store::accounts::Role;

use super::receiver::Receiver;
use super::{admin, deliveries, start};

#[test]
fn a_webhook_is_added_tested_edited_and_removed_on_its_pages() {
    let receiver = Receiver::start([]);
    let server = start(|_| {});
    let mut client = admin(&server);
    let empty = client.get("/settings/notifications").text;
    assert!(empty.contains("Nobody is told yet"), "{empty}");
    assert!(
        client
            .get("/settings/notifications/new?channel=webhook")
            .text
            .contains("name=\"target\"")
    );
    let hostile = "<img src=x onerror=alert(1)>";
    let fields = [
        ("form", "1"),
        ("channel", "webhook"),
        ("name", hostile),
        ("target", receiver.url.as_str()),
        ("events", "finding.opened"),
        ("events", "change.weakening"),
        ("least_severity", "high"),
        ("enabled", "true"),
    ];
    let made = client.post("/settings/notifications", &fields);
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    assert!(made.text.contains("whsec_"), "{}", made.text);
    let none = [&fields[..4], &fields[6..]].concat();
    assert_eq!(
        client.post("/settings/notifications", &none).status,
        422,
        "no event is chosen"
    );

    let sent = client.post("/settings/notifications/1/test", &[]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert_eq!(
        sent.header("location"),
        "/settings/notifications/deliveries/1"
    );
    deliveries(&mut client, "delivered", 1);
    assert_eq!(receiver.got()[0].json()["type"], "test");

    for path in [
        "/settings/notifications",
        "/settings/notifications/1",
        "/settings/notifications/1/edit",
        "/settings/notifications/1/remove",
        "/settings/notifications/deliveries",
        "/settings/notifications/deliveries?state=delivered&notification=1",
        "/settings/notifications/deliveries/1",
    ] {
        let page = client.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(!page.text.contains("<img src=x"), "{path}");
        assert!(!page.text.contains("whsec_"), "{path}");
    }
    assert_eq!(
        client
            .get("/settings/notifications/deliveries?state=failed")
            .text
            .matches("data-row")
            .count(),
        0
    );
    // Only whoever may change it sees the whole address.
    let mut auditor = server.signed_in(Role::Auditor);
    for path in [
        "/settings/notifications/1",
        "/api/v1/notifications/1",
        "/api/v1/notifications",
    ] {
        let page = auditor.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text.contains("s3cret"), "{path}: {}", page.text);
    }
    assert_eq!(auditor.get("/settings/notifications/1/edit").status, 403);
    assert_eq!(
        server
            .signed_in(Role::Approver)
            .get("/settings/notifications")
            .status,
        403
    );

    let form = client.get("/settings/notifications/1/edit");
    assert!(form.text.contains("s3cret"), "{}", form.text);
    let revision = form.field("revision");
    let edit = [
        ("form", "1"),
        ("revision", revision.as_str()),
        ("name", "Security channel"),
        ("events", "waiver.expiring"),
        ("least_severity", "low"),
        ("enabled", "false"),
    ];
    assert_eq!(client.post("/settings/notifications/1", &edit).status, 303);
    let one = client.get("/api/v1/notifications/1").json();
    assert_eq!(one["notification"]["events"], json!(["waiver.expiring"]));
    assert_eq!(one["notification"]["enabled"], false);
    assert_eq!(
        client.post("/settings/notifications/1", &edit).status,
        409,
        "of an earlier revision"
    );
    assert_eq!(
        client.post("/settings/notifications/1/remove", &[]).status,
        303
    );
    let log = client.get("/api/v1/audit?action=notification").json();
    let log = if log["entries"].is_array() {
        log
    } else {
        client.get("/api/v1/audit").json()
    };
    let text = log.to_string();
    for action in ["add", "test", "edit", "remove"] {
        assert!(
            text.contains(&format!("notification.{action}")),
            "{action}: {text}"
        );
    }
}

#[test]
fn a_new_secret_ends_the_one_before() {
    let receiver = Receiver::start([]);
    let server = start(|_| {});
    let mut client = admin(&server);
    let first = super::add(&mut client, "webhook", &receiver.url, &json!({}))["secret"].clone();
    let renewed = client.json("POST", "/api/v1/notifications/1/secret", &json!({}));
    assert_eq!(renewed.status, 201, "{}", renewed.text);
    let second = renewed.json()["secret"].clone();
    assert_ne!(first, second);
    client.json("POST", "/api/v1/notifications/1/test", &json!({}));
    let request = receiver.wait(1).remove(0);
    assert!(super::receiver::is_signed(
        &request,
        second.as_str().unwrap()
    ));
    assert!(!super::receiver::is_signed(
        &request,
        first.as_str().unwrap()
    ));
    // Without the file that secrets are made with, nothing is sent under a wrong one.
    std::fs::remove_file(server.directory.path().join("webhooks.key")).unwrap();
    client.json("POST", "/api/v1/notifications/1/test", &json!({}));
    let failed = deliveries(&mut client, "failed", 1);
    assert!(
        failed[0]["last"]["error"]
            .as_str()
            .unwrap()
            .contains("renew"),
        "{failed:?}"
    );
    assert_eq!(receiver.got().len(), 1);
}
