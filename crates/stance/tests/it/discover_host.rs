//! `stance discover host`: files of a made system, a made server, and what is dialled.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
#[cfg(target_os = "linux")]
use std::path::Path;
#[cfg(target_os = "linux")]
use std::process::Command;

use crate::harness::{Run, Scratch, of_rule};

/// A system with an application, extensions, an agent with a server, and models.
fn system(scratch: &Scratch) {
    scratch.write("etc/hostname", "workbench\n");
    scratch.write("etc/passwd", "ann:x:1000:1000::/home/ann:/bin/sh\n");
    scratch.write(
        "usr/share/applications/cursor.desktop",
        "[Desktop Entry]\nType=Application\nName=Cursor\nExec=/usr/share/cursor/cursor %F\n",
    );
    scratch.write(
        "home/ann/.vscode/extensions/github.copilot-1.350.0/package.json",
        "{}",
    );
    scratch.write(
        "home/ann/.vscode/extensions/rust-lang.rust-analyzer-0.4.1/package.json",
        "{}",
    );
    scratch.write(
        "home/ann/.config/google-chrome/Default/Extensions/abcdefghijklmnopabcdefghijklmnop/1.0_0/manifest.json",
        r#"{"name": "Chat helper", "version": "1.0", "host_permissions": ["https://chatgpt.com/*"]}"#,
    );
    scratch.write(
        "home/ann/.config/google-chrome/Default/Extensions/ponmlkjihgfedcbaponmlkjihgfedcba/2.0_0/manifest.json",
        r#"{"name": "Blocker", "version": "2.0", "host_permissions": ["*://*/*", "https://chatgpt.com/*"]}"#,
    );
    scratch.write(
        "home/ann/.cursor/mcp.json",
        r#"{"mcpServers": {"files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/"]}}}"#,
    );
    scratch.write(
        "home/ann/.ollama/models/manifests/registry.ollama.ai/library/qwen3/8b",
        r#"{"schemaVersion": 2, "layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:00", "size": 5}]}"#,
    );
    scratch.write("proc/812/cmdline", "/usr/bin/ollama\0serve\0");
    scratch.write(
        "proc/812/status",
        "Name:\tollama\nUid:\t1000\t1000\t1000\t1000\n",
    );
    scratch.write("proc/812/fd/0", "");
    scratch.write("proc/900/cmdline", "python3\0-m\0vllm.entrypoints.openai.api_server\0--model\0org/m\0--api-key\0hunter2-hunter2\0");
    scratch.write("proc/900/status", "Name:\tpython3\nUid:\t0\t0\t0\t0\n");
}

fn json(run: &Run) -> serde_json::Value {
    assert!(
        matches!(run.code, 0 | 1),
        "exit {}: {}",
        run.code,
        run.stderr
    );
    serde_json::from_str(&run.stdout).unwrap()
}

