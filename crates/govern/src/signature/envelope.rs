//! What exactly is signed (DSSE, protocol version 1), and what older tools signed instead.

use super::bundle::PAYLOAD_TYPE;
use super::key::{Hash, PublicKey, Scheme};
use super::refusal::{Refusal, Result};

/// The pre-authentication encoding of a payload: type and length stand before it, so that
/// nothing signed for another purpose can be taken for a model signature.
#[must_use]
pub(crate) fn encode(payload: &[u8]) -> Vec<u8> {
    let header = format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    );
    [header.as_bytes(), payload].concat()
}

/// What `model-signing` before 1.0 signed: a text in which the payload stands in the notation of a
/// Python byte string, and `DSSEV1` is written with a capital.
fn encode_before_1_0(payload: &[u8]) -> Vec<u8> {
    let mut text = format!(
        "DSSEV1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    );
    let quote = if payload.contains(&b'\'') && !payload.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    text.push('b');
    text.push(quote);
    for byte in payload {
        let character = char::from(*byte);
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\\' => text.push_str("\\\\"),
            _ if character == quote => {
                text.push('\\');
                text.push(character);
            }
            ' '..='~' => text.push(character),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text.push(quote);
    text.into_bytes()
}

/// Verifies the signature of an envelope. Gives whether it was made the way of versions before 1.0,
/// which binds the same payload.
pub(crate) fn verify(key: &PublicKey, payload: &[u8], signature: &[u8]) -> Result<bool> {
    let scheme = key.own_scheme()?;
    match key.verify(scheme, &encode(payload), signature) {
        Ok(()) => return Ok(false),
        Err(Refusal::Invalid(_)) => {}
        Err(other) => return Err(other),
    }
    // Those versions had no other keys, and signed with SHA-256 whatever the curve when they had a certificate.
    let Scheme::Ecdsa(hash) = scheme else {
        return key
            .verify(scheme, &encode(payload), signature)
            .map(|()| false);
    };
    let old = encode_before_1_0(payload);
    for hash in [hash, Hash::Sha256] {
        if key.verify(Scheme::Ecdsa(hash), &old, signature).is_ok() {
            return Ok(true);
        }
    }
    key.verify(scheme, &encode(payload), signature)
        .map(|()| false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_holds_type_and_length() {
        assert_eq!(
            encode(b"{}"),
            b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
        );
        assert_eq!(
            encode_before_1_0(b"{\"a\": '\\\n\x00\xff'}"),
            br#"DSSEV1 28 application/vnd.in-toto+json 13 b'{"a": \'\\\n\x00\xff\'}'"#
        );
        assert_eq!(
            encode_before_1_0(b"'"),
            br#"DSSEV1 28 application/vnd.in-toto+json 1 b"'""#
        );
    }
}
