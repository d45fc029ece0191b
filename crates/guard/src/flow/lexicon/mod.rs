//! What words mean for the flow of data: actions, the objects they act upon, and cues of how a sentence is meant.
//!
//! The lists are ours (`*.tsv` beside this file) and modest: ten languages of commands and requests, no grammar. A word that
//! is in none of them means nothing here, and where no action is understood the caller is told so.

mod sets;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

pub use sets::{Actions, Objects};

use super::hash::Same;

/// Kinds of words that are neither actions nor objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cues(u16);

impl Cues {
    /// Speaks to a machine, or wants its instructions changed.
    pub(super) const ADDRESSED: Self = Self(1);
    /// Hands the decision what to do over to a text.
    pub(super) const DELEGATE: Self = Self(2);
    /// The one who speaks.
    pub(super) const ME: Self = Self(4);
    /// A noun follows.
    pub(super) const NOUN_AFTER: Self = Self(8);
    /// A command may follow.
    pub(super) const LEAD: Self = Self(16);
    /// What follows is denied.
    pub(super) const NEGATION: Self = Self(32);
    /// Agreement.
    pub(super) const YES: Self = Self(64);
    /// Says nothing by itself.
    pub(super) const STOP: Self = Self(128);
    /// The name of a parameter that says where something goes or what is hit.
    pub(super) const SINK: Self = Self(256);

    /// Points at what a text says.
    pub(super) const POINTS: Self = Self(512);
    /// A verb that says little without its noun.
    pub(super) const LIGHT: Self = Self(1024);
    /// Names of days and months.
    pub(super) const TIME: Self = Self(2048);
    /// A participle may follow that says what shall be done.
    pub(super) const PASSIVE: Self = Self(4096);
    /// The means by which something is done follows.
    pub(super) const BY: Self = Self(8192);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn named(name: &str) -> Option<Self> {
        Some(match name.as_bytes() {
            b"addressed" => Self::ADDRESSED,
            b"delegate" => Self::DELEGATE,
            b"me" => Self::ME,
            b"noun_after" => Self::NOUN_AFTER,
            b"lead" => Self::LEAD,
            b"negation" => Self::NEGATION,
            b"yes" => Self::YES,
            b"stop" => Self::STOP,
            b"sink" => Self::SINK,
            b"points" => Self::POINTS,
            b"light" => Self::LIGHT,
            b"time" => Self::TIME,
            b"passive" => Self::PASSIVE,
            b"by" => Self::BY,
            _ => return None,
        })
    }
}

/// Languages as bits; `ANY` for what is not told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Languages(pub(super) u16);

/// How many languages are told apart.
pub(super) const LANGUAGES: usize = 12;

const NAMES: [&str; LANGUAGES] = [
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ru", "zh", "ja",
];

impl Languages {
    /// All of them.
    pub(super) const ANY: Self = Self(u16::MAX);
    /// English, in which most tools are named.
    pub(super) const ENGLISH: Self = Self(1);
    /// Those that are written in scripts of their own, so that their words stand in no other.
    pub(super) const OWN_SCRIPT: Self = Self(0b1110_0000_0000);

