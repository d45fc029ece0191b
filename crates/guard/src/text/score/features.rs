//! What the linear models count: n-grams of three to five characters inside words, of one to three words, and concepts of
//! the lexicon with what they stand beside. All hashed into one table of [`SIZE`] weights.
//!
//! The text is folded before ([`fold`](crate::text::fold)). Digits count as one digit. A character of a script without
//! spaces is a word. No n-gram allocates: characters are kept as codes of twelve bits in one integer.

use std::sync::LazyLock;

use crate::text::concepts::Mention;

/// How many weights a model has: the first half for characters, the second for words and concepts.
pub const SIZE: usize = 1 << 19;

const HALF: u32 = 1 << 18;
const CODE_BITS: u32 = 12;
const MASK_3: u64 = (1 << 36) - 1;
const MASK_4: u64 = (1 << 48) - 1;
const MASK_5: u64 = (1 << 60) - 1;
const MULTIPLY: u64 = 0x9E37_79B9_7F4A_7C15;
/// One for each length of n-grams of characters.
const MULTIPLY_3: u64 = 0xD6E8_FEB8_6659_FD93;
const MULTIPLY_4: u64 = 0xA076_1D64_78BD_642F;
const MULTIPLY_5: u64 = 0xE703_7ED1_A0B4_28DB;
const SPACE: u64 = 0x20;
/// A block ends at the first space after so many characters,
const BLOCK: u32 = 80;
/// and after so many in any case.
const BLOCK_AT_MOST: u32 = 120;
/// What a concept counts for, beside the thousand n-grams of a window.
const CONCEPT: i32 = 4;
/// Concepts farther apart than this many words have nothing to do with each other.
const NEAR: u32 = 8;

/// Takes the features of a text, block by block.
pub trait Tally {
    /// A feature with its index below [`SIZE`] and its value, in the current block.
    fn add(&mut self, index: u32, value: i32);
    /// Three features of the value 1 at once: what nearly every character brings.
    #[inline]
    fn add_three(&mut self, indices: [u32; 3]) {
        for index in indices {
            self.add(index, 1);
        }
    }
    /// The end of a block, as a byte of the text.
    fn close(&mut self, end: usize);
}

/// Hands the features of `text` to `tally`; `mentions` are the concepts in it, in order.
pub fn count<T: Tally>(text: &str, mentions: &[Mention], tally: &mut T) {
    let bytes = text.as_bytes();
    let mut walk = Walk::default();
    let mut concepts = Concepts::new(mentions);
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at).copied() {
        let here = at;
        walk.block = walk.block.wrapping_add(1);
        let (code, shape) = match ASCII.get(usize::from(byte)).copied() {
            Some(known) => {
                at = at.wrapping_add(1);
                known
            }
            None => {
                let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                at = at.wrapping_add(c.len_utf8());
                (code_of(c), Shape::of(c))
            }
        };
        let code = u64::from(code);
        if code == SPACE {
            walk.end_word(tally);
            walk.end_token(tally);
            if walk.block >= BLOCK {
                concepts.before(here, tally);
                tally.close(here);
                walk.block = 0;
            }
            continue;
        }
        match shape {
            Shape::Letter => walk.letter(code),
            Shape::Alone => {
                walk.end_word(tally);
                walk.letter(code);
                walk.end_word(tally);
            }
            Shape::Sign => walk.end_word(tally),
        }
        walk.push(code, tally);
        if walk.block >= BLOCK_AT_MOST {
            concepts.before(at, tally);
            tally.close(at);
            walk.block = 0;
        }
    }
    walk.end_word(tally);
    walk.end_token(tally);
    if walk.block > 0 {
        concepts.before(usize::MAX, tally);
        tally.close(text.len());
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Letter,
    Alone,
    Sign,
}

impl Shape {
    /// Of a character outside of ASCII.
    fn of(c: char) -> Self {
        if stands_alone(c) {
            Self::Alone
        } else if is_letter(c) {
            Self::Letter
        } else {
            Self::Sign
        }
    }
}

/// Codes and shapes of the characters of ASCII: a digit is a digit, and controls are spaces.
static ASCII: [(u16, Shape); 128] = ascii();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all of ASCII"
)]
const fn ascii() -> [(u16, Shape); 128] {
    let mut all = [(0x20, Shape::Sign); 128];
    let mut at = 0x21;
    while at < 128 {
        let byte = at as u8;
        let code = if byte.is_ascii_digit() {
            0x30
        } else {
            at as u16
        };
        let shape = if byte.is_ascii_alphanumeric() || byte == b'_' {
            Shape::Letter
        } else {
            Shape::Sign
        };
        all[at] = (code, shape);
        at += 1;
    }
    all
}

/// Whether `c` belongs to a script that is written without spaces between words.
#[inline]
pub(crate) fn stands_alone(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// Whether `c` is part of a word: a letter, a digit or a mark on one.
#[inline]
pub(crate) fn is_letter(c: char) -> bool {
    is_alphanumeric(c)
        || c == '_'
        || matches!(u32::from(c), 0x0300..=0x036F | 0x064B..=0x065F | 0x0900..=0x0DFF)
}

/// As [`char::is_alphanumeric`], from a table for the plane that nearly all texts are of.
#[inline]
pub(crate) fn is_alphanumeric(c: char) -> bool {
    static PLANE: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let word = |first: u32| {
            (0..64).fold(0, |bits, bit| {
                let is = char::from_u32(first | bit).is_some_and(char::is_alphanumeric);
                bits | u64::from(is).wrapping_shl(bit)
            })
        };
        (0..0x1_0000).step_by(64).map(word).collect()
    });
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let code = u32::from(c);
    match PLANE.get(code as usize >> 6) {
        Some(word) => word.wrapping_shr(code & 63) & 1 == 1,
        None => c.is_alphanumeric(),
    }
}

