//! Telephone numbers: calling codes and lengths of national numbers (ITU-T E.164 and the plans of the countries), and the
//! ways in which people group digits.

mod codes;

use super::bytes::is_wordy;
use super::state::State;
use super::view::View;
use super::words::{Hint, Word};
use super::{Entity, Kind};

/// Longest number with its signs, in bytes.
const LONGEST: usize = 36;

/// The number that begins at `at`: at a digit, a `+`, or a bracket.
pub(crate) fn find(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    if matches!(
        view.before(at),
        Some(b'$' | b'#' | b'/' | b'=' | b'.' | b'@')
    ) {
        return None;
    }
    let mut end = end_of(view, at);
    // From the whole towards its first group: what a blank parts may be something else.
    for _ in 0..6 {
        let blanks = view
            .slice(at..end)
            .bytes()
            .filter(|byte| *byte == b' ')
            .count();
        if blanks > 7 {
            return None;
        }
        let written = Written::of(view.slice(at..end))?;
        if let Some(confidence) = judge(view, state, at, end, &written) {
            let stop = extension(view, end);
            return Some(Entity::new(Kind::Phone, at..stop, confidence));
        }
        let cut = view
            .slice(at..end)
            .trim_end_matches(|c: char| c != ' ')
            .trim_end_matches([' ', '-', '/']);
        if cut.is_empty() || view.byte(at) == Some(b'+') && cut.len() < 6 {
            return None;
        }
        end = at.saturating_add(cut.len());
        if view.before(end) == Some(b')') {
            return None;
        }
    }
    None
}

/// Where digits and the signs between them end: with a digit.
fn end_of(view: &View<'_>, at: usize) -> usize {
    let first = if view.byte(at) == Some(b'+') {
        at.saturating_add(1)
    } else {
        at
    };
    let (mut end, mut place) = (first, first);
    let mut signs = 0_u32;
    while place.saturating_sub(at) < LONGEST {
        match view.byte(place) {
            Some(byte) if byte.is_ascii_digit() => {
                signs = 0;
                end = place.saturating_add(1);
            }
            Some(b' ' | b'-' | b'.' | b'(' | b')' | b'/') if signs < 3 => {
                signs = signs.saturating_add(1);
            }
            _ => break,
        }
        place = place.saturating_add(1);
    }
    end
}

/// An extension behind a number: `x036`, ` ext. 12`.
fn extension(view: &View<'_>, end: usize) -> usize {
    let forms = ["x", " x", " ext ", " ext. ", " ext.", " extension ", "ext"];
    for form in forms {
        if view.says(end, form) {
            let digits = end.saturating_add(form.len());
            let stop = view.run(digits, 6, |byte| byte.is_ascii_digit());
            if stop > digits && !view.byte(stop).is_some_and(is_wordy) {
                return stop;
            }
        }
    }
    end
}

/// A number taken apart.
struct Written {
    digits: [u8; 20],
    count: usize,
    /// How many digits stand in each group.
    groups: Vec<usize>,
    plus: bool,
    bracket: bool,
    signs: Vec<u8>,
}

impl Written {
    fn of(text: &str) -> Option<Self> {
        let mut written = Self {
            digits: [0; 20],
            count: 0,
            groups: Vec::new(),
            plus: text.starts_with('+'),
            bracket: text.contains('('),
            signs: Vec::new(),
        };
        if text.matches('(').count() != text.matches(')').count() || text.matches('(').count() > 1 {
            return None;
        }
        let mut before = 0_u8;
        for byte in text.bytes() {
            if byte.is_ascii_digit() {
                *written.digits.get_mut(written.count)? = byte.wrapping_sub(b'0');
                written.count = written.count.saturating_add(1);
                if before.is_ascii_digit() {
                    if let Some(last) = written.groups.last_mut() {
                        *last = last.saturating_add(1);
                    }
                } else {
                    written.groups.push(1);
                }
            } else if byte != b'+' {
                written.signs.push(byte);
            }
            before = byte;
        }
        Some(written)
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }
}

