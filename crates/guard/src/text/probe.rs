//! One look at a text: which disguises it could wear, so that the others cost nothing.
//!
//! What a disguise shows in a run of bytes is looked for at one byte of every so many as the shortest run has: it would be
//! among them, and most texts show at that byte that it is not.

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
    /// Digits and signs inside of words that stand near each other: numbers of models and checksums stand alone.
    pub leet: bool,
    /// Letters that stand alone, one after the other.
    pub spaced: bool,
}

const CAPITAL: u8 = 1;
const SMALL: u8 = 2;
const DIGIT: u8 = 4;
const LETTER: u8 = CAPITAL | SMALL;
const HEX: u8 = 8;
/// What may stand between pairs of hexadecimal digits.
const BETWEEN: u8 = 16;
const BASE: u8 = 32;
const LEET: u8 = 64;

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
        if byte.is_ascii_uppercase() {
            class |= CAPITAL | BASE;
        }
        if byte.is_ascii_lowercase() {
            class |= SMALL | BASE;
        }
        if byte.is_ascii_digit() {
            class |= DIGIT | BASE;
        }
        if byte.is_ascii_hexdigit() {
            class |= HEX;
        } else if matches!(byte, b' ' | b':' | b'\\' | b'x' | b',' | b'-') {
            class |= BETWEEN;
        }
        if matches!(byte, b'+' | b'/' | b'-' | b'_') {
            class |= BASE;
        }
        if is_leet(byte) {
            class |= LEET;
        }
        classes[at] = class;
        at += 1;
    }
    classes
}

/// Whether a digit or sign stands for a letter where letters are around it.
const fn is_leet(byte: u8) -> bool {
    matches!(byte, b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'@' | b'$')
}

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Fewer digits of base64 in a row are a word.
const LONGEST_WORD: usize = 16;

/// So many hexadecimal digits make a text.
const FEWEST_DIGITS: usize = 20;

/// How far words in leetspeak stand from each other, in bytes.
const NEAR: usize = 48;

/// How many letters in a row must stand alone.
const ALONE: usize = 8;
/// How many bytes they take at least, with what stands between them and without the last such.
const ALONE_BYTES: usize = ALONE * 2 - 1;

impl Probe {
    /// Looks at `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        Self {
            wide: !text.is_ascii(),
            base64: has_base64(bytes),
            hex: has_hex(bytes),
            percent: has_two(bytes, b'%'),
            quoted: has_two(bytes, b'='),
            entities: has_two(bytes, b'&'),
            escapes: has_two(bytes, b'\\'),
            leet: has_leet(bytes),
            spaced: has_spaced(bytes),
        }
    }
}

/// Whether `is` holds for any run of at least `least` bytes that all pass `belongs`.
fn any_run(
    bytes: &[u8],
    least: usize,
    belongs: impl Fn(u8) -> bool,
    is: impl Fn(&[u8]) -> bool,
) -> bool {
    let mut next = 0_usize;
    loop {
        // A run that begins at `next` or later, and is long enough, holds this byte.
        let at = next.saturating_add(least).saturating_sub(1);
        let (Some(before), Some(after)) = (bytes.get(next..at), bytes.get(at..)) else {
            return false;
        };
        let Some(byte) = after.first() else {
            return false;
        };
        if !belongs(*byte) {
            next = at.saturating_add(1);
            continue;
        }
        let begin = before.iter().rposition(|byte| !belongs(*byte));
        let begin = begin.map_or(next, |last| next.saturating_add(last).saturating_add(1));
        let length = after.iter().position(|byte| !belongs(*byte));
        let end = length.map_or(bytes.len(), |length| at.saturating_add(length));
        let run = bytes.get(begin..end).unwrap_or_default();
        if run.len() >= least && is(run) {
            return true;
        }
        next = end;
    }
}

/// Whether there is a run of digits of base64, with letters of both cases.
fn has_base64(bytes: &[u8]) -> bool {
    any_run(
        bytes,
        LONGEST_WORD,
        |byte| class(byte) & BASE != 0,
        |run| {
            let kinds = run.iter().fold(0, |kinds, byte| kinds | class(*byte));
            kinds & LETTER == LETTER
        },
    )
}

/// Whether there is a run of hexadecimal digits and of what may stand between pairs of them.
fn has_hex(bytes: &[u8]) -> bool {
    any_run(
        bytes,
        FEWEST_DIGITS,
        |byte| class(byte) & (HEX | BETWEEN) != 0,
        |run| {
            let digits = run.iter().filter(|byte| class(**byte) & HEX != 0);
            digits.count() >= FEWEST_DIGITS
        },
    )
}

/// Whether `sign` begins two escapes at least.
fn has_two(bytes: &[u8], sign: u8) -> bool {
    let escapes = |at: &usize| {
        bytes.get(at.saturating_add(1)).is_some_and(|next| {
            next.is_ascii_hexdigit()
                || matches!(next, b'#' | b'u' | b'x' | b'U' | b'l' | b'\n' | b'\r')
        })
    };
    memchr::memchr_iter(sign, bytes)
        .filter(escapes)
        .nth(1)
        .is_some()
}

