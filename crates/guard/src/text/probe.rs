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
    /// Digits and signs inside of words that stand near each other: numbers of models and checksums stand alone.
    pub leet: bool,
    /// Letters that stand alone, one after the other.
    pub spaced: bool,
}

const CAPITAL: u16 = 1;
const SMALL: u16 = 2;
const DIGIT: u16 = 4;
const LETTER: u16 = CAPITAL | SMALL;
const HEX: u16 = 8;
/// What may stand between pairs of hexadecimal digits.
const BETWEEN: u16 = 16;
const BASE: u16 = 32;
const SIGN: u16 = 64;
const LEET: u16 = 128;
const WIDE: u16 = 256;

static CLASSES: [u16; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn classes() -> [u16; 256] {
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

/// How far words in leetspeak stand from each other, in bytes.
const NEAR: usize = 48;

/// How many letters in a row must stand alone.
const ALONE: u32 = 8;

impl Probe {
    /// Looks at `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut probe = Self::default();
        // Runs of base64 digits, and of which kinds its bytes were.
        let mut run = 0_u32;
        let mut kinds = 0_u16;
        let mut hex = 0_u32;
        let mut leet = Leet::default();
        let mut alone = 0_u32;
        let mut last = 0_u16;
        let mut before_last = 0_u16;
        let mut all = 0_u16;
        let mut signs = [0_u32; 4];
        // No branch depends on what letter follows what: those could not be foretold.
        for (at, byte) in bytes.iter().enumerate() {
            let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
            all |= class;
            let is_base = class & BASE != 0;
            run = if is_base { run.wrapping_add(1) } else { 0 };
            kinds = if is_base { kinds | class & LETTER } else { 0 };
            probe.base64 |= (run >= 16) & (kinds == LETTER);
            let is_hex = u32::from(class & HEX != 0);
            let goes_on = class & (HEX | BETWEEN) != 0;
            hex = if goes_on { hex.wrapping_add(is_hex) } else { 0 };
            probe.hex |= hex >= 20;
            let is_letter = class & LETTER != 0;
            let inside = is_letter & (last & LEET != 0) & (before_last & LETTER != 0);
            if inside {
                leet.add(bytes, at);
            }
            if class & SIGN != 0 {
                count_sign(&mut signs, *byte, bytes.get(at.saturating_add(1)).copied());
            }
            // A letter between two others of another kind stands alone; two in a row count from two bytes back.
            let after_letter = last & LETTER != 0;
            let ends = (class & (LETTER | DIGIT) == 0) & after_letter;
            let one = u32::from(ends & (before_last & LETTER == 0));
            let joined = after_letter & is_letter;
            alone = if joined { 0 } else { alone.wrapping_add(one) };
            probe.spaced |= alone >= ALONE;
            before_last = last;
            last = class;
        }
        probe.wide = all & WIDE != 0;
        probe.spaced |= alone.wrapping_add(1) >= ALONE && last & LETTER != 0 && alone > 0;
        probe.leet = leet.count >= 3 && leet.is_near;
        let [percent, quoted, entities, escapes] = signs;
        probe.percent = percent >= 2;
        probe.quoted = quoted >= 2;
        probe.entities = entities >= 2;
        probe.escapes = escapes >= 2;
        probe
    }
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

/// Counts a sign that begins an escape, of each of the four kinds.
fn count_sign(signs: &mut [u32; 4], byte: u8, next: Option<u8>) {
    let escapes = next.is_some_and(|next| {
        next.is_ascii_hexdigit() || matches!(next, b'#' | b'u' | b'x' | b'U' | b'l' | b'\n' | b'\r')
    });
    let kind = match byte {
        b'%' => 0,
        b'=' => 1,
        b'&' => 2,
        _ => 3,
    };
    if escapes && let Some(count) = signs.get_mut(kind) {
        *count = count.saturating_add(1);
    }
}
