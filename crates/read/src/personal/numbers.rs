//! Numbers that stand for a person or an account, each by its own rules and check digits.

/// The check of payment cards (ISO/IEC 7812-1, annex B).
pub fn luhn(digits: &[u8]) -> bool {
    let mut sum = 0_u32;
    for (place, digit) in digits.iter().rev().enumerate() {
        let mut value = u32::from(*digit);
        if place % 2 == 1 {
            value = value.saturating_mul(2);
            if value > 9 {
                value = value.saturating_sub(9);
            }
        }
        sum = sum.saturating_add(value);
    }
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Whether digits are the number of a payment card by length, issuer and check, and none of those that processors
/// publish for tests.
pub fn is_card(digits: &[u8]) -> bool {
    const TESTS: &[&str] = &[
        "4111111111111111",
        "4242424242424242",
        "4000056655665556",
        "5555555555554444",
        "5200828282828210",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "4012888888881881",
        "4222222222222",
        "3530111333300000",
        "3566002020360505",
        "4000000000000002",
        "2223003122003222",
        "4917610000000000",
        "5454545454545454",
        "4444333322221111",
    ];
    let number = |from: usize, to: usize| {
        let part = digits.get(from..to)?;
        Some(part.iter().fold(0_u32, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u32::from(*digit))
        }))
    };
    let (Some(two), Some(four)) = (number(0, 2), number(0, 4)) else {
        return false;
    };
    let issued = match digits.len() {
        13 => (40..50).contains(&two),
        15 => matches!(two, 34 | 37),
        16 => {
            (40..50).contains(&two)
                || (51..=55).contains(&two)
                || (2221..=2720).contains(&four)
                || four == 6011
                || two == 65
                || (3528..=3589).contains(&four)
        }
        _ => false,
    };
    let same = digits
        .iter()
        .skip(1)
        .all(|digit| Some(digit) == digits.get(1));
    let text: String = digits
        .iter()
        .map(|digit| char::from(b'0'.saturating_add(*digit)))
        .collect();
    issued && !same && luhn(digits) && !TESTS.contains(&text.as_str())
}

/// A social security number of the United States as `NNN-NN-NNNN`: no checksum, but ranges that were never issued, and
/// numbers that advertisements made known.
pub fn is_ssn(digits: &[u8]) -> bool {
    let number = |from: usize, to: usize| {
        let part = digits.get(from..to).unwrap_or_default();
        part.iter().fold(0_u32, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u32::from(*digit))
        })
    };
    let (area, group, serial) = (number(0, 3), number(3, 5), number(5, 9));
    let known = matches!(
        (area, group, serial),
        (78, 5, 1120) | (219, 9, 9999) | (123, 45, 6789) | (111, 11, 1111)
    );
    digits.len() == 9
        && area != 0
        && area != 666
        && area < 900
        && group != 0
        && serial != 0
        && !known
}

fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).fold(0, |sum, (digit, weight)| {
        sum.saturating_add(u32::from(*digit).saturating_mul(*weight))
    })
}

/// The number of a Brazilian taxpayer (CPF): two check digits.
pub fn is_cpf(digits: &[u8]) -> bool {
    let check = |length: usize| {
        let weights: Vec<u32> = (2..=12).rev().collect();
        let from = weights.len().saturating_sub(length);
        let weights = weights.get(from..).unwrap_or_default();
        let part = digits.get(..length).unwrap_or_default();
        let rest = weighted(part, weights).saturating_mul(10) % 11;
        let wanted = if rest == 10 { 0 } else { rest };
        digits.get(length).map(|digit| u32::from(*digit)) == Some(wanted)
    };
    let same = digits.windows(2).all(|pair| pair.first() == pair.last());
    digits.len() == 11 && !same && check(9) && check(10)
}

