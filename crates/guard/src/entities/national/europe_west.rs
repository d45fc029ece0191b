//! The west and the south of Europe.

use stance_read::personal::numbers::{is_codice_fiscale, is_dni};

use super::checks::{dated, digit, iso_7064_11_10, luhn, number, same, weighted};
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!(DeTaxId, ["00000000000"], is_german, verified true, [Germany, Tax], 52, 96),
    rule!(DeTaxId, ["00 000 000 000"], is_german, verified true, [Germany, Tax], 80, 97),
    rule!(DeSocialSecurity, ["00000000A000", "00 000000 A 000", "00 000000 A 00 0"], is_german_pension, verified true, [Germany, Ssn, Insurance], 85, 97),
    rule!(FrNir, ["000000000000000", "0 00 00 00 000 000 00", "0 00 00 00 000 000 | 00", "0000000000000 00"], is_french, verified true, [France, Ssn], 75, 98),
    rule!(FrNir, ["000000A00000000", "0 00 00 0A 000 000 00"], is_french, verified true, [France, Ssn], 85, 98),
    rule!(EsDni, ["00000000A", "00000000-A", "00000000 A", "00.000.000-A"], |p| str::from_utf8(p).is_ok_and(is_dni), verified true, [Spain, Identity], 85, 97),
    rule!(EsDni, ["A0000000A", "A-0000000-A", "A0000000-A"], |p| matches!(p.first(), Some(b'X' | b'Y' | b'Z')) && str::from_utf8(p).is_ok_and(is_dni), verified true, [Spain, Identity], 85, 97),
    rule!(ItCodiceFiscale, ["AAAAAA00A00A000A"], |p| str::from_utf8(p).is_ok_and(is_codice_fiscale), verified true, [Italy, Tax], 95, 99),
    rule!(ItVat, ["00000000000", "AA00000000000"], is_italian_vat, verified true, [Italy, Tax], 30, 92),
    rule!(PtNif, ["000000000", "000 000 000"], is_portuguese, verified true, [Portugal], 25, 93),
    rule!(NlBsn, ["000000000", "0000.00.000", "0000 00 000"], is_dutch, verified true, [Netherlands], 25, 94),
    rule!(BeNational, ["00.00.00-000.00"], is_belgian, verified true, [Belgium, Identity], 97, 99),
    rule!(BeNational, ["00000000000", "000000-000-00", "000000 000 00"], is_belgian, verified true, [Belgium, Identity], 60, 96),
    rule!(ChAhv, ["000.0000.0000.00"], is_swiss, verified true, [Switzerland, Insurance], 97, 99),
    rule!(ChAhv, ["0000000000000"], is_swiss, verified true, [Switzerland, Insurance], 75, 98),
    rule!(AtSocialSecurity, ["0000 000000", "0000000000"], is_austrian, verified true, [Austria, Insurance], 30, 94),
    rule!(GrAmka, ["00000000000"], |p| dated(number(p, 2, 4), number(p, 0, 2)) && luhn(p), verified true, [Greece], 55, 94),
];

/// Among ten digits one stands twice or three times, and not all three beside each other.
fn is_german(p: &[u8]) -> bool {
    let body = p.get(..10).unwrap_or_default();
    let mut counts = [0_u8; 10];
    for byte in body {
        if let Some(count) = counts.get_mut(usize::from(byte.wrapping_sub(b'0'))) {
            *count = count.saturating_add(1);
        }
    }
    let twice = counts.iter().filter(|count| **count == 2).count();
    let thrice = counts.iter().filter(|count| **count == 3).count();
    let more = counts.iter().any(|count| *count > 3);
    let row = body.windows(3).any(same);
    digit(p, 0) > 0
        && !more
        && !row
        && matches!((twice, thrice), (1, 0) | (0, 1))
        && iso_7064_11_10(p)
}

fn is_german_pension(p: &[u8]) -> bool {
    let letter = p.get(8).map_or(0, |letter| {
        u32::from(letter.wrapping_sub(b'A')).saturating_add(1)
    });
    let digits = [
        digit(p, 0),
        digit(p, 1),
        digit(p, 2),
        digit(p, 3),
        digit(p, 4),
        digit(p, 5),
        digit(p, 6),
        digit(p, 7),
        letter / 10,
        letter % 10,
        digit(p, 9),
        digit(p, 10),
    ];
    let sum: u32 = digits
        .iter()
        .zip([2_u32, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| {
            let product = digit.saturating_mul(weight);
            (product / 10).saturating_add(product % 10)
        })
        .sum();
    dated(number(p, 4, 6), number(p, 2, 4) % 50) && sum % 10 == digit(p, 11)
}

/// Sex, year, month, department, commune, order, and a key modulo 97; Corsica has letters.
fn is_french(p: &[u8]) -> bool {
    let mut digits = p.to_vec();
    let mut less = 0_u64;
    if let Some(letter) = digits.get_mut(6) {
        match letter {
            b'A' => (*letter, less) = (b'0', 1_000_000),
            b'B' => (*letter, less) = (b'0', 2_000_000),
            b'0'..=b'9' => {}
            _ => return false,
        }
    }
    let body = number(&digits, 0, 13).saturating_sub(less);
    let month = number(&digits, 3, 5);
    matches!(digit(p, 0), 1..=4 | 7 | 8)
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && 97_u64.saturating_sub(body % 97) == number(&digits, 13, 15)
}

fn is_italian_vat(p: &[u8]) -> bool {
    let digits = match p.strip_prefix(b"IT") {
        Some(rest) => rest,
        None => p,
    };
    digits.len() == 11 && digits.iter().all(u8::is_ascii_digit) && !same(digits) && luhn(digits)
}

fn is_portuguese(p: &[u8]) -> bool {
    let rest = weighted(p, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let wanted = if rest < 2 {
        0
    } else {
        11_u32.saturating_sub(rest)
    };
    digit(p, 0) > 0 && !same(p) && wanted == digit(p, 8)
}

fn is_dutch(p: &[u8]) -> bool {
    let sum = weighted(p, &[9, 8, 7, 6, 5, 4, 3, 2]);
    // The last digit counts against the others.
    !same(p) && sum % 11 == digit(p, 8) && sum > 0
}

fn is_belgian(p: &[u8]) -> bool {
    let body = number(p, 0, 9);
    let check = number(p, 9, 11);
    let month = number(p, 2, 4);
    let fits = |body: u64| 97_u64.saturating_sub(body % 97) == check;
    (fits(body) || fits(body.saturating_add(2_000_000_000)))
        && matches!(month % 20, 0..=12)
        && number(p, 4, 6) <= 31
        && !same(p)
}

/// The check of EAN-13, behind the number of Switzerland.
fn is_swiss(p: &[u8]) -> bool {
    p.starts_with(b"756")
        && weighted(p, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

fn is_austrian(p: &[u8]) -> bool {
    let sum = weighted(p, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    digit(p, 0) > 0 && sum == digit(p, 3) && dated(number(p, 6, 8), number(p, 4, 6))
}
