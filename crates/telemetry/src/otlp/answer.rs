//! What an exporter is answered.

use super::Rejected;
use crate::value::quote;

/// The three signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Metrics.
    Metrics,
}

impl Signal {
    /// The signal of a path of OTLP/HTTP.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        match path {
            "/v1/traces" => Some(Self::Traces),
            "/v1/logs" => Some(Self::Logs),
            "/v1/metrics" => Some(Self::Metrics),
            _ => None,
        }
    }

    /// What a rejected record is called in the JSON of an answer.
    const fn rejected(self) -> &'static str {
        match self {
            Self::Traces => "rejectedSpans",
            Self::Logs => "rejectedLogRecords",
            Self::Metrics => "rejectedDataPoints",
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All or part of it was taken: an answer with what was rejected.
    Taken,
    /// It cannot be read, and sending it again does not help.
    Bad,
    /// It is larger than is taken.
    TooLarge,
    /// Nobody knows who sent it.
    NotKnown,
    /// Whoever sent it may not.
    NotAllowed,
    /// Its content type or signal is not understood.
    Unsupported,
    /// There is no room now: the exporter sends it again.
    Later,
}

impl Outcome {
    /// The status of HTTP. Exporters send again after 429, 502, 503 and 504 only.
    #[must_use]
    pub const fn http(self) -> u16 {
        match self {
            Self::Taken => 200,
            Self::Bad => 400,
            Self::NotKnown => 401,
            Self::NotAllowed => 403,
            Self::TooLarge => 413,
            Self::Unsupported => 415,
            Self::Later => 503,
        }
    }
}

/// The answer in protobuf: empty when all was taken, `partial_success` (field 1) with the number (1) and the reason (2)
/// otherwise. The three signals have the same numbers.
#[must_use]
pub fn protobuf(rejected: &Rejected) -> Vec<u8> {
    if rejected.count == 0 && rejected.reason.is_empty() {
        return Vec::new();
    }
    let mut inner = Vec::new();
    if rejected.count > 0 {
        inner.push(0x08);
        varint(&mut inner, rejected.count);
    }
    if !rejected.reason.is_empty() {
        inner.push(0x12);
        varint(&mut inner, rejected.reason.len() as u64);
        inner.extend(rejected.reason.as_bytes());
    }
    let mut out = vec![0x0a];
    varint(&mut out, inner.len() as u64);
    out.extend(inner);
    out
}

/// The answer in JSON.
#[must_use]
pub fn json(signal: Signal, rejected: &Rejected) -> String {
    if rejected.count == 0 && rejected.reason.is_empty() {
        return "{}".to_owned();
    }
    let mut reason = String::new();
    quote(&rejected.reason, &mut reason);
    format!(
        "{{\"partialSuccess\":{{\"{}\":\"{}\",\"errorMessage\":{reason}}}}}",
        signal.rejected(),
        rejected.count
    )
}

/// The body of an error over HTTP in protobuf: a `google.rpc.Status` with the number of gRPC and a message.
#[must_use]
pub fn protobuf_error(outcome: Outcome, message: &str) -> Vec<u8> {
    let mut out = vec![0x08];
    varint(&mut out, u64::from(super::grpc::status(outcome)));
    out.push(0x12);
    varint(&mut out, message.len() as u64);
    out.extend(message.as_bytes());
    out
}

/// The body of an error over HTTP in JSON.
#[must_use]
pub fn json_error(outcome: Outcome, message: &str) -> String {
    let mut text = String::new();
    quote(message, &mut text);
    format!(
        "{{\"code\":{},\"message\":{text}}}",
        super::grpc::status(outcome)
    )
}

/// A number in groups of seven bits.
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}
