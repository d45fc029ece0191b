//! What goes on with an address behind its street: a flat, a town, a postal code, a country.

use super::super::bytes::is_wordy;
use super::super::scan::token_at;
use super::super::view::View;
use super::super::words::Word;

/// Most further parts.
const PARTS: usize = 5;

/// Where the address ends whose street ends at `end`.
pub(super) fn tail(view: &View<'_>, end: usize) -> usize {
    let mut end = end;
    for _ in 0..PARTS {
        let Some((stop, last)) = part(view, end) else {
            break;
        };
        end = stop;
        if last {
            break;
        }
    }
    end
}

/// The next part: where it ends, and whether nothing follows it.
fn part(view: &View<'_>, end: usize) -> Option<(usize, bool)> {
    let mut at = end;
    let (mut comma, mut line) = (false, false);
    while at.saturating_sub(end) < 12 {
        match view.byte(at) {
            Some(b',') if !comma => comma = true,
            Some(b'\n') if !line => line = true,
            Some(b'.')
                if at == end
                    && view.byte(at.saturating_add(1)) == Some(b' ')
                    && unit(view, at.saturating_add(2)).is_some() => {}
            Some(b' ' | b'\r' | b'>') => {}
            _ => break,
        }
        at = at.saturating_add(1);
    }
    if at == end {
        return None;
    }
    if let Some(stop) = unit(view, at) {
        return Some((stop, false));
    }
    if let Some(stop) = military(view, at).or_else(|| state_and_code(view, at)) {
        return Some((stop, true));
    }
    if let Some(stop) = postal_code(view, at) {
        // The code stands before the town in much of Europe.
        let town = (view.byte(stop) == Some(b' '))
            .then(|| town(view, stop.saturating_add(1)))
            .flatten();
        return (comma || line || town.is_some()).then(|| (town.unwrap_or(stop), true));
    }
    let stop = town(view, at)?;
    let ends = matches!(view.byte(stop), None | Some(b',' | b'\n' | b'.' | b' '));
    let code = (view.byte(stop) == Some(b' '))
        .then(|| postal_code(view, stop.saturating_add(1)))
        .flatten();
    ((comma || line) && ends).then_some((code.unwrap_or(stop), false))
}

/// `Apt. 406`, `Suite 12B`, `#4`.
fn unit(view: &View<'_>, at: usize) -> Option<usize> {
    let mut place = at;
    if view.byte(at) == Some(b'#') {
        place = at.saturating_add(1);
    } else {
        if !view.byte(at)?.is_ascii_alphabetic() {
            return None;
        }
        let token = token_at(view, at);
        if !token.known.word.is(Word::UNIT) {
            return None;
        }
        place = token.end.max(place);
        place = view.run(place, 2, |byte| matches!(byte, b'.' | b' '));
    }
    let stop = view.run(place, 6, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let digits = view
        .slice(place..stop)
        .bytes()
        .any(|byte| byte.is_ascii_digit());
    (digits && !view.byte(stop).is_some_and(is_wordy)).then_some(stop)
}

/// `FPO AP 12428`.
fn military(view: &View<'_>, at: usize) -> Option<usize> {
    let office = ["apo ", "fpo ", "dpo "]
        .iter()
        .any(|one| view.says(at, one));
    let region = at.saturating_add(4);
    if !office
        || view.byte(region) != Some(b'A')
        || view.byte(region.saturating_add(2)) != Some(b' ')
    {
        return None;
    }
    let code = region.saturating_add(3);
    let stop = view.run(code, 5, |byte| byte.is_ascii_digit());
    (stop.saturating_sub(code) == 5).then_some(stop)
}

/// `NY 10001`, `NY 10001-1234`.
fn state_and_code(view: &View<'_>, at: usize) -> Option<usize> {
    let stop = view.run(at, 3, |byte| byte.is_ascii_uppercase());
    if stop.saturating_sub(at) != 2 || view.byte(stop) != Some(b' ') {
        return None;
    }
    postal_code(view, stop.saturating_add(1))
}

/// Four to six digits, with four more behind a hyphen, or two groups as in Britain, Canada and the Netherlands.
fn postal_code(view: &View<'_>, at: usize) -> Option<usize> {
    let stop = view.run(at, 7, |byte| byte.is_ascii_alphanumeric());
    let text = view.slice(at..stop);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == text.len() && (4..=6).contains(&digits) {
        let more = view.run(stop.saturating_add(1), 5, |byte| byte.is_ascii_digit());
        if view.byte(stop) == Some(b'-') && more.saturating_sub(stop) == 5 {
            return Some(more);
        }
        if view.byte(stop) == Some(b' ') {
            let letters = view.run(stop.saturating_add(1), 3, |byte| byte.is_ascii_uppercase());
            if letters.saturating_sub(stop) == 3
                && digits == 4
                && !view.byte(letters).is_some_and(is_wordy)
            {
                return Some(letters);
            }
        }
        return (!view.byte(stop).is_some_and(is_wordy)).then_some(stop);
    }
    let mixed = (2..=4).contains(&text.len())
        && digits >= 1
        && text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_uppercase());
    if !mixed || view.byte(stop) != Some(b' ') {
        return None;
    }
    let second = stop.saturating_add(1);
    let end = view.run(second, 4, |byte| {
        byte.is_ascii_digit() || byte.is_ascii_uppercase()
    });
    let tail = view.slice(second..end);
    (tail.len() == 3 && tail.starts_with(|c: char| c.is_ascii_digit())).then_some(end)
}

/// Up to three capitalised words that are a town or a country, and a country in brackets.
fn town(view: &View<'_>, at: usize) -> Option<usize> {
    let mut end = None;
    let mut place = at;
    for _ in 0..3 {
        if !view
            .byte(place)
            .is_some_and(|byte| byte.is_ascii_alphabetic() || byte >= 0xc3)
        {
            break;
        }
        let token = token_at(view, place);
        let word = token.known.word;
        let place_word = word.is(Word::COUNTRY.and(Word::PLACE).and(Word::PARTICLE));
        let refused = word.is(Word::PLAIN
            .and(Word::NAME)
            .and(Word::MONTH)
            .and(Word::WEEKDAY)
            .and(Word::TITLE))
            && !place_word;
        let label = token.known.hints.iter().any(Option::is_some) && !place_word;
        if token.digits || !token.capital || refused || label || view.byte(token.end) == Some(b':')
        {
            break;
        }
        end = Some(token.end);
        if view.byte(token.end) != Some(b' ') && view.byte(token.end) != Some(b'-') {
            break;
        }
        place = token.end.saturating_add(1);
    }
    let end = end?;
    if view.byte(end) == Some(b':') {
        return None;
    }
    if view.says(end, " (") {
        let inner = view.run(end.saturating_add(2), 24, |byte| {
            byte.is_ascii_alphabetic() || byte == b' ' || byte >= 0x80
        });
        if view.byte(inner) == Some(b')') {
            return Some(inner.saturating_add(1));
        }
    }
    Some(end)
}
