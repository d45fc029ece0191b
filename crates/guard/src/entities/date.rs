//! Dates, years, days of the week, and ages.

use super::bytes::is_wordy;
use super::scan::{Token, token_at};
use super::state::State;
use super::view::View;
use super::words::{Hint, Word};
use super::{Entity, Kind};

/// The date that begins with a digit at `at`.
pub(crate) fn at_digit(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    if matches!(view.before(at), Some(b'.' | b'/' | b'-' | b'$')) {
        return None;
    }
    let (end, confidence) = numeric(view, at).or_else(|| day_first(view, at))?;
    Some(dated(state, at, end, confidence))
}

/// The date that begins with a word: a month, or a day of the week.
pub(crate) fn at_word(view: &View<'_>, state: &State, token: &Token) -> Option<Entity> {
    let (at, word) = (token.start, token.known.word);
    if word.is(Word::WEEKDAY) && (token.capital || view.says(token.end, " morning")) {
        return Some(Entity::new(Kind::Date, at..token.end, 55));
    }
    if !word.is(Word::MONTH) || !token.capital {
        return None;
    }
    // `October 10, 1999`, `Oct. 10th`, `October 1999`
    let mut place = token.end;
    if view.byte(place) == Some(b'.') {
        place = place.saturating_add(1);
    }
    let hyphen = view.byte(place) == Some(b'-');
    if view.byte(place) != Some(b' ') && !hyphen {
        return None;
    }
    let (number, mut end) = digits(view, place.saturating_add(1))?;
    let length = end.saturating_sub(place).saturating_sub(1);
    if length == 4 && is_year(number) && !view.byte(end).is_some_and(is_wordy) {
        return Some(dated(state, at, end, 85));
    }
    if hyphen || length > 2 || !(1..=31).contains(&number) {
        return None;
    }
    end = ordinal(view, end);
    if view.byte(end).is_some_and(is_wordy) {
        return None;
    }
    let year = view.run(end, 2, |byte| matches!(byte, b',' | b' '));
    if year > end
        && let Some((number, stop)) = digits(view, year)
        && is_year(number)
        && stop.saturating_sub(year) == 4
        && !view.byte(stop).is_some_and(is_wordy)
    {
        return Some(dated(state, at, stop, 92));
    }
    Some(dated(state, at, end, 75))
}

