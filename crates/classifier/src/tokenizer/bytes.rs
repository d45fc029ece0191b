//! Bytes as characters that can be seen, as GPT-2 writes them.

use super::letters::{Letter, Letters};

/// The character for a byte: itself where it can be seen, else one of those from U+0100 on.
pub(crate) fn byte_char(byte: u8) -> char {
    let seen = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if seen(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|other| !seen(*other)).count();
    u32::try_from(before)
        .ok()
        .and_then(|before| char::from_u32(before.saturating_add(0x100)))
        .unwrap_or('\u{fffd}')
}

/// Each character as its bytes.
pub(crate) fn byte_letters(letters: &[Letter]) -> Letters {
    let mut out = Letters::with_capacity(letters.len());
    for letter in letters {
        if matches!(letter.c, '!'..='~') {
            out.push(*letter);
            continue;
        }
        let mut bytes = [0; 4];
        let new = letter.c.encode_utf8(&mut bytes).bytes();
        out.extend(new.map(|byte| Letter {
            c: byte_char(byte),
            ..*letter
        }));
    }
    out
}
