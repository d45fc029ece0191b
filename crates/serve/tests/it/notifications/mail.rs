//! Mail: what a mail server gets, and what becomes of what it says.

use jiff::SignedDuration;
use serde_json::json;
use stance_serve::notify::{Relay, Security};

use super::receiver::Mailbox;
use super::{add, admin, deliveries, retrying, start};
use crate::estate;
use crate::harness::Running;

fn start_with(mailbox: &Mailbox) -> Running {
    let port = mailbox.port;
    start(|settings| {
        settings.public_url = Some("https://stance.example".to_owned());
        settings.notify.relay = Some(Relay {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::None,
            account: None,
            from: "Stance <stance@example.org>".to_owned(),
            authority: None,
        });
    })
}

#[test]
fn a_letter_says_what_happened_in_plain_text_and_in_html() {
    let mailbox = Mailbox::start([]);
    let server = start_with(&mailbox);
    let mut admin = admin(&server);
    let to = "ada@example.org, bob@example.org";
    let made = add(&mut admin, "mail", to, &json!({"least_severity": "medium"}));
    assert!(made.get("secret").is_none());
    server.sql(
        "INSERT INTO source (key, name, kind, created, owner, environment)
         VALUES ('/srv/x', 'payments-ml', 'directory', 0, 'growth', 'production')",
    );
    let mut told = estate::told();
    told.findings[0].message = "evil <script>alert(1)</script>\r\nBcc: eve@example.net".to_owned();
    estate::tell(&server, &told);

    let sent = deliveries(&mut admin, "delivered", 1);
    assert_eq!(sent[0]["last"]["status"], 250);
    assert_eq!(sent[0]["last"]["answer"], "taken as 4711");
    let letters = mailbox.got();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert!(
        letter.from.contains("<stance@example.org>"),
        "{}",
        letter.from
    );
    assert_eq!(letter.to.len(), 2, "{:?}", letter.to);
    assert_eq!(letter.header("to"), "ada@example.org, bob@example.org");
    assert_eq!(
        letter.header("subject"),
        "[Stance] 3 new findings, 1 critical"
    );
    assert_eq!(letter.header("auto-submitted"), "auto-generated");
    let id = format!("<{}@example.org>", sent[0]["message"].as_str().unwrap());
    assert_eq!(letter.header("message-id"), id);
    assert_eq!(
        letter.header("bcc"),
        "",
        "what others wrote makes no header"
    );
    let text = letter.unfolded();
    assert!(
        text.contains("text/plain") && text.contains("text/html"),
        "{text}"
    );
    assert!(
        text.contains("* HIGH: MCP server `docs` is reached over http"),
        "{text}"
    );
    assert!(
        text.contains("Asset: docs (payments-ml), owner growth"),
        "{text}"
    );
    assert!(text.contains("https://stance.example/findings/"), "{text}");
    let html = text.split("text/html").nth(1).unwrap();
    assert!(!html.contains("<script"), "{html}");
    assert!(
        html.contains("&#60;script") || html.contains("&lt;script"),
        "{html}"
    );
}

#[test]
fn what_a_mail_server_refuses_for_now_is_tried_again_and_for_good_is_not() {
    let mailbox = Mailbox::start(["451 later", "250 taken", "550 no such person"]);
    let server = start_with(&mailbox);
    let mut admin = admin(&server);
    add(&mut admin, "mail", "ada@example.org", &json!({}));
    let test = |client: &mut crate::harness::Client| {
        let sent = client.json("POST", "/api/v1/notifications/1/test", &json!({}));
        assert_eq!(sent.status, 201, "{}", sent.text);
    };
    test(&mut admin);
    assert_eq!(retrying(&mut admin, 1, 1)["last"]["status"], 451);
    server.later(SignedDuration::from_hours(1));
    let taken = deliveries(&mut admin, "delivered", 1);
    assert_eq!(taken[0]["attempts"], 2);
    test(&mut admin);
    let failed = deliveries(&mut admin, "failed", 1);
    assert_eq!(failed[0]["attempts"], 1);
    assert_eq!(failed[0]["last"]["status"], 550);
    assert_eq!(mailbox.got().len(), 1);
}

#[test]
fn without_a_mail_server_there_is_no_mail() {
    let server = start(|_| {});
    let mut admin = admin(&server);
    let body = json!({"channel": "mail", "name": "x", "target": "ada@example.org", "events": ["finding.opened"]});
    let refused = admin.json("POST", "/api/v1/notifications", &body);
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("--smtp-host"), "{}", refused.text);
    let page = admin.get("/settings/notifications").text;
    assert!(page.contains("--smtp-host"), "{page}");
    assert!(!page.contains("Add e-mail"), "{page}");
}
