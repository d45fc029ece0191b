//! The keyed hash under which values are remembered: SipHash-2-4 (Aumasson and Bernstein, 2012).
//!
//! Keyed, so that nobody can make a value of theirs look like one of the user's; written out, so that a session stored by
//! one version is read by the next (the standard library promises no such thing of its own).

use std::hash::Hasher;

use serde::{Deserialize, Serialize};

/// The secret of a session: 128 bits from whoever starts it, random and never shown.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key(pub u64, pub u64);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The state of a hash between two writes.
#[derive(Clone, Copy)]
struct State([u64; 4]);

impl State {
    #[inline]
    fn round(&mut self) {
        let [a, b, c, d] = &mut self.0;
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }

    #[inline]
    fn word(&mut self, word: u64) {
        let [.., d] = &mut self.0;
        *d ^= word;
        self.round();
        self.round();
        let [a, ..] = &mut self.0;
        *a ^= word;
    }
}

impl Key {
    /// The hash of `bytes` under this key.
    #[inline]
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> u64 {
        let mut state = State([
            self.0 ^ 0x736f_6d65_7073_6575,
            self.1 ^ 0x646f_7261_6e64_6f6d,
            self.0 ^ 0x6c79_6765_6e65_7261,
            self.1 ^ 0x7465_6462_7974_6573,
        ]);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            state.word(u64::from_le_bytes(*word));
        }
        let length = bytes.len().to_le_bytes()[0];
        state.word(tail(rest) | u64::from(length) << 56);
        let [_, _, c, _] = &mut state.0;
        *c ^= 0xff;
        for _ in 0..4 {
            state.round();
        }
        state.0.iter().fold(0, |sum, part| sum ^ part)
    }
}

/// Up to seven bytes as a number, little endian.
#[inline]
fn tail(bytes: &[u8]) -> u64 {
    let two = |bytes: [u8; 2]| u64::from(u16::from_le_bytes(bytes));
    match *bytes {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => two([a, b]),
        [a, b, c] => two([a, b]) | u64::from(c) << 16,
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e] => u64::from(u32::from_le_bytes([a, b, c, d])) | u64::from(e) << 32,
        [a, b, c, d, e, f] => u64::from(u32::from_le_bytes([a, b, c, d])) | two([e, f]) << 32,
        [a, b, c, d, e, f, g, ..] => {
            u64::from(u32::from_le_bytes([a, b, c, d])) | two([e, f]) << 32 | u64::from(g) << 48
        }
    }
}

/// Hashes tables whose keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_vectors_of_its_authors() {
        let key = Key(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        let message: Vec<u8> = (0..15).collect();
        assert_eq!(key.hash(&message), 0xa129_ca61_49be_45e5);
        assert_eq!(key.hash(&[]), 0x726f_db47_dd0e_0e31);
    }

    #[test]
    fn another_key_gives_another_hash_and_the_key_is_not_shown() {
        assert_ne!(Key(1, 2).hash(b"value"), Key(1, 3).hash(b"value"));
        assert_eq!(format!("{:?}", Key(1, 2)), "Key(..)");
    }
}
