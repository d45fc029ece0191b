//! People: inviting, changing, removing; and that the audit log tells it.

use serde_json::json;
use stance_store::accounts::Role;
use stance_store::audit::{AuditLog as _, AuditQuery};

use crate::harness::{self, PASSWORD};

#[test]
fn somebody_is_invited_and_comes_in() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    let invite =
        json!({"login": "Bob.B", "name": "Bob", "email": "bob@example.org", "role": "analyst"});
    let invited = admin.json("POST", "/api/v1/users", &invite);
    assert_eq!(invited.status, 201, "{}", invited.text);
    let invited = invited.json();
    assert_eq!(invited["user"]["state"], "invited");
    assert_eq!(
        admin.json("POST", "/api/v1/users", &invite).status,
        409,
        "the name is taken"
    );
    let link = invited["link"].as_str().unwrap();
    let mut bob = server.client();
    let fields = [
        ("name", "Bob B."),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let path = link.strip_prefix(&server.url).unwrap();
    assert_eq!(
        bob.form(
            path,
            &[("name", "B"), ("password", "short"), ("again", "short")],
            &[]
        )
        .status,
        422
    );
    assert_eq!(bob.form(path, &fields, &[]).status, 303);
    assert_eq!(bob.get("/api/v1/account").json()["role"], "analyst");
    server.client().sign_in("bob.b", PASSWORD);
}

#[test]
fn the_last_administrator_stays_one() {
    let server = harness::start();
    let id = server.user("root", Role::Admin);
    let mut root = server.client();
    root.sign_in("root", PASSWORD);
    let path = format!("/api/v1/users/{id}");
    for change in [json!({"role": "viewer"}), json!({"disabled": true})] {
        let answer = root.json("PATCH", &path, &change);
        assert_eq!(answer.status, 409, "{}", answer.text);
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("last administrator")
        );
    }
    assert_eq!(root.json("DELETE", &path, &json!({})).status, 409);
    assert_eq!(root.get("/api/v1/account").json()["role"], "admin");
    server.user("second", Role::Admin);
    assert_eq!(
        root.json("PATCH", &path, &json!({"role": "viewer"})).status,
        200
    );
}

#[test]
fn what_is_wrong_is_told_by_field_and_nothing_is_done() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    for (field, invite) in [
        ("login", json!({"login": "a b", "role": "viewer"})),
        ("login", json!({"login": "", "role": "viewer"})),
        ("role", json!({"login": "bob", "role": "king"})),
        (
            "email",
            json!({"login": "bob", "role": "viewer", "email": "nowhere"}),
        ),
        (
            "name",
            json!({"login": "bob", "role": "viewer", "name": "a\u{0}b"}),
        ),
    ] {
        let answer = admin.json("POST", "/api/v1/users", &invite);
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
    assert_eq!(
        admin.get("/api/v1/users").json()["users"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn hostile_names_are_text_in_every_page() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    let hostile = "<script>alert(1)</script>\"'><img src=x>";
    assert_eq!(admin.post("/account", &[("name", hostile)]).status, 303);
    for page in ["/account", "/settings/users", "/nowhere<script>"] {
        let answer = admin.get(&page.replace('<', "%3C").replace('>', "%3E"));
        assert!(
            !answer.text.contains("<script>alert") && !answer.text.contains("<img src=x"),
            "{page}"
        );
    }
}

#[test]
fn the_audit_log_tells_what_was_done_and_no_secret() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    let invited = admin
        .json(
            "POST",
            "/api/v1/users",
            &json!({"login": "bob", "role": "viewer"}),
        )
        .json();
    let id = invited["user"]["id"].to_string();
    admin.json(
        "PATCH",
        &format!("/api/v1/users/{id}"),
        &json!({"role": "analyst"}),
    );
    admin.json("DELETE", &format!("/api/v1/users/{id}"), &json!({}));
    let told = server.store(|store| store.audit_entries(&AuditQuery::default(), 100));
    let actions: Vec<&str> = told.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["session.begin", "user.add", "user.change", "user.remove"]
    );
    assert!(
        told.iter()
            .all(|entry| entry.actor.name.starts_with("admin-"))
    );
    let text = format!("{told:?}");
    let secret = invited["link"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    assert!(!text.contains(secret) && !text.contains("argon2"));
}
