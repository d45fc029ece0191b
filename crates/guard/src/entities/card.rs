//! Payment cards: ranges of issuers, lengths, and the check of ISO/IEC 7812-1.

use stance_read::personal::numbers::luhn;

use super::state::State;
use super::token::Candidate;
use super::words::Hint;
use super::{Entity, Kind};

/// First digits from and to, of the same length, the shortest and the longest number, and who issues.
const ISSUERS: &[(u32, u32, usize, usize)] = &[
    // Visa
    (4, 4, 13, 13),
    (4, 4, 16, 16),
    (4, 4, 19, 19),
    // Mastercard
    (51, 55, 16, 16),
    (2221, 2720, 16, 16),
    // American Express
    (34, 34, 15, 15),
    (37, 37, 15, 15),
    // Diners Club
    (300, 305, 14, 19),
    (3095, 3095, 14, 19),
    (36, 36, 14, 19),
    (38, 39, 14, 19),
    // JCB
    (1800, 1800, 15, 15),
    (2131, 2131, 15, 15),
    (35, 35, 16, 19),
    // Discover, RuPay
    (60, 60, 16, 19),
    (64, 65, 16, 19),
    (81, 82, 16, 19),
    (508, 508, 16, 16),
    // UnionPay
    (62, 62, 16, 19),
    // Maestro
    (50, 50, 12, 19),
    (56, 58, 12, 19),
    (60, 69, 12, 19),
    // Mir, Troy, UATP
    (2200, 2204, 16, 19),
    (9792, 9792, 16, 16),
    (1, 1, 15, 15),
];

/// Whether digits are the number of a card.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    let leading = |count: usize| {
        digits.get(..count).map_or(0, |part| {
            part.iter().fold(0_u32, |sum, digit| {
                sum.saturating_mul(10).saturating_add(u32::from(*digit))
            })
        })
    };
    let issued = ISSUERS.iter().any(|(from, to, least, most)| {
        let places = usize::try_from(from.ilog10())
            .unwrap_or_default()
            .saturating_add(1);
        (*least..=*most).contains(&digits.len()) && (*from..=*to).contains(&leading(places))
    });
    // One digit throughout fills fields and forms.
    let varied = digits.windows(2).any(|pair| pair.first() != pair.last());
    issued && varied && luhn(digits)
}

/// Judges a number of digits.
pub(crate) fn judge(state: &State, candidate: &Candidate) -> Option<Entity> {
    let plain = candidate.plain();
    if !(12..=19).contains(&plain.len()) {
        return None;
    }
    let digits: [u8; 19] =
        std::array::from_fn(|index| plain.get(index).map_or(0, |byte| byte.wrapping_sub(b'0')));
    let digits = digits.get(..plain.len())?;
    if !is_card(digits) {
        return None;
    }
    let hinted =
        state.hinted(Hint::Card, candidate.start) || state.hinted(Hint::CardCode, candidate.start);
    let grouped = !candidate.is_bare();
    if grouped && !is_grouped(candidate.shape()) {
        return None;
    }
    let confidence = match (hinted, grouped, plain.len()) {
        (true, ..) => 99,
        (false, true, _) => 95,
        // One number in ten passes the check: where ranges are wide and lengths common, chance is near.
        (false, false, 12 | 13) => 55,
        (false, false, 14) => 60,
        (false, false, 15 | 16) => 85,
        (false, false, _) => 65,
    };
    Some(Entity::verified(
        Kind::PaymentCard,
        candidate.start..candidate.end,
        confidence,
    ))
}

/// Whether digits stand in groups as on cards: fours, or 4-6-4, 4-6-5, with one sign throughout.
fn is_grouped(shape: &[u8]) -> bool {
    let mut signs = shape.iter().filter(|byte| **byte != b'0');
    let Some(first) = signs.next() else {
        return true;
    };
    if !matches!(first, b' ' | b'-' | b'.') || signs.any(|sign| sign != first) {
        return false;
    }
    let lengths: Vec<usize> = shape.split(|byte| byte == first).map(<[u8]>::len).collect();
    matches!(lengths.as_slice(), [4, 6, 4 | 5])
        || lengths
            .split_last()
            .is_some_and(|(last, rest)| *last <= 6 && rest.iter().all(|it| *it == 4))
        || matches!(lengths.as_slice(), [8, 8] | [6, 13] | [6, 10])
}
