//! What is too much, too often, too slow, or under another name.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use stance_serve::http::Rates;
use stance_store::accounts::Role;

use crate::harness;

#[test]
fn another_name_is_not_answered_on_loopback() {
    let server = harness::start();
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        ("evil.example".to_owned(), 400),
        (format!("evil.example:{port}"), 400),
    ] {
        let answer = server.client().get_with("/healthz", &[("host", &host)]);
        assert_eq!(answer.status, status, "{host}");
    }
    let answer = raw(
        &server,
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let answer = raw(
        &server,
        "GET http://evil.example/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

/// Sends bytes as they are, and gives what comes until the server closes or falls silent.
fn raw(server: &harness::Running, request: &str) -> String {
    let address = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_millis(500)))
        .unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let server = harness::start();
    let mut admin = server.signed_in(Role::Admin);
    let large = json!({"name": "x".repeat(2 << 20)});
    let answer = admin.json("PATCH", "/api/v1/account", &large);
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert_eq!(answer.json()["type"], "/api/docs#too-large");
}

#[test]
fn bodies_that_are_no_bodies_are_told_apart() {
    let server = harness::start();
    server.user("root", Role::Admin);
    let mut program =
        harness::Client::with_token(&server.url, &server.token("root", &["users:manage"]));
    for (kind, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "[]", 422),
        ("application/json", "{\"login\":1,\"role\":\"viewer\"}", 422),
        ("text/plain", "{}", 415),
        ("", "{}", 415),
        ("application/json", "\u{0}", 400),
    ] {
        let answer = program.send(
            "POST",
            "/api/v1/users",
            &[("content-type", kind)],
            body.as_bytes().to_vec(),
        );
        assert_eq!(answer.status, status, "{kind} {body}: {}", answer.text);
        assert_eq!(answer.json()["status"], status);
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = program.send(
        "POST",
        "/api/v1/users",
        &[("content-type", "application/json")],
        deep.into_bytes(),
    );
    assert_eq!(answer.status, 422, "{}", answer.text);
}

#[test]
fn whoever_asks_too_often_is_told_when_to_come_again() {
    let server = harness::start_with(|settings| {
        settings.rates = Rates {
            address: 10.0,
            principal: 1.0,
            burst: 4.0,
        };
    });
    server.user("root", Role::Admin);
    let mut program =
        harness::Client::with_token(&server.url, &server.token("root", &["estate:read"]));
    let answers: Vec<_> = (0..6).map(|_| program.get("/api/v1/account")).collect();
    let last = answers.last().unwrap();
    assert_eq!((answers[0].status, last.status), (200, 429));
    assert_eq!(last.header("retry-after"), "1");
    assert_eq!(last.json()["type"], "/api/docs#too-many");
    let statuses: Vec<u16> = (0..60)
        .map(|_| server.client().get("/healthz").status)
        .collect();
    assert!(statuses.contains(&429), "also by address: {statuses:?}");
}

#[test]
fn heads_that_are_too_long_are_refused() {
    let server = harness::start();
    let long = format!(
        "GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "a".repeat(10_000)
    );
    assert!(raw(&server, &long).starts_with("HTTP/1.1 400"));
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let answer = raw(
        &server,
        &format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{many}\r\n"),
    );
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(server.client().get("/healthz").status, 200);
}

#[test]
fn every_answer_says_what_browsers_must_not_do() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    for path in [
        "/account",
        "/api/v1/account",
        "/nowhere",
        "/healthz",
        "/sign-in",
    ] {
        let answer = viewer.get(path);
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "no TLS here"
        );
    }
    let page = viewer.get("/account").text;
    for inline in ["<script>", " style=", " onclick=", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
}

#[test]
fn errors_are_pages_for_people_and_problems_for_programs() {
    let server = harness::start();
    let mut viewer = server.signed_in(Role::Viewer);
    let page = viewer.get("/nowhere");
    assert_eq!(page.status, 404);
    assert!(
        page.header("content-type").starts_with("text/html")
            && page.text.contains("There is no such thing")
    );
    let problem = viewer.get("/api/v1/nowhere");
    assert_eq!(
        (problem.status, problem.header("content-type")),
        (404, "application/problem+json")
    );
    let problem = problem.json();
    assert!(server.log().contains(problem["request"].as_str().unwrap()));
    assert_eq!(viewer.get("/settings/users").status, 403);
    assert_eq!(
        viewer
            .send("DELETE", "/api/v1/account", &[], Vec::new())
            .status,
        405
    );
}
