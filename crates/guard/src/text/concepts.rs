//! Concepts: what words are about, in any of fifteen languages.
//!
//! The lexicon (`lexicon/words.txt`) maps words and stems to concepts. The rules speak of concepts only, and the models
//! count them beside n-grams; so a wording or a language that nobody trained on still says "ignore", "earlier", "rules".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::score::features::{is_letter, stands_alone};

macro_rules! concepts {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// What a word is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Concept {
            $($(#[doc = $doc])* $name,)*
        }

        impl Concept {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in the lexicon.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// A number of its own, for hashing.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }
        }
    };
}

concepts! {
    /// To leave aside what was said.
    Ignore = "ignore",
    /// Earlier, above.
    Prior = "prior",
    /// All, every.
    All = "all",
    /// Instructions, rules, orders.
    Rules = "rules",
    /// The system prompt by its name.
    SystemPrompt = "system-prompt",
    /// To show, print, repeat.
    Reveal = "reveal",
    /// Passwords, keys, codes.
    Secret = "secret",
    /// To be somebody else from now on.
    Persona = "persona",
    /// Without limits.
    Unbound = "unbound",
    /// The names of known jailbreaks and their modes.
    Mode = "mode",
    /// You, your.
    You = "you",
    /// Assistants and models.
    Machine = "machine",
    /// Without anybody being told.
    Silent = "silent",
    /// The person who asks.
    User = "user",
    /// New, real, updated.
    New = "new",
    /// Task, goal.
    Task = "task",
    /// To hand something to somebody.
    Send = "send",
    /// Important, attention.
    Alarm = "alarm",
    /// Never refuse, never apologise.
    NoRefusal = "no-refusal",
    /// To refuse, to warn, to apologise.
    Refusal = "refusal",
    /// Must, have to.
    Must = "must",
    /// To obey, to comply.
    Obey = "obey",
    /// Begin the answer with.
    StartWith = "start-with",
    /// Instead.
    Instead = "instead",
    /// To run, to call a tool.
    Execute = "execute",
    /// To delete.
    Delete = "delete",
    /// Illegal, immoral, harmful.
    Harm = "harm",
    /// Money and where it lies.
    Money = "money",
    /// Conversation, text, message.
    Text = "text",
    /// Developers, administrators, permissions.
    Authority = "authority",
    /// Marks of chat templates and roles.
    Role = "role",
    /// Answers, to answer.
    Answer = "answer",
    /// Only, nothing but.
    Only = "only",
    /// Files and places where keys lie.
    Place = "place",
    /// Words of English read from the end.
    Backwards = "backwards",
    /// Words of English moved by thirteen letters.
    Rotated = "rotated",
}

/// A concept in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What it is.
    pub concept: Concept,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The number of its first word in the text.
    pub word: u32,
}

/// The words of all concepts as a tree of bytes.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    nodes: Vec<Node>,
    /// Which first two bytes any entry has, one bit each.
    heads: Vec<u64>,
}

#[derive(Debug, Default, Clone)]
struct Node {
    /// The following bytes, sorted.
    next: Vec<(u8, u32)>,
    /// What ends here: a whole word, and a stem that may go on.
    word: Option<Concept>,
    stem: Option<Concept>,
}

