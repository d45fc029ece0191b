//! Postal addresses: a house number and a street in the order of many countries, boxes, military addresses; and the
//! lines that go on with one.

mod tail;

use super::bytes::is_wordy;
use super::scan::{Token, token_at};
use super::state::State;
use super::view::View;
use super::words::Word;
use super::{Entity, Kind};
use tail::tail;

/// Most words of the name of a street.
const WORDS: usize = 6;

/// Ends of words that name streets, as they are written in one word.
const ENDINGS: &[&str] = &[
    "straße", "strasse", "gasse", "weg", "platz", "allee", "ufer", "damm", "straat", "laan",
    "plein", "kade", "gracht", "singel", "gatan", "vägen", "gränd", "torget", "veien", "vegen",
    "gata", "gate", "vei", "vej", "gade", "katu", "tie", "kuja", "polku", "utca", "vegur", "gatvė",
    "straede", "stræde", "väg",
];

/// The address whose house number begins at `at`.
pub(crate) fn at_number(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    if matches!(view.before(at), Some(b'$' | b'.' | b'/' | b'-')) {
        return None;
    }
    let mut end = view.run(at, 7, |byte| byte.is_ascii_digit());
    if end.saturating_sub(at) > 6 {
        return None;
    }
    if view.byte(end).is_some_and(|byte| byte.is_ascii_uppercase()) {
        end = end.saturating_add(1);
    }
    let mut place = view.run(end, 2, |byte| matches!(byte, b',' | b' '));
    if place == end || view.before(place) != Some(b' ') {
        return None;
    }
    let expected = is_expected(state, at);
    let (mut capitals, mut best) = (0_usize, None);
    let mut before = None;
    for step in 0..WORDS {
        let Some(first) = view.byte(place) else { break };
        if first.is_ascii_digit() {
            let stop = view.run(place, 6, |byte| byte.is_ascii_digit());
            let stop = view.run(stop, 2, |byte| byte.is_ascii_alphabetic());
            if view.byte(stop).is_some_and(is_wordy) {
                break;
            }
            // `72134 Coronilla 3599`: the number behind a name.
            if capitals > 0 {
                let street = before.is_some_and(|token: Token| ends_as_street(view, &token));
                if street || expected {
                    best = Some(stop);
                }
                break;
            }
            if step > 0 {
                break;
            }
            place = stop;
        } else {
            let token = token_at(view, place);
            let word = token.known.word;
            if token.digits || first < b'A' {
                break;
            }
            // `avenue` stands before the name in one language and behind it in another.
            let leads = word.is(Word::STREET_BEFORE) && capitals == 0;
            if leads && (!word.is(Word::STREET) || followed_by_particle(view, &token)) {
                best = behind(view, &token);
                break;
            }
            if word.is(Word::STREET)
                && capitals > 0
                && (token.capital || view.byte(token.end).is_none_or(|byte| !is_wordy(byte)))
            {
                best = Some(token.end);
                // `Oak Hollow Street`: a later word of the kind goes on with the name.
                let next = (view.byte(token.end) == Some(b' '))
                    .then(|| token_at(view, token.end.saturating_add(1)))
                    .filter(|next| next.capital && next.known.word.is(Word::STREET));
                if next.is_none() {
                    break;
                }
                place = token.end.saturating_add(1);
                continue;
            }
            let inside = word.is(Word::PARTICLE) && capitals > 0;
            if !token.capital && !inside {
                break;
            }
            if word.is(Word::MONTH.and(Word::WEEKDAY).and(Word::UNIT))
                || (word.is(Word::PLAIN)
                    && !word.is(Word::PLACE.and(Word::STREET))
                    && capitals == 0)
            {
                break;
            }
            capitals = capitals.saturating_add(usize::from(token.capital));
            before = Some(token);
            place = token.end;
            if expected && capitals > 0 {
                best = Some(place);
            }
        }
        if view.byte(place) == Some(b'.') && view.byte(place.saturating_add(1)) == Some(b' ') {
            place = place.saturating_add(1);
        }
        if view.byte(place) != Some(b' ') {
            break;
        }
        place = place.saturating_add(1);
    }
    let stop = best?;
    Some(Entity::new(
        Kind::StreetAddress,
        at..tail(view, stop),
        if expected { 82 } else { 72 },
    ))
}

