//! Logs of gateways and providers, sent while they are written: by a callback of the gateway, a webhook, or what ships logs.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderValue, Method};
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ask::{Ask, Query, body};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::route::{Routes, only};

/// Bytes of a log, packed or not, that are taken at once.
pub const MOST: usize = 16 << 20;

/// Longest name of whoever sends, in characters.
const LONGEST: usize = 120;

/// Reads and judges logs. Whoever runs the service has one; the service itself knows no format.
pub trait Logs: Send + Sync {
    /// The words for the formats that are known, in their order.
    fn formats(&self) -> Vec<&'static str>;

    /// Takes a log in; what it tells is in the database when this is done.
    fn take(&self, log: SentLog) -> BoxFuture<'_, Result<LogTaken, LogRefused>>;
}

/// A log as it was sent.
#[derive(Clone, Debug, Default)]
pub struct SentLog {
    /// One of [`Logs::formats`]; found out for each record where it is not said.
    pub format: Option<String>,
    /// Whose log it is, for records that do not say it.
    pub service: Option<String>,
    /// Whether the body is packed with gzip.
    pub packed: bool,
    /// The records: JSON Lines, a list, or one document.
    pub body: Vec<u8>,
}

/// Why a log was not taken.
#[derive(Clone, Debug)]
pub enum LogRefused {
    /// There is no room right now.
    Later(String),
    /// It is too large.
    TooLarge,
    /// It cannot be read.
    Bad(String),
}

/// What became of a log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LogTaken {
    /// Interactions that it told.
    pub interactions: u64,
    /// Of these, how many were not known before. Those that wait are not counted.
    pub new: u64,
    /// How many wait some seconds for what belongs to them, since they are spans.
    pub waiting: u64,
    /// How many records of each format told interactions.
    pub formats: BTreeMap<String, u64>,
    /// Records that were understood and told none, such as a check of health.
    pub other: u64,
    /// Records that were not understood: why, and how many.
    pub unknown: BTreeMap<String, u64>,
    /// Where the first fifty of these stand.
    pub unread: Vec<UnreadRecord>,
}

/// A record that was not understood.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UnreadRecord {
    /// Its line, from 1 on.
    pub line: u64,
    /// Which one of a list in that line or document, from 1 on.
    pub record: Option<u64>,
    /// Why.
    pub why: String,
}

impl LogTaken {
    /// How many records were not understood.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.unknown.values().sum()
    }

    /// Where the first one stands and why it was not understood.
    fn first(&self) -> String {
        let Some(first) = self.unread.first() else {
            return "it is empty".to_owned();
        };
        match first.record {
            Some(record) => format!("line {}, record {record}: {}", first.line, first.why),
            None => format!("line {}: {}", first.line, first.why),
        }
    }
}

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(
        only(
            Method::POST,
            "/api/v1/traffic/logs",
            Permission::Ingest,
            take,
        )
        .about(
            "Send logs of a gateway",
            "For gateways and providers that tell what passed in their logs: the callback `generic_api` of LiteLLM, webhooks, \
             and what ships logs over HTTP. The body is JSON Lines, a list or one document, at most 16 MiB unpacked; \
             `Content-Encoding: gzip` is understood. Each record is judged by a policy that only observes, and what is answered \
             with 200 is on disk. A record is known by its own id and time, or by all that it says, so a log may be sent again. \
             Records that are not understood are counted and named; 422 when no record is.",
        )
        .query::<Wanted>()
        .gives::<LogTaken>()
        .body(MOST),
    )
}

/// What is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// `auto`, which looks at each record, or the one format that is meant: `agentgateway`, `azure`, `bedrock`, `cloudflare`,
    /// `envoy`, `helicone`, `kong`, `langfuse`, `litellm`, `otlp`, `phoenix`, `portkey`, `vertex`.
    #[serde(default)]
    format: Option<String>,
    /// The name of whoever sends, for records that do not say which service they are of; 1 to 120 characters.
    #[serde(default)]
    service: Option<String>,
    /// `true`: 200 also where no record is understood, for who reads the answer.
    #[serde(default)]
    lenient: bool,
}

async fn take(
    ask: Ask,
    Query(wanted): Query<Wanted>,
    request: Request,
) -> Result<axum::Json<LogTaken>, ApiError> {
    let logs = ask.app().logs.get().cloned();
    let logs = logs.ok_or_else(|| ApiError::conflict("nothing reads logs in this service"))?;
    let format = wanted.format.filter(|word| word != "auto");
    let known = logs.formats();
    if format.as_deref().is_some_and(|word| !known.contains(&word)) {
        let known = known.join(", ");
        return Err(ApiError::invalid(
            "format",
            format!("auto, or one of {known}"),
        ));
    }
    let packed = match request
        .headers()
        .get(CONTENT_ENCODING)
        .map(HeaderValue::as_bytes)
    {
        None | Some(b"identity") => false,
        Some(b"gzip") => true,
        Some(_) => return Err(ApiError::media_type()),
    };
    let service = wanted.service.map(|name| service(&name)).transpose()?;
    let body = body(request).await?;
    let taken = logs.take(SentLog {
        format,
        service,
        packed,
        body,
    });
    let taken = taken.await.map_err(|refused| match refused {
        LogRefused::Later(why) => ApiError::unavailable(&why, None),
        LogRefused::TooLarge => ApiError::too_large(MOST),
        LogRefused::Bad(why) => ApiError::invalid("body", why),
    })?;
    let lost = taken.lost();
    if lost > 0 {
        // A shipper reads no answers: whoever runs the service has to see it here.
        let more = json!({"count": lost, "principal": ask.who.name(), "first": taken.first()});
        let what = "records of a log were not understood and are not kept";
        ask.log.say("warning", what, &more);
    }
    if taken.interactions == 0 && taken.other == 0 && !wanted.lenient {
        let what = format!("no record of it is understood; {}", taken.first());
        return Err(ApiError::invalid("body", what));
    }
    Ok(axum::Json(taken))
}

fn service(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.chars().count() <= LONGEST && !name.chars().any(char::is_control);
    if !is_name {
        let what = "between 1 and 120 characters, on one line";
        return Err(ApiError::invalid("service", what));
    }
    Ok(name.to_owned())
}
