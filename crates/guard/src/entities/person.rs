//! Names of people, by titles, by what introduces them, and by a lexicon of our own.
//!
//! The bar is precision: a name that nothing introduces and of which no part is in the lexicon is left.

use super::bytes::is_wordy;
use super::scan::{Token, is_capital, token_at};
use super::state::State;
use super::view::View;
use super::words::Word;
use super::{Entity, Kind};

/// Most words of a name.
const WORDS: usize = 5;

/// Ends of surnames that are hardly ends of anything else.
const ENDINGS: &[&str] = &[
    "sson", "sdóttir", "dóttir", "ová", "ská", "cká", "owski", "owska", "ewski", "ewska", "ińska",
    "iński", "ński", "ńska", "escu", "ović", "ević", "ovic", "evic", "ić", "ič", "opoulos", "akis",
    "idis", "shvili", "adze", "enko", "chuk", "czyk", "wicz", "ikov", "imov", "anov", "inov",
    "asov", "ikova", "imova", "anova", "inova", "ieva", "eev", "eeva", "ayev", "ayeva", "nen",
    "stedt", "ström", "qvist", "quist", "lund", "gaard", "mann", "meyer", "meister", "ández",
    "ínez", "íguez", "ánchez", "ález", "inho", "lainen", "oğlu", "oglu", "yan", "ian",
];

/// What a run of capitalised words is made of.
#[derive(Debug, Default)]
struct Name {
    end: usize,
    words: usize,
    /// The first word is a given name.
    given: bool,
    /// The first word may be one.
    maybe: bool,
    /// A word behind the first is a surname, by the lexicon or by its end.
    surname: bool,
    /// A word behind the first is a given name.
    later: bool,
    /// The first word is a surname.
    first: bool,
    /// The first word begins sentences.
    plain: bool,
    /// A word makes it a place, a street or a company.
    other: bool,
    /// Two words with a hyphen and nothing else.
    hyphen: bool,
}

/// The name that begins with this word, or behind it when it is a title.
pub(crate) fn find(view: &View<'_>, state: &State, token: &Token) -> Option<Entity> {
    let at = token.start;
    if matches!(
        view.before(at),
        Some(b'/' | b'\\' | b'.' | b'@' | b'#' | b'_' | b'-' | b'=' | b'$')
    ) {
        return None;
    }
    if token.known.word.is(Word::TITLE)
        && let Some(one) = titled(view, token)
    {
        return Some(one);
    }
    if !token.capital || token.digits {
        return None;
    }
    // A number before it makes it the name of a street.
    if view.before(at) == Some(b' ')
        && view
            .before(at.saturating_sub(1))
            .is_some_and(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let cue = cue(view, state, at);
    let known = token.known.word;
    // Most capitalised words are none, and need no look ahead.
    let lead = known.is(Word::GIVEN.and(Word::MAYBE_GIVEN).and(Word::SURNAME));
    if !lead && known != Word::NONE && cue != Cue::Certain {
        return None;
    }
    if known.is(Word::PLAIN
        .and(Word::COUNTRY)
        .and(Word::COMPANY)
        .and(Word::STREET_BEFORE))
        && !lead
    {
        return None;
    }
    // A word of which nothing is known, and that nothing introduces, needs a surname behind it.
    if cue == Cue::None
        && !lead
        && !matches!(view.byte(token.end), Some(b' ' | b'\'' | b'-' | b'.'))
    {
        return None;
    }
    let name = collect(view, token);
    if name.other || name.words == 0 {
        return None;
    }
    let sure = confidence(&name, cue)?;
    Some(Entity::new(Kind::PersonName, at..name.end, sure))
}

/// What stands before a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cue {
    /// `my name is`, `call me`, `Name:`
    Certain,
    /// `this is`, `said`, `Regards,`
    Likely,
    None,
}

fn cue(view: &View<'_>, state: &State, at: usize) -> Cue {
    let last = state.last(at, 4);
    let before = state.last_but_one();
    let colon = view.slice(at.saturating_sub(3)..at).contains(':');
    if last.is(Word::NAME) && colon
        || last.is(Word::IS) && before.is(Word::NAME)
        || last.is(Word::WHOM) && before.is(Word::CALL)
    {
        return Cue::Certain;
    }
    let line = view.slice(at.saturating_sub(2)..at).contains('\n');
    if last.is(Word::CLOSING) && line
        || last.is(Word::IS) && before.is(Word::WHO)
        || last.is(Word::WHO) && view.before(at) == Some(b' ')
        || last.is(Word::OF_PERSON)
    {
        return Cue::Likely;
    }
    Cue::None
}

