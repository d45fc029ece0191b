//! Scanning never executes, imports, writes to or dials out of its target:
//! a hostile repository is scanned under `strace`, and the system calls are read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{EXEC_PICKLE, Scratch};

/// Each file would leave a mark if anything ran, imported or loaded it.
fn hostile_repository(scratch: &Scratch, mark: &Path) {
    let mark = mark.display();
    let python = format!("import os\nos.system('touch {mark}')\n");
    scratch.write("setup.py", &python);
    scratch.write("conftest.py", &python);
    scratch.write("sitecustomize.py", &python);
    scratch.write("package/__init__.py", &python);
    scratch.write(
        "package.json",
        format!(r#"{{"name": "x", "scripts": {{"preinstall": "touch {mark}", "postinstall": "touch {mark}"}}}}"#),
    );
    scratch.write(
        ".mcp.json",
        format!(r#"{{"mcpServers": {{"x": {{"command": "touch", "args": ["{mark}"]}}, "y": {{"url": "http://127.0.0.1:9/mcp"}}}}}}"#),
    );
    scratch.write("Makefile", format!("all:\n\ttouch {mark}\n"));
    scratch.write("Dockerfile", format!("FROM python:3\nRUN touch {mark}\n"));
    scratch.write("model.pkl", EXEC_PICKLE);
    scratch.write(
        "config.json",
        r#"{"auto_map": {"AutoModel": "modeling_x.X"}, "model_type": "x"}"#,
    );
    scratch.write("modeling_x.py", &python);
    for hook in ["post-checkout", "pre-commit", "fsmonitor-watchman"] {
        let path = scratch.write(
            &format!(".git/hooks/{hook}"),
            format!("#!/bin/sh\ntouch {mark}\n"),
        );
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    scratch.write(
        ".git/config",
        format!("[core]\n\tfsmonitor = touch {mark}\n[remote \"origin\"]\n\turl = https://example.invalid/x.git\n"),
    );
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    scratch.write(".env", "OPENAI_BASE_URL=http://127.0.0.1:9/v1\n");
}

/// Every path of the tree with size and modification time.
fn state(directory: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut all = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                open.push(entry.path());
            }
            all.push((entry.path(), metadata.len(), metadata.modified().unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn nothing_is_started_dialled_or_written_outside_the_data_directory() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let scratch = Scratch::new();
    let mark = scratch.path().join("mark");
    hostile_repository(&scratch, &mark);
    let trace = traced(&scratch, &mark, &["scan", ".", "--format", "json-v1"]);
    // The trace really saw the scan.
    let data = scratch.data();
    assert!(trace.contains("model.pkl") && trace.contains(data.to_str().unwrap()));
}

#[test]
fn reading_logs_starts_dials_and_writes_nothing() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    let scratch = Scratch::new();
    let mark = scratch.path().join("mark");
    hostile_repository(&scratch, &mark);
    scratch.write(
        "access.log",
        "1795694400.123    87 10.0.0.7 TCP_TUNNEL/200 4242 CONNECT chatgpt.com:443 ann HIER_DIRECT/1.2.3.4 -\n",
    );
    // A database, and the journal of a browser that was open when the copy was made.
    scratch.write("History", HISTORY);
    scratch.write("History-wal", "not a journal");
    let words = [
        "discover",
        "logs",
        ".",
        "--format",
        "json",
        "--declared",
        ".",
    ];
    let trace = traced(&scratch, &mark, &words);
    assert!(trace.contains("History") && trace.contains("access.log"));
}

/// The first bytes of a database.
const HISTORY: &[u8] = b"SQLite format 3\0\x10\0\x02\x02\0\x40\x20\x20";

/// Runs the binary on the tree under `strace`, and judges every call. The tree must stay as it was.
fn traced(scratch: &Scratch, mark: &Path, words: &[&str]) -> String {
    let before = state(&scratch.tree());

    let log = scratch.path().join("trace");
    let status = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&log)
        .args([
            "-e",
            "trace=%process,%network,%file,write,pwrite64,ftruncate",
        ])
        .arg(env!("CARGO_BIN_EXE_stance"))
        .args(words)
        .current_dir(scratch.tree())
        .env("STANCE_DATA_DIR", scratch.data())
        .env("HOME", scratch.path())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    let code = status.code().unwrap();
    assert!(matches!(code, 0 | 1), "the scan failed with {code}");

    assert!(!mark.exists(), "something of the target ran");
    assert_eq!(state(&scratch.tree()), before, "the target was written to");

    let trace = fs::read_to_string(&log).unwrap();
    let data = scratch.data();
    let data = data.to_str().unwrap();
    let mut started = 0;
    for line in trace.lines() {
        let call = line
            .split_once(' ')
            .map_or(line, |(_, call)| call.trim_start());
        let name = call.split('(').next().unwrap_or_default();
        match name {
            "execve" | "execveat" => started += 1,
            "fork" | "vfork" => panic!("a process was started: {line}"),
            "clone" | "clone3" => assert!(
                call.contains("CLONE_THREAD"),
                "a process was started: {line}"
            ),
            "socket" | "connect" | "bind" | "sendto" | "sendmsg" => {
                panic!("a socket was used: {line}");
            }
            "open" | "openat" | "creat" => {
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"]
                    .iter()
                    .any(|flag| call.contains(flag));
                assert!(!writes || call.contains(data), "opened to write: {line}");
            }
            "mkdir" | "mkdirat" | "unlink" | "unlinkat" | "rename" | "renameat" | "renameat2"
            | "link" | "linkat" | "symlink" | "symlinkat" | "chmod" | "fchmodat" | "truncate" => {
                assert!(call.contains(data), "changed a file: {line}");
            }
            _ => {}
        }
    }
    assert_eq!(started, 1, "only the binary itself is started");
    trace
}
