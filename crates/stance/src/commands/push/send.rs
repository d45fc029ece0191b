//! Sending a document until the server has it. Sending it twice does no harm: the server knows it by its digest.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use anyhow::bail;
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

/// How long the server has to answer; it may wait a minute for the document to be read.
const PATIENCE: Duration = Duration::from_secs(180);
/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(60);
/// Bytes of an answer that are read.
const ANSWER: u64 = 1 << 20;

pub(in crate::commands) struct Sending<'a> {
    pub(in crate::commands) endpoint: &'a str,
    pub(in crate::commands) token: &'a str,
    /// Packed with gzip.
    pub(in crate::commands) document: &'a [u8],
    pub(in crate::commands) tries: u32,
    /// What an answer of a server has that took it.
    pub(in crate::commands) answer: &'a str,
}

/// How a try ended that did not succeed.
enum Tried {
    /// Another one may help, after so long if the server said.
    Again(String, Option<Duration>),
    /// It would end in the same way.
    Refused(String),
}

impl Sending<'_> {
    /// Sends it; `note` is told of each try that failed.
    pub(in crate::commands) fn send(&self, note: &mut dyn FnMut(&str)) -> anyhow::Result<Value> {
        let agent: Agent = Agent::config_builder()
            // An answer that leads elsewhere would lead the token there.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let mut attempt = 1;
        loop {
            let tried = match self.once(&agent) {
                Ok(pushed) => return Ok(pushed),
                Err(tried) => tried,
            };
            match tried {
                Tried::Refused(why) => bail!("{why}"),
                Tried::Again(why, _) if attempt >= self.tries => {
                    bail!(
                        "{why}; given up after {attempt} tries, nothing was lost: do it again later"
                    )
                }
                Tried::Again(why, pause) => {
                    let pause = pause.unwrap_or_else(|| backoff(attempt)).min(LONGEST);
                    note(&format!(
                        "{why}; trying again in {:.0} seconds",
                        pause.as_secs_f64().max(1.0)
                    ));
                    std::thread::sleep(pause);
                    attempt += 1;
                }
            }
        }
    }

    fn once(&self, agent: &Agent) -> Result<Value, Tried> {
        let answer = agent
            .post(self.endpoint)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .send(self.document);
        let answer = answer.map_err(|error| {
            Tried::Again(format!("the server cannot be reached: {error}"), None)
        })?;
        judged(answer, self.answer)
    }
}

fn judged(mut answer: Response<Body>, wanted: &str) -> Result<Value, Tried> {
    let status = answer.status().as_u16();
    let pause = answer
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let text = answer
        .body_mut()
        .with_config()
        .limit(ANSWER)
        .read_to_string()
        .unwrap_or_default();
    let json: Option<Value> = serde_json::from_str(&text).ok();
    let detail = json
        .as_ref()
        .and_then(|json| json.get("detail"))
        .and_then(Value::as_str)
        .map(stance_core::evidence::shorten);
    let said = detail.map_or_else(String::new, |detail| format!(": {detail}"));
    match (status, json) {
        (200 | 202, Some(json)) if json.get(wanted).is_some() => Ok(json),
        (200..=299, _) => Err(Tried::Refused(
            "the answer is not that of a Stance server; check `--server`".to_owned(),
        )),
        (300..=399, _) => Err(Tried::Refused(
            "the server sends elsewhere, where the token does not go; give the address where it ends with `--server`"
                .to_owned(),
        )),
        (401, _) => Err(Tried::Refused(format!(
            "the server does not know the token, or it has ended{said}"
        ))),
        (403, _) => Err(Tried::Refused(format!("the server refuses the token{said}"))),
        (404 | 405, _) => Err(Tried::Refused(
            "nothing takes this at this address; check `--server`".to_owned(),
        )),
        (408 | 429 | 500..=599, _) => Err(Tried::Again(
            format!("the server is busy or in trouble (status {status}){said}"),
            pause,
        )),
        _ => Err(Tried::Refused(format!(
            "the server refused it (status {status}){said}"
        ))),
    }
}

/// One second, then twice as long each time; half of it by chance, so that many do not come back together.
fn backoff(attempt: u32) -> Duration {
    let whole = 1000_u64 << attempt.saturating_sub(1).min(6);
    let chance = RandomState::new().hash_one(attempt) % (whole / 2 + 1);
    Duration::from_millis(whole / 2 + chance)
}
