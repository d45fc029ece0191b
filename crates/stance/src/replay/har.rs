//! HTTP archives, version 1.2, as browsers and proxies export them.

use base64::Engine as _;
use serde_json::Value;

use super::cassette::{address, recorded, unpacked};
use super::source::Read;
use super::{Bytes, Recorded};

pub(super) fn read(document: &[u8], told: &mut Read, found: &mut dyn FnMut(Recorded)) {
    let value: Value = match serde_json::from_slice(document) {
        Ok(value) => value,
        Err(error) => return told.bad(format!("no JSON: {error}"), ""),
    };
    let entries = value.pointer("/log/entries").and_then(Value::as_array);
    let Some(entries) = entries else {
        return told.bad("an archive without entries", "");
    };
    for (number, entry) in (1_u64..).zip(entries) {
        let place = format!("#{number}");
        let at = entry.get("startedDateTime").and_then(Value::as_str);
        match bytes(entry) {
            Ok(bytes) => found(recorded(bytes, place, at.and_then(|at| at.parse().ok()))),
            Err(why) => told.bad(why, place),
        }
    }
}

fn bytes(entry: &Value) -> Result<Bytes, &'static str> {
    let text = |pointer: &str| {
        entry
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (host, target) = address(text("/request/url")).ok_or("a request without an address")?;
    let status = entry
        .pointer("/response/status")
        .and_then(Value::as_u64)
        .and_then(|status| u16::try_from(status).ok())
        .ok_or("a response without a status")?;
    let said = text("/response/content/text");
    let answer = match text("/response/content/encoding") {
        "base64" => base64::engine::general_purpose::STANDARD
            .decode(said)
            .map_err(|_| "a body that is no Base64")?,
        _ => said.as_bytes().to_vec(),
    };
    Ok(Bytes {
        method: text("/request/method").to_owned(),
        host,
        target,
        request: unpacked(text("/request/postData/text").as_bytes())?,
        status,
        content_type: text("/response/content/mimeType").to_owned(),
        answer: unpacked(&answer)?,
    })
}
