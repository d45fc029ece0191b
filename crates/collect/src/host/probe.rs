//! Asks an address until it is known what answers there.

use std::time::{Duration, Instant};

use stance_services::plan::{self, Hints};
use stance_services::{Access, Answer, Answers, Catalogue, Identity, UNKNOWN_PATHS, identify};

use super::address::Address;
use super::client::{Client, Failure};

/// Failures after which an address is left alone.
const FAILURES: usize = 4;

/// What became of asking an address.
pub(super) enum Asked {
    /// Nobody is there.
    Closed,
    /// Somebody is, who speaks no HTTP or says nothing.
    NotHttp,
    /// A server that has nothing to do with AI, as far as it shows.
    Other,
    /// A service.
    Service(Box<Found>),
}

/// A service at an address.
pub(super) struct Found {
    /// `http://127.0.0.1:11434`.
    pub(super) root: String,
    pub(super) identity: Identity<'static>,
    /// The path that speaks best for it, and what stood there.
    pub(super) shown: (String, String),
    /// Whether time ran out before everything was asked.
    pub(super) cut: bool,
}

/// Asks one address with a port. `word` is put into the paths that do not exist.
pub(super) fn ask(address: &Address, hints: &Hints, word: &str, timeout: Duration) -> Asked {
    let first = Client::new(address, address.tls, timeout);
    match first.get("/") {
        Ok(answer) if !address.tls && wants_tls(&answer) => {
            let second = Client::new(address, true, timeout);
            match second.get("/") {
                Ok(answer) => ask_more(&second, answer, hints, word, timeout),
                Err(_) => Asked::Other,
            }
        }
        Ok(answer) => ask_more(&first, answer, hints, word, timeout),
        Err(Failure::Closed) => Asked::Closed,
        Err(Failure::NotHttp) if !address.tls => {
            let second = Client::new(address, true, timeout);
            match second.get("/") {
                Ok(answer) => ask_more(&second, answer, hints, word, timeout),
                Err(_) => Asked::NotHttp,
            }
        }
        Err(_) => Asked::NotHttp,
    }
}

/// Whether a server that speaks TLS says that it was spoken to without.
fn wants_tls(answer: &Answer) -> bool {
    answer.status == 400
        && ["HTTPS server", "HTTPS port", "requires TLS"]
            .iter()
            .any(|text| answer.body.contains(text))
}

fn ask_more(client: &Client, root: Answer, hints: &Hints, word: &str, timeout: Duration) -> Asked {
    let catalogue = Catalogue::embedded();
    let started = Instant::now();
    // A server that is slow with every answer is not waited for again and again.
    let patience = timeout.saturating_mul(6);
    let mut failures = 0;
    let mut answers = Answers::default();
    answers.add("/", root);
    for pattern in UNKNOWN_PATHS {
        match client.get(&pattern.replace("{}", word)) {
            Ok(answer) => answers.add_unknown(answer),
            Err(_) => failures += 1,
        }
    }
    let mut asked = 0;
    let mut cut = false;
    let mut tried: Vec<String> = Vec::new();
    'rounds: loop {
        let mut paths = plan::next(catalogue, &answers, hints);
        paths.retain(|path| !tried.contains(path));
        if paths.is_empty() {
            break;
        }
        for path in paths {
            if asked >= plan::MOST || failures >= FAILURES || started.elapsed() >= patience {
                cut = true;
                break 'rounds;
            }
            asked += 1;
            match client.get(&path) {
                Ok(answer) => answers.add(path.clone(), answer),
                Err(_) => failures += 1,
            }
            tried.push(path);
        }
    }
    let Some(identity) = identify(catalogue, &answers) else {
        return Asked::Other;
    };
    // What was given to anybody proves that it was; else the mark that says most.
    let open = identity
        .access_path
        .iter()
        .filter(|_| identity.access == Access::Open)
        .filter_map(|path| Some((path.clone(), answers.get(path)?)))
        .next();
    let shown = identity
        .shown_at
        .iter()
        .filter_map(|path| Some((path.clone(), answers.get(path)?)))
        .max_by_key(|(path, answer)| (answer.json().is_some(), path != "/"))
        .or_else(|| answers.get("/").map(|answer| ("/".to_owned(), answer)))
        .map(|(path, answer)| (path, excerpt(answer)))
        .unwrap_or_default();
    let shown = open.map_or(shown, |(path, answer)| (path, excerpt(answer)));
    Asked::Service(Box::new(Found {
        root: client.root().to_owned(),
        identity,
        shown,
        cut,
    }))
}

/// What an answer is, without secrets and without what differs from one answer to the next: the names of a JSON
/// object, the beginning of a text.
fn excerpt(answer: &Answer) -> String {
    let status = answer.status;
    match answer.json() {
        Some(serde_json::Value::Object(fields)) => {
            let names: Vec<&str> = fields.keys().take(12).map(String::as_str).collect();
            let names = stance_read::redact::redact(&names.join(", ")).into_owned();
            format!("{status} with {names}")
        }
        Some(serde_json::Value::Array(_)) => format!("{status} with a list"),
        _ => {
            let line = answer.body.lines().map(str::trim).find(|it| !it.is_empty());
            let line: String = line.unwrap_or_default().chars().take(120).collect();
            format!("{status} {}", stance_read::redact::redact(&line))
                .trim_end()
                .to_owned()
        }
    }
}
