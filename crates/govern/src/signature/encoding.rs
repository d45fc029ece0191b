//! Base64 and hexadecimal, strictly: one text for one value.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Standard base64 with padding (RFC 4648, section 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_u32 {
            let sextet = (group >> 18_u32.saturating_sub(at.saturating_mul(6))) & 0x3f;
            let digit = ALPHABET.get(sextet as usize).copied().unwrap_or(b'=');
            let padding = at as usize > chunk.len();
            text.push(char::from(if padding { b'=' } else { digit }));
        }
    }
    text
}

/// Decodes what [`base64`] writes and nothing else: no line ends, no missing
/// padding, no bits that count for nothing.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len().checked_div(4)?.checked_mul(3)?);
    let groups = text.len().checked_div(4)?;
    for (index, group) in text.chunks_exact(4).enumerate() {
        let last = index.checked_add(1)? == groups;
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && !last) {
            return None;
        }
        let digits = group.len().checked_sub(padding)?;
        let mut value = 0_u32;
        for digit in group.iter().take(digits) {
            value = value << 6 | sextet(*digit)?;
        }
        value = value.checked_shl(u32::try_from(padding).ok()?.checked_mul(6)?)?;
        let [_, a, b, c] = value.to_be_bytes();
        let (kept, dropped): (&[u8], &[u8]) = match padding {
            0 => (&[a, b, c], &[]),
            1 => (&[a, b], &[c]),
            _ => (&[a], &[b, c]),
        };
        if dropped.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

fn sextet(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A')?,
        b'a'..=b'z' => digit.checked_sub(b'a')?.checked_add(26)?,
        b'0'..=b'9' => digit.checked_sub(b'0')?.checked_add(52)?,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Lower- or upper-case hexadecimal of whole bytes.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(nibble(*high)? << 4 | nibble(*low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_standard_vectors_goes_both_ways() {
        // RFC 4648, section 10.
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
            assert_eq!(from_base64(encoded).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn two_texts_never_mean_one_value() {
        for text in [
            "Zg", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm-_", " Zg=",
        ] {
            assert_eq!(from_base64(text), None, "{text:?}");
        }
        assert_eq!(from_hex("00fF"), Some(vec![0, 255]));
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("+f"), None);
    }
}
