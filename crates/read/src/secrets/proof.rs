//! Whether characters of the right shape are a credential: checksum, chance, and no placeholder.

use super::pattern::{Check, Pattern};

/// What is known about a value of the right shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// It is not one.
    No,
    /// It looks like one.
    Likely,
    /// It looks like one, but its checksum does not fit.
    Doubtful,
}

/// Judges `value`, of which the first `fixed` characters are the same in every value.
pub(super) fn judge(pattern: &Pattern, value: &str, fixed: usize) -> Proof {
    let body = value.get(fixed..).unwrap_or_default();
    let has = |test: fn(&u8) -> bool| body.bytes().any(|byte| test(&byte));
    let cases = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let fits = match pattern.check {
        Check::None | Check::Crc => true,
        Check::Digit => has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic),
        Check::Cases => cases,
        Check::Mixed => cases && has(u8::is_ascii_digit),
        Check::Has(inside) => body.contains(inside),
        Check::Entra => {
            value.get(4..6) == Some("Q~") && value.as_bytes().get(3).is_some_and(u8::is_ascii_digit)
        }
    };
    if !fits || entropy(body.as_bytes()) < pattern.entropy || is_placeholder(body) {
        return Proof::No;
    }
    if pattern.check == Check::Crc && !crc_fits(body) {
        return Proof::Doubtful;
    }
    Proof::Likely
}

/// Shannon entropy in bits a character.
pub(super) fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "keys are far shorter than 2^23 characters"
    )]
    let total = bytes.len() as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            #[expect(clippy::cast_precision_loss, reason = "see above")]
            let share = *count as f32 / total;
            -share * share.log2()
        })
        .sum()
}

/// Words that stand in documentation and fixtures, and not in random characters: at
/// least four letters long, found in any case.
const WORDS: [&str; 31] = [
    "-key-",
    "_key_",
    "my-key",
    "my_key",
    "key-value",
    "some-key",
    "example",
    "your",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "fake",
    "sample",
    "redacted",
    "insert",
    "replace",
    "here",
    "test",
    "todo",
    "xxxx",
    "mock",
    "secret",
    "token",
    "deadbeef",
    "foobar",
    "qwerty",
    "demo",
    "apikey",
    "password",
];

/// Whether a value was made by hand to stand for a key.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    says_placeholder(value) || runs(lower.as_bytes()) || repeats(lower.as_bytes())
}

/// Whether a value says in words that it stands for a key.
pub(super) fn says_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    // In a long value, four given characters come about by chance too often to mean anything.
    let least = if value.len() > 64 { 6 } else { 4 };
    WORDS
        .iter()
        .any(|word| word.len() >= least && lower.contains(word))
}

/// Whether six characters follow each other in the alphabet or on the number row, or one stands
/// six times in a row; in long values, which encode structures with zeros, more of them.
fn runs(bytes: &[u8]) -> bool {
    let most = if bytes.len() > 120 { 24 } else { 6 };
    let (mut up, mut down, mut same) = (1_u32, 1_u32, 1_u32);
    for pair in bytes.windows(2) {
        let [a, b] = pair else { continue };
        let alike = a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
        let next = alike && (a.checked_add(1) == Some(*b) || (*a, *b) == (b'9', b'0'));
        let last = alike && a.checked_sub(1) == Some(*b);
        up = if next { up.saturating_add(1) } else { 1 };
        down = if last { down.saturating_add(1) } else { 1 };
        same = if a == b { same.saturating_add(1) } else { 1 };
        if up >= most || down >= most || same >= most {
            return true;
        }
    }
    false
}

/// Whether a short piece repeated makes up most of it: `a1b2a1b2a1b2…`.
fn repeats(bytes: &[u8]) -> bool {
    (1..=16_usize).any(|period| {
        let later = bytes.get(period..).unwrap_or_default();
        let equal = later.iter().zip(bytes).filter(|(a, b)| a == b).count();
        later.len() >= 12 && equal.saturating_mul(10) >= later.len().saturating_mul(8)
    })
}

/// Whether the last six of the characters are the CRC-32 of those before, in base 62
/// with the digits 0-9, A-Z, a-z.
fn crc_fits(body: &str) -> bool {
    let Some((head, tail)) = body
        .len()
        .checked_sub(6)
        .and_then(|at| body.split_at_checked(at))
    else {
        return false;
    };
    crc_digits(head.as_bytes()) == tail.as_bytes()
}

/// The checksum that GitHub and npm append to their tokens.
pub(super) fn crc_digits(body: &[u8]) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut crc = !0_u32;
    for byte in body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ if low == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    let mut rest = !crc;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(rest % 62).unwrap_or_default();
        *digit = DIGITS.get(index).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard_test_vector() {
        // CRC-32 of "123456789" is 0xcbf43926 = 3421780262.
        let digits = crc_digits(b"123456789");
        let mut value = 0_u64;
        for digit in digits {
            let place = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                .iter()
                .position(|known| *known == digit)
                .unwrap();
            value = value * 62 + place as u64;
        }
        assert_eq!(value, 0xcbf4_3926);
    }

    #[test]
    fn placeholders_are_told_from_random_characters() {
        for placeholder in [
            "sk-your_key_goes",
            "AKIAIOSFODNN7EXAMPLE",
            "xxxxxxxxxxxxxxxxxxxx",
            "1234567890abcdef1234567890abcdef",
            "0123456789",
            "abcdefghijklmnop",
            "a1b2c3a1b2c3a1b2c3a1b2c3",
            "sk-test-k3j4h5g6",
        ] {
            assert!(is_placeholder(placeholder), "{placeholder}");
        }
        for real in ["q7Rk2mZp9Lw4Xv8Tn3Yb", "9f3c1e7ab05d42c68e1f70b3d95a2c46"] {
            assert!(!is_placeholder(real), "{real}");
        }
    }

    #[test]
    fn entropy_is_that_of_the_characters() {
        assert!(entropy(b"aaaa").abs() < 1e-6);
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-6);
    }
}
