//! Tokens that stand beside the model: those that mark a text, and words that were added.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde_json::Value;

use super::classes::is_word;
use super::json::Node;
use super::letters::{Letter, Letters, letters, spelled};
use super::model::Model;
use super::normalizer::{self, Normalizer};
use super::{Fault, MOST_ADDED};

#[derive(Clone, Debug)]
struct Added {
    id: u32,
    /// Whether it stands only where no word goes on before or behind it.
    single: bool,
    /// Whether it takes the blanks before and behind it.
    left: bool,
    right: bool,
}

/// Words that are looked for at once.
#[derive(Debug, Default)]
struct Words {
    search: Option<AhoCorasick>,
    tokens: Vec<Added>,
}

#[derive(Debug, Default)]
pub(crate) struct AddedTokens {
    /// Those looked for in the text as it is, and after it was normalised.
    plain: Words,
    normalized: Words,
}

/// A part of a text: a token, or what lies between.
pub(crate) enum Part {
    Token(u32, Letters),
    Text(Letters),
}

impl AddedTokens {
    pub(crate) fn read(
        value: Option<&Value>,
        steps: &[Normalizer],
        model: &Model,
    ) -> Result<Self, Fault> {
        let place = "added_tokens";
        let Some(value) = value else {
            return Ok(Self::default());
        };
        let list = value
            .as_array()
            .ok_or_else(|| Fault::form(place, "is no list"))?;
        if list.len() > MOST_ADDED {
            return Err(Fault::form(place, "has too many"));
        }
        let (mut plain, mut normalized) = (Vec::new(), Vec::new());
        for entry in list {
            let node = Node::of(entry, place)?;
            let content = node.text("content")?;
            if content.is_empty() {
                continue;
            }
            let special = node.flag("special", false)?;
            let added = Added {
                // What the model knows already has its number there.
                id: match model.id(content) {
                    Some(id) => id,
                    None => node.number("id")?,
                },
                single: node.flag("single_word", false)?,
                left: node.flag("lstrip", false)?,
                right: node.flag("rstrip", false)?,
            };
            if node.flag("normalized", !special)? {
                let content = normalizer::apply(steps, letters(content, 0))?;
                normalized.push((spelled(&content), added));
            } else {
                plain.push((content.to_owned(), added));
            }
        }
        Ok(Self {
            plain: Words::of(plain)?,
            normalized: Words::of(normalized)?,
        })
    }

    /// Cuts a text at the tokens that are looked for before it is normalised.
    pub(crate) fn before(&self, text: Letters) -> Vec<Part> {
        self.plain.cut(text)
    }

    /// Cuts a text at those that are looked for afterwards.
    pub(crate) fn after(&self, text: Letters) -> Vec<Part> {
        self.normalized.cut(text)
    }
}

impl Words {
    fn of(words: Vec<(String, Added)>) -> Result<Self, Fault> {
        let words: Vec<(String, Added)> = words
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .collect();
        if words.is_empty() {
            return Ok(Self::default());
        }
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.iter().map(|(text, _)| text))
            .map_err(|_| Fault::form("added_tokens", "cannot be looked for"))?;
        Ok(Self {
            search: Some(search),
            tokens: words.into_iter().map(|(_, added)| added).collect(),
        })
    }

    fn cut(&self, text: Letters) -> Vec<Part> {
        let Some(search) = &self.search else {
            return vec![Part::Text(text)];
        };
        let spelled = spelled(&text);
        let mut offsets = Vec::with_capacity(text.len());
        let mut at = 0_usize;
        for letter in &text {
            offsets.push(at);
            at = at.saturating_add(letter.c.len_utf8());
        }
        let index = |byte: usize| offsets.partition_point(|start| *start < byte);
        let mut parts = Vec::new();
        let mut from = 0;
        for hit in search.find_iter(&spelled) {
            let (mut start, mut end) = (index(hit.start()), index(hit.end()));
            let Some(added) = self.tokens.get(hit.pattern().as_usize()) else {
                continue;
            };
            let before = text.get(..start).unwrap_or_default();
            let behind = text.get(end..).unwrap_or_default();
            let in_word = |letter: Option<&Letter>| letter.is_some_and(|it| is_word(it.c));
            if added.single && (in_word(before.last()) || in_word(behind.first())) {
                continue;
            }
            if start < from {
                continue;
            }
            let blanks = |letter: &&Letter| letter.c.is_whitespace();
            if added.left {
                let count = before.iter().rev().take_while(blanks).count();
                start = start.saturating_sub(count).max(from);
            }
            if added.right {
                end = end.saturating_add(behind.iter().take_while(blanks).count());
            }
            if from < start {
                parts.push(Part::Text(
                    text.get(from..start).unwrap_or_default().to_vec(),
                ));
            }
            parts.push(Part::Token(
                added.id,
                text.get(start..end).unwrap_or_default().to_vec(),
            ));
            from = end;
        }
        if from < text.len() {
            parts.push(Part::Text(text.get(from..).unwrap_or_default().to_vec()));
        }
        parts
    }
}
