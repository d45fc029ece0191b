//! What a byte of a text can be.

/// What a byte can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nothing that an entity begins with.
    Other,
    /// A letter of ASCII, or a byte of a letter of an alphabet.
    Letter,
    /// A digit of ASCII.
    Digit,
    /// What a number, an address or a marker may begin with besides.
    Sign,
}

/// The class of every byte. Characters of three and four bytes count as letters only in the blocks of E0 and E1
/// (Indic, Georgian, Vietnamese and other alphabets); ideographs and general punctuation separate words.
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::indexing_slicing,
            reason = "a table of 256 entries, made at compile time"
        )]
        {
            let value = byte as u8;
            if value.is_ascii_alphabetic() || (value >= 0xc3 && value <= 0xe1) {
                classes[byte] = Class::Letter;
            } else if value.is_ascii_digit() {
                classes[byte] = Class::Digit;
            } else if matches!(value, b'+' | b'(' | b':' | b'[' | b'-') {
                classes[byte] = Class::Sign;
            }
            byte += 1;
        }
    }
    classes
};

/// The class of a byte at which something may begin.
#[inline]
pub(crate) fn class(byte: u8) -> Class {
    CLASSES
        .get(usize::from(byte))
        .copied()
        .unwrap_or(Class::Other)
}

/// Bytes that go on with a word, the letters of ASCII among them in small; none for all others.
static FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::indexing_slicing,
            reason = "a table of 256 entries, made at compile time"
        )]
        {
            let value = byte as u8;
            let goes_on = matches!(CLASSES[byte], Class::Letter | Class::Digit)
                || (value >= 0x80 && value < 0xc0);
            if goes_on {
                folded[byte] = value.to_ascii_lowercase();
            }
            byte += 1;
        }
    }
    folded
};

/// A byte that goes on with a word, in small where it is a letter of ASCII; 0 for any other.
#[inline]
pub(crate) fn folded(byte: u8) -> u8 {
    FOLDED.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Whether a byte goes on with a word: letters, digits, and the bytes that follow the first of a character.
#[inline]
pub(crate) fn goes_on(byte: u8) -> bool {
    folded(byte) != 0
}

/// Whether a byte is a letter or digit of ASCII.
pub(crate) const fn is_alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Whether a byte belongs to a word of any alphabet: where one stands beside a number, the number is a part of the word.
pub(crate) const fn is_wordy(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0xc3 && byte <= 0xe1
}
