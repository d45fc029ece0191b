//! One look at all bytes of a text: which disguises it could wear, so that the others cost nothing.

/// Which disguises are worth a try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// There are bytes outside of ASCII.
    pub wide: bool,
    /// A run that could be base64.
    pub base64: bool,
    /// Pairs of hexadecimal digits in a row.
    pub hex: bool,
    /// Percent signs with digits.
    pub percent: bool,
    /// Equals signs with digits.
    pub quoted: bool,
    /// Character references.
    pub entities: bool,
    /// Escapes with a backslash.
    pub escapes: bool,
    /// Digits and signs inside of words.
    pub leet: bool,
    /// Letters that stand alone, one after the other.
    pub spaced: bool,
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const HEX: u8 = 4;
const BASE: u8 = 8;
const SIGN: u8 = 16;
const LEET: u8 = 32;
const WIDE: u8 = 64;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let mut class = 0;
        if byte.is_ascii_alphabetic() {
            class |= LETTER | BASE;
        }
        if byte.is_ascii_digit() {
            class |= DIGIT | BASE;
        }
        if byte.is_ascii_hexdigit() {
            class |= HEX;
        }
        if matches!(byte, b'+' | b'/' | b'-' | b'_') {
            class |= BASE;
        }
        if matches!(byte, b'%' | b'=' | b'&' | b'\\') {
            class |= SIGN;
        }
        if matches!(byte, b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'@' | b'$') {
            class |= LEET;
        }
        if byte >= 128 {
            class |= WIDE;
        }
        classes[at] = class;
        at += 1;
    }
    classes
}

/// How many letters in a row must stand alone.
const ALONE: u32 = 8;

impl Probe {
    /// Looks at `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut probe = Self::default();
        // Runs of base64 digits, and how many of its bytes were capitals, small letters and digits.
        let mut run = 0_u32;
        let mut kinds = 0_u8;
        let mut hex = 0_u32;
        let mut leet = 0_u32;
        let mut alone = 0_u32;
        let mut last = 0_u8;
        let mut before_last = 0_u8;
        let mut signs = [0_u32; 4];
        for (at, byte) in bytes.iter().enumerate() {
            let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
            if class & BASE != 0 {
                run = run.wrapping_add(1);
                kinds |= match byte {
                    b'A'..=b'Z' => 1,
                    b'a'..=b'z' => 2,
                    b'0'..=b'9' => 4,
                    _ => 0,
                };
            } else if run > 0 {
                probe.base64 |= run >= 16 && kinds & 3 == 3;
                run = 0;
                kinds = 0;
            }
            if class & HEX != 0 {
                hex = hex.wrapping_add(1);
                probe.hex |= hex >= 20;
            } else if !matches!(byte, b' ' | b':' | b'\\' | b'x' | b',' | b'-') {
                hex = 0;
            }
            if class & LETTER != 0 && last & LEET != 0 && before_last & LETTER != 0 {
                leet = leet.wrapping_add(1);
            }
            if class & SIGN != 0 {
                let digit = bytes.get(at.saturating_add(1)).is_some_and(|next| {
                    next.is_ascii_hexdigit()
                        || matches!(next, b'#' | b'u' | b'x' | b'U' | b'l' | b'\n' | b'\r')
                });
                if digit {
                    let kind = match byte {
                        b'%' => 0,
                        b'=' => 1,
                        b'&' => 2,
                        _ => 3,
                    };
                    if let Some(count) = signs.get_mut(kind) {
                        *count = count.saturating_add(1);
                    }
                }
            }
            // A letter between two others of another kind stands alone; two in a row count from two bytes back.
            if class & (LETTER | DIGIT) == 0 && last & LETTER != 0 && before_last & LETTER == 0 {
                alone = alone.wrapping_add(1);
                probe.spaced |= alone >= ALONE;
            } else if last & LETTER != 0 && class & LETTER != 0 {
                alone = 0;
            }
            probe.wide |= class & WIDE != 0;
            before_last = last;
            last = class;
        }
        probe.base64 |= run >= 16 && kinds & 3 == 3;
        probe.spaced |= alone.wrapping_add(1) >= ALONE && last & LETTER != 0 && alone > 0;
        probe.leet = leet >= 3;
        let [percent, quoted, entities, escapes] = signs;
        probe.percent = percent >= 2;
        probe.quoted = quoted >= 2;
        probe.entities = entities >= 2;
        probe.escapes = escapes >= 2;
        probe
    }
}
