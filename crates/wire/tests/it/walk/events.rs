//! Events of a stream whose bytes are all there.

use base64::Engine as _;
use serde_json::Value;
use stance_wire::Framing;

/// The events of a stream: names and data. Binary ones must have right checksums.
pub(super) fn events(framing: Framing, bytes: &[u8]) -> Vec<(String, Value)> {
    match framing {
        Framing::Events => {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            text.trim_start_matches('\u{feff}')
                .split("\n\n")
                .filter_map(event)
                .collect()
        }
        Framing::Lines => std::str::from_utf8(bytes)
            .unwrap()
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| (String::new(), serde_json::from_str(line).unwrap()))
            .collect(),
        Framing::Array => {
            let all: Value = serde_json::from_slice(bytes).unwrap();
            all.as_array()
                .unwrap()
                .iter()
                .map(|one| (String::new(), one.clone()))
                .collect()
        }
        Framing::Messages => messages(bytes),
    }
}

fn event(block: &str) -> Option<(String, Value)> {
    let mut name = String::new();
    let mut data = Vec::new();
    for line in block.lines() {
        if let Some(value) = line.strip_prefix("event:") {
            name = value.trim().to_owned();
        } else if let Some(value) = line.strip_prefix("data:") {
            data.push(value.trim());
        }
    }
    let data = data.join("\n");
    if data.is_empty() || data == "[DONE]" {
        return None;
    }
    Some((name, serde_json::from_str(&data).unwrap()))
}

fn messages(mut bytes: &[u8]) -> Vec<(String, Value)> {
    let number = |bytes: &[u8], at: usize| {
        u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    };
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (total, headers) = (number(bytes, 0), number(bytes, 4));
        let (message, rest) = bytes.split_at(total);
        bytes = rest;
        assert_eq!(number(message, 8), crc32fast::hash(&message[..8]) as usize);
        assert_eq!(
            number(message, total - 4),
            crc32fast::hash(&message[..total - 4]) as usize
        );
        let head = &message[12..12 + headers];
        let payload: Value = serde_json::from_slice(&message[12 + headers..total - 4]).unwrap();
        let find = |key: &str| {
            let at = head
                .windows(key.len())
                .position(|window| window == key.as_bytes())?;
            let value = &head[at + key.len() + 1..];
            let length = usize::from(u16::from_be_bytes([value[0], value[1]]));
            Some(String::from_utf8(value[2..2 + length].to_vec()).unwrap())
        };
        let name = find(":event-type")
            .or_else(|| find(":exception-type"))
            .unwrap();
        let payload = match payload["bytes"].as_str() {
            Some(coded) => {
                let inner = base64::engine::general_purpose::STANDARD
                    .decode(coded)
                    .unwrap();
                serde_json::from_slice(&inner).unwrap()
            }
            None => payload,
        };
        all.push((name, payload));
    }
    all
}
