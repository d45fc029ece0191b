//! The scanner: one pass over the text, driven by the class of the byte at hand.
//!
//! At each place where something may begin, the recognisers that the byte admits are asked in a fixed order; the one
//! that holds consumes its text, else one word is passed and remembered. Every decision depends on what stands behind
//! the place, as far as it was looked at, and on the small [`State`] of what was passed.

use super::bytes::{Class, class, folded, goes_on, is_wordy};
use super::state::State;
use super::view::View;
use super::words::{self, Hash, Known, Word};
use super::{Entity, Kind};
use super::{
    address, credential, date, device, labelled, mail, network, number, person, phone, place,
    token, wallet, web,
};

/// Longest run of letters and digits that is looked at as one word, in bytes.
const LONGEST_WORD: usize = 512;

/// Shortest address of a currency or number of a vehicle, in bytes.
const LEAST_CODE: usize = 17;

/// A scanner between two places of a text.
#[derive(Clone, Debug)]
pub(crate) struct Scanner {
    pub(crate) state: State,
}

/// A word at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Holds a digit.
    pub(crate) digits: bool,
    /// Begins with a capital letter.
    pub(crate) capital: bool,
    pub(crate) known: Known,
}

impl Scanner {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::new(),
        }
    }

    /// Goes on as far as decisions are final, and adds what is found.
    pub(crate) fn run(&mut self, view: &View<'_>, found: &mut Vec<Entity>) {
        loop {
            self.skip(view);
            if self.state.at >= view.bytes().len() {
                return;
            }
            if view.is_complete() {
                self.step(view, found);
                continue;
            }
            let (before, count) = (self.state, found.len());
            view.take_starved();
            self.step(view, found);
            if view.take_starved() {
                self.state = before;
                found.truncate(count);
                return;
            }
        }
    }

    /// Passes bytes at which nothing begins.
    fn skip(&mut self, view: &View<'_>) {
        let bytes = view.bytes();
        while let Some(byte) = bytes.get(self.state.at) {
            if class(*byte) != Class::Other {
                break;
            }
            self.state.at = self.state.at.saturating_add(1);
        }
    }

    fn step(&mut self, view: &View<'_>, found: &mut Vec<Entity>) {
        let at = self.state.at;
        if at >= self.state.field {
            self.state.field = credential::look(view, at, found);
        }
        let Some(byte) = view.byte(at) else {
            return;
        };
        let end = match class(byte) {
            Class::Letter => self.word(view, at, found),
            Class::Digit => self.digit(view, at, found),
            Class::Sign => self.sign(view, at, byte, found),
            Class::Other => at,
        };
        self.state.at = end.max(at.saturating_add(1));
    }

    /// A `+`, a bracket or a colon.
    fn sign(&mut self, view: &View<'_>, at: usize, byte: u8, found: &mut Vec<Entity>) -> usize {
        let apart = !view.before(at).is_some_and(is_wordy);
        let one = match byte {
            b'+' | b'(' if apart => phone::find(view, &self.state, at),
            b':' if apart => network::ip6(view, at),
            b'-' if apart => place::coordinates(view, &self.state, at),
            _ => None,
        };
        take(one, found).unwrap_or(at)
    }

    fn digit(&mut self, view: &View<'_>, at: usize, found: &mut Vec<Entity>) -> usize {
        if view.before(at).is_some_and(is_wordy) {
            return view.run(at, LONGEST_WORD, goes_on);
        }
        let state = &self.state;
        let one = network::find(view, at)
            .or_else(|| date::at_digit(view, state, at))
            .or_else(|| place::coordinates(view, state, at))
            .or_else(|| mail::find(view, at))
            .or_else(|| wallet::find(view, at))
            .or_else(|| device::vin(view, state, at));
        if let Some(end) = take(one, found) {
            return self.passed(end);
        }
        let mut best = number::find(view, state, at);
        let called = phone::find(view, state, at);
        number::rival(&mut best, called);
        // Two numbers before the name of a street look like groups of one.
        let doubtful = best.first().is_none_or(|one| {
            one.confidence < super::LIKELY || one.kind == Kind::Phone && one.confidence < 90
        });
        if doubtful {
            let called = best
                .first()
                .is_some_and(|one| one.confidence >= super::LIKELY);
            let other = address::at_number(view, state, at).or_else(|| {
                if called {
                    return None;
                }
                date::age(view, state, at)
                    .or_else(|| date::year(view, state, at))
                    .or_else(|| labelled::find(view, state, at))
            });
            if let Some(end) = take(other, found) {
                return self.passed(end);
            }
        }
        if let Some(first) = best.first() {
            let end = first.range.end;
            found.extend(best);
            return self.passed(end);
        }
        let end = number::past(view, at);
        self.passed(end)
    }

    fn passed(&mut self, end: usize) -> usize {
        self.state.pass(Word::NONE, end);
        end
    }

    fn word(&mut self, view: &View<'_>, at: usize, found: &mut Vec<Entity>) -> usize {
        let token = token_at(view, at);
        let apart = !view.before(at).is_some_and(is_wordy);
        if !apart || token.end.saturating_sub(at) >= LONGEST_WORD {
            return token.end;
        }
        if let Some(one) = self.shaped(view, &token) {
            // Inside an address may stand what must be hidden though the address need not be.
            let end = match one.kind {
                Kind::Url if view.byte(token.end) == Some(b':') => token.end,
                Kind::Url => web::host_end(view, at).unwrap_or(one.range.end),
                _ => one.range.end,
            };
            let nested = at < self.state.address && matches!(one.kind, Kind::Url | Kind::Domain);
            if !nested {
                if one.kind == Kind::Url {
                    self.state.address = one.range.end;
                }
                found.push(one);
            }
            return self.passed(end);
        }
        if token.digits || token::may_lead(view, &token) {
            let best = number::find(view, &self.state, at);
            if let Some(end) = best.first().map(|one| one.range.end) {
                found.extend(best);
                return self.passed(end);
            }
            if let Some(end) = take(labelled::find(view, &self.state, at), found) {
                return self.passed(end);
            }
        }
        let known = token.known;
        let named = known.word != Word::NONE || token.capital;
        if named {
            let one = date::at_word(view, &self.state, &token)
                .or_else(|| address::at_word(view, &self.state, &token))
                .or_else(|| person::find(view, &self.state, &token))
                .or_else(|| labelled::at_word(view, &self.state, &token));
            if let Some(end) = take(one, found) {
                return self.passed(end);
            }
        }
        for hint in known.hints.iter().flatten() {
            self.state.hint(*hint, token.end);
        }
        self.state.pass(known.word, token.end);
        token.end
    }

    /// What the bytes around a word make it: an address of mail, web or network, a wallet, a code.
    fn shaped(&mut self, view: &View<'_>, token: &Token) -> Option<Entity> {
        let (at, end) = (token.start, token.end);
        let next = view.byte(end);
        match next {
            Some(b'@' | b'_' | b'%' | b'+' | b'-') => {
                if let Some(one) = mail::find(view, at) {
                    return Some(one);
                }
            }
            Some(b'.') if view.byte(end.saturating_add(1)).is_some_and(goes_on) => {
                if let Some(one) = mail::find(view, at) {
                    return Some(one);
                }
                // Later labels end in the same, and need not be asked again.
                if at >= self.state.host {
                    if let Some(one) = web::domain(view, at) {
                        return Some(one);
                    }
                    self.state.host = web::labels_end(view, at);
                }
            }
            Some(b':') => {
                let inside = at < self.state.address;
                let address = (!inside).then(|| web::find(view, at, end)).flatten();
                if let Some(one) = address
                    .or_else(|| network::mac(view, at))
                    .or_else(|| network::ip6(view, at))
                {
                    return Some(one);
                }
            }
            Some(b'<') => {
                if let Some(one) = labelled::zone(view, at) {
                    return Some(one);
                }
            }
            _ => {}
        }
        if next == Some(b'-')
            && let Some(one) = network::mac(view, at)
        {
            return Some(one);
        }
        // Nothing of these is shorter.
        if end.saturating_sub(at) >= LEAST_CODE {
            wallet::find(view, at).or_else(|| device::vin(view, &self.state, at))
        } else {
            None
        }
    }
}

