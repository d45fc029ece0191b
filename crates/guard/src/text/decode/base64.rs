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
        let mut digits = 0_usize;
        let mut end = at;
        while let Some(byte) = bytes.get(at).copied() {
            if value(byte).is_some() {
                digits = digits.saturating_add(1);
                at = at.saturating_add(1);
                end = at;
            } else if matches!(byte, b'\n' | b'\r') && digits >= SHORTEST_RUN {
                // A wrapped line goes on, if the next one does.
                at = at.saturating_add(1);
            } else {
                break;
            }
        }
        while bytes.get(end) == Some(&b'=') {
            end = end.saturating_add(1);
        }
        if digits >= SHORTEST_RUN
            && let Some(decoded) = readable(join(bytes.get(start..end).unwrap_or_default()))
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

/// The bytes that a run of digits stands for; what is no digit is left out.
fn join(run: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(run.len().saturating_mul(3) / 4);
    let mut held = 0_u32;
    let mut bits = 0_u32;
    for digit in run.iter().filter_map(|byte| value(*byte)) {
        held = held << 6 | u32::from(digit);
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            let [.., byte] = held.wrapping_shr(bits).to_be_bytes();
            bytes.push(byte);
        }
    }
    bytes
}
