//! What a Lambda layer runs, as far as its byte code shows without a disassembler.

use serde_json::Value;
use stance_core::evidence::shorten;

/// Longest run of Base64 that is decoded, in characters.
const DECODED: usize = 64 * 1024;

/// The names and constants in the function of a Lambda layer, or the function it names.
pub(super) fn describe(config: &Value) -> String {
    let function = config.get("function").unwrap_or(config);
    let code = match function {
        // Keras 2: byte code, defaults, closure.
        Value::Array(parts) => parts.first().and_then(Value::as_str),
        // Keras 2, for a function that has a name.
        Value::String(name) => return shorten(&format!("function {name}")),
        Value::Object(object) => {
            let inner = object.get("config");
            if let Some(name) = inner.and_then(Value::as_str) {
                return shorten(&format!("function {name}"));
            }
            inner
                .and_then(|inner| inner.get("code"))
                .or_else(|| object.get("code"))
                .and_then(Value::as_str)
        }
        _ => None,
    };
    let bytes = code.map(decode_base64).unwrap_or_default();
    let words = words(&bytes);
    if words.is_empty() {
        "Python byte code".to_owned()
    } else {
        shorten(&format!("Python byte code with: {}", words.join(", ")))
    }
}

/// Runs of printable characters, as marshalled names and constants are.
fn words(bytes: &[u8]) -> Vec<&str> {
    bytes
        .split(|byte| !(b' '..=b'~').contains(byte))
        .filter(|run| run.len() >= 3)
        .filter_map(|run| std::str::from_utf8(run).ok())
        .filter(|run| run.bytes().any(|byte| byte.is_ascii_alphabetic()))
        .take(32)
        .collect()
}

/// Base64 as Python writes it; what is not of its alphabet is left out.
fn decode_base64(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bits = 0_u32;
    let mut held = 0_u32;
    for byte in text.bytes().take(DECODED) {
        let value = match byte {
            b'A'..=b'Z' => byte.saturating_sub(b'A'),
            b'a'..=b'z' => byte.saturating_sub(b'a').saturating_add(26),
            b'0'..=b'9' => byte.saturating_sub(b'0').saturating_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
        held = held.saturating_add(6);
        if held >= 8 {
            held = held.saturating_sub(8);
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_and_names_are_shown() {
        assert_eq!(decode_base64("aGVsbG8="), b"hello");
        let config = serde_json::json!({"function": {"class_name": "__lambda__", "config": {"code": "AABzeXN0ZW0AAGVjaG8gaGk="}}});
        assert_eq!(describe(&config), "Python byte code with: system, echo hi");
    }
}
