//! The gateway as a process of its own: killed under load, with a disk that is full, and with very many callers.

mod asks;
#[cfg(feature = "onnx")]
mod classifying;
mod disk;
mod kill;
mod load;
mod posture;
mod provider;
mod tools;

use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::harness::{Run, Scratch};
use provider::Provider;

/// A gateway that runs, and ends with the test.
struct Gateway {
    child: Child,
    url: String,
    /// What it says further is not read, but a closed pipe is another test.
    _told: Lines<BufReader<ChildStdout>>,
}

impl Gateway {
    /// Starts a command that runs the gateway, and waits until it listens.
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = told.next().map(Result::unwrap).unwrap_or_default();
        if !first.contains("://127.0.0.1:") {
            let stderr = child.stderr.take().map(crate::served::read);
            panic!("it does not start: {first} {stderr:?}");
        }
        let url = first.rsplit(' ').next().unwrap().to_owned();
        Self {
            child,
            url,
            _told: told,
        }
    }

    /// Ends it as nobody would like to be ended.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes settings with one upstream; gives the words that start a gateway with them.
fn settings(scratch: &Scratch, provider: &Provider, more: &str) -> Vec<String> {
    let path = scratch.path().join("stance.toml");
    let text = format!(
        "[gateway.upstreams.models]\nurl = \"{}\"\nauth = \"none\"\nretries = 0\n{more}\n",
        provider.url
    );
    std::fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    ["gateway", "--config", &path, "--listen", "127.0.0.1:0"]
        .map(str::to_owned)
        .to_vec()
}

/// Where the first file of receipts is.
fn receipts_path(scratch: &Scratch) -> PathBuf {
    scratch.data().join("receipts/receipts-000001.jsonl")
}

/// The receipts that are written by now.
fn receipts(scratch: &Scratch) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(receipts_path(scratch)).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What `stance audit verify` says of the log.
fn verify(scratch: &Scratch) -> Run {
    let log = receipts_path(scratch).display().to_string();
    let key = scratch.data().join("audit.pub").display().to_string();
    scratch.run(&["audit", "verify", "--log", &log, "--public-key", &key])
}

/// A client that reads an answer until it has what tells that it is done, as the libraries of the providers do.
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .proxy(None)
            .build();
        Self(agent.into())
    }

    /// Status, id of the exchange and body of an answer that came to its end; `None` otherwise.
    fn ask(&self, gateway: &str, stream: bool) -> Option<(u16, String, String)> {
        self.say(gateway, stream, "hello")
    }

    /// The same of another model, whole.
    fn ask_of(&self, gateway: &str, model: &str, words: &str) -> Option<(u16, String, String)> {
        self.send(gateway, model, false, words)
    }

    /// The same, with words of one's own.
    fn say(&self, gateway: &str, stream: bool, words: &str) -> Option<(u16, String, String)> {
        self.send(gateway, "a-model", stream, words)
    }

    fn send(
        &self,
        gateway: &str,
        model: &str,
        stream: bool,
        words: &str,
    ) -> Option<(u16, String, String)> {
        let request = ureq::http::Request::builder()
            .method("POST")
            .uri(format!("{gateway}/models/v1/chat/completions"))
            .header("content-type", "application/json");
        let body = format!(
            "{{\"model\":\"{model}\",\"stream\":{stream},\"messages\":[{{\"role\":\"user\",\"content\":\"{words}\"}}]}}"
        );
        let mut answer = self.0.run(request.body(body).unwrap()).ok()?;
        let status = answer.status().as_u16();
        let id = answer
            .headers()
            .get("x-stance-interaction")?
            .to_str()
            .ok()?;
        let id = id.to_owned();
        let mut reader = answer.body_mut().as_reader();
        let (mut text, mut piece) = (String::new(), [0; 512]);
        while !text.contains("[DONE]") {
            let read = reader.read(&mut piece).ok()?;
            if read == 0 {
                break;
            }
            text.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        Some((status, id, text))
    }
}