/// The number of a Polish resident (PESEL): the date of birth, and a check digit.
pub fn is_pesel(digits: &[u8]) -> bool {
    if digits.len() != 11 {
        return false;
    }
    let two = |at: usize| {
        let digit = |at: usize| u32::from(digits.get(at).copied().unwrap_or_default());
        digit(at)
            .saturating_mul(10)
            .saturating_add(digit(at.saturating_add(1)))
    };
    // The century is hidden in the month.
    let month = two(2) % 20;
    let day = two(4);
    let rest = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10;
    let wanted = 10_u32.saturating_sub(rest) % 10;
    (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && digits.get(10).map(|digit| u32::from(*digit)) == Some(wanted)
}

/// The number of an Indian resident (Aadhaar): the check of Verhoeff.
pub fn is_aadhaar(digits: &[u8]) -> bool {
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let mut check = 0_u8;
    for (place, digit) in digits.iter().rev().enumerate() {
        let moved = P
            .get(place % 8)
            .and_then(|row| row.get(usize::from(*digit)));
        let next = moved.and_then(|moved| D.get(usize::from(check))?.get(usize::from(*moved)));
        check = next.copied().unwrap_or(1);
    }
    digits.len() == 12 && digits.first().is_some_and(|first| *first > 1) && check == 0
}

/// The number of a Chinese resident (GB 11643): a date of birth, and a check character.
pub fn is_chinese_id(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let bytes = text.as_bytes();
    if bytes.len() != 18 {
        return false;
    }
    let (Some(body), Some(last)) = (bytes.get(..17), bytes.last()) else {
        return false;
    };
    if !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let digits: Vec<u8> = body.iter().map(|byte| byte.saturating_sub(b'0')).collect();
    let number = |from: usize, to: usize| -> u32 {
        text.get(from..to)
            .and_then(|part| part.parse().ok())
            .unwrap_or_default()
    };
    let dated = (1900..=2100).contains(&number(6, 10))
        && (1..=12).contains(&number(10, 12))
        && (1..=31).contains(&number(12, 14));
    let place = usize::try_from(weighted(&digits, &WEIGHTS) % 11).unwrap_or_default();
    dated && CHECKS.get(place) == Some(&last.to_ascii_uppercase())
}

/// The number of a Spanish resident: eight digits, or `X`, `Y`, `Z` and seven, and a letter that follows from them.
pub fn is_dni(text: &str) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let bytes = text.as_bytes();
    let (Some(body), Some(last)) = (text.get(..8), bytes.last()) else {
        return false;
    };
    if bytes.len() != 9 {
        return false;
    }
    let digits = match body.as_bytes().first() {
        Some(b'X') => body.replacen('X', "0", 1),
        Some(b'Y') => body.replacen('Y', "1", 1),
        Some(b'Z') => body.replacen('Z', "2", 1),
        _ => body.to_owned(),
    };
    let Ok(number) = digits.parse::<usize>() else {
        return false;
    };
    LETTERS.get(number % 23) == Some(last)
}

/// The number of an account by ISO 13616: two letters, a check modulo 97.
pub fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let formed = (15..=34).contains(&bytes.len())
        && bytes.iter().take(2).all(u8::is_ascii_uppercase)
        && bytes.iter().skip(2).take(2).all(u8::is_ascii_digit)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let (Some(head), Some(tail)) = (bytes.get(..4), bytes.get(4..)) else {
        return false;
    };
    if !formed {
        return false;
    }
    let mut rest = 0_u32;
    for byte in tail.iter().chain(head) {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte.saturating_sub(b'0')),
            _ => u32::from(byte.saturating_sub(b'A')).saturating_add(10),
        };
        let shift = if value > 9 { 100 } else { 10 };
        rest = rest.saturating_mul(shift).saturating_add(value) % 97;
    }
    rest == 1
}

/// The Italian `codice fiscale`: letters and digits in their places, and a check letter.
pub fn is_codice_fiscale(text: &str) -> bool {
    const ODD: [u32; 36] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3,
        6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    let bytes = text.as_bytes();
    if bytes.len() != 16 {
        return false;
    }
    let shape = b"AAAAAA00A00A000A";
    let fits = bytes.iter().zip(shape).all(|(byte, shape)| match shape {
        b'A' => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_digit(),
    });
    let mut sum = 0_u32;
    for (place, byte) in bytes.iter().take(15).enumerate() {
        let value = match byte {
            b'0'..=b'9' => usize::from(byte.saturating_sub(b'0')),
            _ => usize::from(byte.saturating_sub(b'A')).saturating_add(10),
        };
        let add = if place % 2 == 0 {
            ODD.get(value).copied().unwrap_or_default()
        } else {
            // Letters count from 0 in even places.
            let even = if value > 9 {
                value.saturating_sub(10)
            } else {
                value
            };
            u32::try_from(even).unwrap_or_default()
        };
        sum = sum.saturating_add(add);
    }
    let wanted = u8::try_from(sum % 26)
        .unwrap_or_default()
        .saturating_add(b'A');
    fits && bytes.last() == Some(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes()
            .filter(u8::is_ascii_digit)
            .map(|byte| byte - b'0')
            .collect()
    }

    #[test]
    fn check_digits_tell_numbers_from_others() {
        // Numbers made for this test; each neighbour differs by one digit.
        assert!(
            is_card(&digits("4539 1488 0343 6467")) && !is_card(&digits("4539 1488 0343 6468"))
        );
        assert!(!is_card(&digits("4111111111111111")), "published for tests");
        assert!(is_cpf(&digits("529.982.247-25")) && !is_cpf(&digits("529.982.247-26")));
        assert!(is_pesel(&digits("44051401359")) && !is_pesel(&digits("44051401358")));
        assert!(is_iban("DE89370400440532013000") && !is_iban("DE88370400440532013000"));
        assert!(is_dni("12345678Z") && !is_dni("12345678A"));
        assert!(is_codice_fiscale("RSSMRA85T10A562S") && !is_codice_fiscale("RSSMRA85T10A562T"));
        assert!(is_chinese_id("11010519491231002X") && !is_chinese_id("110105194912310021"));
        assert!(is_aadhaar(&digits("2341 2341 2346")) && !is_aadhaar(&digits("2341 2341 2347")));
        assert!(is_ssn(&digits("536-90-4399")) && !is_ssn(&digits("666-90-4399")));
    }
}
