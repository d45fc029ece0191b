//! Output that acts where it is shown: escapes of terminals, scripts, and HTML that loads or runs something.

use super::Signal;
use super::view::{Found, Scan, View};

/// Tags that run or load something.
const TAGS: &[&str] = &[
    "script", "iframe", "object", "embed", "applet", "meta", "link", "base", "form", "svg",
    "style", "frame", "frameset", "math", "template", "portal",
];

/// Longest name of a tag, and longest tag that is looked into, in bytes.
const NAME: usize = 16;
const TAG: usize = 2048;
/// Longest sequence of a terminal with a text in it, and longest list of numbers.
const STRING: usize = 4096;
const NUMBERS: usize = 32;

/// What a link of a script begins with.
const SCHEMES: [&str; 2] = ["javascript", "vbscript"];

/// What acts in a whole text: `leak/terminal-escape`, `leak/script`, `leak/active-html`, `leak/bidi-control`.
#[must_use]
pub fn markup(text: &str) -> Vec<Signal> {
    let mut found = Vec::new();
    for looks_for in [Looks::Sequences, Looks::Markup] {
        MarkupScan::new(looks_for).run(&View::whole(text), &mut found);
    }
    let mut signals: Vec<Signal> = found.into_iter().map(|one| one.signal).collect();
    signals.sort_by_key(|signal| signal.range.start);
    signals
}

/// What is looked for. What acts in a terminal is apart from what acts in a page, which may have to wait for the end of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// Sequences of terminals, and controls of direction.
    Sequences,
    /// Tags, and links that run.
    Markup,
}

/// Looks for what acts in a text that comes in pieces.
#[derive(Clone, Debug)]
pub(super) struct MarkupScan {
    looks_for: Looks,
    at: usize,
    /// How much had to be there to get to this place.
    known_at: usize,
    /// Where a link of a script may begin at the end of what is there.
    scheme: usize,
    /// Between fences stands code that is shown, not run.
    code: bool,
}

/// What stands at a place.
enum Step {
    /// Nothing: where it goes on, and how much had to be there to know.
    Past(usize, usize),
    /// Something that acts: where it goes on.
    On(usize, Found),
    /// More has to come before it is known.
    Wait,
}

impl Scan for MarkupScan {
    fn run(&mut self, view: &View<'_>, found: &mut Vec<Found>) {
        loop {
            let rest = view.from(self.at).as_bytes();
            // All of these begin a character.
            let Some(next) = rest.iter().position(|byte| self.stops_at(*byte)) else {
                self.at = view.end();
                break;
            };
            self.at = self.at.saturating_add(next);
            let step = match rest.get(next) {
                Some(b'`') if self.begins_line(view) => self.fence(view),
                Some(0x1b) => escape(view, self.at, 1),
                // The same sequences in one byte (ECMA-48), as UTF-8.
                Some(0xc2) => control(view, self.at),
                Some(0xe2) => direction(view, self.at),
                Some(b'<') if !self.code => tag(view, self.at),
                Some(b':') if !self.code => scheme(view, self.at),
                _ => past(self.at.saturating_add(1)),
            };
            match step {
                Step::Past(next, known_at) => {
                    self.at = next;
                    self.known_at = self.known_at.max(known_at);
                }
                Step::On(next, mut one) => {
                    self.at = next;
                    // What stands in a tag is not looked at before the tag is known.
                    self.known_at = self.known_at.max(one.known_at);
                    one.known_at = self.known_at;
                    found.push(one);
                }
                Step::Wait => break,
            }
        }
        self.scheme = if view.complete || self.code || self.looks_for == Looks::Sequences {
            self.at
        } else {
            scheme_tail(view, self.at)
        };
    }

    fn live(&self) -> usize {
        self.scheme
    }
}

const fn past(next: usize) -> Step {
    Step::Past(next, next)
}

impl MarkupScan {
    pub(super) const fn new(looks_for: Looks) -> Self {
        Self {
            looks_for,
            at: 0,
            known_at: 0,
            scheme: 0,
            code: false,
        }
    }

    const fn stops_at(&self, byte: u8) -> bool {
        match self.looks_for {
            Looks::Sequences => matches!(byte, 0x1b | 0xc2 | 0xe2),
            Looks::Markup => matches!(byte, b'`' | b'<' | b':'),
        }
    }

