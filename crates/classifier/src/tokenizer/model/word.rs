//! WordPiece (the longest beginning that is known, again and again) and whole words.

use super::super::json::Node;
use super::super::letters::{Letter, span, spelled};
use super::super::{Fault, Token};
use super::{Vocabulary, vocabulary};

#[derive(Debug)]
pub(crate) struct WordPiece {
    pub(super) vocabulary: Vocabulary,
    unknown: u32,
    prefix: String,
    /// Longer words are unknown as a whole.
    most: usize,
    /// Longest token, in characters.
    longest: usize,
}

impl WordPiece {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Fault> {
        let vocabulary = vocabulary(node.object("vocab")?)?;
        let unknown = node.text_or("unk_token", "[UNK]")?;
        let most = match node.get("max_input_chars_per_word") {
            None => 100,
            Some(_) => usize::try_from(node.number("max_input_chars_per_word")?)
                .unwrap_or(usize::MAX)
                .min(10_000),
        };
        Ok(Self {
            unknown: *vocabulary
                .get(unknown)
                .ok_or_else(|| node.fault("has no token for what it does not know"))?,
            prefix: node.text_or("continuing_subword_prefix", "##")?.to_owned(),
            most,
            longest: vocabulary
                .keys()
                .map(|text| text.chars().count())
                .max()
                .unwrap_or(0),
            vocabulary,
        })
    }

    pub(super) fn tokens(&self, letters: &[Letter], out: &mut Vec<Token>) -> Result<(), Fault> {
        let before = out.len();
        if letters.len() > self.most || !self.pieces(letters, out) {
            out.truncate(before);
            out.push(Token::of(self.unknown, span(letters)));
        }
        Ok(())
    }

    /// Whether all of it is known.
    fn pieces(&self, letters: &[Letter], out: &mut Vec<Token>) -> bool {
        let mut rest = letters;
        let mut is_first = true;
        while !rest.is_empty() {
            let mut text = match is_first {
                true => String::new(),
                false => self.prefix.clone(),
            };
            let head = text.len();
            let mut end = rest.len().min(self.longest);
            text.push_str(&spelled(rest.get(..end).unwrap_or_default()));
            let id = loop {
                if end == 0 {
                    return false;
                }
                if let Some(id) = self.vocabulary.get(text.as_str()) {
                    break *id;
                }
                text.pop();
                end = end.saturating_sub(1);
                if text.len() < head {
                    return false;
                }
            };
            let (found, others) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            out.push(Token::of(id, span(found)));
            rest = others;
            is_first = false;
        }
        true
    }
}

#[derive(Debug)]
pub(crate) struct WordLevel {
    pub(super) vocabulary: Vocabulary,
    unknown: Option<u32>,
}

impl WordLevel {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Fault> {
        let vocabulary = vocabulary(node.object("vocab")?)?;
        let unknown = node.text_or("unk_token", "<unk>")?;
        Ok(Self {
            unknown: vocabulary.get(unknown).copied(),
            vocabulary,
        })
    }

    pub(super) fn tokens(&self, letters: &[Letter], out: &mut Vec<Token>) -> Result<(), Fault> {
        let text = spelled(letters);
        let id = self.vocabulary.get(text.as_str()).copied().or(self.unknown);
        let id =
            id.ok_or_else(|| Fault::form("model", "has no token for what it does not know"))?;
        out.push(Token::of(id, span(letters)));
        Ok(())
    }
}
