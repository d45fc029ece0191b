//! Encoded passages in a text, decoded: each becomes a text of its own, with the way back to the bytes that encoded it.
//!
//! Only what decodes to something that reads like text is kept. A passage that is too short to carry an instruction is left
//! alone.

mod base64;
mod escapes;
mod hex;
mod percent;
mod quoted;

use super::layer::{Map, View};
use super::probe::Probe;
use super::score::features::is_alphanumeric;

/// A decoded passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// How it was encoded.
    pub view: View,
    /// What it says.
    pub text: String,
    /// The way back to the text that it was found in.
    pub map: Map,
}

/// All encoded passages of `text` that read like text, up to `room` bytes of what they say together.
///
/// The second value is whether something was left out for want of room.
#[must_use]
pub fn decode(text: &str, probe: &Probe, room: usize) -> (Vec<Decoded>, bool) {
    let mut found = Vec::new();
    if probe.base64 {
        base64::find(text, &mut found);
    }
    if probe.hex {
        hex::find(text, &mut found);
    }
    if probe.percent {
        found.extend(percent::whole(text));
    }
    if probe.quoted {
        found.extend(quoted::whole(text));
    }
    if probe.entities {
        found.extend(escapes::entities(text));
    }
    if probe.escapes {
        found.extend(escapes::escapes(text));
    }
    let mut left = room;
    let mut complete = true;
    found.retain(|decoded| {
        if decoded.text.len() > left {
            complete = false;
            return false;
        }
        left = left.saturating_sub(decoded.text.len());
        true
    });
    (found, !complete)
}

/// The shortest text that can carry an instruction, in bytes.
const SHORTEST: usize = 8;

/// `bytes` as text, if they are one that people could have written: valid UTF-8, letters mostly, next to no controls.
fn readable(bytes: Vec<u8>) -> Option<String> {
    if bytes.len() < SHORTEST {
        return None;
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => utf16(&error.into_bytes())?,
    };
    let mut letters = 0_usize;
    let mut others = 0_usize;
    for c in text.chars() {
        if c.is_control() && !c.is_whitespace() {
            // UTF-16 of ASCII is valid UTF-8 with a zero beside every letter.
            return if c == '\0' {
                utf16(text.as_bytes())
            } else {
                None
            };
        }
        if is_alphanumeric(c) || c == ' ' {
            letters = letters.saturating_add(1);
        } else {
            others = others.saturating_add(1);
        }
    }
    (letters >= others.saturating_mul(2)).then_some(text)
}

/// Little-endian UTF-16 of ASCII, as PowerShell's encoded commands are.
fn utf16(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        match pair {
            [low, 0] if (0x20..0x7F).contains(low) || low.is_ascii_whitespace() => {
                text.push(char::from(*low));
            }
            _ => return None,
        }
    }
    (pairs.remainder().is_empty() && text.len() >= SHORTEST).then_some(text)
}