    fn begins_line(&self, view: &View<'_>) -> bool {
        self.at == 0 || view.before(self.at).ends_with('\n')
    }

    fn fence(&mut self, view: &View<'_>) -> Step {
        let rest = view.from(self.at);
        if rest.starts_with("```") {
            self.code = !self.code;
            return past(self.at.saturating_add(3));
        }
        if "```".starts_with(rest) && !view.complete {
            return Step::Wait;
        }
        let marks = rest.bytes().take_while(|byte| *byte == b'`').count();
        let end = self.at.saturating_add(marks);
        Step::Past(
            self.at.saturating_add(1),
            end.saturating_add(width(view, end)),
        )
    }
}

/// A control of one byte that begins a sequence.
fn control(view: &View<'_>, at: usize) -> Step {
    match view.from(at).chars().next() {
        Some('\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}'..='\u{9f}') => escape(view, at, 2),
        _ => past(at.saturating_add(2)),
    }
}

/// U+202A to U+202E and U+2066 to U+2069: they show words in another order than they are read.
fn direction(view: &View<'_>, at: usize) -> Step {
    let end = at.saturating_add(3);
    match view.from(at).chars().next() {
        Some('\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
            let signal = Signal::new("leak/bidi-control", at..end, 60);
            let known_at = end;
            Step::On(end, Found { signal, known_at })
        }
        _ => past(end),
    }
}

/// A sequence of a terminal: those that set a title, a link or the clipboard, hide text, or move over what was shown, are
/// worse than colours. `length` is that of its begin.
fn escape(view: &View<'_>, at: usize, length: usize) -> Step {
    let inside = at.saturating_add(length);
    let rest = view.from(inside);
    let first = match (length, view.from(at).chars().next(), rest.chars().next()) {
        (2, Some('\u{9b}'), _) => '[',
        (2, ..) => ']',
        (_, _, Some(first)) => first,
        (_, _, None) if view.complete => return told(at, inside, 0, 60),
        _ => return Step::Wait,
    };
    let body = match length {
        1 => rest.get(first.len_utf8()..).unwrap_or_default(),
        _ => rest,
    };
    let start = view.end().saturating_sub(body.len());
    match first {
        '[' => numbers(view, at, start),
        ']' | 'P' | '_' | '^' | 'X' => string(view, at, start),
        ' '..='/' => {
            let more = body
                .bytes()
                .take(4)
                .take_while(|byte| (0x20..0x30).contains(byte));
            let end = start.saturating_add(more.count());
            match view.from(end).bytes().next() {
                Some(last) if last.is_ascii() => told(at, end.saturating_add(1), 0, 75),
                None if !view.complete => Step::Wait,
                _ => told(at, end, width(view, end), 75),
            }
        }
        _ if first.is_ascii() => told(at, start, 0, 75),
        _ => told(at, inside, first.len_utf8(), 60),
    }
}

/// A sequence, and how many bytes behind it had to be there before it was known.
fn told(at: usize, end: usize, more: usize, score: u8) -> Step {
    let found = Found {
        signal: Signal::new("leak/terminal-escape", at..end, score),
        known_at: end.saturating_add(more),
    };
    Step::On(end, found)
}

/// How many bytes the character at a place has.
fn width(view: &View<'_>, at: usize) -> usize {
    view.from(at).chars().next().map_or(0, char::len_utf8)
}

/// A sequence with numbers, such as `[31m`.
fn numbers(view: &View<'_>, at: usize, start: usize) -> Step {
    let rest = view.from(start);
    let count = rest
        .bytes()
        .take(NUMBERS)
        .take_while(|byte| (0x20..0x40).contains(byte))
        .count();
    let end = start.saturating_add(count);
    match view.from(end).bytes().next() {
        None if !view.complete => Step::Wait,
        Some(b'm') => {
            let hides = view
                .get(start..end)
                .split([';', ':'])
                .any(|number| number.trim_start_matches('0') == "8");
            told(at, end.saturating_add(1), 0, if hides { 75 } else { 40 })
        }
        Some(0x40..=0x7e) => told(at, end.saturating_add(1), 0, 90),
        _ => told(at, end, width(view, end), 75),
    }
}

