//! Words of a text, folded, as rolling hashes over some that follow each other.

use crate::text::score::features::is_alphanumeric;

/// Takes letters one by one, and gives the words.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    hash: u64,
    /// Whether a word is at hand.
    is_open: bool,
    start: usize,
    at: usize,
}

/// A word: its hash, where it begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) hash: u64,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Words {
    /// Takes a letter; gives the word that ends before it. Case, signs and characters without width make no difference:
    /// an answer that sets every word in bold is still the same words.
    pub(super) fn push(&mut self, letter: char) -> Option<Word> {
        let at = self.at;
        if let Ok(byte) = u8::try_from(letter)
            && byte.is_ascii()
        {
            self.at = at.saturating_add(1);
            if byte.is_ascii_alphanumeric() {
                self.letter(at, u64::from(byte.to_ascii_lowercase()));
                return None;
            }
            if !self.is_open || matches!(byte, b'*' | b'`' | b'\'') {
                return None;
            }
            return self.end_at(at);
        }
        self.at = at.saturating_add(letter.len_utf8());
        if matches!(
            letter,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{2019}'
        ) {
            return None;
        }
        if is_alphanumeric(letter) {
            for folded in letter.to_lowercase() {
                self.letter(at, u64::from(u32::from(folded)));
            }
            return None;
        }
        self.end_at(at)
    }

    /// Goes on with a folded letter.
    #[inline]
    fn letter(&mut self, at: usize, folded: u64) {
        if !self.is_open {
            self.hash = 0xcbf2_9ce4_8422_2325;
            self.start = at;
            self.is_open = true;
        }
        self.hash = (self.hash ^ folded).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// Where the word at hand began; the end of what came where there is none.
    pub(super) const fn live(&self) -> usize {
        if self.is_open { self.start } else { self.at }
    }

    /// The word at the end of the text.
    pub(super) fn finish(&mut self) -> Option<Word> {
        let at = self.at;
        self.end_at(at)
    }

    fn end_at(&mut self, end: usize) -> Option<Word> {
        if !self.is_open {
            return None;
        }
        self.is_open = false;
        Some(Word {
            hash: self.hash,
            start: self.start,
            end,
        })
    }
}

/// The last words, as many as make a shingle.
#[derive(Clone, Debug)]
pub(super) struct Window<const N: usize> {
    words: [Word; N],
    count: usize,
}

impl<const N: usize> Window<N> {
    pub(super) const fn new() -> Self {
        Self {
            words: [Word {
                hash: 0,
                start: 0,
                end: 0,
            }; N],
            count: 0,
        }
    }

    /// Takes a word; gives the shingle that it completes: its hash and range.
    pub(super) fn push(&mut self, word: Word) -> Option<(u64, std::ops::Range<usize>)> {
        self.words.rotate_left(1);
        *self.words.last_mut()? = word;
        self.count = self.count.saturating_add(1);
        if self.count < N {
            return None;
        }
        Some((fold(&self.words), self.words.first()?.start..word.end))
    }

    /// The hashes of what the shingle at hand begins with, of one word and more.
    pub(super) fn begins(&self) -> impl Iterator<Item = u64> + '_ {
        (1..N).filter_map(|count| Some(fold(self.words.get(..count)?)))
    }

    /// The hashes of the last words, up to one less than make a shingle, and where they begin.
    pub(super) fn ends(&self) -> impl Iterator<Item = (u64, usize)> + '_ {
        (1..N).filter_map(|count| {
            let words = self.words.get(N.saturating_sub(count)..)?;
            let first = words.first().filter(|_| self.count >= count)?;
            Some((fold(words), first.start))
        })
    }
}

fn fold(words: &[Word]) -> u64 {
    words.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |sum, word| {
        (sum.rotate_left(23) ^ word.hash).wrapping_mul(0xff51_afd7_ed55_8ccd)
    })
}
