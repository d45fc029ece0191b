//! `stance mcp-proxy` before servers that are shell scripts: what passes, what does not, and how sessions end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Run, Scratch, piped};

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"a"}}}"#;

/// The words that start the proxy before a script.
fn proxy(scratch: &Scratch, settings: &str, script: &str) -> Command {
    let config = scratch.path().join("stance.toml");
    std::fs::write(&config, settings).unwrap();
    let mut command = scratch.command();
    command
        .arg("mcp-proxy")
        .args(["--name", "files", "--config"])
        .arg(config)
        .args(["--", "sh", "-c", script]);
    command
}

/// What the proxy says of these lines, and how it ends.
fn run(scratch: &Scratch, settings: &str, script: &str, lines: &[&str]) -> Run {
    let mut input = lines.join("\n").into_bytes();
    input.push(b'\n');
    piped(proxy(scratch, settings, script), &input)
}

fn messages(run: &Run) -> Vec<Value> {
    run.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The log of a proxy, and what `stance audit verify` says of it.
fn receipts(scratch: &Scratch, name: &str) -> Vec<Value> {
    let log = scratch
        .data()
        .join("receipts/mcp")
        .join(name)
        .join("receipts-000001.jsonl");
    let key = scratch.data().join("audit.pub").display().to_string();
    let told = scratch.run(&[
        "audit",
        "verify",
        "--log",
        &log.display().to_string(),
        "--public-key",
        &key,
    ]);
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    std::fs::read_to_string(log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["detail"].clone())
        .collect()
}

#[test]
fn what_is_not_changed_passes_byte_for_byte() {
    let scratch = Scratch::new();
    let lines = [
        r#"{ "jsonrpc" : "2.0", "id":"x/1","method":"tools/call","params":{"name":"read","arguments":{"n":1.0e3},"x-odd":["\u00e9",null]} }"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    ];
    let told = run(
        &scratch,
        "",
        "cat >seen; echo to-stderr >&2; exit 7",
        &lines,
    );
    let seen = std::fs::read_to_string(scratch.tree().join("seen")).unwrap();
    assert_eq!(seen, format!("{}\n", lines.join("\n")));
    assert_eq!(told.code, 7, "the exit code is that of the server");
    assert!(told.stderr.contains("to-stderr"), "{}", told.stderr);
    let answers = messages(&told);
    assert_eq!(answers[0]["id"], "x/1");
    assert_eq!(
        answers[0]["error"]["message"],
        "The server ended before it answered."
    );
    let receipts = receipts(&scratch, "files");
    assert_eq!(receipts[0]["operation"], "mcp.tools/call");
    assert_eq!(receipts[0]["upstream"], "files");
    assert_eq!(receipts[0]["calls"], serde_json::json!(["read"]));
    assert_eq!(receipts[0]["error"], "The server ended before it answered.");
}

#[test]
fn a_denied_tool_is_neither_offered_nor_called() {
    let scratch = Scratch::new();
    let settings = "[guard]\ndeny = [\"shell\"]\n";
    let list = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"read","inputSchema":{"type":"object"}}, {"name":"shell","inputSchema":{"type":"object"}}],"x":1}}"#;
    let script = format!("read l; echo '{list}'; cat >seen");
    let told = run(
        &scratch,
        settings,
        &script,
        &[
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"shell","arguments":{"command":"ls"}}}"#,
        ],
    );
    let answers = messages(&told);
    let of = |id: u64| answers.iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(
        of(1)["result"],
        serde_json::json!({"tools": [{"name": "read", "inputSchema": {"type": "object"}}], "x": 1})
    );
    assert_eq!(of(2)["result"]["isError"], true);
    let text = of(2)["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("tool/denied"), "{text}");
    let seen = std::fs::read_to_string(scratch.tree().join("seen")).unwrap();
    assert_eq!(seen, "", "the call never reached the server");
    let decisions: Vec<Value> = receipts(&scratch, "files")
        .iter()
        .map(|it| it["decision"].clone())
        .collect();
    assert!(decisions.contains(&"block".into()) && decisions.contains(&"redact".into()));
}

#[test]
fn credentials_do_not_reach_the_model() {
    let scratch = Scratch::new();
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLQ");
    let script = format!(
        r#"read l; echo '{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"key {key} end"}}]}}}}'; cat >/dev/null"#
    );
    let told = run(&scratch, "", &script, &[CALL]);
    let text = messages(&told)[0]["result"]["content"][0]["text"].clone();
    let text = text.as_str().unwrap();
    assert!(!text.contains(&key), "{text}");
    assert!(text.starts_with("key ") && text.ends_with(" end"), "{text}");
    let receipt = &receipts(&scratch, "files")[0];
    assert_eq!(receipt["decision"], "redact");
    assert!(!receipt.to_string().contains(&key));
}

