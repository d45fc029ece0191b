//! A change is done only when whoever sits at the browser meant it.

use serde_json::json;
use stance_store::accounts::Role;

use crate::harness::{self, Client};

#[test]
fn a_form_without_the_token_of_the_session_changes_nothing() {
    let server = harness::start();
    let mut browser = server.signed_in(Role::Viewer);
    let mut other = server.signed_in(Role::Viewer);
    let foreign = other.csrf().unwrap();
    for csrf in ["", "x", &foreign] {
        let fields = [("name", "Mallory"), ("csrf", csrf)];
        assert_eq!(browser.form("/account", &fields, &[]).status, 403, "{csrf}");
    }
    assert_eq!(
        browser.form("/account", &[("name", "Mallory")], &[]).status,
        403
    );
    let body = br#"{"name":"Mallory"}"#.to_vec();
    let json = browser.send(
        "PATCH",
        "/api/v1/account",
        &[("content-type", "application/json")],
        body,
    );
    assert_eq!(json.status, 403);
    assert_ne!(browser.get("/api/v1/account").json()["name"], "Mallory");
    assert_eq!(browser.post("/account", &[("name", "Ada")]).status, 303);
    assert_eq!(browser.get("/api/v1/account").json()["name"], "Ada");
}

#[test]
fn a_form_from_a_page_elsewhere_changes_nothing_even_with_the_token() {
    let server = harness::start();
    let mut browser = server.signed_in(Role::Viewer);
    let csrf = browser.csrf().unwrap();
    let fields = [("name", "Mallory"), ("csrf", csrf.as_str())];
    for headers in [
        [("origin", "https://evil.example")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
    ] {
        assert_eq!(
            browser.form("/account", &fields, &headers).status,
            403,
            "{headers:?}"
        );
    }
    let ours = [
        ("origin", server.url.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(browser.form("/account", &fields, &ours).status, 303);
}

#[test]
fn nobody_is_signed_in_from_a_page_elsewhere() {
    let server = harness::start();
    server.user("mallory", Role::Viewer);
    let fields = [("login", "mallory"), ("password", harness::PASSWORD)];
    let answer = server
        .client()
        .form("/sign-in", &fields, &[("origin", "https://evil.example")]);
    assert_eq!((answer.status, answer.header("set-cookie")), (403, ""));
}

#[test]
fn a_token_is_no_browser_and_needs_no_token_of_a_form() {
    let server = harness::start();
    server.user("root", Role::Admin);
    let token = server.token("root", &["users:manage"]);
    let mut program = Client::with_token(&server.url, &token);
    let body = json!({"login": "new", "role": "viewer"});
    assert_eq!(program.json("POST", "/api/v1/users", &body).status, 201);
}

#[test]
fn a_link_from_elsewhere_bounces_once_and_then_finds_the_session() {
    let server = harness::start();
    let mut nobody = server.client();
    let answer = nobody.get_with("/account?a=1", &[("sec-fetch-site", "cross-site")]);
    assert_eq!(
        (answer.status, answer.header("refresh")),
        (200, "0; url=/account?a=1")
    );
    let answer = nobody.get_with("/account?a=1", &[("sec-fetch-site", "same-origin")]);
    assert_eq!(answer.status, 303);
}
