//! Numbers that have no proof of their own and are known by the word before them: passports, licences, plates, records.

use super::bytes::is_wordy;
use super::scan::Token;
use super::state::State;
use super::token::Groups;
use super::view::View;
use super::words::Hint;
use super::{Entity, Kind};

/// How near the word must stand, in bytes.
const NEAR: usize = 28;

/// Hints, what a number behind one is, the fewest and the most letters and digits of it, the fewest digits, and how
/// sure it is.
const LABELS: &[(Hint, Kind, usize, usize, usize, u8)] = &[
    (Hint::Passport, Kind::Passport, 6, 9, 5, 82),
    (Hint::License, Kind::DriversLicense, 5, 16, 4, 72),
    (Hint::Medical, Kind::MedicalRecord, 5, 12, 5, 70),
    (Hint::Insurance, Kind::HealthInsurance, 7, 14, 5, 60),
    (Hint::Identity, Kind::IdentityNumber, 6, 14, 5, 50),
];

/// The number that begins at `at`, by the word before it.
pub(crate) fn find(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    if let Some(one) = zone(view, at) {
        return Some(one);
    }
    let label = LABELS
        .iter()
        .find(|(hint, ..)| state.hinted_within(*hint, at, NEAR));
    let plate = state.hinted_within(Hint::Plate, at, NEAR);
    if label.is_none() && !plate {
        return None;
    }
    let groups = Groups::at(view, at);
    for count in (1..=groups.count().min(4)).rev() {
        let Some(candidate) = groups.first(view, count) else {
            continue;
        };
        let plain = candidate.plain();
        let digits = plain.iter().filter(|byte| byte.is_ascii_digit()).count();
        let range = candidate.start..candidate.end;
        if plate {
            let letters = plain.len().saturating_sub(digits);
            let small = view
                .slice(range.clone())
                .bytes()
                .any(|byte| byte.is_ascii_lowercase());
            if (4..=8).contains(&plain.len()) && digits >= 1 && letters >= 1 && !small {
                return Some(Entity::new(Kind::LicensePlate, range, 68));
            }
        }
        // A word before digits is the next label: `MRN 12, DOB 03/04/1975`.
        let led = view.byte(at).is_some_and(|byte| byte.is_ascii_alphabetic())
            && !view
                .slice(at..groups.joined())
                .bytes()
                .any(|byte| byte.is_ascii_digit());
        if let Some((_, kind, least, most, fewest, confidence)) = label
            && !led
            && (*least..=*most).contains(&plain.len())
            && digits >= *fewest
        {
            return Some(Entity::new(*kind, range, *confidence));
        }
    }
    None
}

/// A plate that begins with letters alone: `B-MW 1234`, `ABC 123`.
pub(crate) fn at_word(view: &View<'_>, state: &State, token: &Token) -> Option<Entity> {
    if !token.capital
        || token.end.saturating_sub(token.start) > 3
        || !state.hinted_within(Hint::Plate, token.start, NEAR)
    {
        return None;
    }
    let end = view.run(token.start, 12, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
    });
    let text = view.slice(token.start..end).trim_end_matches([' ', '-']);
    let end = token.start.saturating_add(text.len());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().filter(u8::is_ascii_alphanumeric).count();
    (digits >= 1 && (4..=8).contains(&plain) && !view.byte(end).is_some_and(is_wordy))
        .then(|| Entity::new(Kind::LicensePlate, token.start..end, 66))
}

/// A line of a machine-readable zone (ICAO 9303): 30, 36 or 44 capitals, digits and `<`.
pub(crate) fn zone(view: &View<'_>, at: usize) -> Option<Entity> {
    let end = view.run(at, 45, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<'
    });
    if !matches!(end.saturating_sub(at), 30 | 36 | 44) || view.byte(end).is_some_and(is_wordy) {
        return None;
    }
    let line = view.slice(at..end).as_bytes();
    let fillers = line.iter().filter(|byte| **byte == b'<').count();
    let checked = |from: usize, to: usize| {
        line.get(from..to).is_some_and(|part| {
            line.get(to).is_some_and(|wanted| {
                wanted.is_ascii_digit() && check_digit(part) == wanted.wrapping_sub(b'0')
            })
        })
    };
    // The second line has the number, the birth and the expiry, each with its digit; that of a passport has one over all.
    let dates = checked(0, 9) && checked(13, 19) && checked(21, 27);
    let over_all = || {
        let parts = [line.get(0..10), line.get(13..20), line.get(21..43)];
        let whole: Vec<u8> = parts.into_iter().flatten().flatten().copied().collect();
        line.get(43)
            .is_some_and(|wanted| check_digit(&whole) == wanted.wrapping_sub(b'0'))
    };
    let card = checked(5, 14) || checked(0, 6) && checked(8, 14);
    let holds = match line.len() {
        44 => dates && over_all(),
        36 => dates,
        _ => card,
    };
    if holds {
        return Some(Entity::verified(Kind::PassportZone, at..end, 97));
    }
    let first = matches!(line.first(), Some(b'P' | b'I' | b'A' | b'C' | b'V'))
        && line.windows(2).any(|pair| pair == b"<<");
    (first && fillers >= 3).then(|| Entity::new(Kind::PassportZone, at..end, 85))
}

/// Weights 7, 3, 1 over values of digits, letters from ten, and fillers as zero.
fn check_digit(part: &[u8]) -> u8 {
    let sum: u32 = part
        .iter()
        .zip([7_u32, 3, 1].iter().cycle())
        .map(|(byte, weight)| {
            let value = match byte {
                b'0'..=b'9' => u32::from(byte.wrapping_sub(b'0')),
                b'A'..=b'Z' => u32::from(byte.wrapping_sub(b'A')).saturating_add(10),
                _ => 0,
            };
            value.saturating_mul(*weight)
        })
        .sum();
    u8::try_from(sum % 10).unwrap_or_default()
}