/// Whether digits and signs stand inside of words, three at least and two of them near each other.
fn has_leet(bytes: &[u8]) -> bool {
    const CHUNK: usize = 32;
    let mut leet = Leet::default();
    for (number, chunk) in bytes.chunks(CHUNK).enumerate() {
        // Compared all at once: most have none.
        let may = chunk.iter().fold(false, |may, byte| {
            may | (byte.wrapping_sub(b'0') < 8) | (*byte == b'@') | (*byte == b'$')
        });
        if !may {
            continue;
        }
        let start = number.saturating_mul(CHUNK);
        for at in start..start.saturating_add(chunk.len()) {
            let around = bytes.get(at.saturating_sub(1)..at.saturating_add(2));
            if let Some([before, sign, after]) = around
                && is_leet(*sign)
                && before.is_ascii_alphabetic()
                && after.is_ascii_alphabetic()
            {
                leet.add(bytes, at.saturating_add(1));
            }
        }
    }
    leet.count >= 3 && leet.is_near
}

/// Whether letters stand alone, one after the other: between others of another kind, no two of them side by side.
fn has_spaced(bytes: &[u8]) -> bool {
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let is_joined = |at: usize| is_letter(at) && at.checked_sub(1).is_some_and(is_letter);
    let mut next = 0_usize;
    loop {
        let at = next.saturating_add(ALONE_BYTES).saturating_sub(1);
        if at >= bytes.len() {
            return false;
        }
        if is_joined(at) {
            next = at.saturating_add(1);
            continue;
        }
        let begin = (next..at)
            .rev()
            .find(|at| is_joined(*at))
            .map_or(next, |last| last.saturating_add(1));
        let end = (at..bytes.len())
            .find(|at| is_joined(*at))
            .unwrap_or(bytes.len());
        if end.saturating_sub(begin) >= ALONE_BYTES && is_spaced(bytes, begin, end) {
            return true;
        }
        next = end;
    }
}

/// Whether enough letters stand alone from `begin` to `end`, between which no two letters are side by side.
fn is_spaced(bytes: &[u8], begin: usize, end: usize) -> bool {
    let class_before = |back: usize| {
        begin
            .checked_sub(back)
            .and_then(|at| bytes.get(at))
            .map_or(0, |byte| class(*byte))
    };
    let (mut last, mut before_last) = (class_before(1), class_before(2));
    let mut alone = 0_usize;
    for byte in bytes.get(begin..end).unwrap_or_default() {
        let class = class(*byte);
        let ends = class & (LETTER | DIGIT) == 0 && last & LETTER != 0;
        alone = alone.saturating_add(usize::from(ends && before_last & LETTER == 0));
        before_last = last;
        last = class;
    }
    let is_open = end == bytes.len() && last & LETTER != 0;
    alone.saturating_add(usize::from(is_open && alone > 0)) >= ALONE
}

/// Digits and signs inside of words.
#[derive(Default)]
struct Leet {
    count: u32,
    last: usize,
    /// Whether two words that have them stand near each other.
    is_near: bool,
}

impl Leet {
    fn add(&mut self, bytes: &[u8], at: usize) {
        let since = bytes.get(self.last..at).unwrap_or_default();
        self.is_near |=
            self.count > 0 && since.len() <= NEAR && since.iter().any(u8::is_ascii_whitespace);
        self.count = self.count.saturating_add(1);
        self.last = at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_found_wherever_they_stand(text in "[aAbZ0-9x .,é-]{0,90}", least in 1_usize..30) {
            let belongs = |byte: u8| class(byte) & BASE != 0;
            let has_capital = |run: &[u8]| run.iter().any(u8::is_ascii_uppercase);
            let expected = text
                .as_bytes()
                .split(|byte| !belongs(*byte))
                .any(|run| run.len() >= least && has_capital(run));
            prop_assert_eq!(any_run(text.as_bytes(), least, belongs, has_capital), expected);
        }

        #[test]
        fn letters_that_stand_alone_are_counted_as_one_by_one(text in "[ab]{0,3}[ 1]([ab][ .1]){6,9}[ab .]{0,4}") {
            let bytes = text.as_bytes();
            prop_assert_eq!(has_spaced(bytes), {
                let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
                let before = |at: usize, back: usize| at.checked_sub(back).is_some_and(letter);
                let (mut alone, mut most) = (0, 0);
                for (at, byte) in bytes.iter().enumerate() {
                    if letter(at) && before(at, 1) {
                        alone = 0;
                    } else if !byte.is_ascii_alphanumeric() && before(at, 1) && !before(at, 2) {
                        alone += 1;
                    }
                    most = most.max(alone);
                }
                let is_open = before(bytes.len(), 1) && alone > 0;
                most >= ALONE || is_open && alone + 1 >= ALONE
            });
        }
    }
}