/// The address that begins with a word.
pub(crate) fn at_word(view: &View<'_>, state: &State, token: &Token) -> Option<Entity> {
    let at = token.start;
    if matches!(view.before(at), Some(b'/' | b'.' | b'-' | b'@' | b'#')) {
        return None;
    }
    // What a box or a ship begins with.
    if matches!(view.byte(at), Some(b'P' | b'B' | b'U' | b'C'))
        && let Some(end) = boxed(view, token, view.slice(at..token.end))
    {
        return Some(Entity::new(Kind::StreetAddress, at..tail(view, end), 85));
    }
    let word = token.known.word;
    if word.is(Word::STREET_BEFORE) {
        let end = behind(view, token)?;
        let numbered = view.before(end).is_some_and(|byte| byte.is_ascii_digit());
        return (numbered || is_expected(state, at) && word.is(Word::STREET))
            .then(|| Entity::new(Kind::StreetAddress, at..tail(view, end), 72));
    }
    if token.capital
        && word == Word::NONE
        && view.byte(token.end) == Some(b' ')
        && view
            .byte(token.end.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_digit())
        && ends_as_street(view, token)
    {
        let number = token.end.saturating_add(1);
        let mut end = view.run(number, 5, |byte| byte.is_ascii_digit());
        if end == number || end.saturating_sub(number) > 4 {
            return None;
        }
        if view
            .byte(end)
            .is_some_and(|byte| byte.is_ascii_alphabetic())
        {
            end = end.saturating_add(1);
        }
        return (!view.byte(end).is_some_and(is_wordy))
            .then(|| Entity::new(Kind::StreetAddress, at..tail(view, end), 75));
    }
    None
}

/// Whether what was said just before announces an address.
fn is_expected(state: &State, at: usize) -> bool {
    state.last(at, 3).is(Word::OF_PLACE)
        || state.last_but_one().is(Word::OF_PLACE) && state.last(at, 3) != Word::NONE
}

fn followed_by_particle(view: &View<'_>, token: &Token) -> bool {
    view.byte(token.end) == Some(b' ')
        && token_at(view, token.end.saturating_add(1))
            .known
            .word
            .is(Word::PARTICLE)
}

/// Whether a word ends as names of streets do.
fn ends_as_street(view: &View<'_>, token: &Token) -> bool {
    let small = view.slice(token.start..token.end).to_lowercase();
    ENDINGS
        .iter()
        .any(|end| small.len() > end.len().saturating_add(2) && small.ends_with(end))
}

/// Where an address ends that begins with `rue`, `via`, `ul.`: behind its name, and behind its number if one follows.
fn behind(view: &View<'_>, token: &Token) -> Option<usize> {
    let mut place = token.end;
    let mut capitals = 0_usize;
    let mut end = None;
    if view.byte(place) == Some(b'.') {
        place = place.saturating_add(1);
    }
    for _ in 0..WORDS {
        let comma = view.byte(place) == Some(b',') && capitals > 0;
        if comma {
            place = place.saturating_add(1);
        }
        if view.byte(place) != Some(b' ') {
            break;
        }
        place = place.saturating_add(1);
        let Some(first) = view.byte(place) else { break };
        if first.is_ascii_digit() && capitals > 0 {
            let stop = view.run(place, 6, |byte| byte.is_ascii_digit());
            let stop = view.run(stop, 1, |byte| byte.is_ascii_alphabetic());
            // Behind a comma, five digits are a postal code.
            let longest = if comma { 4 } else { 5 };
            if !view.byte(stop).is_some_and(is_wordy) && stop.saturating_sub(place) <= longest {
                end = Some(stop);
            }
            break;
        }
        let next = token_at(view, place);
        if next.digits || first < b'A' || !(next.capital || next.known.word.is(Word::PARTICLE)) {
            break;
        }
        if next.capital && !(next.known.word.is(Word::PLAIN) && capitals > 0) {
            capitals = capitals.saturating_add(1);
            end = Some(next.end);
        }
        place = next.end;
    }
    end.filter(|_| capitals > 0)
}

/// Boxes and military addresses: `PO Box 12`, `PSC 4574, Box 8393`, `Unit 1293 Box 4311`, `USS Lorenzen`.
fn boxed(view: &View<'_>, token: &Token, text: &str) -> Option<usize> {
    let end = token.end;
    let number = |at: usize| {
        let stop = view.run(at, 7, |byte| byte.is_ascii_digit());
        (stop > at && !view.byte(stop).is_some_and(is_wordy)).then_some(stop)
    };
    match text {
        "P" if view.says(end, ".o. box ") => number(end.saturating_add(8)),
        "P" if view.says(end, ".o.box ") => number(end.saturating_add(7)),
        "PO" | "Po" | "POB" if view.says(end, " box ") => number(end.saturating_add(5)),
        "Postfach" | "Postbus" | "Box" if view.byte(end) == Some(b' ') => {
            number(end.saturating_add(1)).filter(|stop| stop.saturating_sub(end) > 2)
        }
        "PSC" | "Unit" | "CMR" if view.byte(end) == Some(b' ') => {
            let stop = number(end.saturating_add(1))?;
            let mark = view.run(stop, 2, |byte| matches!(byte, b',' | b' '));
            if view.says(mark, "box ") {
                number(mark.saturating_add(4))
            } else {
                None
            }
        }
        "USS" | "USNS" | "USNV" | "USCGC" if view.byte(end) == Some(b' ') => {
            let name = token_at(view, end.saturating_add(1));
            let line = view.run(name.end, 2, |byte| matches!(byte, b'\n' | b' ' | b','));
            (name.capital && view.says(line, "fpo ")).then_some(name.end)
        }
        _ => None,
    }
}
