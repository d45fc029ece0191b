//! Groups of letters and digits that may be one number: `4539 1488 0343 6467`, `AB 12 34 56 C`, `131052-308T`.

use super::bytes::{is_alnum, is_wordy};
use super::scan::Token;
use super::view::View;

/// Most groups of one number.
const GROUPS: usize = 10;
/// Longest group, and longest number without its signs, in bytes.
const LONGEST: usize = 44;

/// Groups of letters and digits that follow each other, one sign between two.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Where each begins and ends.
    spans: [(usize, usize); GROUPS],
    /// The sign before each.
    signs: [u8; GROUPS],
    count: usize,
}

/// A number as it is written and as it is computed with.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Letters in capitals, and digits.
    plain: [u8; LONGEST],
    length: usize,
    /// `0` for a digit, `A` for a letter, and signs as they are.
    shape: [u8; LONGEST * 2],
    shape_length: usize,
    /// Whether all of it are digits.
    pub(crate) digits: bool,
}

impl Candidate {
    /// Its letters, in capitals, and digits.
    pub(crate) fn plain(&self) -> &[u8] {
        self.plain.get(..self.length).unwrap_or_default()
    }

    /// Its shape.
    pub(crate) fn shape(&self) -> &[u8] {
        self.shape.get(..self.shape_length).unwrap_or_default()
    }

    /// Whether it is written without a sign.
    pub(crate) fn is_bare(&self) -> bool {
        self.shape_length == self.length
    }
}

impl Groups {
    /// The groups that begin at `at`.
    pub(crate) fn at(view: &View<'_>, at: usize) -> Self {
        let mut groups = Self {
            spans: [(0, 0); GROUPS],
            signs: [0; GROUPS],
            count: 0,
        };
        let (mut at, mut sign) = (at, 0_u8);
        let mut total = 0_usize;
        while groups.count < GROUPS {
            let end = view.run(at, LONGEST.saturating_add(1), is_alnum);
            let length = end.saturating_sub(at);
            total = total.saturating_add(length);
            if length == 0 || total > LONGEST {
                break;
            }
            if let (Some(span), Some(place)) = (
                groups.spans.get_mut(groups.count),
                groups.signs.get_mut(groups.count),
            ) {
                (*span, *place) = ((at, end), sign);
            }
            groups.count = groups.count.saturating_add(1);
            let Some(next) = view.byte(end) else { break };
            if !matches!(next, b' ' | b'-' | b'.' | b'/' | b'+') {
                break;
            }
            let after = end.saturating_add(1);
            let Some(first) = view.byte(after) else { break };
            let digit = first.is_ascii_digit();
            // Behind a blank only digits, and capitals that are few and stand among digits.
            let goes_on = match next {
                b' ' => digit || (first.is_ascii_uppercase() && few_capitals(view, after)),
                _ => is_alnum(first),
            };
            if !goes_on {
                break;
            }
            (at, sign) = (after, next);
        }
        groups
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Whether digits stand one by one: figures in a row, and no number of anything.
    pub(crate) fn is_scattered(&self) -> bool {
        self.count >= 4
            && self
                .spans
                .iter()
                .take(4)
                .all(|(start, end)| end.saturating_sub(*start) == 1)
    }

    /// Where what is written without a blank between ends.
    pub(crate) fn joined(&self) -> usize {
        let mut end = 0;
        for index in 0..self.count {
            if index > 0 && self.signs.get(index) == Some(&b' ') {
                break;
            }
            end = self.spans.get(index).map_or(end, |(_, end)| *end);
        }
        end
    }

    /// The first `count` groups as one number; none where that would cut a word in two.
    pub(crate) fn first(&self, view: &View<'_>, count: usize) -> Option<Candidate> {
        let used = self.spans.get(..count)?;
        let (start, end) = (used.first()?.0, used.last()?.1);
        if count < self.count && self.signs.get(count) != Some(&b' ') {
            return None;
        }
        if view
            .byte(end)
            .is_some_and(|byte| is_wordy(byte) || byte == b'@')
        {
            return None;
        }
        let mut candidate = Candidate {
            start,
            end,
            plain: [0; LONGEST],
            length: 0,
            shape: [0; LONGEST * 2],
            shape_length: 0,
            digits: true,
        };
        for byte in view.slice(start..end).bytes() {
            let shape = if byte.is_ascii_digit() {
                b'0'
            } else if byte.is_ascii_alphabetic() {
                candidate.digits = false;
                b'A'
            } else {
                byte
            };
            *candidate.shape.get_mut(candidate.shape_length)? = shape;
            candidate.shape_length = candidate.shape_length.saturating_add(1);
            if is_alnum(byte) {
                *candidate.plain.get_mut(candidate.length)? = byte.to_ascii_uppercase();
                candidate.length = candidate.length.saturating_add(1);
            }
        }
        Some(candidate)
    }
}

/// Whether at most four capitals stand at a place, digits among them or not, and then no letter.
fn few_capitals(view: &View<'_>, at: usize) -> bool {
    let end = view.run(at, 5, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    });
    end.saturating_sub(at) <= 4 && !view.byte(end).is_some_and(is_wordy)
}

/// Whether a word of capitals alone may begin a number: `AB 12 34 56 C`, `CHE-123…`.
pub(crate) fn may_lead(view: &View<'_>, token: &Token) -> bool {
    let length = token.end.saturating_sub(token.start);
    if !token.capital || length > 34 {
        return false;
    }
    let upper = view
        .slice(token.start..token.end)
        .bytes()
        .all(|byte| byte.is_ascii_uppercase());
    if !upper {
        return false;
    }
    // The code of a bank has no digit of its own.
    if matches!(length, 8 | 11) {
        return true;
    }
    length <= 4
        && matches!(view.byte(token.end), Some(b' ' | b'-'))
        && view
            .byte(token.end.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_digit())
}