    fn named(name: &str) -> Self {
        NAMES
            .iter()
            .position(|known| *known == name)
            .and_then(|at| 1_u16.checked_shl(u32::try_from(at).unwrap_or(u32::MAX)))
            .map_or(Self::ANY, Self)
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What one word means in some languages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sense {
    pub(super) languages: Languages,
    pub(super) actions: Actions,
    /// Those of the actions for which the word may also be a noun.
    pub(super) nouns: Actions,
    pub(super) objects: Objects,
    pub(super) cues: Cues,
}

/// What stands in the lists under one spelling.
#[derive(Clone, Debug, Default)]
struct Entry {
    whole: Vec<Sense>,
    stem: Vec<Sense>,
    /// The languages in which it says nothing by itself, which is how a language is known.
    small_word_of: Languages,
    /// Begins something of several words.
    begins: bool,
}

/// Where hashes of spellings begin (FNV-1a).
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of a spelling with one byte more.
pub(super) const fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// A beginning in the lists that is looked for has more bytes than this.
const SHORTEST: usize = 2;

/// Longest beginning in the lists that is looked for, in bytes.
const LONGEST: usize = 24;

/// A bit for each value of the low bits of a hash.
type Bits = [u64; 1024];

/// The lists, by the hash of the spelling.
pub(super) struct Lexicon {
    entries: HashMap<u64, Entry, BuildHasherDefault<Same>>,
    /// Which hashes there may be, by their low bits: most words are in no list.
    present: Box<Bits>,
    /// Those of them that are beginnings: most prefixes of most words are none.
    stems: Box<Bits>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon {
        entries: HashMap::default(),
        present: Box::new([0; 1024]),
        stems: Box::new([0; 1024]),
    };
    for (list, read) in [
        (
            include_str!("actions.tsv"),
            actions as fn(&str) -> Option<Sense>,
        ),
        (include_str!("objects.tsv"), objects),
        (include_str!("cues.tsv"), cues),
    ] {
        lexicon.add(list, read);
    }
    lexicon
});

fn actions(class: &str) -> Option<Sense> {
    Actions::named(class).map(|actions| Sense {
        actions,
        ..Sense::default()
    })
}

fn objects(class: &str) -> Option<Sense> {
    Objects::named(class).map(|objects| Sense {
        objects,
        ..Sense::default()
    })
}

fn cues(class: &str) -> Option<Sense> {
    Cues::named(class).map(|cues| Sense {
        cues,
        ..Sense::default()
    })
}

/// What a spelling was found to mean.
#[derive(Clone, Copy, Default)]
pub(super) struct Found<'l> {
    whole: Option<&'l Entry>,
    /// The longest beginnings that are in the lists; a longer one does not hide what a shorter one means.
    stems: [Option<&'l Entry>; 4],
    /// The hash of the whole spelling, from which longer ones go on.
    pub(super) hash: u64,
}

impl Found<'_> {
    /// Whether something of several words may begin here.
    pub(super) fn begins(&self) -> bool {
        self.whole.is_some_and(|entry| entry.begins)
    }

    /// Whether it is in the lists as it is.
    pub(super) fn is_known(&self) -> bool {
        self.whole.is_some_and(|entry| !entry.whole.is_empty())
    }

    /// All that it means in one of `languages`.
    pub(super) fn sense(&self, languages: Languages) -> Sense {
        let [stem, ..] = self.stems;
        if self.whole.is_none() && stem.is_none() {
            // Most words of most texts.
            return Sense::default();
        }
        let whole = self.whole.map_or(&[][..], |entry| &entry.whole);
        let stems = self.stems.iter().flatten().flat_map(|entry| &entry.stem);
        let mut all = Sense::default();
        for sense in whole.iter().chain(stems) {
            if sense.languages.meets(languages) {
                all.languages.0 |= sense.languages.0;
                all.actions |= sense.actions;
                all.nouns |= sense.nouns;
                all.objects |= sense.objects;
                all.cues.0 |= sense.cues.0;
            }
        }
        all
    }

    /// The languages in which it says nothing by itself, which is how a language is known.
    pub(super) fn small_word_of(&self) -> Languages {
        self.whole
            .map_or(Languages::default(), |entry| entry.small_word_of)
    }
}

