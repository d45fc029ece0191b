//! Calls on constants that give constants: the small set with which names and payloads are hidden.

use super::value::{Heap, Object, Value};

/// Longest constant that is made.
const LONGEST: usize = 1 << 20;

/// What the call gives when that can be told.
pub(super) fn constant(heap: &mut Heap, name: &str, arguments: &[Value]) -> Option<Value> {
    let first = arguments.first().copied()?;
    let second = arguments.get(1).copied();
    let codec = second.and_then(|codec| heap.as_str(codec).map(str::to_ascii_lowercase));
    match name {
        "codecs.encode" | "str.encode" | "builtins.str.encode" => {
            let text = heap.as_bytes(first)?.to_vec();
            encode(heap, &text, codec.as_deref().unwrap_or("utf-8"))
        }
        "codecs.decode" | "bytes.decode" | "builtins.bytes.decode" => {
            let bytes = heap.as_bytes(first)?.to_vec();
            decode(heap, &bytes, codec.as_deref().unwrap_or("utf-8"))
        }
        "base64.b64decode"
        | "base64.standard_b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.decodebytes"
        | "binascii.a2b_base64" => {
            let decoded = base64(heap.as_bytes(first)?)?;
            Some(heap.bytes(&decoded))
        }
        "binascii.unhexlify"
        | "binascii.a2b_hex"
        | "base64.b16decode"
        | "builtins.bytes.fromhex"
        | "builtins.bytearray.fromhex" => {
            let decoded = hex(heap.as_bytes(first)?)?;
            Some(heap.bytes(&decoded))
        }
        "builtins.bytes" | "builtins.bytearray" => match first {
            Value::Text(_) => {
                let text = heap.as_bytes(first)?.to_vec();
                encode(heap, &text, codec.as_deref().unwrap_or("utf-8"))
            }
            Value::Bytes(_) => Some(first),
            _ => {
                let bytes: Option<Vec<u8>> = heap
                    .items(first)?
                    .iter()
                    .map(|item| match item {
                        Value::Int(byte) => u8::try_from(*byte).ok(),
                        _ => None,
                    })
                    .collect();
                let bytes = bytes.filter(|bytes| bytes.len() < super::value::KEEP)?;
                Some(heap.bytes(&bytes))
            }
        },
        "builtins.str" => match (first, codec) {
            (Value::Text(_), _) => Some(first),
            (Value::Bytes(_), Some(codec)) => {
                let bytes = heap.as_bytes(first)?.to_vec();
                decode(heap, &bytes, &codec)
            }
            _ => None,
        },
        "builtins.chr" => match first {
            Value::Int(code) => {
                let character = char::from_u32(u32::try_from(code).ok()?)?;
                Some(heap.text(character.encode_utf8(&mut [0; 4])))
            }
            _ => None,
        },
        "builtins.list" | "builtins.tuple" => {
            let items = heap.items(first)?.to_vec();
            Some(heap.add(if name == "builtins.list" {
                Object::List(items)
            } else {
                Object::Tuple(items)
            }))
        }
        "str.join" | "builtins.str.join" => {
            let separator = heap.as_str(first)?.to_owned();
            let parts: Option<Vec<&str>> = heap
                .items(second?)?
                .iter()
                .map(|part| heap.as_str(*part))
                .collect();
            let joined = parts?.join(&separator);
            short(heap, &joined)
        }
        "operator.add"
        | "operator.concat"
        | "operator.iadd"
        | "operator.iconcat"
        | "str.__add__"
        | "builtins.str.__add__" => {
            if let (Some(left), Some(right)) = (heap.as_str(first), heap.as_str(second?)) {
                let joined = format!("{left}{right}");
                return short(heap, &joined);
            }
            let mut joined = heap.as_bytes(first)?.to_vec();
            joined.extend_from_slice(heap.as_bytes(second?)?);
            (joined.len() <= LONGEST).then(|| heap.bytes(&joined))
        }
        "str.replace" | "builtins.str.replace" => {
            let third = arguments.get(2).copied()?;
            let (from, to) = (heap.as_str(second?)?, heap.as_str(third)?);
            if from.is_empty() || to.len() > 64 {
                return None;
            }
            let replaced = heap.as_str(first)?.replace(from, to);
            short(heap, &replaced)
        }
        "str.lower" | "builtins.str.lower" | "str.casefold" => {
            let text = heap.as_str(first)?.to_lowercase();
            short(heap, &text)
        }
        "str.strip" | "builtins.str.strip" => {
            let text = heap.as_str(first)?.trim().to_owned();
            short(heap, &text)
        }
        _ => None,
    }
}