/// The code of a character outside of ASCII: 128 to 4095, or that of a space.
fn code_of(c: char) -> u16 {
    if c.is_whitespace() {
        return 0x20;
    }
    let hash = u64::from(u32::from(c)).wrapping_mul(MULTIPLY) >> 52;
    u16::try_from(hash.max(128)).unwrap_or(128)
}

#[derive(Default)]
struct Walk {
    /// The codes of the last five characters of the token, and how many there are.
    ring: u64,
    filled: u32,
    /// Hash of the word that goes on; 0 between words.
    word: u64,
    last: u64,
    before_last: u64,
    /// Characters in the block.
    block: u32,
}

impl Walk {
    #[inline]
    fn push<T: Tally>(&mut self, code: u64, tally: &mut T) {
        if self.filled >= 4 {
            // Within a token: the last five characters are there.
            let ring = (self.ring << CODE_BITS) | code;
            self.ring = ring;
            self.filled = 5;
            tally.add_three([
                index((ring & MASK_3).wrapping_mul(MULTIPLY_3)),
                index((ring & MASK_4).wrapping_mul(MULTIPLY_4)),
                index((ring & MASK_5).wrapping_mul(MULTIPLY_5)),
            ]);
            return;
        }
        if self.filled == 0 {
            // A token begins behind a space.
            self.ring = SPACE;
            self.filled = 1;
        }
        self.ring = (self.ring << CODE_BITS) | code;
        self.filled = self.filled.wrapping_add(1);
        if self.filled >= 3 {
            tally.add(index((self.ring & MASK_3).wrapping_mul(MULTIPLY_3)), 1);
        }
        if self.filled >= 4 {
            tally.add(index((self.ring & MASK_4).wrapping_mul(MULTIPLY_4)), 1);
        }
    }

    #[inline]
    fn end_token<T: Tally>(&mut self, tally: &mut T) {
        if self.filled > 0 {
            self.push(SPACE, tally);
            self.filled = 0;
        }
    }

    #[inline]
    fn letter(&mut self, code: u64) {
        self.word = (self.word ^ code)
            .wrapping_add(1)
            .wrapping_mul(MULTIPLY)
            .rotate_left(23);
    }

    #[inline]
    fn end_word<T: Tally>(&mut self, tally: &mut T) {
        if self.word == 0 {
            return;
        }
        tally.add(high(hash(self.word, 11)), 1);
        if self.last != 0 {
            let two = hash(self.last, 12) ^ self.word;
            tally.add(high(hash(two, 13)), 1);
            if self.before_last != 0 {
                let three = hash(self.before_last, 14) ^ two;
                tally.add(high(hash(three, 15)), 1);
            }
        }
        self.before_last = self.last;
        self.last = self.word;
        self.word = 0;
    }
}

#[inline]
fn hash(value: u64, salt: u64) -> u64 {
    let mixed = (value ^ (salt << 60)).wrapping_mul(MULTIPLY ^ (salt << 8));
    mixed ^ (mixed >> 29)
}

#[inline]
fn high(hash: u64) -> u32 {
    index(hash.wrapping_mul(MULTIPLY)) | HALF
}

/// The highest eighteen bits of a product, on which all bits of what was multiplied tell.
#[inline]
const fn index(product: u64) -> u32 {
    (product >> 46) as u32
}

/// Concepts, and pairs and triples of them that stand near each other.
struct Concepts<'a> {
    mentions: &'a [Mention],
    next: usize,
}

impl<'a> Concepts<'a> {
    fn new(mentions: &'a [Mention]) -> Self {
        Self { mentions, next: 0 }
    }

    fn before<T: Tally>(&mut self, end: usize, tally: &mut T) {
        while let Some(mention) = self.mentions.get(self.next) {
            if mention.start >= end {
                return;
            }
            let own = u64::from(mention.concept.number()).wrapping_add(1);
            tally.add(high(hash(own, 21)), CONCEPT);
            for back in 1..=3_usize {
                let Some(before) = self
                    .next
                    .checked_sub(back)
                    .and_then(|at| self.mentions.get(at))
                else {
                    break;
                };
                if mention.word.wrapping_sub(before.word) > NEAR {
                    break;
                }
                let pair = own | (u64::from(before.concept.number()).wrapping_add(1) << 8);
                tally.add(high(hash(pair, 22)), CONCEPT);
                let earlier = self
                    .next
                    .checked_sub(back.wrapping_add(1))
                    .and_then(|at| self.mentions.get(at))
                    .filter(|earlier| mention.word.wrapping_sub(earlier.word) <= NEAR);
                if let Some(earlier) = earlier {
                    let triple = pair | (u64::from(earlier.concept.number()).wrapping_add(1) << 16);
                    tally.add(high(hash(triple, 23)), CONCEPT);
                }
            }
            self.next = self.next.wrapping_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_standard_says() {
        for c in (0..0x2_0000).filter_map(char::from_u32) {
            assert_eq!(is_alphanumeric(c), c.is_alphanumeric(), "{c:?}");
        }
    }
}
