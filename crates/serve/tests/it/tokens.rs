//! Tokens of programs.

use jiff::SignedDuration;
use serde_json::json;
use stance_store::Accounts as _;
use stance_store::accounts::{Role, UserChange, UserId};

use crate::harness::{self, Client, PASSWORD};

#[test]
fn a_token_is_shown_once_works_and_ends() {
    let server = harness::start();
    server.user("ada", Role::Analyst);
    let mut browser = server.client();
    browser.sign_in("ada", PASSWORD);
    let csrf = browser.csrf().unwrap();
    let fields = [
        ("name", "CI"),
        ("scopes", "estate:read"),
        ("scopes", "ingest"),
        ("days", "30"),
        ("csrf", &csrf),
    ];
    let made = browser.form("/account/tokens", &fields, &[]);
    assert_eq!(
        (made.status, made.header("cache-control")),
        (201, "no-store"),
        "{}",
        made.text
    );
    let at = made.text.find("stance_").unwrap();
    let token: String = made.text[at..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let mut program = Client::with_token(&server.url, &token);
    let account = program.get("/api/v1/account").json();
    assert_eq!(account["permissions"], json!(["estate:read", "ingest"]));
    let listed = browser.get("/api/v1/account");
    assert!(!listed.text.contains(&token));
    assert_eq!(listed.json()["tokens"][0]["name"], "CI");
    server.later(SignedDuration::from_hours(24 * 31));
    assert_eq!(program.get("/api/v1/account").status, 401);
    assert!(!server.log().contains(&token));
}

#[test]
fn a_token_never_may_more_than_its_owner() {
    let server = harness::start();
    let id = server.user("ada", Role::Admin);
    let token = server.token("ada", &["users:manage", "settings:read"]);
    let mut program = Client::with_token(&server.url, &token);
    assert_eq!(program.get("/api/v1/users").status, 200);
    server.user("other-admin", Role::Admin);
    server.store(move |store| {
        let change = UserChange {
            role: Some(Role::Viewer),
            ..UserChange::default()
        };
        store.change_user(UserId(id), &change)
    });
    assert_eq!(program.get("/api/v1/users").status, 403);
    let mut browser = server.client();
    browser.sign_in("ada", PASSWORD);
    let more = json!({"name": "more", "scopes": ["users:manage"], "days": 1});
    assert_eq!(
        browser.json("POST", "/api/v1/account/tokens", &more).status,
        422
    );
}

#[test]
fn what_is_no_token_is_refused_not_ignored() {
    let server = harness::start();
    let mut browser = server.signed_in(Role::Viewer);
    for bad in ["Bearer stance_nope", "Bearer x", "Basic YTpi", "Bearer", ""] {
        let answer = browser.get_with("/api/v1/account", &[("authorization", bad)]);
        assert_eq!(answer.status, 401, "{bad}");
    }
    let long = format!("Bearer stance_{}", "a".repeat(5000));
    assert_eq!(
        browser
            .get_with("/api/v1/account", &[("authorization", &long)])
            .status,
        401
    );
}

#[test]
fn an_administrator_ends_the_token_of_somebody_else() {
    let server = harness::start();
    server.user("ada", Role::Analyst);
    let token = server.token("ada", &["estate:read"]);
    let mut admin = server.signed_in(Role::Admin);
    let id = admin.get("/api/v1/tokens").json()["tokens"][0]["id"].to_string();
    let mut analyst = server.signed_in(Role::Analyst);
    assert_eq!(
        analyst
            .post(&format!("/account/tokens/{id}/revoke"), &[])
            .status,
        404
    );
    assert_eq!(
        admin
            .json("DELETE", &format!("/api/v1/tokens/{id}"), &json!({}))
            .status,
        200
    );
    let mut program = Client::with_token(&server.url, &token);
    assert_eq!(program.get("/api/v1/account").status, 401);
}
