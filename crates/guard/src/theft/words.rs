//! The words of a text, lower case, as hashes.

use super::simhash::mix;

const START: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// A word: its hash and what it is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) hash: u64,
    pub(super) letters: u32,
    pub(super) digits: bool,
    pub(super) script: Script,
}

/// Scripts that are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Script {
    #[default]
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Indic,
    Thai,
    Han,
    Kana,
    Hangul,
    Other,
}

fn script(c: char) -> Script {
    match u32::from(c) {
        0..0x0370 | 0x1e00..0x1f00 => Script::Latin,
        0x0370..0x0400 => Script::Greek,
        0x0400..0x0530 => Script::Cyrillic,
        0x0590..0x0600 => Script::Hebrew,
        0x0600..0x0780 => Script::Arabic,
        0x0900..0x0e00 => Script::Indic,
        0x0e00..0x0e80 => Script::Thai,
        0x3040..0x3100 => Script::Kana,
        0x3400..0xa000 => Script::Han,
        0xac00..0xd7b0 => Script::Hangul,
        _ => Script::Other,
    }
}

/// The hash of a word as [`each_word`] gives it.
pub(super) fn hash_word(word: &str) -> u64 {
    let mut found = 0;
    each_word(word, |word| found = word.hash);
    found
}

/// Calls `take` for each word. Letters and digits make words; where a script has no spaces, each character is a word.
pub(super) fn each_word(text: &str, mut take: impl FnMut(Word)) {
    let mut state = Word {
        hash: START,
        letters: 0,
        digits: false,
        script: Script::Latin,
    };
    let empty = state;
    let mut finish = |state: &mut Word| {
        if state.letters > 0 {
            take(Word {
                hash: mix(state.hash),
                ..*state
            });
        }
        *state = empty;
    };
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                state.hash =
                    (state.hash ^ u64::from(c.to_ascii_lowercase() as u8)).wrapping_mul(PRIME);
                state.letters = state.letters.saturating_add(1);
                state.digits |= c.is_ascii_digit();
            } else {
                finish(&mut state);
            }
            continue;
        }
        if !c.is_alphanumeric() {
            finish(&mut state);
            continue;
        }
        let kind = script(c);
        let alone = matches!(kind, Script::Han | Script::Kana | Script::Thai);
        if alone {
            finish(&mut state);
        }
        for lower in c.to_lowercase() {
            state.hash = (state.hash ^ u64::from(u32::from(lower))).wrapping_mul(PRIME);
        }
        state.letters = state.letters.saturating_add(1);
        state.script = kind;
        if alone {
            finish(&mut state);
        }
    }
    finish(&mut state);
}