/// A year alone, behind a word that speaks of time.
pub(crate) fn year(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    let (number, end) = digits(view, at)?;
    if end.saturating_sub(at) != 4
        || !is_year(number)
        || matches!(view.before(at), Some(b'#' | b'$' | b'.' | b'-'))
    {
        return None;
    }
    let next = view.byte(end);
    // A price, a unit, a house number have something behind them.
    if next.is_some_and(|byte| is_wordy(byte) || matches!(byte, b'%' | b'/' | b':' | b'-'))
        || next == Some(b'.')
            && view
                .byte(end.saturating_add(1))
                .is_some_and(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let before = state.last(at, 1);
    let speaks = before.is(Word::YEAR_BEFORE.and(Word::MONTH));
    let article = view.before(at) == Some(b' ')
        && before.is(Word::PLAIN)
        && matches!(view.byte(at.saturating_sub(2)), Some(b'a' | b'e'))
        && next == Some(b' ')
        && view
            .byte(end.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_alphabetic())
        && (1900..=2050).contains(&number);
    (speaks || article).then(|| Entity::new(Kind::Date, at..end, if speaks { 60 } else { 52 }))
}

/// How old somebody is: `aged 46`, `46 years old`, `36-year-old`, `64 y/o`.
pub(crate) fn age(view: &View<'_>, state: &State, at: usize) -> Option<Entity> {
    let (number, end) = digits(view, at)?;
    if !(1..=120).contains(&number) || end.saturating_sub(at) > 3 {
        return None;
    }
    let next = view.byte(end);
    if matches!(next, Some(b' ' | b'-')) {
        let word = end.saturating_add(1);
        for form in [
            "years old",
            "year old",
            "years-old",
            "year-old",
            "y/o",
            "yo ",
            "y.o",
            "yrs old",
            "yr old",
            "jahre alt",
            "ans,",
            "años",
        ] {
            if view.says(word, form) {
                return Some(Entity::new(Kind::Age, at..end, 90));
            }
        }
        if next == Some(b'-') {
            return None;
        }
    }
    if next.is_some_and(|byte| is_wordy(byte) || matches!(byte, b'%' | b':' | b'/')) {
        return None;
    }
    let before = state.last(at, 1);
    let of_age = before.is(Word::OF_AGE)
        || (before.is(Word::PLAIN.and(Word::IS).and(Word::YEAR_BEFORE))
            && state.last_but_one().is(Word::OF_AGE))
        || state.hinted_within(Hint::Age, at, 8);
    let sentence = !matches!(next, Some(b' '))
        || !view
            .byte(end.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_alphabetic());
    if of_age && (sentence || state.hinted_within(Hint::Age, at, 8)) {
        return Some(Entity::new(Kind::Age, at..end, 75));
    }
    // `when he was 65.`
    let was = before.is(Word::PLAIN)
        && view.slice(at.saturating_sub(5)..at) == " was "
        && state.last_but_one().is(Word::PLAIN);
    (was && matches!(next, None | Some(b'.' | b',')) && number >= 10)
        .then(|| Entity::new(Kind::Age, at..end, 52))
}

fn dated(state: &State, at: usize, end: usize, confidence: u8) -> Entity {
    let birth = state.hinted_within(Hint::Birth, at, 24);
    Entity::new(
        if birth { Kind::DateOfBirth } else { Kind::Date },
        at..end,
        if birth {
            confidence.max(92)
        } else {
            confidence
        },
    )
}

/// A number of at most four digits, and where it ends.
fn digits(view: &View<'_>, at: usize) -> Option<(u32, usize)> {
    let end = view.run(at, 5, |byte| byte.is_ascii_digit());
    let length = end.saturating_sub(at);
    if !(1..=4).contains(&length) {
        return None;
    }
    Some((view.slice(at..end).parse().ok()?, end))
}

const fn is_year(number: u32) -> bool {
    number >= 1800 && number <= 2100
}

fn ordinal(view: &View<'_>, end: usize) -> usize {
    let two = ["st", "nd", "rd", "th"]
        .iter()
        .any(|one| view.says(end, one));
    if two { end.saturating_add(2) } else { end }
}

/// Three numbers with one sign between: `2015-12-22`, `10/23/1951`, `23.10.51`; a time may follow.
fn numeric(view: &View<'_>, at: usize) -> Option<(usize, u8)> {
    let (first, end) = digits(view, at)?;
    let sign = view
        .byte(end)
        .filter(|sign| matches!(sign, b'-' | b'/' | b'.'))?;
    let middle = end.saturating_add(1);
    let long_first = end.saturating_sub(at) == 4;
    // `12-Oct-1999`
    if view.byte(middle)?.is_ascii_alphabetic() && !long_first {
        let month = token_at(view, middle);
        if !month.known.word.is(Word::MONTH)
            || view.byte(month.end) != Some(sign)
            || !(1..=31).contains(&first)
        {
            return None;
        }
        let (year, stop) = digits(view, month.end.saturating_add(1))?;
        let length = stop.saturating_sub(month.end).saturating_sub(1);
        return ((length == 4 && is_year(year) || length == 2)
            && !view.byte(stop).is_some_and(is_wordy))
        .then_some((stop, 90));
    }
    let (second, end) = digits(view, middle)?;
    if end.saturating_sub(middle) > 2 || view.byte(end) != Some(sign) {
        return None;
    }
    let (third, stop) = digits(view, end.saturating_add(1))?;
    let length = stop.saturating_sub(end).saturating_sub(1);
    let next = view.byte(stop);
    if matches!(next, Some(b'-' | b'/'))
        && view
            .byte(stop.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_digit())
        || next == Some(b'.')
            && view
                .byte(stop.saturating_add(1))
                .is_some_and(|byte| byte.is_ascii_digit())
        || next.is_some_and(|byte| is_wordy(byte) && !matches!(byte, b'T' | b't'))
    {
        return None;
    }
    let days = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
    if long_first {
        // Versions are written with dots.
        let dots = sign == b'.';
        let full = length == 2 && end.saturating_sub(middle) == 2;
        return (is_year(first) && length <= 2 && days(third, second) && (full || !dots))
            .then(|| (time(view, stop), if dots { 60 } else { 92 }));
    }
    let fits = days(first, second) || days(second, first);
    match length {
        4 if fits && is_year(third) && !matches!(next, Some(b'T' | b't')) => {
            Some((time(view, stop), 90))
        }
        // Two digits of a year: versions and fractions look alike, the more with dots.
        2 if fits && sign != b'.' && end.saturating_sub(middle) == 2 => Some((stop, 70)),
        2 if fits && end.saturating_sub(middle) == 2 && first >= 1 => Some((stop, 52)),
        _ => None,
    }
}

/// Where the time behind a date ends: `T04:34:22Z`, ` 04:34`, ` 04:34:22.5+02:00`; the date itself where none follows.
fn time(view: &View<'_>, end: usize) -> usize {
    let hour = match view.byte(end) {
        Some(b'T' | b't' | b' ') => end.saturating_add(1),
        _ => return end,
    };
    let minute = view.run(hour, 3, |byte| byte.is_ascii_digit());
    if !(1..=2).contains(&minute.saturating_sub(hour)) || view.byte(minute) != Some(b':') {
        return end;
    }
    let mut stop = view.run(minute.saturating_add(1), 2, |byte| byte.is_ascii_digit());
    if view.byte(stop) == Some(b':')
        && view
            .byte(stop.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_digit())
    {
        stop = view.run(stop.saturating_add(1), 2, |byte| byte.is_ascii_digit());
    }
    if view.byte(stop) == Some(b'.')
        && view
            .byte(stop.saturating_add(1))
            .is_some_and(|byte| byte.is_ascii_digit())
    {
        stop = view.run(stop.saturating_add(1), 9, |byte| byte.is_ascii_digit());
    }
    match view.byte(stop) {
        Some(b'Z') => stop.saturating_add(1),
        Some(b'+' | b'-') if view.byte(stop.saturating_add(3)) == Some(b':') => {
            let zone = view.run(stop.saturating_add(1), 5, |byte| {
                byte.is_ascii_digit() || byte == b':'
            });
            if zone.saturating_sub(stop) == 6 {
                zone
            } else {
                stop
            }
        }
        _ => stop,
    }
}

/// `10 October 1999`, `10th of Oct, 1999`, `10. Oktober 1999`
fn day_first(view: &View<'_>, at: usize) -> Option<(usize, u8)> {
    let (day, end) = digits(view, at)?;
    if !(1..=31).contains(&day) || end.saturating_sub(at) > 2 {
        return None;
    }
    let mut place = ordinal(view, end);
    if view.byte(place) == Some(b'.') {
        place = place.saturating_add(1);
    }
    if view.byte(place)? != b' ' {
        return None;
    }
    place = place.saturating_add(1);
    if view.says(place, "of ") || view.says(place, "de ") {
        place = place.saturating_add(3);
    }
    if !view.byte(place)?.is_ascii_alphabetic() {
        return None;
    }
    let month = token_at(view, place);
    if !month.known.word.is(Word::MONTH) {
        return None;
    }
    // `may` and `mar` are words.
    let certain = month.capital || month.end.saturating_sub(month.start) > 4;
    let mut year = view.run(month.end, 2, |byte| matches!(byte, b',' | b' ' | b'.'));
    if view.says(year, "de ") {
        year = year.saturating_add(3);
    }
    if year > month.end
        && let Some((number, stop)) = digits(view, year)
        && is_year(number)
        && !view.byte(stop).is_some_and(is_wordy)
    {
        return Some((time(view, stop), 92));
    }
    certain.then_some((month.end, 75))
}
