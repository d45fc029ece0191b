//! A clock that is set back: nobody is locked out, nothing is held up, and the log still holds.
#![cfg(unix)]

use jiff::SignedDuration;
use serde_json::json;
use stance_govern::audit::Verifier;
use stance_store::AuditLog as _;
use stance_store::accounts::Role;
use stance_store::audit::checkpoint_now;

use crate::harness::{self, PASSWORD};
use crate::jobs::{DOCUMENT, eventually, start};

const BACK: SignedDuration = SignedDuration::from_hours(-40 * 24);

#[test]
fn people_come_in_and_stay_in() {
    let server = harness::start();
    server.user("ada", Role::Viewer);
    let mut signed_in = server.client();
    signed_in.sign_in("ada", PASSWORD);
    let secret = signed_in.get("/api/v1/account/factor").json()["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let code = server.code(&secret);
    let fields = [
        ("secret", secret.as_str()),
        ("code", &code),
        ("password", PASSWORD),
    ];
    assert_eq!(signed_in.post("/account/factor", &fields).status, 303);

    // Somebody guesses until the account waits.
    let mut guess = server.client();
    let wrong = [("login", "ada"), ("password", "not the right one")];
    let waits = (0..20).any(|_| guess.form("/sign-in", &wrong, &[]).status == 429);
    assert!(waits, "guessing is slow");

    server.later(BACK);
    assert_eq!(signed_in.get("/api/v1/account").status, 200, "still there");
    let code = server.code(&secret);
    let whole = json!({"login": "ada", "password": PASSWORD, "code": code});
    let mut program = server.client();
    let answer = program.json("POST", "/api/v1/sign-in", &whole);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut again = server.client();
    let answer = again.json("POST", "/api/v1/sign-in", &whole);
    assert_eq!(answer.status, 401, "a code still counts once");
}

#[test]
fn work_goes_on_and_the_log_holds() {
    let server = start("cat $DIR/document.json; exit 1");
    let mut admin = server.signed_in(Role::Admin);
    let body = json!({"kind": "directory", "name": "models", "options": {"path": "/srv/models"}, "schedule": "1h"});
    let answer = admin.json("POST", "/api/v1/sources", &body);
    assert_eq!(answer.status, 201, "{}", answer.text);
    let source = answer.json()["id"].clone();
    let ended = |admin: &mut harness::Client, run: &serde_json::Value| {
        let path = format!("/api/v1/runs/{run}");
        eventually("the run does not end", || {
            let run = admin.get(&path).json();
            run["finished"].is_string().then_some(run)
        })
    };
    let first = admin.get(&format!("/api/v1/runs?source={source}")).json()["runs"][0]["id"].clone();
    assert_eq!(ended(&mut admin, &first)["state"], "succeeded");
    let directory = server.directory.path().to_owned();
    let now = server.now();
    server.store(move |store| checkpoint_now(store, &directory, now));

    server.later(BACK);
    let asked = admin.json("POST", &format!("/api/v1/sources/{source}/run"), &json!({}));
    assert!(asked.status < 300, "{}", asked.text);
    let run = ended(&mut admin, &asked.json()["id"]);
    assert_eq!(run["state"], "succeeded", "{run}");
    // What was scheduled for a time that is far ahead now is scheduled anew.
    eventually("the source is put off", || {
        let next = admin.get(&format!("/api/v1/sources/{source}")).json()["next"].clone();
        let next: jiff::Timestamp = next.as_str()?.parse().ok()?;
        (next.duration_since(server.now()) <= SignedDuration::from_hours(2)).then_some(())
    });
    server.user("pipeline", Role::Analyst);
    let token = server.token("pipeline", &["ingest"]);
    let mut program = harness::Client::with_token(&server.url, &token);
    let pushed = program.send(
        "POST",
        "/api/v1/ingest?source=ci&wait=true",
        &[("content-type", "application/json")],
        DOCUMENT.as_bytes().to_vec(),
    );
    assert_eq!(
        pushed.json()["run"]["state"],
        "succeeded",
        "{}",
        pushed.text
    );
    let directory = server.directory.path().to_owned();
    let now = server.now();
    let (report, sums) = server.store(move |store| {
        checkpoint_now(store, &directory, now)?;
        let key = stance_store::audit::AuditKey::public(&directory)?.unwrap();
        let report = store.audit_verify(Verifier::default(), &[key], true)?;
        Ok((report, store.sums()?))
    });
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!(sums, Vec::<String>::new());
}