/// Adds what was found, and says where it ends.
fn take(one: Option<Entity>, found: &mut Vec<Entity>) -> Option<usize> {
    let one = one?;
    let end = one.range.end;
    found.push(one);
    Some(end)
}

/// The word that begins at a place.
pub(crate) fn token_at(view: &View<'_>, start: usize) -> Token {
    let mut hash = Hash::EMPTY;
    let mut digits = false;
    let mut length = 0_usize;
    for byte in view.ahead(start, LONGEST_WORD) {
        let small = folded(*byte);
        if small == 0 {
            break;
        }
        hash = hash.push_small(small);
        digits |= small.is_ascii_digit();
        length = length.wrapping_add(1);
    }
    let end = start.saturating_add(length);
    // A long run ends between two characters; where the text ends, more may come.
    let end = if length == LONGEST_WORD {
        view.boundary(end)
    } else {
        end
    };
    // `o'clock`, `I'm`: what follows an apostrophe belongs to the word as far as it is known.
    let mut end = end;
    if view.byte(end) == Some(b'\'')
        && view
            .byte(end.saturating_add(1))
            .is_some_and(|b| b.is_ascii_alphabetic())
    {
        let mut longer = hash.push(b'\'');
        let more = view.run(end.saturating_add(1), 4, |byte| byte.is_ascii_alphabetic());
        for at in end.saturating_add(1)..more {
            if let Some(byte) = view.byte(at) {
                longer = longer.push(byte);
            }
        }
        let with = words::known(longer);
        if with.word != Word::NONE && !view.byte(more).is_some_and(goes_on) {
            return Token {
                start,
                end: more,
                digits,
                capital: is_capital(view, start),
                known: with,
            };
        }
    }
    end = end.max(start.saturating_add(1));
    Token {
        start,
        end,
        digits,
        capital: is_capital(view, start),
        known: if digits {
            Known::default()
        } else {
            words::known(hash)
        },
    }
}

/// Whether a capital letter stands at a place.
#[inline]
pub(crate) fn is_capital(view: &View<'_>, at: usize) -> bool {
    match view.byte(at) {
        Some(byte) if byte.is_ascii() => byte.is_ascii_uppercase(),
        Some(_) => view
            .slice(at..view.boundary(at.saturating_add(1)))
            .chars()
            .next()
            .is_some_and(char::is_uppercase),
        None => false,
    }
}
