//! Characters that a model reads and a person does not see.
//!
//! Not hidden is what writing needs: joiners inside emoji and in scripts that join, spaces of no
//! width in scripts without spaces, direction marks beside letters that run right to left, the one
//! selector behind a character that has variants, the tags of the three flags that have them.

use std::ops::Range;
use std::sync::Arc;

use stance_core::evidence::shorten;
use stance_core::fact::{GapReason, Hidden};

use stance_read::redact::redact;
use stance_read::report::Facts;
use stance_read::text::Text;

/// Most runs that are listed of one file.
const MOST_RUNS: usize = 200;
/// Most characters of a run that are decoded.
const MOST_DECODED: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Tag,
    Selector,
    Bidi,
    ZeroWidth,
}

impl Class {
    fn of(character: char) -> Option<Self> {
        match character {
            '\u{e0000}'..='\u{e007f}' => Some(Self::Tag),
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Some(Self::Selector),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(Self::Bidi),
            '\u{200b}'..='\u{200f}'
            | '\u{61c}'
            | '\u{2060}'..='\u{2065}'
            | '\u{feff}'
            | '\u{180e}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{206a}'..='\u{206f}' => Some(Self::ZeroWidth),
            _ => None,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Tag => "tag characters",
            Self::Selector => "variation selectors",
            Self::Bidi => "bidirectional control",
            Self::ZeroWidth => "zero-width",
        }
    }
}

/// The hidden runs of a text, in order.
pub(super) fn find(text: &Text<'_>, path: &Arc<str>, facts: &mut Facts<'_>) -> Vec<Hidden> {
    let content = text.as_str();
    let mut found = Vec::new();
    // Nothing hidden is ASCII, and most texts are.
    if content.is_ascii() {
        return found;
    }
    let mut at = 0;
    let mut before: Option<char> = None;
    while let Some(character) = content.get(at..).and_then(|rest| rest.chars().next()) {
        let Some(class) = Class::of(character) else {
            before = Some(character);
            at = at.saturating_add(character.len_utf8());
            continue;
        };
        let run = run_of(content, at, class);
        let inner = content.get(run.clone()).unwrap_or_default();
        let after = content.get(run.end..).and_then(|rest| rest.chars().next());
        if !is_needed(class, inner, before, after, || {
            line_around(content, run.start)
        }) {
            if found.len() >= MOST_RUNS {
                facts.gap(
                    GapReason::Limit,
                    format!("more than {MOST_RUNS} runs of hidden characters"),
                    text.evidence(path, run),
                );
                return found;
            }
            let count = u32::try_from(inner.chars().count()).unwrap_or(u32::MAX);
            found.push(Hidden {
                what: class.what(),
                count,
                decoded: decode(class, inner).map(|text| shorten(&redact(&text))),
                evidence: text.evidence(path, run.clone()),
            });
        }
        at = run.end;
        before = inner.chars().next_back();
    }
    found
}

/// The run of characters of one class that starts here.
fn run_of(content: &str, start: usize, class: Class) -> Range<usize> {
    let rest = content.get(start..).unwrap_or_default();
    let length = rest
        .char_indices()
        .find(|(_, character)| Class::of(*character) != Some(class))
        .map_or(rest.len(), |(index, _)| index);
    start..start.saturating_add(length)
}

/// The neighbourhood on the same line, at most some hundred bytes to both sides.
fn line_around(content: &str, at: usize) -> &str {
    const AROUND: usize = 512;
    let from = content.floor_char_boundary(at.saturating_sub(AROUND));
    let to = content.ceil_char_boundary(at.saturating_add(AROUND).min(content.len()));
    let before = content.get(from..at).unwrap_or_default();
    let start = before
        .rfind('\n')
        .map_or(from, |line| from.saturating_add(line));
    let after = content.get(at..to).unwrap_or_default();
    let end = after.find('\n').map_or(to, |line| at.saturating_add(line));
    content.get(start..end).unwrap_or_default()
}

