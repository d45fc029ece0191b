//! Texts as sentences of words, folded so that spelling variants meet: small letters without accents, no invisible characters,
//! wide letters as narrow ones.

use std::ops::Range;

use super::fold::{fold, is_invisible};
use super::hash::Key;
use super::lexicon::{Found, LANGUAGES, Languages, Lexicon, START};
use crate::text::score::features::is_alphanumeric;

/// One word of a sentence.
#[derive(Clone)]
pub(super) struct Word {
    /// Where its folded spelling stands in [`Sentences::folded`].
    spelling: Range<usize>,
    pub(super) found: Found<'static>,
    /// Its keyed hash, without the ending of a plural.
    pub(super) token: u64,
    /// Begins with a capital letter, or holds a digit, or stands in quotation marks: likely a name.
    pub(super) name: bool,
    /// In quotation marks.
    pub(super) quoted: bool,
    /// A clause begins with it.
    pub(super) begins_clause: bool,
    /// Part of an address, a path or the like.
    pub(super) inside: bool,
}

/// Most words of one sentence; a longer one is cut there and goes on as another.
const LONGEST_SENTENCE: usize = 64;

/// Longest word that is kept apart, in bytes; what is longer is cut.
const LONGEST_WORD: usize = 64;

/// Reads texts into sentences; its buffers are used again.
pub(super) struct Sentences {
    key: Key,
    /// The text with the letters of ASCII in small, and behind it what words of the sentence at hand are that need more.
    folded: String,
    /// How long the text is.
    text: usize,
    words: Vec<Word>,
    tally: [u16; LANGUAGES],
}

/// What surrounds a word.
struct Around {
    quoted: bool,
    clause: bool,
}

impl Around {
    /// What a sign means for the words behind it.
    fn sign(&mut self, character: char) {
        match character {
            '"' | '`' | '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' | '\u{201e}' => {
                self.quoted = !self.quoted;
            }
            ',' | ':' | ';' | '(' | '\u{2013}' | '\u{2014}' | '\u{3001}' | '\u{ff0c}' | '>'
            | '*' | '-' | '|' => {
                self.clause = true;
            }
            _ => {}
        }
    }
}

