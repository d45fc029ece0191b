//! A service in a process of its own, on a data directory of the test.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use stance_store::accounts::{NewToken, NewUser, Role};
use stance_store::{Accounts as _, Sqlite};

use crate::harness::Scratch;

/// Tokens of an administrator and of somebody who approves; what is in front of the colon of their scopes follows.
pub(crate) const ADMIN: &str = "stance_admin-of-a-test";
pub(crate) const APPROVER: &str = "stance_approver-of-a-test";

/// Where the service of a scratch keeps its own.
pub(crate) fn data(scratch: &Scratch) -> PathBuf {
    scratch.path().join("served")
}

/// Makes a data directory with two people, who have a token each.
pub(crate) fn prepare(data: &Path) {
    let mut store = Sqlite::open(&data.join("service.db")).unwrap();
    let now = Timestamp::now();
    for (login, role, token, scopes) in [
        (
            "ada",
            Role::Admin,
            ADMIN,
            &[
                "ingest",
                "estate:read",
                "sources:manage",
                "sources:run",
                "findings:triage",
                "metrics:read",
                "audit:read",
            ][..],
        ),
        (
            "bob",
            Role::Approver,
            APPROVER,
            &["estate:read", "findings:triage", "decisions:approve"][..],
        ),
    ] {
        let new = NewUser {
            login,
            name: login,
            email: None,
            role,
            subject: None,
        };
        let owner = store.add_user(&new, now).unwrap();
        store.set_password(owner, Some("no hash"), None).unwrap();
        let hex = stance_core::digest::sha256_hex(token.as_bytes());
        let mut secret = [0_u8; 32];
        for (at, byte) in secret.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap();
        }
        let scopes: Vec<String> = scopes.iter().map(|it| (*it).to_owned()).collect();
        let new = NewToken {
            secret: &secret,
            name: "test",
            owner,
            scopes: &scopes,
            expires: now.checked_add(SignedDuration::from_hours(1)).ok(),
        };
        store.add_token(&new, now).unwrap();
    }
}

/// A service that runs, and ends with the test.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) url: String,
    /// What it says further is seldom read, but a closed pipe is another test.
    told: Lines<BufReader<ChildStdout>>,
}

/// The command that serves a directory.
pub(crate) fn command(scratch: &Scratch, data: &Path) -> Command {
    let mut command = scratch.command();
    command
        .env("STANCE_DATA_DIR", data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

impl Served {
    /// Starts it and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = told.next().map(Result::unwrap).unwrap_or_default();
        if !first.contains("://127.0.0.1:") {
            let stderr = child.stderr.take().map(read).unwrap_or_default();
            panic!("it does not start: {first} {stderr}");
        }
        let url = first.rsplit(' ').next().unwrap().to_owned();
        Self { child, url, told }
    }

    /// Ends it as nobody would like to be ended.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it says next on standard output.
    pub(crate) fn line(&mut self) -> String {
        self.told.next().expect("it says more").unwrap()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits until it has ended; gives its exit code.
    pub(crate) fn ended(mut self) -> Option<i32> {
        eventually("the service does not end", || {
            self.child.try_wait().unwrap().map(|status| status.code())
        })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn read(mut stream: ChildStderr) -> String {
    use std::io::Read as _;
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    text
}

/// Waits until something is so.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program with a token. It gives up where the service is gone.
pub(crate) struct Program {
    agent: ureq::Agent,
    url: String,
    token: &'static str,
}

impl Program {
    pub(crate) fn new(url: &str, token: &'static str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .proxy(None)
            .build()
            .into();
        Self {
            agent,
            url: url.to_owned(),
            token,
        }
    }

    /// Status and body of an answer; `None` when there was none.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        let mut answer = self
            .agent
            .run(request.body(body.to_owned()).unwrap())
            .ok()?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// The body of an answer that tells of success.
    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let (status, answer) = self.send(method, path, &body.to_string())?;
        (200..300).contains(&status).then_some(answer)
    }

    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        let (status, answer) = self.send("GET", path, "")?;
        (status == 200).then_some(answer)
    }
}

/// A json-v1 document with `models` of which each has a finding; `salt` makes it another one.
pub(crate) fn document(models: impl IntoIterator<Item = usize>, salt: usize) -> String {
    let (mut assets, mut findings) = (Vec::new(), Vec::new());
    for number in models {
        let name = format!("m{number}.pt");
        let id = format!("model:file/{name}");
        assets.push(serde_json::json!({
            "id": id, "kind": "model", "name": name, "aliases": [], "how": "observed", "confidence": "high",
            "scope": "production", "evidence": [{"path": name}], "occurrences": 1, "attributes": {}
        }));
        findings.push(serde_json::json!({
            "id": format!("{number:032x}"), "rule": "model/pickle-exec", "severity": "critical",
            "confidence": "high", "status": "open", "asset": id, "message": format!("{name} runs os.system"),
            "notes": [], "controls": [], "evidence": [{"path": name, "offset": 1, "length": 2}]
        }));
    }
    serde_json::json!({
        "schema": "stance/json-v1", "tool": {"name": "stance", "version": "0.1.0"},
        "scan": {"roots": ["."], "started": "2026-03-01T12:00:00Z", "duration_ms": salt},
        "summary": {"assets": {}, "findings": {}, "statuses": {}},
        "assets": assets, "relations": [], "findings": findings,
        "coverage": {"files": 1, "directories": 1, "bytes_read": 1, "bytes_total": 1, "understood": 1, "members": 0,
            "skipped": {}}
    })
    .to_string()
}
