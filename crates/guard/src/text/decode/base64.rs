//! Base64 in the standard and the URL alphabet, with or without padding, on one line or wrapped (RFC 4648, RFC 2045).

use super::{Decoded, readable};
use crate::text::layer::{Map, View};

/// Shorter runs are words.
const SHORTEST_RUN: usize = 16;

pub(super) fn find(text: &str, found: &mut Vec<Decoded>) {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    while at < bytes.len() {
        let start = at;
        let mut digits = Vec::new();
        let mut end = at;
        while let Some(byte) = bytes.get(at).copied() {
            if let Some(value) = value(byte) {
                digits.push(value);
                at = at.saturating_add(1);
                end = at;
            } else if matches!(byte, b'\n' | b'\r') && digits.len() >= SHORTEST_RUN {
                // A wrapped line goes on, if the next one does.
                at = at.saturating_add(1);
            } else {
                break;
            }
        }
        while bytes.get(end) == Some(&b'=') {
            end = end.saturating_add(1);
        }
        if digits.len() >= SHORTEST_RUN
            && let Some(decoded) = readable(join(&digits))
        {
            found.push(Decoded {
                view: View::Base64,
                map: Map::whole(start..end),
                text: decoded,
            });
        }
        at = at.max(end).max(start.saturating_add(1));
    }
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte.wrapping_sub(b'A')),
        b'a'..=b'z' => Some(byte.wrapping_sub(b'a').wrapping_add(26)),
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0').wrapping_add(52)),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn join(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len().saturating_mul(3) / 4);
    for four in digits.chunks(4) {
        let mut bits = 0_u32;
        for at in 0..4 {
            bits = bits << 6 | u32::from(four.get(at).copied().unwrap_or(0));
        }
        let [_, first, second, third] = bits.to_be_bytes();
        // Of an incomplete group, the bytes that it has all bits of.
        let whole = [first, second, third];
        bytes.extend(whole.iter().take(four.len().saturating_sub(1)));
    }
    bytes
}
