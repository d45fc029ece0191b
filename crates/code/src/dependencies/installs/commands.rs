//! Commands of a shell, whatever file they stand in.

use std::ops::Range;

/// Most words of one command.
const WORDS: usize = 400;

/// A command as its words, each with its place.
pub(super) type Command = Vec<(String, Range<usize>)>;

/// The commands of a text: lines, which a backslash continues, and what `&&`, `||`, `;` and `|` divide, handed out one by one until
/// nobody wants more.
pub(super) fn commands(text: &str, each: &mut dyn FnMut(&Command) -> bool) {
    let bytes = text.as_bytes();
    let mut words: Command = Vec::new();
    let mut word = String::new();
    let mut from: Option<usize> = None;
    let mut quote: Option<u8> = None;
    let mut at = 0_usize;
    let end_word = |words: &mut Command, word: &mut String, from: &mut Option<usize>, at: usize| {
        if let Some(from) = from.take()
            && words.len() < WORDS
        {
            words.push((std::mem::take(word), from..at));
        }
        word.clear();
    };
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at.saturating_add(1)).copied();
        match (quote, byte) {
            // No command goes over lines inside of quotes: an apostrophe of a comment ends with its line.
            (_, b'\n') => {
                quote = None;
                end_word(&mut words, &mut word, &mut from, at);
                if !words.is_empty() && !each(&words) {
                    return;
                }
                words.clear();
            }
            (Some(open), byte) if byte == open => quote = None,
            (None, b'\\') if next == Some(b'\n') => {
                end_word(&mut words, &mut word, &mut from, at);
                at = at.saturating_add(1);
            }
            (None, b'\\') if next == Some(b'\r') => {
                end_word(&mut words, &mut word, &mut from, at);
                at = at.saturating_add(2);
            }
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                from.get_or_insert(at);
            }
            // `$(PIP)` of make is a word.
            (None, b';' | b'|' | b'(' | b')' | b'`' | b'&')
                if !(byte == b'(' && word.ends_with('$')
                    || byte == b')' && word.contains("$(")) =>
            {
                end_word(&mut words, &mut word, &mut from, at);
                if !words.is_empty() && !each(&words) {
                    return;
                }
                words.clear();
            }
            (None, b'#') if from.is_none() => {
                let rest = bytes.get(at..).unwrap_or_default();
                let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                at = at.saturating_add(line);
                continue;
            }
            (None, byte) if byte.is_ascii_whitespace() => {
                end_word(&mut words, &mut word, &mut from, at);
            }
            (_, byte) => {
                from.get_or_insert(at);
                if byte.is_ascii() {
                    word.push(char::from(byte));
                } else {
                    word.push('\u{fffd}');
                }
            }
        }
        at = at.saturating_add(1);
    }
    end_word(&mut words, &mut word, &mut from, bytes.len());
    if !words.is_empty() {
        each(&words);
    }
}