impl Lexicon {
    /// The lists.
    pub(super) fn get() -> &'static Self {
        &LEXICON
    }

    fn add(&mut self, list: &str, class: fn(&str) -> Option<Sense>) {
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(name), Some(language), Some(words)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let Some(mut sense) = class(name) else {
                continue;
            };
            sense.languages = Languages::named(language);
            for word in words.split(' ') {
                self.add_word(word, sense);
            }
        }
    }

    fn add_word(&mut self, word: &str, mut sense: Sense) {
        let (word, stem) = word
            .strip_suffix('*')
            .map_or((word, false), |word| (word, true));
        let (word, noun) = word
            .strip_suffix('~')
            .map_or((word, false), |word| (word, true));
        if noun {
            sense.nouns = sense.actions;
        }
        if word.is_empty() {
            return;
        }
        let mut hash = START;
        for byte in word.bytes() {
            if byte == b'_' {
                self.entry(hash).begins = true;
            }
            hash = step(hash, byte);
        }
        if stem {
            mark(&mut self.stems, hash);
        }
        let entry = self.entry(hash);
        if stem {
            entry.stem.push(sense);
        } else {
            entry.whole.push(sense);
            if sense.cues.has(Cues::STOP) && sense.languages != Languages::ANY {
                entry.small_word_of.0 |= sense.languages.0;
            }
        }
    }

    fn entry(&mut self, hash: u64) -> &mut Entry {
        mark(&mut self.present, hash);
        self.entries.entry(hash).or_default()
    }

    #[inline]
    fn find(&self, hash: u64) -> Option<&Entry> {
        if !may_have(&self.present, hash) {
            return None;
        }
        self.entry_of(hash)
    }

    #[inline(never)]
    fn entry_of(&self, hash: u64) -> Option<&Entry> {
        self.entries.get(&hash)
    }

    /// What the spelling with this hash means as a whole word.
    pub(super) fn whole(&self, hash: u64) -> Found<'_> {
        Found {
            whole: self.find(hash),
            hash,
            ..Found::default()
        }
    }

    /// Looks a folded spelling up; `from` is [`START`], or the hash of what it goes on from.
    pub(super) fn look_up(&self, from: u64, spelling: &str) -> Found<'_> {
        let mut hash = from;
        let mut stems = [None; 4];
        let (head, rest) = split(spelling.as_bytes(), SHORTEST);
        let (middle, tail) = split(rest, LONGEST.saturating_sub(SHORTEST));
        for byte in head {
            hash = step(hash, *byte);
        }
        for byte in middle {
            hash = step(hash, *byte);
            if may_have(&self.stems, hash)
                && let Some(entry) = self.entry_of(hash)
                && !entry.stem.is_empty()
            {
                let [first, second, third, _] = stems;
                stems = [Some(entry), first, second, third];
            }
        }
        for byte in tail {
            hash = step(hash, *byte);
        }
        Found {
            whole: self.find(hash),
            stems,
            hash,
        }
    }
}

/// The hash of a spelling.
pub(super) fn hash_of(spelling: &str) -> u64 {
    spelling.bytes().fold(START, step)
}

/// The first `count` bytes, as far as there are so many, and the rest.
#[inline]
fn split(bytes: &[u8], count: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(count).unwrap_or((bytes, &[]))
}

fn mark(bits: &mut Bits, hash: u64) {
    if let Some(word) = bits.get_mut(slot(hash)) {
        *word |= bit(hash);
    }
}

#[inline]
fn may_have(bits: &Bits, hash: u64) -> bool {
    bits.get(slot(hash))
        .is_some_and(|word| word & bit(hash) != 0)
}

/// Which word of a table of bits.
#[inline]
const fn slot(hash: u64) -> usize {
    ((hash >> 6) & 1023) as usize
}

/// Which bit of that word.
#[inline]
const fn bit(hash: u64) -> u64 {
    1_u64.wrapping_shl((hash & 63) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sense(word: &str) -> Sense {
        Lexicon::get()
            .look_up(START, word)
            .sense(Languages::named("en"))
    }

    #[test]
    fn verbs_have_their_classes_in_their_languages() {
        assert!(sense("transfer").actions.meets(Actions::PAY));
        assert!(sense("delete").actions.meets(Actions::DELETE));
        assert!(sense("transfer").nouns.meets(Actions::PAY));
        let german = Languages::named("de");
        let lexicon = Lexicon::get();
        assert!(
            lexicon
                .look_up(START, "uberweise")
                .sense(german)
                .actions
                .meets(Actions::PAY)
        );
        assert!(sense("uberweise").actions.is_empty());
    }

    #[test]
    fn every_line_of_the_lists_is_read() {
        for (list, read) in [
            (
                include_str!("actions.tsv"),
                actions as fn(&str) -> Option<Sense>,
            ),
            (include_str!("objects.tsv"), objects),
            (include_str!("cues.tsv"), cues),
        ] {
            for line in list.lines().filter(|line| !line.starts_with('#')) {
                let fields: Vec<&str> = line.split('\t').collect();
                assert_eq!(fields.len(), 3, "{line}");
                assert!(read(fields[0]).is_some(), "{line}");
                assert!(
                    fields[1] == "any" || Languages::named(fields[1]) != Languages::ANY,
                    "{line}"
                );
                assert!(!fields[2].contains("  "), "{line}");
            }
        }
    }
}
