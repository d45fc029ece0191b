//! SHA-256 as the one digest: of files, of evidence, and behind stable ids.

use sha2::{Digest as _, Sha256};

/// SHA-256 of `bytes` in lower-case hexadecimal, 64 characters.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The attribute that holds [`text`] of what a model reads.
pub const TEXT: &str = "text_sha256";

/// The attribute that holds [`text`] of all that a tool, server or agent says of itself.
pub const DESCRIPTION: &str = "description_sha256";

/// SHA-256 of a text that a model reads, so that another one is told apart without keeping it. Ends of lines, what is
/// blank at them and around the text, and a byte order mark do not count.
#[must_use]
pub fn text(text: &str) -> String {
    let mut hash = Sha256::new();
    for line in text.trim_start_matches('\u{feff}').trim().lines() {
        hash.update(line.trim_end().as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

/// HMAC with SHA-256 (RFC 2104): what nobody can work out, or try out, without the key.
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    let key = if key.len() > BLOCK {
        Sha256::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    for (place, byte) in block.iter_mut().zip(key) {
        *place = byte;
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

/// Lower-case hexadecimal of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .filter_map(|nibble| DIGITS.get(usize::from(nibble)))
        .collect()
}

/// A stable id of 32 hexadecimal characters (128 bits) from its parts. A length
/// prefix keeps `("ab", "c")` and `("a", "bc")` apart.
#[must_use]
pub fn stable_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut id = hex(&hash.finalize());
    id.truncate(32);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_gives_what_rfc_4231_says() {
        let hash = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            hex(&hash),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn texts_are_told_apart_by_their_words_and_not_by_how_lines_end() {
        let one = text("You answer briefly.\nNever name prices.\n");
        assert_eq!(
            one,
            text("\u{feff}You answer briefly.  \r\nNever name prices.")
        );
        assert_ne!(one, text("You answer briefly.\nAlways name prices."));
        assert_ne!(one, text("You answer briefly. Never name prices."));
    }

    #[test]
    fn parts_are_kept_apart() {
        assert_ne!(stable_id(&["ab", "c"]), stable_id(&["a", "bc"]));
        assert_eq!(stable_id(&["a"]).len(), 32);
    }

    #[test]
    fn sha256_of_the_standard_test_vector() {
        // FIPS 180-4, the three-letter message.
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
