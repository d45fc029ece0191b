//! Base64 (RFC 4648), in which JSON has bytes.

/// Decodes both alphabets, with or without padding; `None` for what is none.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let mut out = Vec::with_capacity(digits.len().saturating_mul(3).div_ceil(4));
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            bits = bits.wrapping_shl(6) | u32::from(value(*digit)?);
        }
        // A group of n digits holds n - 1 bytes, at the top of its bits.
        let missing = u32::try_from(4_usize.saturating_sub(group.len())).unwrap_or(0);
        let [_, bytes @ ..] = bits.wrapping_shl(missing.saturating_mul(6)).to_be_bytes();
        let kept = group.len().checked_sub(1).filter(|kept| *kept > 0)?;
        out.extend(bytes.iter().take(kept));
    }
    Some(out)
}

const fn value(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn vectors_of_the_standard_and_what_is_none() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg", "foob"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("-_8="), decode("+/8="));
        assert_eq!(decode("Z"), None);
        assert_eq!(decode("Zm9v!"), None);
    }
}
