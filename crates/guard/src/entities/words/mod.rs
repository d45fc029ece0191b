//! Words that say what stands beside them, in a table that is asked once for every word.
//!
//! All lists are ours, written from general knowledge of names, streets and forms; none is taken from a corpus.

mod given;
mod hints;
mod plain;
mod surnames;

use std::sync::LazyLock;

pub(crate) use hints::Hint;

/// What a word can be, as a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(u32);

impl Word {
    /// Nothing special.
    pub(crate) const NONE: Self = Self(0);
    /// A given name that is hardly anything else.
    pub(crate) const GIVEN: Self = Self(1);
    /// A given name that is a word, a month, a place or a surname too.
    pub(crate) const MAYBE_GIVEN: Self = Self(1 << 1);
    /// A surname.
    pub(crate) const SURNAME: Self = Self(1 << 2);
    /// `Mr`, `Dr`, `Señora`.
    pub(crate) const TITLE: Self = Self(1 << 3);
    /// `van`, `de`, `bin`: inside a name.
    pub(crate) const PARTICLE: Self = Self(1 << 4);
    /// `Street`, `Ave`: behind the name of a street.
    pub(crate) const STREET: Self = Self(1 << 5);
    /// `rue`, `via`: before the name of a street.
    pub(crate) const STREET_BEFORE: Self = Self(1 << 6);
    /// `Suite`, `Apt`.
    pub(crate) const UNIT: Self = Self(1 << 7);
    /// The name of a month.
    pub(crate) const MONTH: Self = Self(1 << 8);
    /// The name of a day of the week.
    pub(crate) const WEEKDAY: Self = Self(1 << 9);
    /// A word that begins sentences and headings and is no name.
    pub(crate) const PLAIN: Self = Self(1 << 10);
    /// `Inc`, `GmbH`: what stands before is no person.
    pub(crate) const COMPANY: Self = Self(1 << 11);
    /// `in`, `since`: a number of four digits behind it is a year.
    pub(crate) const YEAR_BEFORE: Self = Self(1 << 12);
    /// `name`, `named`.
    pub(crate) const NAME: Self = Self(1 << 13);
    /// `is`, `ist`, `est`, `called`: between what is told and its value.
    pub(crate) const IS: Self = Self(1 << 14);
    /// `regards`, `sincerely`: a name follows on the next line.
    pub(crate) const CLOSING: Self = Self(1 << 15);
    /// `said`, `met`, `told`, `by`: a person may follow.
    pub(crate) const OF_PERSON: Self = Self(1 << 16);
    /// `lives`, `located`, `address`: an address follows.
    pub(crate) const OF_PLACE: Self = Self(1 << 17);
    /// A country.
    pub(crate) const COUNTRY: Self = Self(1 << 18);
    /// `turned`, `aged`.
    pub(crate) const OF_AGE: Self = Self(1 << 19);
    /// `years`, `yo`.
    pub(crate) const YEARS: Self = Self(1 << 20);
    /// `call`, `calls`: `me` and a name may follow.
    pub(crate) const CALL: Self = Self(1 << 21);
    /// `me`, `him`, `her`.
    pub(crate) const WHOM: Self = Self(1 << 22);
    /// `I`, `this`: `is`, `am` and a name may follow.
    pub(crate) const WHO: Self = Self(1 << 23);
    /// `Port`, `Mount`, `University`: a name beside it is one of a place or a house.
    pub(crate) const PLACE: Self = Self(1 << 24);

    /// Whether it is one of those.
    #[inline]
    pub(crate) const fn is(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub(crate) word: Word,
    pub(crate) hints: [Option<Hint>; 3],
}

/// The hash of a word, folded to small letters of ASCII as it is built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    #[inline]
    pub(crate) const fn push(self, byte: u8) -> Self {
        let folded = if byte.is_ascii_uppercase() {
            byte | 0x20
        } else {
            byte
        };
        self.push_small(folded)
    }

    /// Goes on with a byte that is no capital letter.
    #[inline]
    pub(crate) const fn push_small(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    fn of(word: &str) -> Self {
        word.bytes().fold(Self::EMPTY, Self::push)
    }
}

/// Slots of the table: a power of two, well above the words.
const SLOTS: usize = 1 << 13;

/// An open hash table: key and place of what is known.
struct Table {
    slots: Vec<(u64, u16)>,
    known: Vec<Known>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        slots: vec![(0, 0); SLOTS],
        known: vec![Known::default()],
    };
    for (words, word) in [
        (given::GIVEN, Word::GIVEN),
        (given::MAYBE, Word::MAYBE_GIVEN),
        (surnames::SURNAMES, Word::SURNAME),
    ]
    .into_iter()
    .chain(plain::LISTS.iter().copied())
    {
        for one in words.split_ascii_whitespace() {
            table.add(one, word, None);
        }
    }
    for (words, hint) in hints::LISTS {
        for one in words.split_ascii_whitespace() {
            table.add(one, Word::default(), Some(*hint));
        }
    }
    table
});

impl Table {
    fn add(&mut self, text: &str, word: Word, hint: Option<Hint>) {
        self.insert(Hash::of(text).0, word, hint);
        // Letters beyond ASCII are not folded: the word is entered in each way it is written.
        if !text.is_ascii() {
            let mut letters = text.chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            let title = first + letters.as_str();
            let upper = text.to_uppercase();
            for other in [title, upper] {
                if Hash::of(&other).0 != Hash::of(text).0 {
                    self.insert(Hash::of(&other).0, word, hint);
                }
            }
        }
    }

    fn insert(&mut self, key: u64, word: Word, hint: Option<Hint>) {
        for slot in places(key) {
            let Some((taken, place)) = self.slots.get_mut(slot) else {
                return;
            };
            if *place == 0 {
                let Ok(new) = u16::try_from(self.known.len()) else {
                    return;
                };
                (*taken, *place) = (key, new);
                self.known.push(Known {
                    word,
                    hints: [hint, None, None],
                });
                return;
            }
            if *taken == key {
                if let Some(known) = self.known.get_mut(usize::from(*place)) {
                    known.word = known.word.and(word);
                    if let Some(free) = known.hints.iter_mut().find(|it| it.is_none()) {
                        *free = hint;
                    }
                }
                return;
            }
        }
    }
}

/// The slots of a key, in the order in which they are tried.
fn places(key: u64) -> impl Iterator<Item = usize> {
    let first = usize::try_from((key ^ (key >> 29)) & 0xffff_ffff).unwrap_or_default();
    (0..SLOTS).map(move |step| first.wrapping_add(step) & SLOTS.wrapping_sub(1))
}

/// What is known of the word with this hash.
#[inline]
pub(crate) fn known(hash: Hash) -> Known {
    let table = &*TABLE;
    for slot in places(hash.0) {
        match table.slots.get(slot) {
            Some((key, place)) if *place != 0 => {
                if *key == hash.0 {
                    return table
                        .known
                        .get(usize::from(*place))
                        .copied()
                        .unwrap_or_default();
                }
            }
            _ => break,
        }
    }
    Known::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known_word(word: &str) -> Word {
        known(Hash::of(word)).word
    }

    #[test]
    fn words_are_known_in_every_way_they_are_written() {
        for text in ["Smith", "smith", "SMITH", "łukasz", "Łukasz", "ŁUKASZ"] {
            assert!(
                known_word(text).is(Word::SURNAME.and(Word::GIVEN)),
                "{text}"
            );
        }
        assert_eq!(known_word("smithx"), Word::default());
        assert!(
            TABLE.known.len() < SLOTS * 2 / 3,
            "{} words",
            TABLE.known.len()
        );
    }
}
