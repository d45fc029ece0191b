//! GET requests within bounds: no redirect is followed, no proxy asked, nothing is sent but a path.

use std::io::Read as _;
use std::time::{Duration, Instant};

use stance_services::Answer;
use ureq::Agent;
use ureq::tls::TlsConfig;

use super::address::Address;

/// Most of a body that is read, in bytes.
const MOST: usize = 256 << 10;
/// Most of the head of an answer, in bytes.
const HEAD: usize = 32 << 10;
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody listens, or the way there is closed.
    Closed,
    /// Somebody listens and says nothing in time.
    Silent,
    /// Somebody answers in another language than HTTP.
    NotHttp,
}

/// Asks one address.
pub(super) struct Client {
    agent: Agent,
    root: String,
    timeout: Duration,
}

impl Client {
    pub(super) fn new(address: &Address, tls: bool, timeout: Duration) -> Self {
        // A certificate that nobody signed is usual inside of a network, and nothing secret is sent.
        let tls_config = TlsConfig::builder().disable_verification(true).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("stance/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT.min(timeout)))
            .timeout_global(Some(timeout))
            .max_response_header_size(HEAD)
            .max_idle_connections(1)
            .tls_config(tls_config)
            .build();
        let scheme = if tls { "https" } else { "http" };
        Self {
            agent: config.into(),
            root: format!("{scheme}://{address}"),
            timeout,
        }
    }

    /// What stands before every path.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// Asks for one path.
    pub(super) fn get(&self, path: &str) -> Result<Answer, Failure> {
        let started = Instant::now();
        let mut request = self.agent.get(format!("{}{path}", self.root));
        for (name, value) in stance_services::plan::headers(path) {
            request = request.header(*name, *value);
        }
        let mut reply = request.call().map_err(|error| failure(&error))?;
        let headers: Vec<(String, String)> = reply
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let streams = headers
            .iter()
            .any(|(name, value)| name == "content-type" && value.contains("text/event-stream"));
        let mut body = Vec::new();
        let mut reader = reply.body_mut().as_reader();
        let mut chunk = [0; 16 << 10];
        // What came before a break, a limit or the end of the time is kept.
        while body.len() < MOST && started.elapsed() < self.timeout {
            match reader.read(&mut chunk) {
                Ok(0) | Err(_) => break,
                Ok(count) => body.extend_from_slice(&chunk[..count]),
            }
            if streams {
                break;
            }
        }
        body.truncate(MOST);
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer::new(reply.status().as_u16(), headers, body))
    }
}

fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed => Failure::Closed,
        ureq::Error::Timeout(_) => Failure::Silent,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Failure::Closed
        }
        _ => Failure::NotHttp,
    }
}
