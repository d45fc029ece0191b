//! The frames of gRPC around a message, and how a call ends.
//!
//! A frame is a byte that tells whether the message is compressed, its length in four bytes (big-endian), and the
//! message. An exporter's call has one frame each way; the status comes in the trailers `grpc-status` and `grpc-message`.
//! See `doc/PROTOCOL-HTTP2.md` of the gRPC project.

use super::answer::Outcome;
use crate::limits::{Limits, Refused};

/// The content type of both directions.
pub const CONTENT_TYPE: &str = "application/grpc";

/// The paths of the three calls, for traces, logs and metrics.
pub const PATHS: [&str; 3] = [
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
];

/// A message taken out of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Whether it is compressed, as the header `grpc-encoding` says; to decompress it is the caller's.
    pub compressed: bool,
    /// The message.
    pub message: &'a [u8],
}

/// Takes the one message of a call out of its body; `None` when more of the body must come.
///
/// # Errors
///
/// When the message is larger than the limits take, or when something comes behind it.
pub fn unframe(body: &[u8], limits: Limits) -> Result<Option<Frame<'_>>, Refused> {
    let Some((head, rest)) = body.split_first_chunk::<5>() else {
        return Ok(None);
    };
    let [flag, length @ ..] = *head;
    if flag > 1 {
        return Err(Refused::Malformed {
            what: "a frame of gRPC",
            at: 0,
        });
    }
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > limits.bytes {
        return Err(Refused::TooLarge {
            length,
            most: limits.bytes,
        });
    }
    if rest.len() > length {
        return Err(Refused::Malformed {
            what: "a call with one message",
            at: length.saturating_add(5),
        });
    }
    let message = rest.get(..length);
    Ok(message.map(|message| Frame {
        compressed: flag == 1,
        message,
    }))
}

/// Puts a message that is not compressed into its frame.
#[must_use]
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut out = vec![0];
    out.extend(length.to_be_bytes());
    out.extend(message);
    out
}

/// The number in `grpc-status` that an outcome has.
///
/// Exporters send again after 14 (unavailable) and, as we tell no time to wait, not after 8 (exhausted).
#[must_use]
pub const fn status(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Taken => 0,
        Outcome::Bad => 3,
        Outcome::TooLarge => 8,
        Outcome::NotAllowed => 7,
        Outcome::NotKnown => 16,
        Outcome::Unsupported => 12,
        Outcome::Later => 14,
    }
}

/// Text as `grpc-message` carries it: what is not printable ASCII is percent-encoded.
#[must_use]
pub fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (0x20..0x7f).contains(&byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
