//! How long sessions last, and ending them.

use jiff::SignedDuration;
use stance_store::accounts::Role;

use crate::harness::{self, PASSWORD};

#[test]
fn a_session_ends_when_it_is_not_used_and_lives_when_it_is() {
    let server = harness::start();
    let mut browser = server.signed_in(Role::Viewer);
    for _ in 0..3 {
        server.later(SignedDuration::from_hours(7));
        assert_eq!(browser.get("/api/v1/account").status, 200);
    }
    server.later(SignedDuration::from_hours(9));
    assert_eq!(browser.get("/api/v1/account").status, 401);
}

#[test]
fn a_session_ends_after_a_week_however_much_it_is_used() {
    let server = harness::start();
    let mut browser = server.signed_in(Role::Viewer);
    for _ in 0..(7 * 24 / 6 - 1) {
        server.later(SignedDuration::from_hours(6));
        assert_eq!(browser.get("/api/v1/account").status, 200);
    }
    server.later(SignedDuration::from_hours(7));
    assert_eq!(browser.get("/api/v1/account").status, 401);
}

#[test]
fn signing_in_again_takes_a_new_secret_and_ends_the_old_one() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let mut browser = server.client();
    browser.sign_in("ada", PASSWORD);
    let old = browser.cookies.clone();
    browser.sign_in("ada", PASSWORD);
    assert_ne!(old, browser.cookies);
    let mut thief = server.client();
    thief.cookies = old;
    assert_eq!(thief.get("/api/v1/account").status, 401);
    let sessions = browser.get("/api/v1/account").json()["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
}

#[test]
fn signing_out_everywhere_else_leaves_only_this_one() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let (mut here, mut there) = (server.client(), server.client());
    here.sign_in("ada", PASSWORD);
    there.sign_in("ada", PASSWORD);
    assert_eq!(here.post("/account/sessions/end-others", &[]).status, 303);
    assert_eq!(there.get("/api/v1/account").status, 401);
    assert_eq!(here.get("/api/v1/account").status, 200);
    let mut other = server.signed_in(Role::Admin);
    let id = here.get("/api/v1/account").json()["sessions"][0]["id"].to_string();
    let path = format!("/account/sessions/{id}/end");
    assert_eq!(
        other.post(&path, &[]).status,
        404,
        "the session of somebody else"
    );
    assert_eq!(here.get("/api/v1/account").status, 200);
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let (mut here, mut there) = (server.client(), server.client());
    here.sign_in("ada", PASSWORD);
    there.sign_in("ada", PASSWORD);
    let new = "another horse battery";
    let wrong = [("current", "x"), ("password", new), ("again", new)];
    assert_eq!(here.post("/account/password", &wrong).status, 422);
    let right = [("current", PASSWORD), ("password", new), ("again", new)];
    assert_eq!(here.post("/account/password", &right).status, 303);
    assert_eq!(here.get("/api/v1/account").status, 200);
    assert_eq!(there.get("/api/v1/account").status, 401);
    server.client().sign_in("ada", new);
}
