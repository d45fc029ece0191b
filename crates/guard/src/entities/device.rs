//! Machines: IMEI, SIM cards, vehicles.

use stance_read::personal::numbers::luhn;

use super::bytes::{is_alnum, is_wordy};
use super::state::State;
use super::token::Candidate;
use super::view::View;
use super::words::Hint;
use super::{Entity, Kind};

/// Judges a number of digits.
pub(crate) fn judge(state: &State, candidate: &Candidate) -> Option<Entity> {
    let plain = candidate.plain();
    let range = candidate.start..candidate.end;
    let digits = || -> Vec<u8> { plain.iter().map(|byte| byte.wrapping_sub(b'0')).collect() };
    match plain.len() {
        15 => {
            let hinted = state.hinted(Hint::Imei, candidate.start);
            // 35-209900-176148-1: the old way to write it.
            let formed = matches!(
                candidate.shape(),
                b"00-000000-000000-0" | b"00 000000 000000 0"
            );
            let confidence = match (hinted, formed) {
                (true, _) => 95,
                (false, true) => 85,
                (false, false) => 35,
            };
            ((hinted || formed || candidate.is_bare()) && luhn(&digits()))
                .then(|| Entity::verified(Kind::Imei, range, confidence))
        }
        19 | 20 if plain.starts_with(b"89") => {
            let confidence = if state.hinted(Hint::Iccid, candidate.start) {
                95
            } else {
                55
            };
            luhn(&digits()).then(|| Entity::verified(Kind::Iccid, range, confidence))
        }
        _ => None,
    }
}

/// The number of a vehicle (ISO 3779): seventeen characters, of which the ninth checks the others in North America.
pub(crate) fn vin(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    let end = view.run(at, 18, is_alnum);
    if end.saturating_sub(at) != 17 || view.byte(end).is_some_and(is_wordy) {
        return None;
    }
    let text = view.slice(at..end);
    let letters = text.bytes().filter(u8::is_ascii_uppercase).count();
    let formed = (2..17).contains(&letters)
        && text.bytes().all(|byte| {
            byte.is_ascii_digit() || byte.is_ascii_uppercase() && !b"IOQ".contains(&byte)
        });
    if !formed {
        return None;
    }
    let checked = checks(text.as_bytes());
    let hinted = state.hinted(Hint::Vin, at);
    let confidence = match (checked, hinted) {
        (true, true) => 98,
        (true, false) => 80,
        (false, true) => 75,
        (false, false) => return None,
    };
    Some(Entity {
        verified: checked,
        ..Entity::new(Kind::Vin, at..end, confidence)
    })
}

fn checks(text: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    const LETTERS: &[u8; 26] = b"12345678.12345.7.923456789";
    let value = |byte: &u8| match byte {
        b'0'..=b'9' => u32::from(byte.wrapping_sub(b'0')),
        _ => LETTERS
            .get(usize::from(byte.wrapping_sub(b'A')))
            .map_or(0, |digit| u32::from(digit.wrapping_sub(b'0'))),
    };
    let sum: u32 = text
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| value(byte).saturating_mul(weight))
        .sum();
    let wanted = match sum % 11 {
        10 => b'X',
        rest => b'0'.saturating_add(u8::try_from(rest).unwrap_or_default()),
    };
    text.get(8) == Some(&wanted)
}
