//! Quoted-printable (RFC 2045), and what it shares with percent-encoding: a sign and two hexadecimal digits are a byte.

use super::{Decoded, SHORTEST};
use crate::text::layer::{Builder, View};

pub(super) fn whole(text: &str) -> Option<Decoded> {
    undo(text, '=', View::QuotedPrintable)
}

/// `text` with all bytes that `sign` introduces put in place; `None` if there are too few to be meant.
pub(super) fn undo(text: &str, sign: char, view: View) -> Option<Decoded> {
    let mut built = Builder::with_capacity(text.len());
    let mut undone = 0_usize;
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find(sign).unwrap_or(rest.len());
        let (before, from_sign) = rest.split_at_checked(plain)?;
        // A plus is a space in addresses.
        if view == View::Percent && before.contains('+') {
            let mut place = at;
            for part in before.split_inclusive('+') {
                let word = part.strip_suffix('+');
                built.copy(word.unwrap_or(part), place);
                place = place.saturating_add(part.len());
                if word.is_some() {
                    built.put(" ", place.saturating_sub(1)..place);
                }
            }
        } else {
            built.copy(before, at);
        }
        at = at.saturating_add(plain);
        if from_sign.is_empty() {
            break;
        }
        if view == View::QuotedPrintable
            && let Some(length) = soft_break(from_sign)
        {
            at = at.saturating_add(length);
            continue;
        }
        let bytes = run(from_sign, sign);
        if bytes.is_empty() {
            built.copy(from_sign.get(..sign.len_utf8())?, at);
            at = at.saturating_add(sign.len_utf8());
            continue;
        }
        let length = bytes.len().saturating_mul(3);
        undone = undone.saturating_add(bytes.len());
        let range = at..at.saturating_add(length);
        built.put(&String::from_utf8_lossy(&bytes), range);
        at = at.saturating_add(length);
    }
    let (decoded, map) = built.finish();
    (undone >= 2 && decoded.len() >= SHORTEST).then_some(Decoded {
        view,
        text: decoded,
        map,
    })
}

fn soft_break(text: &str) -> Option<usize> {
    if text.starts_with("=\r\n") {
        Some(3)
    } else if text.starts_with("=\n") {
        Some(2)
    } else {
        None
    }
}

/// The bytes of a run of escapes at the start of `text`.
fn run(text: &str, sign: char) -> Vec<u8> {
    let mut bytes = Vec::new();
    for three in text.as_bytes().chunks_exact(3) {
        let &[first, high, low] = three else { break };
        let (Some(high), Some(low)) = (char::from(high).to_digit(16), char::from(low).to_digit(16))
        else {
            break;
        };
        if char::from(first) != sign {
            break;
        }
        bytes.extend(u8::try_from(high.wrapping_mul(16).wrapping_add(low)));
    }
    bytes
}
