//! The log of operation: one JSON object a line. Secrets never reach it: routes are logged as they are written in the
//! table, without what stands in a query.

use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

/// Where lines go.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Box<dyn Write + Send>>>);

/// A request that was answered.
#[derive(Debug, Serialize)]
pub(crate) struct Request<'a> {
    #[serde(rename = "request")]
    pub(crate) id: &'a str,
    pub(crate) principal: &'a str,
    pub(crate) address: IpAddr,
    pub(crate) method: &'a str,
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    pub(crate) milliseconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<&'a str>,
}

impl Log {
    /// A log that writes there.
    #[must_use]
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(out))))
    }

    /// A log on standard error.
    #[must_use]
    pub fn stderr() -> Self {
        Self::to(std::io::stderr())
    }

    /// Says something that happened, with what belongs to it as a JSON object.
    pub fn say(&self, level: &str, message: &str, details: &serde_json::Value) {
        let mut line = json!({"at": now(), "level": level, "message": message});
        if let (Some(line), Some(details)) = (line.as_object_mut(), details.as_object()) {
            for (name, value) in details {
                line.insert(name.clone(), value.clone());
            }
        }
        self.line(&line);
    }

    pub(crate) fn request(&self, request: &Request<'_>) {
        let level = match request.status {
            500.. => "error",
            _ if request.cause.is_some() => "warning",
            _ => "info",
        };
        #[derive(Serialize)]
        struct Line<'a> {
            at: String,
            level: &'a str,
            message: &'a str,
            #[serde(flatten)]
            request: &'a Request<'a>,
        }
        self.line(&Line {
            at: now(),
            level,
            message: "request",
            request,
        });
    }

    fn line(&self, line: &impl Serialize) {
        let Ok(mut text) = serde_json::to_vec(line) else {
            return;
        };
        text.push(b'\n');
        // A log that cannot be written must not stop the service.
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = out.write_all(&text).and_then(|()| out.flush());
    }
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Log").finish()
    }
}
