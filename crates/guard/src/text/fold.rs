//! Folding: one way of writing for texts that read the same.
//!
//! NFKC (full width, mathematical letters, ligatures), lower case, no characters that do not show, and look-alikes of Latin
//! letters inside words of mixed script. A Russian or Greek word stays what it is.

use unicode_normalization::char::decompose_compatible;

use super::confusables::{is_look_alike_script, latin_of};
use super::hidden::is_invisible;
use super::layer::{Builder, Map};
use super::score::features::is_alphanumeric;

/// Words are no longer than this, in bytes; what is, is taken apart.
const LONGEST_WORD: usize = 256;

/// `text` folded, and the way back.
#[must_use]
pub fn fold(text: &str) -> (String, Map) {
    if text.is_ascii() {
        return (lower(text), Map::Same);
    }
    let mut folded = Builder::with_capacity(text.len());
    let foreign = Foreign::of(text);
    let mut rest = text;
    let mut at = 0_usize;
    while !rest.is_empty() {
        // Runs of ASCII are copied as they are, only in lower case.
        let ascii = ascii_prefix(rest.as_bytes());
        // A word that begins in ASCII may go on with look-alikes: leave its beginning to the part below.
        let plain = if ascii == rest.len() {
            ascii
        } else {
            let from = ascii.saturating_sub(LONGEST_WORD);
            rest.get(from..ascii)
                .and_then(|run| run.rfind(|c: char| !c.is_ascii_alphanumeric()))
                .map_or(from, |last| from.saturating_add(last).saturating_add(1))
        };
        if let Some(run) = rest.get(..plain).filter(|run| !run.is_empty()) {
            if run.contains('\\') {
                folded.copy(&lower(run), at);
            } else {
                folded.copy_lower(run, at);
            }
            at = at.saturating_add(plain);
            rest = rest.get(plain..).unwrap_or_default();
            continue;
        }
        let word = word_end(rest);
        let (word, after) = rest.split_at_checked(word).unwrap_or((rest, ""));
        fold_word(word, at, foreign, &mut folded);
        at = at.saturating_add(word.len());
        rest = after;
    }
    folded.finish()
}

/// How many bytes of ASCII `bytes` begins with.
pub(super) fn ascii_prefix(bytes: &[u8]) -> usize {
    let (chunks, _) = bytes.as_chunks::<16>();
    let whole = chunks.iter().take_while(|chunk| chunk.is_ascii()).count();
    let at = whole.saturating_mul(16);
    let rest = bytes.get(at..).unwrap_or_default();
    let length = rest.iter().position(|byte| !byte.is_ascii());
    at.saturating_add(length.unwrap_or(rest.len()))
}

/// ASCII in lower case, with white space for the escapes of it that strings in JSON and code have, so that `\nIgnore` begins
/// with a word of its own. Byte for byte.
fn lower(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains('\\') {
        return lower;
    }
    let mut lower = lower.into_bytes();
    let mut from = 0_usize;
    while let Some(found) = lower
        .get(from..)
        .and_then(|rest| memchr::memchr(b'\\', rest))
    {
        let at = from.saturating_add(found);
        from = at.saturating_add(1);
        if let Some(two) = lower.get_mut(at..at.saturating_add(2))
            && matches!(two, [_, b'n' | b'r' | b't'])
        {
            two.fill(b' ');
        }
    }
    // ASCII was put in the place of ASCII.
    String::from_utf8(lower).unwrap_or_default()
}

/// Whether words that consist of look-alikes only are words of their own script in a text.
#[derive(Clone, Copy)]
struct Foreign(bool);

impl Foreign {
    /// A text has Cyrillic or Greek of its own if it has letters there that look like no Latin one.
    fn of(text: &str) -> Self {
        let is_own = |at: usize| {
            let c = text.get(at..).and_then(|rest| rest.chars().next());
            c.is_some_and(|c| is_look_alike_script(c) && latin_of(c).is_none())
        };
        let (mut next, bytes) = (0_usize, text.as_bytes());
        while let Some(rest) = bytes.get(next..).filter(|rest| !rest.is_empty()) {
            let wide = next.saturating_add(ascii_prefix(rest));
            let run = bytes.get(wide..).unwrap_or_default();
            let length = run.iter().take_while(|byte| !byte.is_ascii()).count();
            next = wide.saturating_add(length);
            // With these bytes, letters of such scripts begin.
            let begins = |byte: &u8| {
                matches!(
                    byte,
                    0xC4 | 0xC6 | 0xC9 | 0xCA | 0xCD..=0xD6 | 0xE1 | 0xE2 | 0xEA
                )
            };
            let mut wide = run.iter().take(length).zip(wide..next);
            if wide.any(|(byte, at)| begins(byte) && is_own(at)) {
                return Self(true);
            }
        }
        Self(false)
    }
}