fn confidence(name: &Name, cue: Cue) -> Option<u8> {
    let several = name.words >= 2;
    match cue {
        Cue::Certain if name.plain && !name.given => None,
        Cue::Certain => Some(if several { 92 } else { 80 }),
        Cue::Likely if name.given || (name.maybe || name.first) && several && !name.plain => {
            Some(if several { 85 } else { 65 })
        }
        Cue::Likely if several && name.surname && !name.plain => Some(75),
        _ if name.given && several && !name.plain => {
            Some(if name.surname || name.later { 90 } else { 72 })
        }
        _ if name.given && !name.plain => Some(55),
        _ if name.maybe && several && name.surname => Some(65),
        _ if several && name.surname && !name.plain && !name.first => Some(60),
        _ => None,
    }
}

fn titled(view: &View<'_>, title: &Token) -> Option<Entity> {
    let mut at = title.end;
    if view.byte(at) == Some(b'.') {
        at = at.saturating_add(1);
    }
    if view.byte(at) != Some(b' ') {
        return None;
    }
    at = at.saturating_add(1);
    if !is_capital(view, at) {
        return None;
    }
    let token = token_at(view, at);
    if token.digits {
        return None;
    }
    let name = collect(view, &token);
    let text = view.slice(title.start..title.end);
    let sure = [
        "mr", "mrs", "ms", "dr", "miss", "prof", "herr", "frau", "mme", "monsieur", "madame",
        "señor", "señora", "sr", "sra", "signor", "signora", "mx",
    ]
    .iter()
    .any(|one| text.to_lowercase() == **one);
    let known = name.given || name.maybe || name.first || name.surname;
    if name.words == 0
        || name.other
        || !(sure && !name.plain || known && title.capital)
        || (name.plain && !known)
    {
        return None;
    }
    Some(Entity::new(
        Kind::PersonName,
        at..name.end,
        if sure { 92 } else { 75 },
    ))
}

/// The words of a name from its first.
fn collect(view: &View<'_>, first: &Token) -> Name {
    let mut name = Name::default();
    let mut token = *first;
    loop {
        let word = token.known.word;
        let text = view.slice(token.start..token.end);
        let initial = text.chars().count() == 1 && view.byte(token.end) == Some(b'.');
        let part = word.is(Word::GIVEN.and(Word::MAYBE_GIVEN).and(Word::SURNAME));
        let lead = name.words == 0;
        if lead {
            name.given = word.is(Word::GIVEN);
            name.maybe = word.is(Word::MAYBE_GIVEN);
            name.first = word.is(Word::SURNAME);
            name.plain = word.is(Word::PLAIN.and(Word::MONTH).and(Word::WEEKDAY));
        } else {
            if word.is(Word::STREET.and(Word::COMPANY).and(Word::PLACE))
                && !word.is(Word::GIVEN)
                && !initial
            {
                name.other = !(word.is(Word::SURNAME) && name.given);
                if name.other {
                    return name;
                }
            }
            if word.is(Word::PLAIN
                .and(Word::COUNTRY)
                .and(Word::MONTH)
                .and(Word::WEEKDAY)
                .and(Word::TITLE)
                .and(Word::UNIT))
                && !part
            {
                break;
            }
            name.surname |= word.is(Word::SURNAME)
                || ENDINGS
                    .iter()
                    .any(|end| text.len() > end.len().saturating_add(1) && text.ends_with(end));
            name.later |= word.is(Word::GIVEN);
        }
        name.words = name.words.saturating_add(1);
        name.end = token.end;
        let mut at = token.end;
        if initial {
            at = at.saturating_add(1);
            if lead && view.byte(at) != Some(b' ') {
                break;
            }
        }
        if name.words >= WORDS {
            break;
        }
        // `O'Brien`, `Jean-Luc`, then a blank.
        let joined =
            matches!(view.byte(at), Some(b'\'' | b'-')) && is_capital(view, at.saturating_add(1));
        if !joined && view.byte(at) != Some(b' ') {
            break;
        }
        name.hyphen |= joined && view.byte(at) == Some(b'-') && name.words == 1;
        let Some(next) = next_word(view, at.saturating_add(1)) else {
            break;
        };
        token = next;
    }
    // `Garcia-Roberson` alone is a firm more often than a person.
    name.other |= name.hyphen && name.words == 2 && (name.first || name.surname);
    if view
        .byte(name.end)
        .is_some_and(|byte| is_wordy(byte) || matches!(byte, b'(' | b'/' | b'@' | b'=' | b'&'))
    {
        name.other = true;
    }
    name
}

/// The next word of a name: capitalised, or small ones between that names have.
fn next_word(view: &View<'_>, at: usize) -> Option<Token> {
    let mut at = at;
    for _ in 0..3 {
        let token = token_at(view, at);
        let length = token.end.saturating_sub(token.start);
        if token.digits
            || !view
                .byte(at)
                .is_some_and(|byte| byte.is_ascii_alphabetic() || byte >= 0xc3)
        {
            return None;
        }
        if token.capital {
            return Some(token);
        }
        if !token.known.word.is(Word::PARTICLE) || length > 5 || view.byte(token.end) != Some(b' ')
        {
            return None;
        }
        at = token.end.saturating_add(1);
    }
    None
}
