//! What to ask an address next.

use crate::answer::Answers;
use crate::catalogue::{Catalogue, Service};
use crate::identify::resembles;

/// Most requests that one address is sent.
pub const MOST: usize = 75;

/// What every address is asked first: the places where most products show themselves.
const FIRST: [&str; 17] = [
    "/",
    "/v1/models",
    "/health",
    "/version",
    "/api/version",
    "/info",
    "/v2",
    "/metrics",
    "/api",
    "/config",
    "/healthz",
    "/mcp",
    "/sse",
    "/api/tags",
    "/api/v1/model",
    "/api/v2/heartbeat",
    "/v1/meta",
];

/// What is known of an address before it was asked.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Its port.
    pub port: u16,
    /// The service that its process runs, by id.
    pub process: Option<String>,
}

/// The paths to ask next, given what was answered so far; empty when there is no more to learn.
#[must_use]
pub fn next(catalogue: &Catalogue, answers: &Answers, hints: &Hints) -> Vec<String> {
    let mut paths: Vec<String> = FIRST.iter().map(ToString::to_string).collect();
    // Products that speak a protocol are told apart by what else they answer.
    let spoken: Vec<&str> = catalogue
        .services()
        .iter()
        .filter(|service| service.family && resembles(service, answers))
        .map(|service| service.id.as_str())
        .collect();
    let speaks = |service: &Service| {
        let mut covers = service.covers.iter();
        covers.any(|id| spoken.contains(&id.as_str()))
    };
    for service in catalogue.services() {
        if hints.process.as_ref() == Some(&service.id)
            || service.ports.contains(&hints.port)
            || speaks(service)
            || resembles(service, answers)
        {
            add(service, &mut paths);
        }
    }
    if answers.is_empty() {
        paths.truncate(FIRST.len());
    }
    paths.retain(|path| answers.get(path).is_none());
    paths
}

fn add(service: &Service, paths: &mut Vec<String>) {
    for path in service.paths() {
        if !paths.iter().any(|known| known == path) {
            paths.push(path.to_owned());
        }
    }
}

/// Headers that go along with a request for a path. An MCP endpoint is named a session that nobody opened and asked
/// for no event stream, so that it neither opens one nor waits.
#[must_use]
pub fn headers(path: &str) -> &'static [(&'static str, &'static str)] {
    match path {
        "/mcp" | "/mcp/" => &[
            ("accept", "application/json"),
            ("mcp-session-id", "00000000-0000-4000-8000-000000000000"),
        ],
        _ => &[("accept", "*/*")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::UNKNOWN;

    #[test]
    fn every_product_shows_itself_in_what_is_asked_first() {
        for service in Catalogue::embedded().services() {
            let shows = service.marks.iter().any(|mark| {
                FIRST.contains(&mark.path.as_str()) || mark.path == UNKNOWN || mark.path.is_empty()
            });
            assert!(shows || !service.covers.is_empty(), "{}", service.id);
        }
    }

    #[test]
    fn nothing_that_is_asked_acts() {
        // Reading some paths starts work, or makes a session; none of these is ever asked.
        for service in Catalogue::embedded().services() {
            for path in service.paths() {
                for act in ["generate", "auto_login", "stop", "delete", "load", "/sse/"] {
                    let asked = path.to_ascii_lowercase();
                    assert!(!asked.contains(act), "{}: {path}", service.id);
                }
            }
        }
    }
}
