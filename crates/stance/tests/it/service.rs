//! The service and what feeds it, all with the real binary: scans in children, documents pushed by `stance push`.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use stance_store::accounts::{NewToken, NewUser, Role};
use stance_store::{Accounts as _, Sqlite};

use crate::harness::Scratch;

const TOKEN: &str = "stance_end-to-end-of-a-test";

/// A model that runs a program when it is loaded, and an application that uses a service.
fn tree(scratch: &Scratch) {
    scratch.write("model.pkl", b"cposix\nsystem\n(S'id'\ntR.");
    scratch.write(
        "app.py",
        "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model=\"gpt-4o\", messages=[])\n",
    );
}

/// A served data directory with an administrator whose token may do everything.
struct Service {
    child: Child,
    url: String,
    /// What it says further is not read, but a closed pipe would end it.
    _told: Lines<BufReader<ChildStdout>>,
}

impl Service {
    fn start(scratch: &Scratch) -> Self {
        let data = scratch.path().join("served");
        let mut store = Sqlite::open(&data.join("service.db")).unwrap();
        let now = Timestamp::now();
        let new = NewUser {
            login: "ada",
            name: "Ada",
            email: None,
            role: Role::Admin,
            subject: None,
        };
        let owner = store.add_user(&new, now).unwrap();
        let hex = stance_core::digest::sha256_hex(TOKEN.as_bytes());
        let mut secret = [0_u8; 32];
        for (at, byte) in secret.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap();
        }
        let scopes = ["ingest", "estate:read", "sources:manage", "sources:run"].map(str::to_owned);
        let token = NewToken {
            secret: &secret,
            name: "test",
            owner,
            scopes: &scopes,
            expires: now.checked_add(SignedDuration::from_hours(1)).ok(),
        };
        store.add_token(&token, now).unwrap();
        drop(store);
        let mut child = scratch
            .command()
            .env("STANCE_DATA_DIR", &data)
            // What the server is told is not told to what it starts.
            .env("STANCE_FORMAT", "sarif")
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = first.rsplit(' ').next().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{first}");
        Self {
            child,
            url,
            _told: lines,
        }
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.url))
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json");
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut answer = agent.run(request.body(body).unwrap()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// The only run of a source, once it has ended.
    fn ended(&self, source: &Value) -> Value {
        let started = Instant::now();
        loop {
            let runs = self.call("GET", &format!("/runs?source={source}"), None);
            let run = runs["runs"][0].clone();
            if run["finished"].is_string() {
                return run;
            }
            assert!(started.elapsed() < Duration::from_secs(120), "{run}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn token_file(scratch: &Scratch, token: &str) -> String {
    let path = scratch.path().join("token");
    std::fs::write(&path, format!("{token}\n")).unwrap();
    path.display().to_string()
}

#[test]
fn sources_of_every_kind_are_looked_at() {
    let scratch = Scratch::new();
    tree(&scratch);
    let log = "1700000000.123    200 10.0.0.5 TCP_TUNNEL/200 5000 CONNECT api.openai.com:443 alice HIER_DIRECT/1.2.3.4 -\n";
    let logs = scratch.path().join("proxy.log");
    std::fs::write(&logs, log).unwrap();
    let root = scratch.path().join("image");
    std::fs::create_dir_all(root.join("home")).unwrap();
    let service = Service::start(&scratch);
    for (body, least) in [
        (
            json!({"kind": "directory", "name": "tree", "options": {"path": scratch.tree()}}),
            3,
        ),
        (
            json!({"kind": "logs", "name": "proxy", "options": {"paths": [logs]}}),
            3,
        ),
        (
            json!({"kind": "host", "name": "here", "options": {"probe": false}}),
            0,
        ),
    ] {
        let source = service.call("POST", "/sources", Some(&body));
        let run = service.ended(&source["id"]);
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(run["outcome"]["assets"].as_u64().unwrap() >= least, "{run}");
        if body["kind"] == "directory" {
            assert!(run["outcome"]["opened"].as_u64().unwrap() >= 1, "{run}");
        }
    }
    let missing =
        json!({"kind": "directory", "name": "gone", "options": {"path": "/nowhere/at/all"}});
    let source = service.call("POST", "/sources", Some(&missing));
    let run = service.ended(&source["id"]);
    assert_eq!(run["state"], "failed");
    assert!(
        run["error"].as_str().unwrap().contains("/nowhere/at/all"),
        "{run}"
    );
}

#[test]
fn a_scan_and_a_document_are_pushed() {
    let scratch = Scratch::new();
    tree(&scratch);
    let service = Service::start(&scratch);
    let token = token_file(&scratch, TOKEN);
    let to = [
        "--server",
        &service.url,
        "--token-file",
        &token,
        "--source",
        "laptop of ada",
    ];
    let mut words = vec!["push", "."];
    words.extend(to);
    let run = scratch.run(&words);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("laptop of ada: ") && run.stdout.contains("/runs/1"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN));

    // The same tree again: the document tells another time, so it is read, and changes nothing.
    let again = scratch.run(&words);
    assert!(
        again.stdout.contains("0 new, 0 reopened, 0 fixed"),
        "{}",
        again.stdout
    );

    let document = scratch
        .run(&["scan", ".", "--format", "json-v1", "--no-store"])
        .stdout;
    let path = scratch.path().join("report.json");
    std::fs::write(&path, document).unwrap();
    let file = path.display().to_string();
    let mut words = vec!["push", "--document", &file];
    words.extend(to);
    assert_eq!(scratch.run(&words).code, 0);
    let twice = scratch.run(&words);
    assert!(twice.stdout.contains("pushed before"), "{}", twice.stdout);
    let sources = service.call("GET", "/sources", None);
    assert_eq!(sources["sources"].as_array().unwrap().len(), 1);
}

#[test]
fn a_push_that_cannot_succeed_says_why_and_keeps_the_token_to_itself() {
    let scratch = Scratch::new();
    tree(&scratch);
    let service = Service::start(&scratch);
    let wrong = token_file(&scratch, "stance_wrong-token-of-nobody");
    let push = |more: &[&str]| {
        let mut words = vec!["push", ".", "--source", "ci", "--tries", "1"];
        words.extend(more);
        let run = scratch.run(&words);
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        assert!(!run.stderr.contains("wrong-token"), "{}", run.stderr);
        run.stderr
    };
    let url = &service.url;
    let told = push(&["--server", url, "--token-file", &wrong]);
    assert!(told.contains("does not know the token"), "{told}");
    let told = push(&["--server", "http://127.0.0.1:1", "--token-file", &wrong]);
    assert!(
        told.contains("cannot be reached") && told.contains("do it again later"),
        "{told}"
    );
    let told = push(&[
        "--server",
        "http://stance.example.org",
        "--token-file",
        &wrong,
    ]);
    assert!(told.contains("without TLS"), "{told}");
    let told = push(&["--server", url, "--token-file", "/nowhere/token"]);
    assert!(told.contains("/nowhere/token"), "{told}");
    let token = token_file(&scratch, TOKEN);
    let nonsense = scratch.write("nonsense.json", "{}").display().to_string();
    let words = [
        "push",
        "--document",
        &nonsense,
        "--server",
        url,
        "--token-file",
        &token,
        "--source",
        "ci",
    ];
    let run = scratch.run(&words);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("neither a stance/json-v1 document"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_demo_shows_a_living_estate_and_comes_back_as_it_was() {
    use stance_store::{ChangeQuery, Drift as _, Estate as _, FindingQuery, RequestState};

    let scratch = Scratch::new();
    let data = scratch.path().join("data");
    let start = || {
        let mut child = scratch
            .command()
            .env("STANCE_DATA_DIR", &data)
            .args(["demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(first.contains("http://127.0.0.1:"), "{first}");
        child.kill().unwrap();
        child.wait().unwrap();
    };
    start();
    let look = || {
        let store = Sqlite::open(&data.join("demo").join("service.db")).unwrap();
        let now = Timestamp::now();
        let since = now - SignedDuration::from_hours(15 * 24);
        let tally = store.tally().unwrap();
        let history = store.posture(since, now, 1_000).unwrap();
        let changes = store
            .count_changes(&ChangeQuery::default(), 1_000)
            .unwrap()
            .count;
        let waiting = store.waivers(Some(RequestState::Requested), 10).unwrap();
        let open = store
            .count_findings(&FindingQuery::default(), 1_000)
            .unwrap()
            .count;
        (
            tally.all_assets(),
            history.len(),
            changes,
            waiting.len(),
            open,
        )
    };
    let (assets, history, changes, waiting, open) = look();
    assert!(assets > 30 && open > 10, "{assets} assets, {open} findings");
    assert!(history > 5, "two weeks are {history} points");
    assert!(
        changes > 5 && waiting == 1,
        "{changes} changes, {waiting} waivers"
    );
    start();
    assert_eq!(look(), (assets, history, changes, waiting, open));
}