fn judge(view: &View<'_>, state: &State, at: usize, end: usize, written: &Written) -> Option<u8> {
    if !(6..=17).contains(&written.count) {
        return None;
    }
    let next = view.byte(end);
    let extended = extension(view, end) > end;
    if next.is_some_and(|byte| (is_wordy(byte) && !extended) || matches!(byte, b'%' | b'@' | b':'))
    {
        return None;
    }
    if matches!(next, Some(b'.' | b','))
        && view
            .byte(end.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let digits = written.digits();
    let hinted = state.hinted_within(Hint::Phone, at, 32);
    let near = state.hinted_within(Hint::Phone, at, 10) || state.last(at, 3).is(Word::CALL);
    // `(0)` behind a calling code is the digit that is dialled at home, not abroad.
    let trunk = view.slice(at..end).contains("(0)");
    if written.plus || digits.starts_with(&[0, 0]) && (written.groups.len() > 1 || hinted) {
        let from = if written.plus { 0 } else { 2 };
        if codes::is_number(digits.get(from..)?, trunk) {
            return Some(if written.plus || hinted { 95 } else { 80 });
        }
        return (hinted && written.plus && (9..=16).contains(&written.count)).then_some(60);
    }
    let after = after(view, end);
    let hinted = hinted || after;
    let grouped = written.groups.len() > 1;
    let north_american = is_north_american(digits);
    let formed = matches!(
        written.groups.as_slice(),
        [3, 3, 4] | [1, 3, 3, 4] | [3, 7] | [6, 4]
    ) && !written.signs.contains(&b'/');
    if grouped
        && formed
        && north_american
        && written
            .signs
            .iter()
            .any(|sign| matches!(sign, b'-' | b'.' | b')'))
    {
        return Some(if hinted { 95 } else { 75 });
    }
    if written.bracket && grouped && (7..=12).contains(&written.count) {
        return Some(if hinted { 90 } else { 65 });
    }
    let many = written.groups.len();
    let even = many == 1 || written.groups.iter().all(|count| (1..=8).contains(count));
    // What begins with a zero and is grouped is dialled at home in most countries.
    if digits.first() == Some(&0)
        && grouped
        && even
        && (9..=11).contains(&written.count)
        && many <= 5
        && written
            .signs
            .iter()
            .all(|sign| *sign == *written.signs.first().unwrap_or(&b' '))
    {
        return Some(if hinted { 90 } else { 60 });
    }
    if extended && (7..=11).contains(&written.count) {
        return Some(if hinted { 92 } else { 70 });
    }
    let plausible = (7..=12).contains(&written.count) && even && many <= 6 && varied(digits);
    if (near || after) && plausible {
        return Some(if grouped { 85 } else { 72 });
    }
    if hinted && plausible {
        return Some(if grouped { 70 } else { 58 });
    }
    if grouped && formed && north_american {
        return Some(55);
    }
    // `98765 43210` in India, `72 128 827`, `60-56-85-91`: groups alone do not tell.
    (plausible && !grouped && written.count == 10 && north_american).then_some(28)
}

/// Whether a word right behind says that it is one: `416 60 039 office`, `555-0100 (cell)`.
fn after(view: &View<'_>, end: usize) -> bool {
    let place = view.run(end, 2, |byte| matches!(byte, b' ' | b'(' | b'-'));
    place > end
        && [
            "office", "fax", "mobile", "cell", "home", "phone", "work", "desk", "tel", "direct",
            "main", "(mobile",
        ]
        .iter()
        .any(|word| {
            view.says(place, word)
                && !view
                    .byte(place.saturating_add(word.len()))
                    .is_some_and(is_wordy)
        })
}

fn varied(digits: &[u8]) -> bool {
    digits
        .windows(2)
        .filter(|pair| pair.first() != pair.last())
        .count()
        >= 3
}

/// Ten digits of the plan of North America, with or without its 1.
fn is_north_american(digits: &[u8]) -> bool {
    let ten = match digits {
        [1, rest @ ..] if rest.len() == 10 => rest,
        rest if rest.len() == 10 => rest,
        _ => return false,
    };
    codes::is_north_american(ten)
}
