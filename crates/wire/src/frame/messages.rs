//! The event stream encoding of AWS: two lengths and a checksum of them, headers, a payload, and a checksum of all.

use std::borrow::Cow;

use super::{Cut, Frame, Framing};
use crate::Fault;

/// Lengths and their checksum.
const PRELUDE: usize = 12;
/// The prelude and the last checksum.
const LEAST: usize = 16;

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*four))
}

/// The lengths of the message and of its headers, once their checksum is seen to be right.
fn lengths(waiting: &[u8]) -> Option<Result<(usize, usize), Fault>> {
    let total = number(waiting, 0)? as usize;
    let headers = number(waiting, 4)? as usize;
    let sum = number(waiting, 8)?;
    if crc32fast::hash(waiting.get(..8)?) != sum {
        return Some(Err(Fault::Checksum));
    }
    Some(Ok((total, headers)))
}

pub(super) fn cut(waiting: &[u8], last: bool, limit: usize) -> Result<Cut, Fault> {
    let unfinished = if last {
        Err(Fault::Truncated)
    } else {
        Ok(Cut::Wait)
    };
    let Some(lengths) = lengths(waiting) else {
        return unfinished;
    };
    let (total, headers) = lengths?;
    if total > limit {
        return Err(Fault::Frame { limit });
    }
    if total < LEAST || headers > total.saturating_sub(LEAST) {
        return Err(Fault::Lengths);
    }
    let Some(message) = waiting.get(..total) else {
        return unfinished;
    };
    let end = total.saturating_sub(4);
    if number(message, end) != message.get(..end).map(crc32fast::hash) {
        return Err(Fault::Checksum);
    }
    Ok(Cut::Frame(total))
}

pub(super) fn frame(raw: &[u8]) -> Result<Frame<'_>, Fault> {
    let headers = number(raw, 4).unwrap_or(0) as usize;
    let first = PRELUDE.saturating_add(headers);
    let payload = raw
        .get(first..raw.len().saturating_sub(4))
        .ok_or(Fault::Lengths)?;
    let name = name(raw.get(PRELUDE..first).unwrap_or_default())?;
    Ok(Frame {
        name,
        data: Some(Cow::Borrowed(payload)),
        ..Frame::bare(raw, Framing::Messages)
    })
}

/// What the headers say that the message is: the type of its event or of its exception.
fn name(mut headers: &[u8]) -> Result<Option<Cow<'_, str>>, Fault> {
    let mut name = None;
    while let Some((length, rest)) = headers.split_first() {
        let length = usize::from(*length);
        let (key, rest) = rest.split_at_checked(length).ok_or(Fault::Lengths)?;
        let (kind, rest) = rest.split_first().ok_or(Fault::Lengths)?;
        let size = match kind {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            9 => 16,
            6 | 7 => {
                let two = rest.first_chunk::<2>().ok_or(Fault::Lengths)?;
                usize::from(u16::from_be_bytes(*two))
            }
            _ => return Err(Fault::Lengths),
        };
        let rest = if matches!(kind, 6 | 7) {
            rest.get(2..).unwrap_or_default()
        } else {
            rest
        };
        let (value, rest) = rest.split_at_checked(size).ok_or(Fault::Lengths)?;
        if *kind == 7 && matches!(key, b":event-type" | b":exception-type" | b":error-code") {
            name = Some(String::from_utf8_lossy(value));
        }
        headers = rest;
    }
    Ok(name)
}

/// Writes the message `raw` with another payload; its headers stay.
pub(super) fn rewrite(raw: &[u8], payload: &[u8], out: &mut Vec<u8>) {
    let headers = number(raw, 4).unwrap_or(0) as usize;
    let headers = raw
        .get(PRELUDE..PRELUDE.saturating_add(headers))
        .unwrap_or_default();
    message(headers, payload, out);
}

/// Writes a message of ours: `kind` is `event` or `exception`, `name` its type.
pub(super) fn write(kind: &str, name: &str, payload: &[u8], out: &mut Vec<u8>) {
    let mut headers = Vec::new();
    let typed = format!(":{kind}-type");
    for (key, value) in [
        (typed.as_str(), name),
        (":content-type", "application/json"),
        (":message-type", kind),
    ] {
        headers.push(u8::try_from(key.len()).unwrap_or(0));
        headers.extend_from_slice(key.as_bytes());
        headers.push(7);
        let length = u16::try_from(value.len()).unwrap_or(0);
        headers.extend_from_slice(&length.to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    message(&headers, payload, out);
}

fn message(headers: &[u8], payload: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let total = LEAST
        .saturating_add(headers.len())
        .saturating_add(payload.len());
    for length in [total, headers.len()] {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
    }
    let sum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    let sum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
}