impl Sentences {
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            folded: String::new(),
            text: 0,
            words: Vec::with_capacity(32),
            tally: [0; LANGUAGES],
        }
    }

    /// The folded spelling of a word of the sentence at hand.
    pub(super) fn spelling(&self, word: &Word) -> &str {
        self.folded.get(word.spelling.clone()).unwrap_or_default()
    }

    /// The words of the sentence at hand.
    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    /// In which languages the sentence at hand may be; all, where nothing tells.
    pub(super) fn languages(&mut self) -> Languages {
        let mut here = [0_u16; LANGUAGES];
        for word in &self.words {
            let mut languages = word.found.small_word_of().0;
            while languages != 0 {
                if let Some(count) = here.get_mut(languages.trailing_zeros() as usize) {
                    *count = count.saturating_add(1);
                }
                languages &= languages.wrapping_sub(1);
            }
        }
        for (sum, count) in self.tally.iter_mut().zip(here) {
            *sum = sum.saturating_add(count);
        }
        let scores = here
            .iter()
            .zip(self.tally)
            .map(|(here, sum)| here.saturating_mul(4).saturating_add(sum.min(8)));
        let most = scores.clone().max().unwrap_or_default();
        if most == 0 {
            return Languages::ANY;
        }
        let mut languages = Languages::OWN_SCRIPT;
        for (at, score) in scores.enumerate() {
            if score > 0 && score.saturating_mul(2) >= most {
                languages.0 |= 1_u16.unbounded_shl(u32::try_from(at).unwrap_or(16));
            }
        }
        languages
    }

    /// Hands every sentence of `text` to `each`, with the bytes that it takes.
    pub(super) fn read(&mut self, text: &str, mut each: impl FnMut(&mut Self, Range<usize>)) {
        self.tally = [0; LANGUAGES];
        self.folded.clear();
        self.folded.push_str(text);
        self.folded.make_ascii_lowercase();
        self.text = text.len();
        self.clear();
        let mut begin = 0_usize;
        let mut around = Around {
            quoted: false,
            clause: true,
        };
        let bytes = text.as_bytes();
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at).copied() {
            let here = at;
            let class = class(byte);
            if class & (LETTER | WIDE) == 0 {
                at = at.wrapping_add(1);
                if class & SIGN != 0 {
                    let character = char::from(byte);
                    around.sign(character);
                    let ends = match character {
                        '.' | '!' | '?' => {
                            char_at(text, at).is_none_or(|next| !is_alphanumeric(next))
                        }
                        '\n' => true,
                        _ => false,
                    };
                    if ends {
                        self.end(begin..at, &mut each);
                        begin = at;
                        around.clause = true;
                        // Quotation marks that nobody closed end with the paragraph.
                        around.quoted &= character != '\n';
                    }
                }
                continue;
            }
            if class & LETTER != 0 {
                let word = word_end(text, here);
                at = word.end;
                self.word(text, here..at, char::from(byte), &word, &mut around);
            } else {
                // Outside of ASCII a character is looked at as a whole; nearly all are letters.
                let character = char_at(text, at).unwrap_or('\u{fffd}');
                at = at.saturating_add(character.len_utf8());
                if is_cjk(character) {
                    self.cjk(text, here, character, &mut around);
                } else if is_alphanumeric(character) {
                    let word = word_end(text, here);
                    at = word.end;
                    self.word(text, here..at, character, &word, &mut around);
                } else {
                    around.sign(character);
                    if matches!(character, '\u{3002}' | '\u{ff01}' | '\u{ff1f}') {
                        self.end(begin..at, &mut each);
                        begin = at;
                        around.clause = true;
                    }
                }
            }
            if self.words.len() >= LONGEST_SENTENCE {
                self.end(begin..here, &mut each);
                begin = here;
            }
        }
        self.end(begin..text.len(), &mut each);
    }

    fn clear(&mut self) {
        self.words.clear();
        self.folded.truncate(self.text);
    }

    fn end(&mut self, range: Range<usize>, each: &mut impl FnMut(&mut Self, Range<usize>)) {
        if !self.words.is_empty() {
            each(self, range);
        }
        self.clear();
    }

    fn word(
        &mut self,
        text: &str,
        at: Range<usize>,
        first: char,
        word: &WordEnd,
        around: &mut Around,
    ) {
        let spelling = if word.wide {
            let start = self.folded.len();
            let written = text.get(at.clone()).unwrap_or_default();
            fold(written, &mut self.folded);
            start..self.folded.len()
        } else {
            at.clone()
        };
        let folded = self.folded.get(spelling.clone()).unwrap_or_default();
        if folded.is_empty() {
            return;
        }
        let found = Lexicon::get().look_up(START, folded);
        let capital = first.is_uppercase() && !self.words.is_empty();
        let word = Word {
            token: self.key.hash(stem(folded).as_bytes()),
            name: capital || around.quoted || word.digits,
            quoted: around.quoted,
            begins_clause: around.clause,
            inside: is_inside(text, &at),
            spelling,
            found,
        };
        around.clause = false;
        self.words.push(word);
    }

    /// Languages that put no spaces between words: what begins at this character, and the pair with the next as its token.
    fn cjk(&mut self, text: &str, at: usize, character: char, around: &mut Around) {
        let rest = text.get(at..).unwrap_or_default();
        let mut found = Found::default();
        let mut pair = rest;
        let mut length = 0_usize;
        for (count, next) in rest.chars().take(5).enumerate() {
            if !is_cjk(next) {
                break;
            }
            length = length.saturating_add(next.len_utf8());
            let part = rest.get(..length).unwrap_or_default();
            if count < 2 {
                pair = part;
            }
            let longer = Lexicon::get().look_up(START, part);
            if longer.is_known() {
                found = longer;
            }
        }
        let start = self.folded.len();
        self.folded.push(character);
        self.words.push(Word {
            spelling: start..self.folded.len(),
            found,
            token: self.key.hash(pair.as_bytes()),
            name: around.quoted,
            quoted: around.quoted,
            begins_clause: true,
            inside: false,
        });
        around.clause = false;
    }
}

/// The character at a byte.
fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        _ => text.get(at..)?.chars().next(),
    }
}