fn names(report: &serde_json::Value, key: &str) -> Vec<String> {
    let assets = report["assets"].as_array().unwrap();
    let mut names: Vec<String> = assets
        .iter()
        .filter(|asset| asset["id"].as_str().unwrap().starts_with(key))
        .map(|asset| asset["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A server that answers as Ollama does, for as long as the test runs.
fn ollama() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines
                .next()
                .and_then(Result::ok)
                .is_some_and(|line| !line.is_empty())
            {}
            let (status, body) = match first.split(' ').nth(1).unwrap_or_default() {
                "/" => (200, "Ollama is running"),
                "/api/version" => (200, r#"{"version":"0.13.1"}"#),
                "/api/tags" => (200, r#"{"models":[{"name":"qwen3:8b","digest":"ab"}]}"#),
                "/api/ps" => (200, r#"{"models":[]}"#),
                _ => (404, "404 page not found"),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    port
}

#[test]
fn the_files_of_a_system_tell_its_ai() {
    let scratch = Scratch::new();
    system(&scratch);
    let run = scratch.run(&["discover", "host", "--root", ".", "--format", "json-v1"]);
    let report = json(&run);
    assert_eq!(names(&report, "application:installed/"), ["Cursor"]);
    assert_eq!(
        names(&report, "application:extension/"),
        ["Chat helper", "GitHub Copilot"]
    );
    assert_eq!(names(&report, "application:process/"), ["Ollama", "vLLM"]);
    assert_eq!(names(&report, "mcp_server:"), ["files"]);
    let models = names(&report, "model:");
    assert!(models.contains(&"org/m".to_owned()) && models.contains(&"qwen3:8b".to_owned()));
    assert!(names(&report, "vendor:").contains(&"cursor".to_owned()));
    // What stands in files is judged as in any scan.
    assert_eq!(of_rule(&report, "agent/mcp-unpinned-package").len(), 1);
    assert!(!run.stdout.contains("hunter2-hunter2"), "a secret was told");

    let text = scratch.run(&["discover", "host", "--root", "."]);
    for part in [
        "Processes that run",
        "vLLM",
        "root",
        "Extensions of editors",
        "GitHub Copilot",
        "1.350.0",
        "cursor",
        "files",
    ] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    assert!(!text.stdout.contains("hunter2-hunter2"));
}

#[test]
fn what_nobody_sanctioned_is_judged() {
    let scratch = Scratch::new();
    system(&scratch);
    scratch.write("stance.toml", "[discover]\nsanctioned = [\"cursor\"]\n");
    let run = scratch.run(&["discover", "host", "--root", ".", "--format", "json-v1"]);
    let report = json(&run);
    let found = of_rule(&report, "shadow/unsanctioned-service");
    let messages: Vec<&str> = found
        .iter()
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        ["GitHub Copilot is used, and nobody sanctioned it"]
    );
}

#[test]
fn a_service_at_a_named_address_is_told_and_judged() {
    let scratch = Scratch::new();
    scratch.write("empty/etc/hostname", "x\n");
    let address = format!("127.0.0.1:{}", ollama());
    let words = ["discover", "host", "--root", "empty", "--address", &address];
    let text = scratch.run(&words);
    for part in [
        "ADDRESS",
        "Ollama (high)",
        "0.13.1",
        "none",
        "loopback",
        "qwen3:8b",
        "low[config/unauthenticated-service]",
    ] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    assert_eq!(text.code, 0, "low is below --fail-on");
    let mut all = words.to_vec();
    all.extend(["--format", "json-v1", "--fail-on", "low"]);
    let run = scratch.run(&all);
    assert_eq!(run.code, 1);
    let report = json(&run);
    assert_eq!(of_rule(&report, "config/unauthenticated-service").len(), 1);
    assert_eq!(names(&report, "endpoint:"), ["Ollama"]);
    assert_eq!(names(&report, "model:"), ["qwen3:8b"]);
}

#[test]
fn nobody_at_a_named_address_is_told() {
    let scratch = Scratch::new();
    scratch.write("empty/etc/hostname", "x\n");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let run = scratch.run(&["discover", "host", "--root", "empty", "--address", &address]);
    assert!(
        run.stdout.contains("nobody answers there"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains(&address));
}

#[test]
fn mistaken_words_are_refused() {
    let scratch = Scratch::new();
    for words in [
        &["discover", "host", "--address", "10.0.0.0/8"][..],
        &["discover", "host", "--address", "127.0.0.1:0"],
        &["discover", "host", "--no-probe", "--address", "127.0.0.1"],
        &["discover", "host", "--home", "not-there"],
    ] {
        assert_eq!(scratch.run(words).code, 2, "{words:?}");
    }
}

/// The system calls of a run that have to do with sockets and processes.
#[cfg(target_os = "linux")]
fn traced(scratch: &Scratch, words: &[&str]) -> Option<Vec<String>> {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return None;
    }
    let log = scratch.path().join("trace");
    let status = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-s",
            "200",
            "-e",
            "trace=%network,%process",
            "-o",
        ])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_stance"))
        .args(words)
        .current_dir(scratch.tree())
        .env("STANCE_DATA_DIR", scratch.data())
        .env("HTTP_PROXY", "http://192.0.2.1:3128")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(matches!(status.code(), Some(0 | 1)));
    let trace = std::fs::read_to_string(log).unwrap();
    Some(trace.lines().map(str::to_owned).collect())
}

#[cfg(target_os = "linux")]
#[test]
fn without_probes_nothing_is_dialled_and_with_them_only_loopback() {
    let scratch = Scratch::new();
    let port = ollama();
    let home = scratch.tree();
    let home: &Path = &home;
    let home = home.to_str().unwrap();
    let Some(quiet) = traced(
        &scratch,
        &["discover", "host", "--no-probe", "--home", home],
    ) else {
        return;
    };
    let uses = |lines: &[String], call: &str| -> Vec<String> {
        lines
            .iter()
            .filter(|line| line.contains(&format!("{call}(")))
            .cloned()
            .collect()
    };
    assert_eq!(uses(&quiet, "socket"), [""; 0]);
    assert_eq!(uses(&quiet, "connect"), [""; 0]);
    assert_eq!(
        uses(&quiet, "execve").len(),
        1,
        "only the binary itself is started"
    );

    let asked = traced(
        &scratch,
        &["discover", "host", "--timeout", "1", "--home", home],
    )
    .unwrap();
    let connects = uses(&asked, "connect");
    let own = format!("htons({port})");
    assert!(
        connects.iter().any(|line| line.contains(&own)),
        "the server was not asked"
    );
    for line in &connects {
        let is_loopback = line.contains("inet_addr(\"127.")
            || line.contains("inet_pton(AF_INET6, \"::1\"")
            || line.contains("inet_pton(AF_INET6, \"::ffff:127.");
        assert!(is_loopback, "dialled: {line}");
    }
    assert_eq!(
        uses(&asked, "execve").len(),
        1,
        "only the binary itself is started"
    );
}