/// Whether writing needs the run where it stands.
fn is_needed<'c>(
    class: Class,
    run: &str,
    before: Option<char>,
    after: Option<char>,
    line: impl Fn() -> &'c str,
) -> bool {
    let single = run.chars().nth(1).is_none();
    let first = run.chars().next().unwrap_or_default();
    match class {
        // The flags of England, Scotland and Wales spell their region behind a black flag.
        Class::Tag => {
            before == Some('\u{1f3f4}') && run.chars().count() <= 7 && run.ends_with('\u{e007f}')
        }
        Class::Selector => single && before.is_some_and(|c| !c.is_ascii_alphabetic() && c != ' '),
        Class::Bidi => {
            // An override reorders what is there; nobody needs that in a text that is read as is.
            !run.contains(['\u{202d}', '\u{202e}']) && line().chars().any(runs_right_to_left)
        }
        Class::ZeroWidth => match first {
            '\u{200d}' => single && before.is_some_and(|c| is_emoji(c) || joins(c)),
            '\u{200c}' => single && before.is_some_and(joins),
            '\u{200b}' | '\u{2060}' => {
                single
                    && (before.is_some_and(writes_without_spaces)
                        || after.is_some_and(writes_without_spaces))
            }
            '\u{200e}' | '\u{200f}' | '\u{61c}' => line().chars().any(runs_right_to_left),
            '\u{115f}' | '\u{1160}' => {
                // Hangul written letter by letter.
                matches!(before, Some('\u{1100}'..='\u{11ff}'))
                    || matches!(after, Some('\u{1100}'..='\u{11ff}'))
            }
            '\u{180e}' => matches!(before, Some('\u{1800}'..='\u{18af}')),
            _ => false,
        },
    }
}

fn runs_right_to_left(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        && Class::of(character).is_none()
}

/// Scripts in which letters change with their neighbours.
fn joins(character: char) -> bool {
    matches!(character, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{109f}'
        | '\u{1780}'..='\u{18af}' | '\u{1a00}'..='\u{1bff}' | '\u{a800}'..='\u{abff}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{11000}'..='\u{11fff}')
}

fn writes_without_spaces(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{1aaf}'
        | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_emoji(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{fe0f}'
        | '\u{1f000}'..='\u{1faff}' | '©' | '®' | '\u{e007f}')
}

/// The text that a run spells, where it spells one.
fn decode(class: Class, run: &str) -> Option<String> {
    let characters = run.chars().take(MOST_DECODED);
    match class {
        Class::Tag => {
            let text: String = characters
                .filter_map(|c| char::from_u32(u32::from(c).saturating_sub(0xe0000)))
                .filter(|c| matches!(c, ' '..='~'))
                .collect();
            (!text.is_empty()).then_some(text)
        }
        Class::Selector => {
            let bytes: Vec<u8> = characters
                .filter_map(|c| match u32::from(c) {
                    low @ 0xfe00..=0xfe0f => u8::try_from(low.saturating_sub(0xfe00)).ok(),
                    high => u8::try_from(high.saturating_sub(0xe0100).saturating_add(16)).ok(),
                })
                .collect();
            readable(&bytes)
        }
        Class::ZeroWidth => binary(&characters.collect::<Vec<char>>()),
        Class::Bidi => None,
    }
}

/// Two characters of no width as the digits of bytes, in either meaning; a third one may separate.
fn binary(run: &[char]) -> Option<String> {
    let mut kinds: Vec<char> = Vec::new();
    for character in run {
        if !kinds.contains(character) {
            kinds.push(*character);
        }
    }
    kinds.sort_unstable();
    let ([zero, one] | [zero, one, _]) = *kinds else {
        return None;
    };
    [(zero, one), (one, zero)]
        .into_iter()
        .find_map(|(zero, one)| {
            let digits: Vec<u8> = run
                .iter()
                .filter_map(|c| match *c {
                    c if c == zero => Some(0),
                    c if c == one => Some(1),
                    _ => None,
                })
                .collect();
            let (bytes, _) = digits.as_chunks::<8>();
            let bytes: Vec<u8> = bytes
                .iter()
                .map(|byte| byte.iter().fold(0_u8, |value, digit| value << 1 | digit))
                .collect();
            readable(&bytes)
        })
}

/// The bytes as text, when they are one of at least three characters that a person could read.
fn readable(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = |c: char| !c.is_control() || c.is_whitespace();
    (text.chars().count() >= 3 && text.chars().all(plain)).then(|| text.to_owned())
}
