//! Bytes as text: hexadecimal, Base32 and Base64 for URLs (RFC 4648), without padding.

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes as Base32.
pub(crate) fn base32(bytes: &[u8]) -> String {
    encode(bytes, BASE32, 5)
}

/// Bytes as Base64 for URLs.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    encode(bytes, BASE64, 6)
}

/// Bytes as Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = base64url(bytes).replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The bytes of Base32; lower case and spaces are forgiven.
pub(crate) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    decode(&text.to_ascii_uppercase(), BASE32, 5)
}

/// The bytes of Base64 for URLs.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    decode(text, BASE64, 6)
}

fn encode(bytes: &[u8], alphabet: &[u8], bits: u32) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / bits as usize + 1);
    let (mut held, mut count) = (0u32, 0);
    let mask = (1 << bits) - 1;
    let digit = |index: u32| {
        alphabet
            .get(index as usize)
            .map_or('?', |byte| char::from(*byte))
    };
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        count += 8;
        while count >= bits {
            count -= bits;
            text.push(digit((held >> count) & mask));
        }
        held &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(digit((held << (bits - count)) & mask));
    }
    text
}

fn decode(text: &str, alphabet: &[u8], bits: u32) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * bits as usize / 8);
    let (mut held, mut count) = (0u32, 0);
    for byte in text.bytes() {
        let digit = alphabet.iter().position(|known| *known == byte)?;
        held = (held << bits) | u32::try_from(digit).ok()?;
        count += bits;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((held >> count) & 0xff).ok()?);
        }
        held &= (1 << count) - 1;
    }
    // What is left over is less than a digit, and nothing.
    (count < bits && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        // RFC 4648, section 10.
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(base64url(b"foob"), "Zm9vYg");
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(hex(&[0, 0xab]), "00ab");
    }

    #[test]
    fn what_was_encoded_comes_back() {
        for length in 0..40u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37) ^ 0xa5).collect();
            assert_eq!(from_base32(&base32(&bytes)), Some(bytes.clone()));
            assert_eq!(from_base64url(&base64url(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn what_is_not_it_is_refused() {
        assert_eq!(from_base64url("Zm9v="), None);
        assert_eq!(from_base64url("A"), None);
        assert_eq!(from_base64url("Zh"), None, "bits are left over");
        assert_eq!(from_base32("mzxw 6ytb oi"), Some(b"foobar".to_vec()));
    }
}
