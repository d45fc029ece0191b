//! How the entries of the lexicon begin, which tells of most words of a text at their first bytes that they are none.

/// How entries begin: what most words of a text do not.
#[derive(Debug)]
pub(super) struct Heads {
    /// Which first two bytes any entry has, one bit each.
    pairs: Box<Bits>,
    /// Those of them with which an entry begins that is too short for four bytes to tell, or has a space among them: for
    /// what begins outside of ASCII, and for single letters.
    short: Box<Bits>,
    /// Which first six bytes there are, by a hash. Signs count as one and white space as another.
    sixes: Box<Bits>,
    /// Which first four bytes the others have, that are shorter or have a space among the six; what may follow an entry of
    /// less than four is part of them.
    fours: Box<Bits>,
}

/// A bit for each key of two bytes.
type Bits = [u64; 1024];

impl Default for Heads {
    fn default() -> Self {
        let none = || Box::new([0; 1024]);
        Self {
            pairs: none(),
            short: none(),
            sixes: none(),
            fours: none(),
        }
    }
}

impl Heads {
    /// Notes how an entry begins.
    pub(super) fn mark(&mut self, entry: &str) {
        let (head, is_stem) = match entry.strip_suffix('*') {
            Some(stem) => (stem.as_bytes(), true),
            None => (entry.as_bytes(), false),
        };
        match head {
            [first, second, rest @ ..] => {
                let key = pair(*first, *second);
                set(&mut self.pairs, key);
                if rest.len() < 2 || head.iter().take(4).any(|byte| *byte == b' ') {
                    set(&mut self.short, key);
                }
            }
            [first] => {
                for second in 0..=255 {
                    set(&mut self.pairs, pair(*first, second));
                    set(&mut self.short, pair(*first, second));
                }
                return;
            }
            [] => return,
        }
        if let Some(six) = head.first_chunk::<6>().filter(|six| !six.contains(&b' ')) {
            set(&mut self.sixes, six_key(*six));
            return;
        }
        // A space stands for several.
        let mut begin = Vec::with_capacity(4);
        for byte in head.iter().take(4) {
            begin.push(*byte);
            if *byte == b' ' && begin.len() < 4 {
                let mut several = begin.clone();
                several.resize(4, b' ');
                self.mark_four(&several, true);
                if let [first, _] = *begin {
                    let third = head.get(2).copied().unwrap_or(b' ');
                    self.mark_four(&[first, b' ', b' ', third], true);
                }
            }
        }
        self.mark_four(&begin, is_stem);
    }

    /// Notes up to four bytes, and all that may follow where there are fewer: anything, or what ends a word.
    fn mark_four(&mut self, begin: &[u8], is_stem: bool) {
        if let [first, second, third, fourth] = *begin {
            set(&mut self.fours, four_key([first, second, third, fourth]));
            return;
        }
        let ends = |byte: u8| {
            is_stem || !begin.last().copied().is_some_and(is_word_byte) || !is_word_byte(byte)
        };
        for next in (0..128).filter(|byte| ends(*byte)) {
            let mut longer = begin.to_vec();
            longer.push(next);
            self.mark_four(&longer, true);
        }
    }

    /// Whether an entry may begin with these bytes.
    #[inline]
    pub(super) fn may_begin(&self, bytes: &[u8]) -> bool {
        match bytes {
            [first, second, third, fourth, rest @ ..] => {
                let key = pair(*first, *second);
                let is_ascii = (first | second | third | fourth).is_ascii();
                let four = [*first, *second, *third, *fourth];
                let is_longer = || match rest {
                    [fifth, sixth, ..] => has(
                        &self.sixes,
                        six_key([*first, *second, *third, *fourth, *fifth, *sixth]),
                    ),
                    _ => false,
                };
                has(&self.pairs, key)
                    && (is_longer()
                        || has(&self.fours, four_key(four))
                        || !(is_ascii && is_word_byte(*second)) && has(&self.short, key))
            }
            [first, second, ..] => has(&self.pairs, pair(*first, *second)),
            [first] => has(&self.pairs, pair(*first, b' ')),
            [] => false,
        }
    }
}

#[inline]
pub(super) const fn pair(first: u8, second: u8) -> u16 {
    u16::from_be_bytes([first, second])
}

/// A hash of four bytes, of which only what is part of words counts as it is.
#[inline]
fn four_key([first, second, third, fourth]: [u8; 4]) -> u16 {
    let parts = [
        word_part(first),
        word_part(second),
        word_part(third),
        word_part(fourth),
    ];
    key_of(u64::from(u32::from_le_bytes(parts)))
}

/// As [`four_key`], of six.
#[inline]
fn six_key([first, second, third, fourth, fifth, sixth]: [u8; 6]) -> u16 {
    let parts = [
        word_part(first),
        word_part(second),
        word_part(third),
        word_part(fourth),
        word_part(fifth),
        word_part(sixth),
        0,
        0,
    ];
    key_of(u64::from_le_bytes(parts))
}

#[inline]
fn key_of(parts: u64) -> u16 {
    let [high, low, ..] = parts.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// What a byte counts for in the heads of entries.
#[inline]
fn word_part(byte: u8) -> u8 {
    PARTS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// A byte of a word as it is, white space as a space, all other signs as none.
static PARTS: [u8; 256] = parts();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn parts() -> [u8; 256] {
    let mut parts = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if byte.is_ascii_whitespace() {
            parts[at] = b' ';
        } else if !byte.is_ascii() || is_word_byte(byte) {
            parts[at] = byte;
        }
        at += 1;
    }
    parts
}

fn set(bits: &mut Bits, key: u16) {
    if let Some(word) = bits.get_mut(usize::from(key >> 6)) {
        *word |= 1_u64.wrapping_shl(u32::from(key & 63));
    }
}

#[inline]
fn has(bits: &Bits, key: u16) -> bool {
    bits.get(usize::from(key >> 6))
        .is_some_and(|word| word.wrapping_shr(u32::from(key & 63)) & 1 == 1)
}

/// As [`is_word_byte`], by the table.
#[inline]
pub(super) fn is_word_part(byte: u8) -> bool {
    byte.is_ascii() && word_part(byte) > b' '
}

#[inline]
pub(super) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
