//! Requests that count once, and answers that are known already.

use serde_json::json;
use stance_store::accounts::Role;

use crate::harness;

#[test]
fn a_request_that_is_sent_again_with_its_key_counts_once() {
    let server = harness::start();
    server.user("root", Role::Admin);
    let mut program = harness::Client::with_token(
        &server.url,
        &server.token("root", &["users:manage", "settings:read"]),
    );
    let id = server.user("bob", Role::Viewer);
    let path = format!("/api/v1/users/{id}");
    let key = [("idempotency-key", "k-1")];
    let first = program.json_with("PATCH", &path, &json!({"name": "One"}), &key);
    assert_eq!(first.status, 200, "{}", first.text);
    program.json("PATCH", &path, &json!({"name": "Two"}));
    let again = program.json_with("PATCH", &path, &json!({"name": "One"}), &key);
    assert_eq!((again.status, &again.text), (200, &first.text));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let users = program.get("/api/v1/users").json()["users"].clone();
    assert!(
        users
            .as_array()
            .unwrap()
            .iter()
            .any(|user| user["name"] == "Two"),
        "{users}"
    );
    let other = program.json_with("PATCH", &path, &json!({"name": "Three"}), &key);
    assert_eq!(other.status, 422, "the key was used for something else");
    let bad = program.json_with(
        "PATCH",
        &path,
        &json!({}),
        &[("idempotency-key", &"x".repeat(300))],
    );
    assert_eq!(bad.status, 400);
}

#[test]
fn an_error_can_be_put_right_and_sent_again_with_the_same_key() {
    let server = harness::start();
    server.user("root", Role::Admin);
    let mut program =
        harness::Client::with_token(&server.url, &server.token("root", &["users:manage"]));
    let key = [("idempotency-key", "k")];
    let missing = "/api/v1/users/99";
    assert_eq!(
        program
            .json_with("PATCH", missing, &json!({"name": "A"}), &key)
            .status,
        404
    );
    assert_eq!(
        program
            .json_with("PATCH", missing, &json!({"name": "A"}), &key)
            .status,
        404
    );
}

#[test]
fn an_answer_with_a_secret_is_not_kept() {
    let server = harness::start();
    server.user("root", Role::Admin);
    let mut program =
        harness::Client::with_token(&server.url, &server.token("root", &["users:manage"]));
    let (key, body) = (
        [("idempotency-key", "k")],
        json!({"login": "bob", "role": "viewer"}),
    );
    assert_eq!(
        program
            .json_with("POST", "/api/v1/users", &body, &key)
            .status,
        201
    );
    let again = program.json_with("POST", "/api/v1/users", &body, &key);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(
        again.json()["detail"]
            .as_str()
            .unwrap()
            .contains("was done before")
    );
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let first = viewer.get("/api/v1/account");
    let tag = first.header("etag").to_owned();
    assert!(!tag.is_empty());
    let again = viewer.get_with("/api/v1/account", &[("if-none-match", &tag)]);
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    viewer.post("/account", &[("name", "Other")]);
    let changed = viewer.get_with("/api/v1/account", &[("if-none-match", &tag)]);
    assert_eq!(changed.status, 200);
    let packed = viewer.get_with("/api/v1/openapi.json", &[("accept-encoding", "gzip")]);
    assert_eq!(packed.header("content-encoding"), "gzip");
    let plain = viewer.get_with("/api/v1/openapi.json", &[("accept-encoding", "gzip;q=0")]);
    assert_eq!(plain.header("content-encoding"), "");
}
