//! A scratch directory, and the real binary run in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A directory with `tree/`, which is scanned, and `data/`, where Stance keeps its own.
pub(crate) struct Scratch {
    directory: TempDir,
}

/// What a run of the binary gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("tree")).unwrap();
        Self { directory }
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.directory.path().join("tree")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file of the tree, with its directories.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.tree().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The binary in the tree, with an environment of its own.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stance"));
        command
            .current_dir(self.tree())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("STANCE_DATA_DIR", self.data());
        command
    }

    /// Runs the binary with these words.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        Run::of(self.command().args(words).output().unwrap())
    }

    /// Scans the tree and reads the json-v1 report.
    pub(crate) fn scan(&self, words: &[&str]) -> (i32, serde_json::Value) {
        let mut all = vec!["scan", ".", "--format", "json-v1"];
        all.extend_from_slice(words);
        let run = self.run(&all);
        assert!(
            matches!(run.code, 0 | 1),
            "exit {}: {}",
            run.code,
            run.stderr
        );
        (run.code, serde_json::from_str(&run.stdout).unwrap())
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command with these bytes on standard input.
pub(crate) fn piped(mut command: Command, bytes: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses its input closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    Run::of(child.wait_with_output().unwrap())
}

/// A pickle that would run a harmless command: GLOBAL os.system, one string, REDUCE.
pub(crate) const EXEC_PICKLE: &[u8] = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.";

/// The rules of all findings of a report, in order, repetitions included.
pub(crate) fn rules(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let rule = |finding: &serde_json::Value| finding["rule"].as_str().unwrap().to_owned();
    findings.iter().map(rule).collect()
}

/// The findings of one rule.
pub(crate) fn of_rule<'r>(report: &'r serde_json::Value, rule: &str) -> Vec<&'r serde_json::Value> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .collect()
}
