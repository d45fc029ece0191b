//! Disguises of letters: leetspeak, letters that stand apart, reading from the end, rotation by thirteen. Each gives a whole
//! text of its own, from a folded one.

use super::concepts::Lexicon;
use super::layer::{Builder, Map};
use super::score::features::is_alphanumeric;

/// Digits and signs inside of words as the letters that they stand for. Byte for byte.
#[must_use]
pub fn leet(text: &str) -> (String, Map) {
    let letters = text
        .bytes()
        .map(|byte| match byte {
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' | b'+' => b't',
            b'8' => b'b',
            b'9' => b'g',
            b'|' => b'l',
            other => other,
        })
        .collect();
    // ASCII was put in the place of ASCII.
    (String::from_utf8(letters).unwrap_or_default(), Map::Same)
}

/// Each ASCII letter moved by thirteen. Byte for byte.
#[must_use]
pub fn rot13(text: &str) -> (String, Map) {
    let moved = text
        .chars()
        .map(|c| match c {
            'a'..='m' | 'A'..='M' => moved(c, 13),
            'n'..='z' | 'N'..='Z' => moved(c, -13),
            other => other,
        })
        .collect();
    (moved, Map::Same)
}

fn moved(c: char, by: i32) -> char {
    u32::from(c)
        .checked_add_signed(by)
        .and_then(char::from_u32)
        .unwrap_or(c)
}

/// `text` from its end.
#[must_use]
pub fn reversed(text: &str) -> (String, Map) {
    (text.chars().rev().collect(), Map::Reversed(text.len()))
}

/// Runs of letters that stand alone, put together. Where more than one space stands between, a word ends; where none does, the
/// words of the lexicon are looked for.
#[must_use]
pub fn joined(text: &str) -> (String, Map) {
    let mut built = Builder::with_capacity(text.len());
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let at = |number: usize| characters.get(number).copied();
    let mut number = 0_usize;
    let mut copied = 0_usize;
    while let Some((start, c)) = at(number) {
        let next = number.saturating_add(1);
        // Next to all letters have another one behind or before them.
        let may_begin = is_alphanumeric(c) && !at(next).is_some_and(|(_, c)| is_alphanumeric(c));
        let run = if may_begin {
            run_of(&characters, number)
        } else {
            Vec::new()
        };
        let Some(last) = run.last().filter(|_| run.len() >= SHORTEST_RUN) else {
            number = next;
            continue;
        };
        built.copy(text.get(copied..start).unwrap_or_default(), copied);
        put_words(&run, &mut built);
        copied = last.start.saturating_add(last.c.len_utf8());
        number = last.number.saturating_add(1);
    }
    built.copy(text.get(copied..).unwrap_or_default(), copied);
    built.finish()
}

/// Fewer letters in a row are an abbreviation.
const SHORTEST_RUN: usize = 6;

/// A letter of a run.
struct Letter {
    c: char,
    start: usize,
    number: usize,
    /// Whether a word ends before it.
    begins: bool,
}

/// The letters from `number` on that stand alone, one sign or space between them, or more between words.
fn run_of(characters: &[(usize, char)], number: usize) -> Vec<Letter> {
    let at = |number: usize| characters.get(number).map(|(_, c)| *c);
    let mut run = Vec::new();
    let before = number.checked_sub(1).and_then(at);
    if before.is_some_and(is_alphanumeric) {
        return run;
    }
    if at(number.saturating_add(1)).is_some_and(is_alphanumeric) {
        // A word, as most are.
        return run;
    }
    let mut number = number;
    let mut begins = true;
    let mut separator = None;
    while let Some((start, c)) = characters.get(number).copied() {
        if !is_alphanumeric(c) {
            break;
        }
        run.push(Letter {
            c,
            start,
            number,
            begins,
        });
        let Some(next) = at(number.saturating_add(1)).filter(|c| !is_alphanumeric(*c)) else {
            // The end of the text, or a word of several letters that the last one belongs to.
            if at(number.saturating_add(1)).is_some() {
                run.pop();
            }
            break;
        };
        if *separator.get_or_insert(next) != next && next != ' ' {
            break;
        }
        let mut skipped = 1_usize;
        while skipped < 4
            && at(number.saturating_add(skipped).saturating_add(1))
                .is_some_and(|c| c == ' ' || Some(c) == separator)
        {
            skipped = skipped.saturating_add(1);
        }
        begins = skipped > 1 || (next == ' ' && separator != Some(' '));
        number = number.saturating_add(skipped).saturating_add(1);
    }
    run
}

fn put_words(run: &[Letter], built: &mut Builder) {
    let has_words = run.iter().skip(1).any(|letter| letter.begins);
    let text: String = run.iter().map(|letter| letter.c).collect();
    let lexicon = Lexicon::own();
    let mut offset = 0_usize;
    let mut word_until = 0_usize;
    for letter in run {
        let range = letter.start..letter.start.saturating_add(letter.c.len_utf8());
        let begins = if has_words {
            letter.begins
        } else if offset >= word_until {
            // A word of the lexicon begins here, or the one before has ended.
            match lexicon.longest_inside(&text, offset) {
                Some(end) => {
                    word_until = end;
                    true
                }
                None => offset == word_until,
            }
        } else {
            false
        };
        if begins && offset > 0 {
            built.put(" ", range.start..range.start);
        }
        built.put_char(letter.c, range);
        offset = offset.saturating_add(letter.c.len_utf8());
    }
}
