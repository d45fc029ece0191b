//! `stance mcp-proxy` where somebody is asked: calls that wait, and settings that change meanwhile.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::Scratch;

const ASK: &str = "[gateway.ask]\ndeadline = 60\n[guard]\ndeny = [\"unlock\"]\n[guard.rules.\"tool/denied\"]\naction = \"ask\"\n";

/// Answers every line with what it was asked.
const SERVER: &str = r#"while read l; do echo "$l" >>seen; id=$(echo "$l" | sed 's/.*"id":\([0-9]*\).*/\1/'); echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"content\":[]}}"; done"#;

struct Proxy<'s> {
    scratch: &'s Scratch,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl<'s> Proxy<'s> {
    fn start(scratch: &'s Scratch, settings: &str) -> Self {
        let config = scratch.write("stance.toml", settings);
        let mut child = scratch
            .command()
            .args(["mcp-proxy", "--name", "door", "--config"])
            .arg(config)
            .args(["--", "sh", "-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            scratch,
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn call(&mut self, id: u32, tool: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(
            input,
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\",\"arguments\":{{}}}}}}"
        )
        .unwrap();
    }

    fn told(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Once so many wait.
    fn waiting(&self, count: usize) -> Vec<Value> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let told = self.scratch.run(&["gateway", "asks", "--json"]);
            // A proxy that is about to start cannot be asked yet.
            if told.code == 0 {
                let told: Value = serde_json::from_str(&told.stdout).unwrap();
                let waiting = told["waiting"].as_array().unwrap().clone();
                if waiting.len() == count {
                    return waiting;
                }
            }
            assert!(Instant::now() < end, "{}{}", told.stdout, told.stderr);
        }
    }

    fn say(&self, decision: &str) {
        let waiting = self.waiting(1);
        let id = waiting[0]["id"].as_str().unwrap();
        let told = self
            .scratch
            .run(&["gateway", "asks", decision, &id[..8], "--by", "anna"]);
        assert_eq!(told.code, 0, "{}", told.stderr);
    }

    fn end(mut self) -> Vec<Value> {
        drop(self.input.take());
        self.child.wait().unwrap();
        let log = self
            .scratch
            .data()
            .join("receipts/mcp/door/receipts-000001.jsonl");
        let log = std::fs::read_to_string(log).unwrap();
        log.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["detail"].clone())
            .collect()
    }
}

#[test]
fn a_call_waits_for_whoever_is_asked_at_the_command_line() {
    let scratch = Scratch::new();
    let mut proxy = Proxy::start(&scratch, ASK);
    proxy.call(1, "unlock");
    assert_eq!(proxy.waiting(1)[0]["upstream"], "door");
    proxy.call(2, "read");
    assert_eq!(proxy.told()["id"], 2, "the other one goes on");
    let seen = || std::fs::read_to_string(scratch.tree().join("seen")).unwrap();
    assert!(!seen().contains("unlock"));
    proxy.say("allow");
    assert_eq!(proxy.told()["id"], 1);
    assert!(seen().contains("unlock"));
    proxy.call(3, "unlock");
    proxy.say("deny");
    let told = proxy.told();
    assert_eq!(
        (&told["id"], &told["result"]["isError"]),
        (&3.into(), &true.into())
    );
    // A client that goes away takes its question along.
    proxy.call(4, "unlock");
    proxy.waiting(1);
    let receipts = proxy.end();
    let ways: Vec<&Value> = receipts
        .iter()
        .filter_map(|it| it["asked"].get(0))
        .map(|it| &it["way"])
        .collect();
    assert_eq!(ways, ["person", "person", "withdrawn"]);
    assert_eq!(seen().matches("unlock").count(), 1);
    let told = scratch.run(&["gateway", "asks"]);
    assert_eq!(told.code, 2, "nobody runs any more: {}", told.stdout);
}

