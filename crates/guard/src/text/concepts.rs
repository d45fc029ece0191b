//! Concepts: what words are about, in any of fifteen languages.
//!
//! The lexicon (`lexicon/words.txt`) maps words and stems to concepts. The rules speak of concepts only, and the models
//! count them beside n-grams; so a wording or a language that nobody trained on still says "ignore", "earlier", "rules".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::heads::{Heads, is_word_byte, is_word_part, pair};
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
#[derive(Debug)]
pub(super) struct Lexicon {
    nodes: Vec<Node>,
    /// The bytes that lead from one node to the next, those of a node side by side, and where they lead.
    edges: Vec<u8>,
    targets: Vec<u32>,
    heads: Heads,
    /// The node behind two bytes, 0 for none, where no entry ends with the first.
    seconds: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// Where its edges begin and end.
    first: u32,
    last: u32,
    /// What ends here: a whole word, and a stem that may go on.
    word: Option<Concept>,
    stem: Option<Concept>,
}

/// The tree while it grows.
#[derive(Debug, Default, Clone)]
struct Growing {
    /// The following bytes, sorted.
    next: Vec<(u8, u32)>,
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
        let mut growing = vec![Growing::default()];
        let mut heads = Heads::default();
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
                let entry = word.trim().replace('¦', "|");
                heads.mark(&entry);
                insert(&mut growing, &entry, concept);
            }
        }
        Self::settled(&growing, heads)
    }

    fn settled(growing: &[Growing], heads: Heads) -> Self {
        let mut lexicon = Self {
            nodes: Vec::with_capacity(growing.len()),
            edges: Vec::with_capacity(growing.len()),
            targets: Vec::with_capacity(growing.len()),
            heads,
            seconds: vec![0; 1 << 16],
        };
        let place = |edges: &[u8]| u32::try_from(edges.len()).unwrap_or(u32::MAX);
        for node in growing {
            let first = place(&lexicon.edges);
            for (byte, to) in &node.next {
                lexicon.edges.push(*byte);
                lexicon.targets.push(*to);
            }
            lexicon.nodes.push(Node {
                first,
                last: place(&lexicon.edges),
                word: node.word,
                stem: node.stem,
            });
        }
        for first in 0..=255 {
            for second in (0..=255_u8).filter(|byte| !byte.is_ascii_whitespace()) {
                let begun = lexicon
                    .nodes
                    .first()
                    .and_then(|root| lexicon.step(root, first))
                    .and_then(|to| lexicon.nodes.get(to as usize))
                    .filter(|node| node.word.is_none() && node.stem.is_none());
                let to = begun.and_then(|node| lexicon.step(node, second));
                if let Some(place) = lexicon.seconds.get_mut(usize::from(pair(first, second))) {
                    *place = to.unwrap_or(0);
                }
            }
        }
        lexicon
    }

    /// The node that `byte` leads to.
    #[inline]
    fn next(&self, node: &Node, byte: u8) -> Option<&Node> {
        self.nodes.get(self.step(node, byte)? as usize)
    }

    /// The number of the node that `byte` leads to.
    #[inline]
    fn step(&self, node: &Node, byte: u8) -> Option<u32> {
        let edges = self.edges.get(node.first as usize..node.last as usize)?;
        let found = if edges.len() > 16 {
            edges.binary_search(&byte).ok()
        } else {
            edges.iter().position(|edge| *edge == byte)
        }?;
        self.targets
            .get((node.first as usize).wrapping_add(found))
            .copied()
    }

    /// Where the longest word of at least three letters ends that begins at byte `at`, whatever follows it.
    pub(super) fn longest_inside(&self, text: &str, at: usize) -> Option<usize> {
        let mut node = self.nodes.first()?;
        let mut best = None;
        for (place, byte) in text.as_bytes().iter().enumerate().skip(at) {
            let Some(next) = self.next(node, *byte) else {
                break;
            };
            node = next;
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
    #[inline]
    pub(super) fn at(&self, text: &str, at: usize) -> Option<(Concept, usize)> {
        if self.heads.may_begin(text.as_bytes().get(at..)?) {
            self.longest(text, at)
        } else {
            None
        }
    }

    fn longest(&self, text: &str, at: usize) -> Option<(Concept, usize)> {
        let bytes = text.as_bytes();
        let mut node = self.nodes.first()?;
        let mut place = at;
        let mut best = None;
        if let Some([first, second]) = bytes.get(at..at.saturating_add(2))
            && let Some(to) = self.seconds.get(usize::from(pair(*first, *second)))
            && let Some(second) = self.nodes.get(*to as usize).filter(|_| *to > 0)
        {
            node = second;
            place = at.saturating_add(2);
            best = Self::ending(node, text, place);
        }
        while let Some(byte) = bytes.get(place).copied() {
            let byte = if byte.is_ascii_whitespace() {
                b' '
            } else {
                byte
            };
            let Some(next) = self.next(node, byte) else {
                break;
            };
            node = next;
            place = place.saturating_add(1);
            if byte == b' ' {
                let mut skipped = 0_u32;
                while skipped < 32 && bytes.get(place).is_some_and(u8::is_ascii_whitespace) {
                    place = place.saturating_add(1);
                    skipped = skipped.saturating_add(1);
                }
            }
            if node.word.is_some() || node.stem.is_some() {
                best = Self::ending(node, text, place).or(best);
            }
        }
        best
    }

    /// The entry that ends at a node, which was reached at byte `place`.
    #[inline]
    fn ending(node: &Node, text: &str, place: usize) -> Option<(Concept, usize)> {
        node.word
            .filter(|_| ends_word(text, place))
            .or(node.stem)
            .map(|concept| (concept, place))
    }
}

fn insert(growing: &mut Vec<Growing>, entry: &str, concept: Concept) {
    let (entry, is_stem) = match entry.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (entry, false),
    };
    let mut at = 0_usize;
    for byte in entry.bytes() {
        let fresh = growing.len();
        let Some(node) = growing.get_mut(at) else {
            return;
        };
        at = match node.next.binary_search_by_key(&byte, |(byte, _)| *byte) {
            Ok(found) => node.next.get(found).map_or(0, |(_, to)| *to as usize),
            Err(place) => {
                let to = u32::try_from(fresh).unwrap_or(u32::MAX);
                node.next.insert(place, (byte, to));
                growing.push(Growing::default());
                fresh
            }
        };
    }
    if let Some(node) = growing.get_mut(at).filter(|_| at > 0) {
        let slot = if is_stem {
            &mut node.stem
        } else {
            &mut node.word
        };
        slot.get_or_insert(concept);
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
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut in_word = false;
    // A character of a script without spaces is about half a word.
    let mut halves = 0_u32;
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at).copied() {
        let here = at;
        let (starts, stays) = if byte.is_ascii() {
            at = at.wrapping_add(1);
            if is_word_byte(byte) {
                // The rest of a word in ASCII begins nothing.
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest.iter().position(|byte| !is_word_part(*byte));
                at = at.wrapping_add(length.unwrap_or(rest.len()));
                (!in_word, true)
            } else {
                (!byte.is_ascii_whitespace(), false)
            }
        } else {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                break;
            };
            at = at.wrapping_add(c.len_utf8());
            if stands_alone(c) {
                halves = halves.wrapping_add(1);
                (true, false)
            } else if is_letter(c) {
                (!in_word, true)
            } else {
                (true, false)
            }
        };
        in_word = stays;
        if !starts {
            continue;
        }
        if stays {
            halves = halves.wrapping_add(2);
        }
        if let Some((concept, end)) = lexicon.at(text, here) {
            found.push(Mention {
                concept,
                start: here,
                end,
                word: halves >> 1,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_entry_is_passed_over_whatever_stands_behind_it() {
        let lexicon = Lexicon::own();
        let lines = include_str!("lexicon/words.txt").lines();
        let entries: Vec<String> = lines
            .filter_map(|line| line.strip_prefix(' ')?.split_once(": "))
            .flat_map(|(_, words)| words.split(" | "))
            .map(|entry| entry.trim().trim_end_matches('*').replace('¦', "|"))
            .collect();
        assert!(entries.len() > 3000);
        for entry in entries {
            for behind in ["", " ", ",", " x", "\n\n!", "—ß", "s", "鍵鍵"] {
                for text in [
                    format!("{entry}{behind}"),
                    format!("{}{behind}", entry.replace(' ', " \t ")),
                ] {
                    assert_eq!(lexicon.at(&text, 0), lexicon.longest(&text, 0), "{text:?}");
                }
            }
        }
    }
}
