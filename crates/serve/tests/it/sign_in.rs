//! Signing in, and what keeps guessing slow.

use jiff::SignedDuration;
use serde_json::json;
use stance_store::Accounts as _;
use stance_store::accounts::{Role, UserChange, UserId};

use crate::harness::{self, PASSWORD};

#[test]
fn name_and_password_open_a_session_and_signing_out_ends_it() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let mut browser = server.client();
    let fields = [
        ("login", " Ada "),
        ("password", PASSWORD),
        ("next", "/findings?severity=high"),
    ];
    let answer = browser.form("/sign-in", &fields, &[]);
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/findings?severity=high")
    );
    let cookie = answer.header("set-cookie");
    for attribute in ["stance=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "loopback has no TLS: {cookie}");
    assert_eq!(browser.get("/account").status, 200);
    let stolen = browser.cookies.clone();
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    assert_eq!(browser.get("/account").status, 303);
    browser.cookies = stolen;
    assert_eq!(
        browser.get("/account").status,
        303,
        "the session is gone, not only the cookie"
    );
}

#[test]
fn wrong_names_and_wrong_passwords_look_the_same() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let mut browser = server.client();
    let wrong = browser.form("/sign-in", &[("login", "ada"), ("password", "x")], &[]);
    let unknown = browser.form("/sign-in", &[("login", "bob"), ("password", "x")], &[]);
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.text.replace("ada", "bob"), unknown.text);
    assert!(!wrong.text.contains("value=\"x\""), "no password in a page");
    let program = browser.json(
        "POST",
        "/api/v1/sign-in",
        &json!({"login": "bob", "password": "x"}),
    );
    assert_eq!(
        (program.status, program.header("content-type")),
        (401, "application/problem+json")
    );
}

#[test]
fn after_five_failures_the_account_waits_even_for_the_right_password() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    server.user("bob", Role::Viewer);
    let mut browser = server.client();
    for _ in 0..5 {
        let answer = browser.form("/sign-in", &[("login", "ada"), ("password", "x")], &[]);
        assert_eq!(answer.status, 401);
    }
    let right = [("login", "ada"), ("password", PASSWORD)];
    let answer = browser.form("/sign-in", &right, &[]);
    assert_eq!(answer.status, 429, "{}", answer.text);
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    browser.sign_in("bob", PASSWORD);
    server.later(SignedDuration::from_secs(wait + 1));
    server.client().sign_in("ada", PASSWORD);
    let log = server.log();
    assert!(!log.contains(PASSWORD) && !log.contains("correct"), "{log}");
}

#[test]
fn many_attempts_at_once_are_as_slow_as_one_after_the_other() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let tried: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20)
            .map(|_| {
                let mut browser = server.client();
                scope.spawn(move || {
                    let fields = [("login", "ada"), ("password", "x")];
                    browser.form("/sign-in", &fields, &[]).status
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(
        tried.iter().filter(|status| **status == 401).count(),
        5,
        "{tried:?}"
    );
}

#[test]
fn one_address_cannot_try_many_names() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let mut browser = server.client();
    let tried: Vec<u16> = (0..52)
        .map(|number| {
            let login = format!("user{number}");
            browser
                .form("/sign-in", &[("login", &login), ("password", "x")], &[])
                .status
        })
        .collect();
    assert_eq!(tried.iter().filter(|status| **status == 401).count(), 50);
    assert_eq!(tried.last(), Some(&429));
}

#[test]
fn whoever_is_disabled_is_out_at_once() {
    let server = harness::start();
    let id = server.user("ada", Role::Viewer);
    let token = server.token("ada", &["estate:read"]);
    let mut browser = server.client();
    browser.sign_in("ada", PASSWORD);
    server.store(move |store| {
        let change = UserChange {
            disabled: Some(true),
            ..UserChange::default()
        };
        store.change_user(UserId(id), &change)
    });
    assert_eq!(browser.get("/api/v1/account").status, 401);
    let mut program = harness::Client::with_token(&server.url, &token);
    assert_eq!(program.get("/api/v1/account").status, 401);
    let answer = browser.form("/sign-in", &[("login", "ada"), ("password", PASSWORD)], &[]);
    assert_eq!(answer.status, 401);
}

#[test]
fn a_second_factor_is_asked_for_and_a_code_counts_once() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let mut browser = server.client();
    browser.sign_in("ada", PASSWORD);
    let secret = browser.get("/api/v1/account/factor").json()["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let code = server.code(&secret);
    let wrong = [
        ("secret", secret.as_str()),
        ("code", "000000"),
        ("password", PASSWORD),
    ];
    let refused = browser.post("/account/factor", &wrong);
    assert!(
        refused.status == 422 || code == "000000",
        "{}",
        refused.text
    );
    let right = [
        ("secret", secret.as_str()),
        ("code", &code),
        ("password", PASSWORD),
    ];
    assert_eq!(browser.post("/account/factor", &right).status, 303);
    let mut other = server.client();
    let half = other.form("/sign-in", &[("login", "ada"), ("password", PASSWORD)], &[]);
    assert_eq!(half.status, 401);
    assert!(half.text.contains("name=\"code\""), "{}", half.text);
    let used = [
        ("login", "ada"),
        ("password", PASSWORD),
        ("code", code.as_str()),
    ];
    assert_eq!(
        other.form("/sign-in", &used, &[]).status,
        401,
        "the code was used"
    );
    server.later(SignedDuration::from_secs(60));
    let code = server.code(&secret);
    let fresh = [
        ("login", "ada"),
        ("password", PASSWORD),
        ("code", code.as_str()),
    ];
    assert_eq!(other.form("/sign-in", &fresh, &[]).status, 303);
}