impl Lexicon {
    pub(super) fn own() -> &'static Self {
        static OWN: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::parse(include_str!("lexicon/words.txt")));
        &OWN
    }

    /// Lines are `concept` (its own line), then indented `language: word | stem* | two words`; `#` begins a remark.
    pub(super) fn parse(text: &str) -> Self {
        let by_name: HashMap<&str, Concept> = Concept::ALL
            .iter()
            .map(|concept| (concept.name(), *concept))
            .collect();
        let mut lexicon = Self {
            nodes: vec![Node::default()],
            heads: vec![0; 1024],
        };
        let mut concept = None;
        for line in text.lines() {
            if line.trim_start().starts_with("# ") || line.trim().is_empty() {
                continue;
            }
            if !line.starts_with(' ') {
                concept = by_name.get(line.trim()).copied();
                continue;
            }
            let (Some(concept), Some((_, words))) = (concept, line.split_once(": ")) else {
                continue;
            };
            for word in words.split(" | ") {
                // A bar is written as a broken bar, since the bar stands between entries.
                lexicon.insert(&word.trim().replace('¦', "|"), concept);
            }
        }
        lexicon
    }

    fn insert(&mut self, entry: &str, concept: Concept) {
        let (entry, is_stem) = match entry.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (entry, false),
        };
        let mut head = entry.bytes();
        let (Some(first), second) = (head.next(), head.next()) else {
            return;
        };
        match second {
            Some(second) => self.mark(first, second),
            None => (0..=255).for_each(|second| self.mark(first, second)),
        }
        let mut at = 0_usize;
        for byte in entry.bytes() {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else {
                return;
            };
            at = match node.next.binary_search_by_key(&byte, |(byte, _)| *byte) {
                Ok(found) => node.next.get(found).map_or(0, |(_, to)| *to as usize),
                Err(place) => {
                    let to = u32::try_from(fresh).unwrap_or(u32::MAX);
                    node.next.insert(place, (byte, to));
                    self.nodes.push(Node::default());
                    fresh
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(at) {
            let slot = if is_stem {
                &mut node.stem
            } else {
                &mut node.word
            };
            slot.get_or_insert(concept);
        }
    }

    fn mark(&mut self, first: u8, second: u8) {
        let key = u32::from(first) << 8 | u32::from(second);
        if let Some(word) = self.heads.get_mut(key as usize >> 6) {
            *word |= 1_u64.wrapping_shl(key & 63);
        }
    }

    #[inline]
    fn may_begin(&self, first: u8, second: u8) -> bool {
        let key = u32::from(first) << 8 | u32::from(second);
        self.heads
            .get(key as usize >> 6)
            .is_some_and(|word| word.wrapping_shr(key & 63) & 1 == 1)
    }

    /// Where the longest word of at least three letters ends that begins at byte `at`, whatever follows it.
    pub(super) fn longest_inside(&self, text: &str, at: usize) -> Option<usize> {
        let mut node = self.nodes.first()?;
        let mut best = None;
        for (place, byte) in text.as_bytes().iter().enumerate().skip(at) {
            let Ok(found) = node.next.binary_search_by_key(byte, |(byte, _)| *byte) else {
                break;
            };
            let (_, to) = node.next.get(found)?;
            node = self.nodes.get(*to as usize)?;
            let end = place.saturating_add(1);
            let long = end.saturating_sub(at) >= 3;
            if long && (node.word.is_some() || node.stem.is_some()) && text.is_char_boundary(end) {
                best = Some(end);
            }
        }
        best
    }

    /// The longest entry at byte `at` of `text`: its concept and its end. White space of any kind and length counts as one
    /// space.
    pub(super) fn at(&self, text: &str, at: usize) -> Option<(Concept, usize)> {
        let bytes = text.as_bytes();
        let first = *bytes.get(at)?;
        let second = bytes.get(at.saturating_add(1)).copied().unwrap_or(b' ');
        if !self.may_begin(first, second) {
            return None;
        }
        let mut node = self.nodes.first()?;
        let mut place = at;
        let mut best = None;
        while let Some(byte) = bytes.get(place).copied() {
            let byte = if byte.is_ascii_whitespace() {
                b' '
            } else {
                byte
            };
            let Ok(found) = node.next.binary_search_by_key(&byte, |(byte, _)| *byte) else {
                break;
            };
            let Some((_, to)) = node.next.get(found) else {
                break;
            };
            node = self.nodes.get(*to as usize)?;
            place = place.saturating_add(1);
            if byte == b' ' {
                let mut skipped = 0_u32;
                while skipped < 32 && bytes.get(place).is_some_and(u8::is_ascii_whitespace) {
                    place = place.saturating_add(1);
                    skipped = skipped.saturating_add(1);
                }
            }
            if let Some(concept) = node.word.filter(|_| ends_word(text, place)) {
                best = Some((concept, place));
            } else if let Some(concept) = node.stem {
                best = Some((concept, place));
            }
        }
        best
    }
}

/// Whether a word may end at byte `at`.
fn ends_word(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else {
        return false;
    };
    let Some(last) = before.chars().next_back() else {
        return true;
    };
    if !is_letter(last) || stands_alone(last) {
        return true;
    }
    after
        .chars()
        .next()
        .is_none_or(|next| !is_letter(next) || stands_alone(next))
}

/// All concepts in `text` (folded), in order.
#[must_use]
pub fn mentions(text: &str) -> Vec<Mention> {
    let lexicon = Lexicon::own();
    let mut found = Vec::new();
    let mut in_word = false;
    // A character of a script without spaces is about half a word.
    let mut halves = 0_u32;
    for (at, c) in text.char_indices() {
        let (starts, stays) = if c.is_ascii() {
            if c.is_ascii_alphanumeric() || c == '_' {
                (!in_word, true)
            } else {
                (!c.is_ascii_whitespace(), false)
            }
        } else if stands_alone(c) {
            (true, false)
        } else if is_letter(c) {
            (!in_word, true)
        } else {
            (true, false)
        };
        in_word = stays;
        if !starts {
            continue;
        }
        if stays {
            halves = halves.wrapping_add(2);
        } else if stands_alone(c) {
            halves = halves.wrapping_add(1);
        }
        if let Some((concept, end)) = lexicon.at(text, at) {
            found.push(Mention {
                concept,
                start: at,
                end,
                word: halves >> 1,
            });
        }
    }
    found
}
