//! Telling a service what passed: batches of what a witness saw, sent until the service has them.
//!
//! A service knows an exchange by its id, so sending a batch twice does no harm. While the service is away, exchanges wait in
//! the queue; what finds no room there is counted, and the service is told how much that was.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use stance_core::traffic::{Report, Seen};

use crate::settings::{self, Invalid};
use crate::upstream::{Address, Connections, connections, secret};
use crate::witness::Waiting;

/// Where a service takes reports.
const PATH: &str = "/api/v1/traffic";

/// How long exchanges are gathered before they are sent.
const GATHER: Duration = Duration::from_secs(1);

/// Most exchanges of one report.
const MOST: usize = 256;

/// Bytes of a report, as JSON, from which on it is sent.
const BYTES: usize = 8 << 20;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(60);

/// How often a report is tried; that takes a quarter of an hour.
const TRIES: u32 = 20;

/// Bytes of an answer that are read.
const ANSWER: usize = 64 << 10;

/// Sends reports to a service.
#[derive(Debug)]
pub struct Reporter {
    uri: Uri,
    token: String,
    connections: Connections,
}

/// What is said about reports, for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A report does not arrive, and is tried again.
    Trying {
        /// Why.
        why: String,
    },
    /// Reports arrive again.
    Arrived,
    /// Exchanges that the service will not be told of.
    Lost {
        /// How many.
        count: u64,
        /// Why.
        why: String,
    },
}

/// How a try ended that did not succeed.
enum Tried {
    /// Another one may help, after so long if the service said.
    Again(String, Option<Duration>),
    /// It would end in the same way.
    Refused(String),
}

impl Reporter {
    /// Checks the settings, and reads the token once.
    ///
    /// # Errors
    ///
    /// What of the settings means nothing or cannot be had.
    pub fn new(settings: &settings::Report) -> Result<Self, Invalid> {
        let invalid = |place: &str, what| Invalid {
            place: format!("report.{place}"),
            what,
        };
        let address = Address::parse(&settings.url).map_err(|what| invalid("url", what))?;
        let uri = format!("{}{}{PATH}", address.origin, address.path)
            .parse()
            .map_err(|_| invalid("url", format!("`{}` is no address", settings.url)))?;
        secret(&settings.token).map_err(|what| invalid("token", what))?;
        Ok(Self {
            uri,
            token: settings.token.clone(),
            connections: connections(),
        })
    }

    /// Reports what comes until the gateway is gone and all of it was sent or given up. `say` is told what a log should have.
    pub async fn run(self, mut waiting: Waiting, say: impl Fn(Said) + Send) {
        let mut is_well = true;
        while let Some(batch) = waiting.next(MOST, GATHER).await {
            let mut dropped = waiting.dropped();
            if dropped > 0 {
                let why = "more passed than could be sent".to_owned();
                say(Said::Lost {
                    count: dropped,
                    why,
                });
            }
            let mut batch = batch.into_iter().peekable();
            while batch.peek().is_some() {
                let (report, count) = take(&mut batch, std::mem::take(&mut dropped));
                match self.send(&report, &mut is_well, &say).await {
                    Ok(()) => {}
                    Err(why) => say(Said::Lost { count, why }),
                }
            }
        }
    }

    /// Sends a report until it has arrived, or gives up and says why.
    async fn send(
        &self,
        report: &Bytes,
        is_well: &mut bool,
        say: &impl Fn(Said),
    ) -> Result<(), String> {
        for attempt in 1.. {
            match self.once(report).await {
                Ok(()) => {
                    if !std::mem::replace(is_well, true) {
                        say(Said::Arrived);
                    }
                    return Ok(());
                }
                Err(Tried::Refused(why)) => return Err(why),
                Err(Tried::Again(why, _)) if attempt >= TRIES => return Err(why),
                Err(Tried::Again(why, pause)) => {
                    if std::mem::replace(is_well, false) {
                        say(Said::Trying { why });
                    }
                    let own = Duration::from_secs(1 << attempt.min(6));
                    tokio::time::sleep(pause.unwrap_or(own).min(LONGEST)).await;
                }
            }
        }
        Ok(())
    }

    async fn once(&self, report: &Bytes) -> Result<(), Tried> {
        let again = |why: String| Tried::Again(why, None);
        // Read each time: it may have been renewed.
        let token = secret(&self.token).map_err(|why| again(format!("the token: {why}")))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| again("the token has characters that no header can carry".to_owned()))?;
        bearer.set_sensitive(true);
        let mut request = Request::new(Full::new(report.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(USER_AGENT, HeaderValue::from_static("stance-gateway"));
        let sent = tokio::time::timeout(PATIENCE, self.connections.request(request)).await;
        let answer = sent
            .map_err(|_| again("the service does not answer".to_owned()))?
            .map_err(|error| again(format!("the service cannot be reached: {error}")))?;
        judged(answer).await
    }
}

async fn judged(answer: Response<hyper::body::Incoming>) -> Result<(), Tried> {
    let status = answer.status();
    let pause = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    // Read to its end, so that the connection is used again.
    let _ =
        tokio::time::timeout(PATIENCE, Limited::new(answer.into_body(), ANSWER).collect()).await;
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Tried::Again(
            format!("the service does not take the token ({status})"),
            pause,
        )),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(Tried::Again(
            format!("the service has no room ({status})"),
            pause,
        )),
        _ if status.is_server_error() => Err(Tried::Again(
            format!("the service is busy or in trouble ({status})"),
            pause,
        )),
        _ => Err(Tried::Refused(format!(
            "the service refuses the report ({status})"
        ))),
    }
}

/// The next report of a batch, packed, and how many exchanges are in it.
fn take(batch: &mut impl Iterator<Item = Seen>, dropped: u64) -> (Bytes, u64) {
    let mut report = Report {
        dropped,
        seen: Vec::new(),
    };
    let mut bytes = 0_usize;
    for seen in batch {
        let words = seen.pieces.iter().filter_map(|piece| piece.text.as_ref());
        bytes = bytes.saturating_add(words.map(String::len).sum::<usize>() + 2048);
        report.seen.push(seen);
        if bytes >= BYTES {
            break;
        }
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail, nor does what has only names and numbers in it.
    let packed = serde_json::to_vec(&report)
        .map_err(std::io::Error::from)
        .and_then(|json| packer.write_all(&json))
        .and_then(|()| packer.finish());
    (packed.unwrap_or_default().into(), report.seen.len() as u64)
}
