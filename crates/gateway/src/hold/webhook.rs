//! Questions that go to a webhook, and its answers.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use stance_core::approval::{Decision, Question};

use super::Place;
use super::ready::Ready;
use super::signature::{ID, SIGNATURE, TIMESTAMP};
use crate::receipt::short;

/// Longest answer, in bytes.
pub(super) const LONGEST: usize = 16 << 10;

/// How often a question is sent.
const TRIES: u32 = 3;

/// How long is waited before it is sent again.
const PAUSE: Duration = Duration::from_millis(500);

/// What a question is called where it is signed; an answer to it has another name, so that none is the other.
pub(super) fn asked(id: &str) -> String {
    format!("ask_{id}")
}

/// What an answer is called where it is signed.
pub(super) fn answered(id: &str) -> String {
    format!("answer_{id}")
}

/// A decision as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    decision: Word,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    remember: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Allow,
    Deny,
}

/// Reads a decision; `who` decides where it names nobody.
pub(super) fn decision(body: &[u8], who: &str) -> Result<Decision, String> {
    let written: Written = serde_json::from_slice(body)
        .map_err(|error| format!("say `{{\"decision\": \"allow\"}}` or `\"deny\"`: {error}"))?;
    let named = written.by.filter(|by| !by.trim().is_empty());
    Ok(Decision {
        allow: matches!(written.decision, Word::Allow),
        by: named.map_or_else(|| who.to_owned(), |by| short(&by)),
        note: written.note.as_deref().map(short),
        remember: written.remember,
    })
}

/// A question as it is sent. `door` is where it can be answered, where that is no address that the webhook knows anyway.
fn written(question: &Question, token: &str, door: Option<&str>) -> Value {
    let path = format!("/-/asks/{}", question.id);
    let mut answer = json!({"method": "POST", "path": path, "token": token});
    if let (Some(answer), Some(door)) = (answer.as_object_mut(), door) {
        answer.insert("address".to_owned(), door.into());
    }
    json!({"type": "interaction.asked", "question": question, "answer": answer})
}

/// Sends a question, and gives what is answered at once; ends without where the webhook answers later or cannot be had, and
/// then says why.
pub(super) async fn tell(
    ready: &Ready,
    place: Place<'_>,
    question: &Question,
    token: &str,
) -> Result<Option<Decision>, String> {
    let (Some(address), Some(secret)) = (&ready.webhook, &ready.secret) else {
        return Ok(None);
    };
    let body = Bytes::from(written(question, token, place.door).to_string());
    let message = asked(&question.id);
    let mut last = String::new();
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(PAUSE * 4_u32.pow(attempt - 1)).await;
        }
        let seconds = Timestamp::now().as_second();
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = address.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("stance/", env!("CARGO_PKG_VERSION"))),
        );
        headers.insert(TIMESTAMP, seconds.into());
        let signature = secret.sign(&message, seconds, &body);
        for (name, value) in [(ID, &message), (SIGNATURE, &signature)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        match place.connections.request(request).await {
            Ok(response) if response.status() == StatusCode::OK => {
                let read = Limited::new(response.into_body(), LONGEST).collect().await;
                let Ok(read) = read else {
                    last = "the webhook answered with too much, or broke off".to_owned();
                    continue;
                };
                let read = read.to_bytes();
                if read.trim_ascii().is_empty() {
                    return Ok(None);
                }
                return decision(&read, "webhook")
                    .map(Some)
                    .map_err(|_| "the webhook answered with no decision".to_owned());
            }
            Ok(response) if response.status().is_success() => return Ok(None),
            Ok(response) => {
                last = format!("the webhook answered {}", response.status().as_u16());
                if response.status().is_client_error()
                    && response.status() != StatusCode::TOO_MANY_REQUESTS
                {
                    break;
                }
            }
            Err(_) => "the webhook cannot be reached".clone_into(&mut last),
        }
    }
    Err(last)
}
