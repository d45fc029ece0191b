//! Accounts and banks: IBAN (ISO 13616), BIC (ISO 9362), routing numbers, and numbers that the text calls accounts.

use stance_read::personal::numbers::is_iban;

use super::state::State;
use super::token::Candidate;
use super::words::Hint;
use super::{Entity, Kind};

/// The countries of the registry of ISO 13616 and how long their numbers are.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// Judges letters and digits.
pub(crate) fn judge(state: &State, candidate: &Candidate) -> Option<Entity> {
    let plain = candidate.plain();
    let range = candidate.start..candidate.end;
    let hinted = |hint: Hint| state.hinted(hint, candidate.start);
    if !candidate.digits {
        if is_account(plain) {
            return Some(Entity::verified(Kind::Iban, range, 98));
        }
        if candidate.is_bare() && is_bic(plain) && hinted(Hint::Bank) {
            let confidence = if plain.iter().any(u8::is_ascii_digit) {
                85
            } else {
                70
            };
            return Some(Entity::new(Kind::Bic, range, confidence));
        }
        return None;
    }
    let length = plain.len();
    if length == 9 && candidate.is_bare() && is_routing(plain) {
        let confidence = if hinted(Hint::Routing) { 90 } else { 20 };
        return Some(Entity::verified(Kind::RoutingNumber, range, confidence));
    }
    if matches!(length, 3 | 4) && state.hinted_within(Hint::CardCode, candidate.start, 24) {
        return Some(Entity::new(Kind::CardCode, range, 80));
    }
    let account = (8..=17).contains(&length)
        && candidate.is_bare()
        && hinted(Hint::Bank)
        && !hinted(Hint::Card)
        && !hinted(Hint::Phone);
    account.then(|| Entity::new(Kind::BankAccount, range, 60))
}

fn is_account(plain: &[u8]) -> bool {
    let Some(country) = plain.first_chunk::<2>() else {
        return false;
    };
    let length = LENGTHS.iter().find(|(known, _)| *known == country);
    length.is_some_and(|(_, length)| *length == plain.len())
        && str::from_utf8(plain).is_ok_and(is_iban)
}

/// Four letters of a bank, two of a country, two of a place, and maybe three of a branch.
fn is_bic(plain: &[u8]) -> bool {
    let country = plain.get(4..6).unwrap_or_default();
    let known = LENGTHS.iter().any(|(known, _)| known.as_slice() == country)
        || [
            b"US", b"CA", b"JP", b"CN", b"HK", b"SG", b"AU", b"NZ", b"IN", b"ZA", b"KR", b"TW",
            b"TH", b"MX", b"AR",
        ]
        .iter()
        .any(|it| it.as_slice() == country);
    matches!(plain.len(), 8 | 11) && plain.iter().take(6).all(u8::is_ascii_uppercase) && known
}

/// The check of the American Bankers Association: weights 3, 7, 1, and a district that exists.
fn is_routing(plain: &[u8]) -> bool {
    let sum: u32 = plain
        .iter()
        .zip([3_u32, 7, 1].iter().cycle())
        .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')).saturating_mul(*weight))
        .sum();
    let district = plain.iter().take(2).fold(0_u32, |sum, byte| {
        sum.saturating_mul(10)
            .saturating_add(u32::from(byte.wrapping_sub(b'0')))
    });
    sum.is_multiple_of(10) && matches!(district, 1..=12 | 21..=32 | 61..=72 | 80)
}
