//! Escapes of strings.

use std::borrow::Cow;

use memchr::memchr;

/// How long the escape at the start of `rest` is; `None` where it is none.
pub(super) fn escape_length(rest: &[u8]) -> Option<usize> {
    match rest.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => rest
            .get(2..6)?
            .iter()
            .all(u8::is_ascii_hexdigit)
            .then_some(6),
        _ => None,
    }
}

/// The text of a string that is written as `raw` between its quotes. Bytes that are no UTF-8, and halves of surrogate
/// pairs, become U+FFFD.
#[must_use]
pub fn decode(raw: &[u8]) -> Cow<'_, str> {
    if memchr(b'\\', raw).is_none() {
        return String::from_utf8_lossy(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some(length) = escape_length(escape) else {
            // Never in what the reader took.
            out.extend_from_slice(escape);
            rest = &[];
            break;
        };
        let mut used = length;
        let character = match escape.get(1) {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let (character, more) = unicode(escape);
                used = more;
                character
            }
            Some(other) => char::from(*other),
            None => char::REPLACEMENT_CHARACTER,
        };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = escape.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    match String::from_utf8(out) {
        Ok(text) => Cow::Owned(text),
        Err(bad) => Cow::Owned(String::from_utf8_lossy(bad.as_bytes()).into_owned()),
    }
}

/// The character of one `\u` escape, or of two that are a pair, and how many bytes it took.
fn unicode(escape: &[u8]) -> (char, usize) {
    let first = unit(escape).unwrap_or(0xFFFD);
    if let Some(character) = char::from_u32(first) {
        return (character, 6);
    }
    let second = escape
        .get(6..)
        .filter(|rest| rest.starts_with(b"\\u"))
        .and_then(unit);
    if let (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) = (first, second) {
        let high = first.wrapping_sub(0xD800) << 10;
        let code = 0x10000_u32
            .wrapping_add(high)
            .wrapping_add(low.wrapping_sub(0xDC00));
        return (
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            12,
        );
    }
    (char::REPLACEMENT_CHARACTER, 6)
}

fn unit(escape: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(escape.get(2..6)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// Writes `text` as a string, quotes included: only what must be escaped is.
pub fn encode(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut plain = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.extend_from_slice(text.as_bytes().get(plain..at).unwrap_or_default());
        plain = at.saturating_add(1);
        if short.is_empty() {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(short.as_bytes());
        }
    }
    out.extend_from_slice(text.as_bytes().get(plain..).unwrap_or_default());
    out.push(b'"');
}
