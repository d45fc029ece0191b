//! Hexadecimal digits: in one run, or in pairs with spaces, colons, `\x` or `0x` between them.

use super::{Decoded, readable};
use crate::text::layer::{Map, View};

const FEWEST: usize = 10;

pub(super) fn find(text: &str, found: &mut Vec<Decoded>) {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    let mut values = Vec::new();
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(u8::is_ascii_hexdigit) {
            at = at.saturating_add(1);
            continue;
        }
        let start = at;
        let mut end = at;
        values.clear();
        while let Some(value) = pair(bytes, at) {
            values.push(value);
            end = at.saturating_add(2);
            at = end.saturating_add(between(bytes, end));
        }
        if values.len() >= FEWEST
            && let Some(decoded) = readable(std::mem::take(&mut values))
        {
            found.push(Decoded {
                view: View::Hex,
                map: Map::whole(start..end),
                text: decoded,
            });
        }
        // A run of an odd number of digits, or a word that begins like one.
        at = end.max(start.saturating_add(1));
        while bytes.get(at).is_some_and(u8::is_ascii_hexdigit) {
            at = at.saturating_add(1);
        }
    }
}

fn pair(bytes: &[u8], at: usize) -> Option<u8> {
    let high = char::from(*bytes.get(at)?).to_digit(16)?;
    let low = char::from(*bytes.get(at.saturating_add(1))?).to_digit(16)?;
    u8::try_from(high.wrapping_mul(16).wrapping_add(low)).ok()
}

/// How many bytes stand between two pairs.
fn between(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if !matches!(rest.first(), Some(b'\\' | b' ' | b',' | b'0' | b':' | b'-')) {
        return 0;
    }
    for separator in ["\\x", " 0x", ", 0x", ",0x", "0x", ", ", " ", ":", "-", ","] {
        if rest.starts_with(separator.as_bytes()) {
            return separator.len();
        }
    }
    0
}
