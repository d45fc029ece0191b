//! Pieces to tokens: the four kinds of models that tokenizers have.

mod bpe;
mod unigram;
mod word;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::json::{Node, number};
use super::letters::Letter;
use super::{Fault, MOST_TOKENS, Token};

/// Token by its text.
pub(crate) type Vocabulary = HashMap<Box<str>, u32>;

#[derive(Debug)]
pub(crate) enum Model {
    WordPiece(word::WordPiece),
    WordLevel(word::WordLevel),
    Unigram(unigram::Unigram),
    Bpe(bpe::Bpe),
}

impl Model {
    pub(crate) fn read(value: &Value) -> Result<Self, Fault> {
        let node = Node::of(value, "model")?;
        let kind = match node.get("type").and_then(Value::as_str) {
            Some(kind) => kind,
            // Files of the first versions do not say it.
            None if node.get("merges").is_some() => "BPE",
            None if node.get("unk_id").is_some() => "Unigram",
            None if node.get("continuing_subword_prefix").is_some() => "WordPiece",
            None => "WordLevel",
        };
        Ok(match kind {
            "WordPiece" => Self::WordPiece(word::WordPiece::read(node)?),
            "WordLevel" => Self::WordLevel(word::WordLevel::read(node)?),
            "Unigram" => Self::Unigram(unigram::Unigram::read(node)?),
            "BPE" => Self::Bpe(bpe::Bpe::read(node)?),
            other => return Err(Fault::unknown("model", other)),
        })
    }

    /// The tokens of a piece.
    pub(crate) fn tokens(&self, letters: &[Letter], out: &mut Vec<Token>) -> Result<(), Fault> {
        match self {
            Self::WordPiece(model) => model.tokens(letters, out),
            Self::WordLevel(model) => model.tokens(letters, out),
            Self::Unigram(model) => {
                model.tokens(letters, out);
                Ok(())
            }
            Self::Bpe(model) => {
                model.tokens(letters, out);
                Ok(())
            }
        }
    }

    /// The token of a text, where it is one.
    pub(crate) fn id(&self, text: &str) -> Option<u32> {
        match self {
            Self::WordPiece(model) => model.vocabulary.get(text).copied(),
            Self::WordLevel(model) => model.vocabulary.get(text).copied(),
            Self::Unigram(model) => model.id(text),
            Self::Bpe(model) => model.vocabulary.get(text).copied(),
        }
    }
}

/// A vocabulary `{"text": id}`.
fn vocabulary(map: &Map<String, Value>) -> Result<Vocabulary, Fault> {
    if map.len() > MOST_TOKENS {
        return Err(Fault::form("model", "has too many tokens"));
    }
    map.iter()
        .map(|(text, id)| {
            let id = number(id)
                .ok_or_else(|| Fault::form("model", "has a token whose number is none"))?;
            Ok((text.as_str().into(), id))
        })
        .collect()
}

/// The token `<0xNN>` of a byte.
fn byte_token(byte: u8) -> String {
    format!("<0x{byte:02X}>")
}