#[test]
fn lines_that_are_no_messages_go_no_further() {
    let scratch = Scratch::new();
    let script = r#"echo 'Server ready!'; printf '{"jsonrpc":"2.0","id":1,"result":{"a":"\377"}}\n'; cat >seen"#;
    let twice =
        r#"{"jsonrpc":"2.0","id":5,"method":"ping","method":"tools/call","params":{"name":"x"}}"#;
    let told = run(&scratch, "", script, &["not json", "[]", twice, CALL]);
    let answers = messages(&told);
    let codes: Vec<&Value> = answers.iter().map(|it| &it["error"]["code"]).collect();
    assert_eq!(
        codes.iter().filter(|code| ***code == -32700).count(),
        2,
        "{}",
        told.stdout
    );
    assert!(
        answers
            .iter()
            .any(|it| it["id"] == 5 && it["error"]["code"] == -32600)
    );
    assert!(!told.stdout.contains("ready"));
    let seen = std::fs::read_to_string(scratch.tree().join("seen")).unwrap();
    assert_eq!(seen, format!("{CALL}\n"));
    // As it is set, they pass and are recorded.
    let scratch = Scratch::new();
    let settings = "[gateway]\nunreadable = \"pass\"\n";
    let told = run(
        &scratch,
        settings,
        "echo 'Server ready!'; cat >seen",
        &["not json"],
    );
    assert_eq!(told.stdout, "Server ready!\n");
    let seen = std::fs::read_to_string(scratch.tree().join("seen")).unwrap();
    assert_eq!(seen, "not json\n");
    assert_eq!(receipts(&scratch, "files").len(), 2);
}

#[test]
fn a_line_beyond_the_limit_costs_its_request_only() {
    let scratch = Scratch::new();
    let settings = "[gateway]\nbody-limit = 1\n";
    let script = r#"read l
printf '{"jsonrpc":"2.0","id":1,"result":{"a":"'; head -c 3000000 /dev/zero | tr '\0' x; printf '"}}\n'
read l
printf '{"result":{"a":"'; head -c 3000000 /dev/zero | tr '\0' x; printf '"},"jsonrpc":"2.0","id":2}\n'
read l; echo '{"jsonrpc":"2.0","id":3,"result":{}}'; cat >/dev/null"#;
    let ping = |id: u32| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{{"name":"x","arguments":{{"a":"{}"}}}}}}"#,
        "y".repeat(2 << 20)
    );
    let told = run(
        &scratch,
        settings,
        script,
        &[&ping(1), &ping(2), &long, &ping(3)],
    );
    let answers = messages(&told);
    let of = |id: u64| answers.iter().find(|it| it["id"] == id).unwrap();
    for id in [1, 2, 9] {
        let message = of(id)["error"]["message"].as_str().unwrap();
        assert_eq!(message, "A message has at most 1 MiB here.");
    }
    assert_eq!(of(3)["result"], serde_json::json!({}));
    assert_eq!(receipts(&scratch, "files").len(), 6);
}

#[test]
fn a_server_that_cannot_be_started_is_told() {
    let scratch = Scratch::new();
    let told = scratch.run(&["mcp-proxy", "--", "no-such-server"]);
    assert_ne!(told.code, 0);
    assert!(
        told.stderr.contains("cannot start no-such-server"),
        "{}",
        told.stderr
    );
    assert_eq!(scratch.run(&["mcp-proxy"]).code, 2);
}

/// A proxy that runs, whose server wrote its process id and does not end when it is asked to.
struct Stubborn {
    proxy: Child,
    server: i32,
}

impl Stubborn {
    fn start(scratch: &Scratch, more: &str) -> Self {
        // It outlives a signal and the end of its input.
        let script = "trap '' TERM; MORE echo \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"method\\\":\\\"notifications/pid\\\",\\\"params\\\":{\\\"pid\\\":$$}}\"; while :; do sleep 1; done";
        let mut proxy = proxy(scratch, "", &script.replace("MORE", more))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(proxy.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let server = i32::try_from(told["params"]["pid"].as_i64().unwrap()).unwrap();
        Self { proxy, server }
    }

    fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(i32::try_from(self.proxy.id()).unwrap()).unwrap()
    }

    /// Whether the server ends within some seconds.
    fn ends(&self) -> bool {
        let end = Instant::now() + Duration::from_secs(20);
        let path = PathBuf::from(format!("/proc/{}/status", self.server));
        while Instant::now() < end {
            let state = std::fs::read_to_string(&path).unwrap_or_default();
            if state.is_empty() || state.contains("State:\tZ") {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

#[test]
fn no_server_outlives_its_proxy() {
    let scratch = Scratch::new();
    // What it starts goes too.
    let more = "sleep 600 & echo $! >child;";
    let mut told = Stubborn::start(&scratch, more);
    rustix::process::kill_process(told.pid(), rustix::process::Signal::TERM).unwrap();
    assert!(told.ends());
    let status = told.proxy.wait().unwrap();
    assert_eq!(
        status.code(),
        Some(128 + 9),
        "that of the server, which had to be ended"
    );

    let child = std::fs::read_to_string(scratch.tree().join("child")).unwrap();
    assert!(!PathBuf::from(format!("/proc/{}", child.trim())).exists());

    let mut left = Stubborn::start(&scratch, "");
    drop(left.proxy.stdin.take());
    assert!(left.ends());
    left.proxy.wait().unwrap();

    let mut killed = Stubborn::start(&scratch, "");
    killed.proxy.kill().unwrap();
    killed.proxy.wait().unwrap();
    assert!(killed.ends());
}

#[test]
fn proxies_side_by_side_have_logs_of_their_own() {
    let scratch = Scratch::new();
    let answer =
        r#"while read l; do echo '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'; done"#;
    let mut all: Vec<Child> = (0..3)
        .map(|_| {
            proxy(&scratch, "", answer)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in &mut all {
        writeln!(child.stdin.as_mut().unwrap(), "{CALL}").unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.contains("content"), "{line}");
    }
    for mut child in all {
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    for name in ["files", "files.2", "files.3"] {
        assert_eq!(receipts(&scratch, name).len(), 1, "{name}");
    }
}