fn short(heap: &mut Heap, text: &str) -> Option<Value> {
    (text.len() <= LONGEST).then(|| heap.text(text))
}

fn encode(heap: &mut Heap, text: &[u8], codec: &str) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    match &*codec.replace(['_', ' '], "-") {
        "latin1" | "latin-1" | "iso-8859-1" | "iso8859-1" | "l1" => {
            let bytes: Option<Vec<u8>> = text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).ok())
                .collect();
            Some(heap.bytes(&bytes?))
        }
        "utf-8" | "utf8" | "ascii" | "us-ascii" => Some(heap.bytes(text.as_bytes())),
        "rot13" | "rot-13" => {
            let turned = rot13(text);
            Some(heap.text(&turned))
        }
        _ => None,
    }
}

fn decode(heap: &mut Heap, bytes: &[u8], codec: &str) -> Option<Value> {
    match &*codec.replace(['_', ' '], "-") {
        "latin1" | "latin-1" | "iso-8859-1" | "iso8859-1" | "l1" => {
            let text: String = bytes.iter().copied().map(char::from).collect();
            Some(heap.text(&text))
        }
        "utf-8" | "utf8" | "ascii" | "us-ascii" => {
            std::str::from_utf8(bytes).ok().map(|text| heap.text(text))
        }
        "rot13" | "rot-13" => {
            let turned = rot13(std::str::from_utf8(bytes).ok()?);
            Some(heap.text(&turned))
        }
        "hex" | "hex-codec" => hex(bytes).map(|decoded| heap.bytes(&decoded)),
        "base64" | "base64-codec" => base64(bytes).map(|decoded| heap.bytes(&decoded)),
        _ => None,
    }
}

fn rot13(text: &str) -> String {
    let turn = |character: char, first: u8| {
        let from = u32::from(character).saturating_sub(u32::from(first));
        let to = from.saturating_add(13).checked_rem(26).unwrap_or_default();
        u8::try_from(to)
            .map(|to| char::from(first.saturating_add(to)))
            .unwrap_or(character)
    };
    text.chars()
        .map(|character| match character {
            'a'..='z' => turn(character, b'a'),
            'A'..='Z' => turn(character, b'A'),
            _ => character,
        })
        .collect()
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| {
            char::from(*byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut held = 0_u32;
    let mut count = 0_u8;
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte.saturating_sub(b'A'),
            b'a'..=b'z' => byte.saturating_sub(b'a').saturating_add(26),
            b'0'..=b'9' => byte.saturating_sub(b'0').saturating_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        held = held << 6 | u32::from(six);
        count = count.saturating_add(1);
        if count == 4 {
            out.extend_from_slice(held.to_be_bytes().get(1..).unwrap_or_default());
            held = 0;
            count = 0;
        }
    }
    match count {
        2 => out.push(u8::try_from(held >> 4 & 0xff).unwrap_or_default()),
        3 => out.extend_from_slice((held >> 2).to_be_bytes().get(2..).unwrap_or_default()),
        _ => {}
    }
    Some(out)
}

/// A text that is hexadecimal or base64 through and through, decoded.
pub(super) fn decoded_text(text: &[u8]) -> Option<Vec<u8>> {
    let head = text.get(..12)?;
    if head.iter().all(u8::is_ascii_hexdigit)
        && let Some(decoded) = hex(text)
    {
        return Some(decoded);
    }
    // The head tells for a few operations whether the rest is worth decoding.
    let start = base64(head)?;
    if !super::claim::may_start(&start) {
        return None;
    }
    base64(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_codecs_are_undone() {
        assert_eq!(base64(b"b3M=").unwrap(), b"os");
        assert_eq!(base64(b"c3lz\ndGVt").unwrap(), b"system");
        assert_eq!(base64(b"YQ").unwrap(), b"a");
        assert_eq!(base64(b"a b!"), None);
        assert_eq!(hex(b"6f73").unwrap(), b"os");
        assert_eq!(hex(b"6f7"), None);
        assert_eq!(rot13("flfgrz"), "system");
    }
}