/// A sequence with a text, such as a title, up to its terminator.
fn string(view: &View<'_>, at: usize, start: usize) -> Step {
    let rest = view.from(start);
    let most = rest.floor_char_boundary(STRING);
    let inside = rest.get(..most).unwrap_or_default();
    let stop = inside.find(['\u{7}', '\u{1b}', '\u{9c}']);
    let Some(stop) = stop else {
        if rest.len() < STRING && !view.complete {
            return Step::Wait;
        }
        let more = rest.ceil_char_boundary(STRING).saturating_sub(most);
        return told(at, start.saturating_add(most), more, 95);
    };
    let end = start.saturating_add(stop);
    let rest = view.from(end);
    match rest.strip_prefix('\u{1b}') {
        Some("") if !view.complete => Step::Wait,
        Some(after) if after.starts_with('\\') => told(at, end.saturating_add(2), 0, 95),
        Some(_) => {
            let more = width(view, end.saturating_add(1)).saturating_add(1);
            told(at, end, more, 95)
        }
        None => told(at, end.saturating_add(width(view, end)), 0, 95),
    }
}

/// A tag that acts, or one with an attribute that does.
fn tag(view: &View<'_>, at: usize) -> Step {
    let begin = at.saturating_add(1);
    let rest = view.from(begin);
    let length = rest
        .bytes()
        .take(NAME)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let after = rest.as_bytes().get(length).copied();
    match after {
        None if !view.complete => return Step::Wait,
        Some(byte) if length > 0 && (byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/')) => {
        }
        None if length > 0 => {}
        _ => {
            let end = begin.saturating_add(length);
            return Step::Past(begin, end.saturating_add(width(view, end)));
        }
    }
    let name = rest.get(..length).unwrap_or_default().to_ascii_lowercase();
    let most = rest.floor_char_boundary(TAG);
    let inside = rest.get(..most).unwrap_or_default();
    let close = inside.find('>');
    if close.is_none() && rest.len() < TAG && !view.complete {
        return Step::Wait;
    }
    let end = close.map_or(inside.len(), |close| close.saturating_add(1));
    let inside = inside.get(..end).unwrap_or_default();
    let range = at..begin.saturating_add(end);
    let known_at = match close {
        Some(_) => range.end,
        None => begin.saturating_add(rest.ceil_char_boundary(TAG)),
    };
    let (rule, score) = if name == "script" {
        ("leak/script", 95)
    } else if has_handler(inside) {
        ("leak/script", 92)
    } else if TAGS.contains(&name.as_str()) {
        ("leak/active-html", 80)
    } else {
        return Step::Past(begin, known_at);
    };
    let signal = Signal::new(rule, range, score);
    Step::On(begin, Found { signal, known_at })
}

/// Whether a tag has an attribute whose value runs: `onerror=`, `onclick =`.
fn has_handler(inside: &str) -> bool {
    let small = inside.to_ascii_lowercase();
    small.match_indices("on").any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| small.as_bytes().get(at));
        let rest = small.get(at.saturating_add(2)..).unwrap_or_default();
        let name = rest
            .bytes()
            .take(24)
            .take_while(u8::is_ascii_lowercase)
            .count();
        before.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'/'))
            && name >= 3
            && rest
                .get(name..)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// `javascript:` and its like, where a link may begin.
fn scheme(view: &View<'_>, at: usize) -> Step {
    let end = at.saturating_add(1);
    let before = view.before(at).as_bytes();
    let name = SCHEMES.into_iter().find(|name| {
        before
            .len()
            .checked_sub(name.len())
            .and_then(|from| before.get(from..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(name.as_bytes()))
    });
    let start = at.saturating_sub(name.map_or(0, str::len));
    if name.is_none() || !opens(view, start) {
        return past(end);
    }
    let signal = Signal::new("leak/script", start..end, 90);
    let known_at = end;
    Step::On(end, Found { signal, known_at })
}

fn opens(view: &View<'_>, at: usize) -> bool {
    view.before(at).ends_with(['(', '"', '\'', '=', '<'])
}

/// Where the text ends with what a link of a script may begin with, else its end.
fn scheme_tail(view: &View<'_>, end: usize) -> usize {
    let before = view.before(end);
    let mut longest = 0;
    for name in SCHEMES {
        for length in 1..=name.len() {
            let begin = name.get(..length).unwrap_or_default();
            let is_there = before
                .len()
                .checked_sub(length)
                .and_then(|from| before.as_bytes().get(from..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(begin.as_bytes()));
            if is_there && opens(view, end.saturating_sub(length)) {
                longest = length;
            }
        }
    }
    end.saturating_sub(longest)
}