/// A letter or digit of ASCII.
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
/// What joins two parts of a word.
const JOINS: u8 = 4;
/// What means something for the words behind it, or ends a sentence.
const SIGN: u8 = 8;
/// A byte of a character outside of ASCII.
const WIDE: u8 = 16;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let mut class = 0;
        if byte.is_ascii_alphanumeric() {
            class |= LETTER;
        }
        if byte.is_ascii_digit() {
            class |= DIGIT;
        }
        if matches!(byte, b'\'' | b'-') {
            class |= JOINS;
        }
        if byte.is_ascii_punctuation() || byte == b'\n' {
            class |= SIGN;
        }
        if !byte.is_ascii() {
            class |= WIDE;
        }
        classes[at] = class;
        at += 1;
    }
    classes
}

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// How a word goes on.
struct WordEnd {
    end: usize,
    /// Whether it has a digit of ASCII.
    digits: bool,
    /// Whether it has a character outside of ASCII.
    wide: bool,
}

/// Where the word that begins at `at` ends: letters and digits, and what joins them.
fn word_end(text: &str, at: usize) -> WordEnd {
    let bytes = text.as_bytes();
    let mut word = WordEnd {
        end: at,
        digits: false,
        wide: false,
    };
    let last = at.saturating_add(LONGEST_WORD);
    let mut place = at;
    let mut joined = false;
    while let Some(byte) = bytes.get(place).copied() {
        let here = place;
        let class = class(byte);
        if class & LETTER != 0 {
            place = here.wrapping_add(1);
            word.end = place;
            word.digits |= class & DIGIT != 0;
            joined = false;
        } else if class & WIDE == 0 {
            if joined || class & JOINS == 0 {
                break;
            }
            place = here.wrapping_add(1);
            joined = true;
        } else {
            let Some(character) = char_at(text, here) else {
                break;
            };
            place = here.saturating_add(character.len_utf8());
            let is_letter =
                is_alphanumeric(character) && !is_cjk(character) || is_invisible(character);
            if is_letter {
                word.end = place;
                joined = false;
            } else if !joined && character == '\u{2019}' {
                joined = true;
            } else {
                break;
            }
            word.wide = true;
        }
        if here > last {
            break;
        }
    }
    word
}

/// Whether the word at these bytes goes on before or behind with a sign that joins addresses and paths.
fn is_inside(text: &str, at: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    // All signs that join are of ASCII, and no byte of another character looks like one.
    let joins = |byte: &u8| matches!(byte, b'.' | b'/' | b'_' | b'\\' | b'@' | b'#');
    let before = at.start.checked_sub(1).and_then(|place| bytes.get(place));
    before.is_some_and(joins)
        || bytes.get(at.end).is_some_and(joins)
            && char_at(text, at.end.saturating_add(1)).is_some_and(is_alphanumeric)
}

/// Without the ending of an English plural, so that `flights` and `flight` meet.
pub(super) fn stem(spelling: &str) -> &str {
    match spelling.strip_suffix('s') {
        Some(rest) if rest.len() > 2 && !rest.ends_with('s') => rest,
        _ => spelling,
    }
}

/// Characters that are written without spaces between words.
pub(super) const fn is_cjk(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        Sentences::new(Key(1, 2)).read(text, |sentences, _| {
            let words = sentences.words().iter();
            all.push(
                words
                    .map(|word| sentences.spelling(word).to_owned())
                    .collect(),
            );
        });
        all
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let all = sentences("Send 12.50 to Bob. Don't tell\nmom-in-law!");
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!(all[0], ["send", "12", "50", "to", "bob"]);
        assert_eq!(all[1], ["don't", "tell"]);
        assert_eq!(all[2], ["mom-in-law"]);
    }

    #[test]
    fn spellings_that_look_alike_are_one() {
        assert_eq!(sentences("Ｓｅｎｄ")[0], ["send"]);
        assert_eq!(sentences("d\u{200b}elete")[0], ["delete"]);
        assert_eq!(sentences("Überweise")[0], ["uberweise"]);
    }

    #[test]
    fn a_sentence_without_end_is_cut() {
        let long = "word ".repeat(10_000);
        assert!(
            sentences(&long)
                .iter()
                .all(|words| words.len() <= LONGEST_SENTENCE)
        );
    }
}