#[test]
fn new_settings_are_taken_without_an_end_of_the_session() {
    let scratch = Scratch::new();
    let mut proxy = Proxy::start(&scratch, "[guard]\ndeny = [\"unlock\"]\n");
    proxy.call(1, "unlock");
    assert_eq!(proxy.told()["result"]["isError"], true);
    scratch.write("stance.toml", "[guard]\ndeny = [\"read\"]\n");
    let mut log = BufReader::new(proxy.child.stderr.take().unwrap());
    let mut line = String::new();
    log.read_line(&mut line).unwrap();
    assert!(line.contains("the proxy has new settings"), "{line}");
    proxy.call(2, "unlock");
    assert!(proxy.told()["result"]["isError"].is_null());
    proxy.call(3, "read");
    assert_eq!(proxy.told()["result"]["isError"], true);
    // Somebody may be asked from now on; what waits then ends with the next settings.
    for (settings, told) in [
        (ASK, "the proxy has new settings"),
        (
            "[gateway.ask]\ndeadline = 0\n",
            "the proxy keeps its settings",
        ),
    ] {
        scratch.write("stance.toml", settings);
        line.clear();
        log.read_line(&mut line).unwrap();
        assert!(line.contains(told), "{line}");
    }
    proxy.call(4, "unlock");
    proxy.waiting(1);
    scratch.write("stance.toml", "[guard]\ndeny = []\n");
    let told = proxy.told();
    let text = told["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("settings"), "{text}");
    proxy.call(5, "unlock");
    assert!(proxy.told()["result"]["isError"].is_null());
    assert_eq!(proxy.end().len(), 5);
}

/// A webhook that takes two questions: it allows one at once, and denies the other later, where the question says.
fn webhook(listener: &TcpListener) {
    for (status, body) in [("200 OK", "{\"decision\":\"allow\"}"), ("202 Accepted", "")] {
        let (socket, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(socket);
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(told) = line.to_lowercase().strip_prefix("content-length:") {
                length = told.trim().parse().unwrap();
            }
        }
        let mut asked = vec![0; length];
        reader.read_exact(&mut asked).unwrap();
        let answer = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
        if body.is_empty() {
            let asked: Value = serde_json::from_slice(&asked).unwrap();
            let answer = &asked["answer"];
            let told = |name: &str| answer[name].as_str().unwrap().to_owned();
            let address = told("address");
            let mut socket = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
            let body = "{\"decision\":\"deny\",\"by\":\"the desk\"}";
            let request = format!(
                "POST {} HTTP/1.1\r\nhost: proxy\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                told("path"),
                told("token"),
                body.len()
            );
            socket.write_all(request.as_bytes()).unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).unwrap();
            assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        }
    }
}

#[test]
fn a_webhook_decides_at_once_or_later_from_this_machine() {
    let scratch = Scratch::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let secret = scratch.write("secret", "a secret of this test alone");
    let settings = format!(
        "{ASK}[gateway.ask]\nwebhook = \"http://{}/\"\nsecret = \"file:{}\"\n",
        listener.local_addr().unwrap(),
        secret.display()
    );
    let settings = settings.replacen("[gateway.ask]\ndeadline = 60\n", "", 1);
    let asked = std::thread::spawn(move || webhook(&listener));
    let mut proxy = Proxy::start(&scratch, &settings);
    proxy.call(1, "unlock");
    assert!(proxy.told()["result"]["isError"].is_null());
    proxy.call(2, "unlock");
    assert_eq!(proxy.told()["result"]["isError"], true);
    asked.join().unwrap();
    let asked: Vec<Value> = proxy
        .end()
        .iter()
        .map(|it| it["asked"][0].clone())
        .collect();
    assert_eq!(
        (&asked[0]["way"], &asked[0]["allowed"]),
        (&"webhook".into(), &true.into())
    );
    assert_eq!(
        (&asked[1]["way"], &asked[1]["by"]),
        (&"webhook".into(), &"the desk".into())
    );
}

#[test]
fn settings_of_questions_that_mean_nothing_are_told_at_the_start() {
    let scratch = Scratch::new();
    let config = scratch.write("stance.toml", "[gateway.ask]\nwebhook = \"ftp://x\"\n");
    let told = scratch.run(&[
        "mcp-proxy",
        "--config",
        &config.display().to_string(),
        "--",
        "true",
    ]);
    assert_eq!(told.code, 2, "{}", told.stderr);
    assert!(
        told.stderr.contains("gateway.ask.webhook") && told.stderr.contains("gateway.ask.secret"),
        "{}",
        told.stderr
    );
}
