//! Cassettes, as recorders of HTTP for tests write them: YAML or JSON with `interactions`.

use std::io::Read as _;

use super::source::Read;
use super::tree::{Node, yaml};
use super::{Bytes, Recorded, What};

/// Largest answer once it is unpacked, in bytes.
const LARGEST: u64 = 64 << 20;

pub(super) fn read(document: &[u8], told: &mut Read, found: &mut dyn FnMut(Recorded)) {
    let text = String::from_utf8_lossy(document);
    let tree = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(&text)
            .map(Node::of_json)
            .map_err(|error| format!("no JSON: {error}")),
        false => yaml(&text),
    };
    let tree = match tree {
        Ok(tree) => tree,
        Err(why) => return told.bad(why, ""),
    };
    let Some(interactions) = tree.get("interactions") else {
        return told.bad("a cassette without interactions", "");
    };
    for (number, interaction) in (1_u64..).zip(interactions.list()) {
        let place = format!("#{number}");
        match bytes(interaction) {
            Ok(bytes) => found(recorded(bytes, place, None)),
            Err(why) => told.bad(why, place),
        }
    }
}

/// An interaction of which its bytes are known.
pub(super) fn recorded(bytes: Bytes, place: String, at: Option<jiff::Timestamp>) -> Recorded {
    Recorded {
        place,
        id: None,
        at,
        identity: None,
        session: None,
        upstream: bytes.host.clone(),
        // Recorded as it came from the provider; the port, where there is one, stands in the host.
        address: (!bytes.host.is_empty()).then(|| format!("https://{}", bytes.host)),
        agent: None,
        operation: String::new(),
        model: None,
        what: What::Bytes(Box::new(bytes)),
    }
}

fn bytes(interaction: &Node) -> Result<Bytes, &'static str> {
    let request = interaction
        .get("request")
        .ok_or("an interaction without a request")?;
    let response = interaction
        .get("response")
        .ok_or("an interaction without a response")?;
    let uri = request
        .get("uri")
        .ok_or("a request without an address")?
        .text();
    let (host, target) = address(&uri).ok_or("a request without an address")?;
    let status = response
        .get("status")
        .ok_or("a response without a status")?;
    let status = status.get("code").unwrap_or(status).text();
    let content_type = response
        .get("headers")
        .and_then(|headers| headers.header("content-type"));
    let answer = response
        .get("body")
        .map_or(&[][..], |body| body.get("string").unwrap_or(body).bytes());
    let asked = request
        .get("body")
        .map_or(&[][..], |body| body.get("string").unwrap_or(body).bytes());
    Ok(Bytes {
        method: request.get("method").map(Node::text).unwrap_or_default(),
        host,
        target,
        request: unpacked(asked)?,
        status: status.parse().map_err(|_| "a status that is no number")?,
        content_type: content_type.unwrap_or_default(),
        answer: unpacked(answer)?,
    })
}

/// The host of an address, and what follows it.
pub(super) fn address(uri: &str) -> Option<(String, String)> {
    let (_, rest) = uri.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(end);
    let target = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };
    Some((host.to_owned(), target))
}

/// Without gzip, in which some recorders keep bodies as they came.
pub(super) fn unpacked(body: &[u8]) -> Result<Vec<u8>, &'static str> {
    if !body.starts_with(b"\x1f\x8b") {
        return Ok(body.to_vec());
    }
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(body)
        .take(LARGEST + 1)
        .read_to_end(&mut out)
        .map_err(|_| "a body that is no proper gzip")?;
    if out.len() as u64 > LARGEST {
        return Err("a body that is too large once it is unpacked");
    }
    Ok(out)
}
