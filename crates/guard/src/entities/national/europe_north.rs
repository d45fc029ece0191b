//! The north of Europe, and the British Isles.

use super::checks::{dated, digit, iso_7064_11_10, luhn, modulus_11, number, same, weighted};
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!(UkNhs, ["000 000 0000", "000-000-0000"], is_nhs, verified true, [Nhs, Medical], 52, 97),
    rule!(UkNhs, ["0000000000"], is_nhs, verified true, [Nhs, Medical], 25, 95),
    rule!(UkNino, ["AA000000A", "AA 00 00 00 A", "AA-00-00-00-A", "AA 000000 A", "AA 000000A"], is_nino, verified false, [Nino, Tax, Insurance], 75, 96),
    rule!(UkPostcode, ["A0 0AA", "A00 0AA", "A0A 0AA", "AA0 0AA", "AA00 0AA", "AA0A 0AA"], is_postcode, verified false, [], 58, 58),
    rule!(DriversLicense, ["AAAAA000000AA0AA", "AAAAA000000A00AA", "AAAAA000000AAAAA", "AAAA0000000AA0AA", "AAA00000000AA0AA"], is_uk_license, verified false, [License], 60, 95),
    rule!(IePps, ["0000000A", "0000000AA"], is_pps, verified true, [Ireland, Identity], 70, 96),
    rule!(SePersonnummer, ["000000-0000", "000000+0000"], is_swedish, verified true, [Sweden, Identity], 80, 97),
    rule!(SePersonnummer, ["00000000-0000", "000000000000"], |p| matches!(number(p, 0, 2), 18..=20) && is_swedish(p.get(2..).unwrap_or_default()), verified true, [Sweden, Identity], 65, 97),
    rule!(SePersonnummer, ["0000000000"], is_swedish, verified true, [Sweden], 52, 92),
    rule!(NoFodselsnummer, ["000000 00000", "00000000000"], is_norwegian, verified true, [Norway, Identity], 55, 95),
    rule!(FiHetu, ["000000-000A", "000000-0000", "000000+000A", "000000+0000", "000000A000A", "000000A0000"], is_finnish, verified true, [Finland, Identity], 85, 97),
    rule!(DkCpr, ["000000-0000"], is_danish, verified false, [Denmark, Identity], 40, 92),
    rule!(DkCpr, ["000000-0000"], |p| is_danish(p) && weighted(p, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11), verified true, [Denmark, Identity], 60, 95),
    rule!(BalticPersonal, ["00000000000"], is_baltic, verified true, [Baltic, Identity], 55, 95),
    rule!(HrOib, ["00000000000"], |p| !same(p) && iso_7064_11_10(p), verified true, [Croatia], 30, 93),
];

fn is_nhs(p: &[u8]) -> bool {
    !same(p) && modulus_11(p, &[10, 9, 8, 7, 6, 5, 4, 3, 2], 9)
}

/// Letters that are never given are left out.
fn is_nino(p: &[u8]) -> bool {
    let [first, second, .., last] = p else {
        return false;
    };
    let prefix = [*first, *second];
    p.len() == 9
        && !b"DFIQUV".contains(first)
        && !b"DFIQUVO".contains(second)
        && ![*b"BG", *b"GB", *b"NK", *b"KN", *b"TN", *b"NT", *b"ZZ"].contains(&prefix)
        && matches!(last, b'A'..=b'D')
        && p.iter().skip(2).take(6).all(u8::is_ascii_digit)
}

/// Letters that are never used in their places are left out.
fn is_postcode(p: &[u8]) -> bool {
    let Some((outward, inward)) = p.split_last_chunk::<3>() else {
        return false;
    };
    outward.first().is_some_and(|first| !b"QVX".contains(first))
        && inward.iter().skip(1).all(|byte| !b"CIKMOV".contains(byte))
}

/// Five letters of a surname, the decade, month (plus fifty), day and year of birth.
fn is_uk_license(p: &[u8]) -> bool {
    let month = number(p, 6, 8);
    p.len() == 16
        && dated(
            if month > 50 {
                month.saturating_sub(50)
            } else {
                month
            },
            number(p, 8, 10),
        )
}

fn is_pps(p: &[u8]) -> bool {
    let second = match p.get(8) {
        None | Some(b'W') => 0,
        Some(letter) => u32::from(letter.wrapping_sub(b'A')).saturating_add(1),
    };
    let sum = weighted(p, &[8, 7, 6, 5, 4, 3, 2]).saturating_add(second.saturating_mul(9)) % 23;
    b"WABCDEFGHIJKLMNOPQRSTUV".get(usize::try_from(sum).unwrap_or_default()) == p.get(7)
}

/// A day above 60 is one of a coordination number.
fn is_swedish(p: &[u8]) -> bool {
    let day = number(p, 4, 6);
    dated(
        number(p, 2, 4),
        if day > 60 {
            day.saturating_sub(60)
        } else {
            day
        },
    ) && luhn(p)
}

fn is_norwegian(p: &[u8]) -> bool {
    let day = number(p, 0, 2);
    let month = number(p, 2, 4);
    dated(
        if month > 40 {
            month.saturating_sub(40)
        } else {
            month
        },
        if day > 40 {
            day.saturating_sub(40)
        } else {
            day
        },
    ) && modulus_11(p, &[3, 7, 6, 1, 8, 9, 4, 5, 2], 9)
        && modulus_11(p, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 10)
}

fn is_finnish(p: &[u8]) -> bool {
    // The sign of the century is a letter since 2000; then it stands among the digits.
    let (date, rest) = match p.len() {
        10 => (p.get(..6), p.get(6..)),
        _ if p.get(6).is_some_and(|sign| b"ABCDEFYXWVU".contains(sign)) => (p.get(..6), p.get(7..)),
        _ => return false,
    };
    let (Some(date), Some(rest)) = (date, rest) else {
        return false;
    };
    let whole = number(date, 0, 6)
        .saturating_mul(1000)
        .saturating_add(number(rest, 0, 3));
    let place = usize::try_from(whole % 31).unwrap_or_default();
    dated(number(date, 2, 4), number(date, 0, 2))
        && b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(place) == rest.get(3)
}

fn is_danish(p: &[u8]) -> bool {
    dated(number(p, 2, 4), number(p, 0, 2))
}

fn is_baltic(p: &[u8]) -> bool {
    let first = weighted(p, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(p, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let wanted = match (first, second) {
        (10, 10) => 0,
        (10, rest) | (rest, _) => rest,
    };
    (1..=8).contains(&digit(p, 0))
        && dated(number(p, 3, 5), number(p, 5, 7))
        && wanted == digit(p, 10)
}