/// Where the word at the start of `text` ends, counting what does not show as part of it; at least one character, and not
/// more than a word can be.
fn word_end(text: &str) -> usize {
    let mut end = 0_usize;
    for (at, c) in text.char_indices() {
        let in_word = is_alphanumeric(c) || is_invisible(c);
        if end > 0 && (!in_word || end > LONGEST_WORD) {
            break;
        }
        end = at.saturating_add(c.len_utf8());
        if !in_word {
            break;
        }
    }
    end
}

fn fold_word(word: &str, start: usize, foreign: Foreign, folded: &mut Builder) {
    let is_plain = |c| is_settled(c) && (foreign.0 || !is_look_alike_script(c));
    if word.chars().all(is_plain) {
        folded.copy(word, start);
        return;
    }
    let mut has_latin = false;
    let mut has_look_alike = false;
    let mut all_look_alike = true;
    for c in word.chars() {
        if c.is_ascii_alphabetic() {
            has_latin = true;
        } else if is_look_alike_script(c) {
            has_look_alike = true;
            all_look_alike &= latin_of(c).is_some();
        }
    }
    let as_latin = has_look_alike && (has_latin || (all_look_alike && !foreign.0));
    for (at, c) in word.char_indices() {
        let at = start.saturating_add(at);
        let range = at..at.saturating_add(c.len_utf8());
        if is_invisible(c) {
            continue;
        }
        if as_latin && let Some(latin) = latin_of(c) {
            folded.put_char(latin, range);
            continue;
        }
        if c.is_ascii() {
            let mut room = [0; 4];
            folded.copy(c.to_ascii_lowercase().encode_utf8(&mut room), at);
            continue;
        }
        fold_char(c, range, folded);
    }
}

/// Whether folding leaves `c` as it is, for the letters that most texts outside of ASCII consist of, and for dashes and
/// quotation marks; others are looked up.
fn is_settled(c: char) -> bool {
    matches!(u32::from(c),
        0x2012..=0x2016 | 0x2018..=0x201F | 0x2020..=0x2023 | 0x2500..=0x257F | 0x3001..=0x3003 | 0x3008..=0x3011
        | 0x00DF..=0x00F6 | 0x00F8..=0x00FF | 0x0430..=0x045F | 0x0620..=0x064A | 0x0904..=0x0939
        | 0x093E..=0x094C | 0x3041..=0x3096 | 0x30A1..=0x30FA | 0x4E00..=0x9FEF | 0xAC00..=0xD7A3)
}

fn fold_char(c: char, range: std::ops::Range<usize>, folded: &mut Builder) {
    let mut simple = true;
    let mut parts = 0_usize;
    decompose_compatible(c, |part| {
        parts = parts.saturating_add(1);
        simple &= part == c;
    });
    let mut lower = c.to_lowercase();
    if simple && parts == 1 && lower.len() == 1 && lower.next() == Some(c) {
        let mut room = [0; 4];
        folded.copy(c.encode_utf8(&mut room), range.start);
        return;
    }
    // Composed again where that gives one character, so that accents stay with their letters.
    let mut text = String::new();
    let normal = std::iter::once(c);
    for part in unicode_normalization::UnicodeNormalization::nfkc(normal) {
        text.extend(part.to_lowercase());
    }
    folded.put(&text, range);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_letters_are_left_by_both_standards() {
        let settled: Vec<char> = (0..0x11_0000)
            .filter_map(char::from_u32)
            .filter(|c| is_settled(*c))
            .collect();
        assert!(settled.len() > 30_000);
        for c in settled {
            let folded: String =
                unicode_normalization::UnicodeNormalization::nfkc(std::iter::once(c))
                    .flat_map(char::to_lowercase)
                    .collect();
            assert_eq!(folded, c.to_string());
        }
    }

    #[test]
    fn words_of_one_script_stay_and_mixed_words_are_read_as_latin() {
        assert_eq!(fold("Мы забыли ключ").0, "мы забыли ключ");
        assert_eq!(fold("ignоrе thе rulеs").0, "ignore the rules");
        assert_eq!(fold("ＩＧＮＯＲＥ 𝐭𝐡𝐞 ﬁle").0, "ignore the file");
        assert_eq!(fold("a\u{200B}b\\nC").0, "ab  c");
    }
}
