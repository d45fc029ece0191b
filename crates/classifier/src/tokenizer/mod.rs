//! `tokenizer.json`, as the `tokenizers` library writes it: a text to the numbers that a model was trained on.
//!
//! A text is cut at tokens that were added, [normalised](normalizer), [cut into pieces](pretokenizer), and each piece becomes
//! tokens of a [model]. [What stands around a text](frame) is put there last. What a file asks for that is not known here is an
//! error when it is read: a text that is cut in another way than in training has a score that means nothing.
//!
//! Files are strangers': reading one takes memory in proportion to its length, and nothing in it makes the work on a text
//! grow faster than the length of the text times that of the longest token.

mod added;
mod bytes;
mod charsmap;
mod classes;
mod frame;
mod json;
mod letters;
mod model;
mod normalizer;
mod pattern;
mod pretokenizer;

use serde_json::Value;

use added::{AddedTokens, Part};
use frame::Frame;
use letters::{Piece, letters, span};
use model::Model;

/// Longest `tokenizer.json`, in bytes. The largest vocabularies in use take 40 MB.
pub const MOST_BYTES: usize = 96 << 20;

/// Most tokens of a vocabulary.
const MOST_TOKENS: usize = 1 << 20;

/// Most tokens beside it.
const MOST_ADDED: usize = 1 << 16;

/// Most steps, and how deep they may be nested.
const MOST_STEPS: usize = 64;
const MOST_NESTED: usize = 8;

/// Why a tokenizer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is no JSON, or too long.
    #[error("tokenizer.json {0}")]
    File(String),
    /// Something in it is not what it should be.
    #[error("tokenizer.json: {place} {what}")]
    Form {
        /// Which part of the file.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// Something in it is not known here.
    #[error("tokenizer.json: {0}, which Stance does not know")]
    Unsupported(String),
}

impl Fault {
    fn form(place: &str, what: &str) -> Self {
        Self::Form {
            place: place.to_owned(),
            what: what.to_owned(),
        }
    }

    fn unknown(place: &str, what: &str) -> Self {
        let what: String = what.chars().take(80).collect();
        Self::Unsupported(format!("{place} is or has `{what}`"))
    }
}

/// A token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: u32,
    /// The first byte of the text that it stands for.
    pub start: u32,
    /// The byte behind the last one.
    pub end: u32,
}

impl Token {
    const fn of(id: u32, (start, end): (u32, u32)) -> Self {
        Self { id, start, end }
    }
}

/// What makes tokens of texts.
#[derive(Debug)]
pub struct Tokenizer {
    added: AddedTokens,
    normalizer: Vec<normalizer::Normalizer>,
    pretokenizer: Vec<pretokenizer::PreTokenizer>,
    model: Model,
    frame: Frame,
    pad: u32,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    ///
    /// [`Fault`] says what of it is damaged or unknown.
    pub fn read(json: &[u8]) -> Result<Self, Fault> {
        if json.len() > MOST_BYTES {
            return Err(Fault::File(format!(
                "is larger than {} MiB",
                MOST_BYTES >> 20
            )));
        }
        let value: Value = serde_json::from_slice(json)
            .map_err(|error| Fault::File(format!("is no JSON: {error}")))?;
        let member = |name: &str| value.get(name).filter(|it| !it.is_null());
        let model = member("model").ok_or_else(|| Fault::form("model", "is not there"))?;
        let model = Model::read(model)?;
        let normalizer = member("normalizer").map(normalizer::read).transpose()?;
        let normalizer = normalizer.unwrap_or_default();
        let pretokenizer = member("pre_tokenizer")
            .map(pretokenizer::read)
            .transpose()?;
        Ok(Self {
            added: AddedTokens::read(member("added_tokens"), &normalizer, &model)?,
            frame: Frame::read(member("post_processor"))?,
            pad: member("padding")
                .and_then(|it| it.get("pad_id"))
                .and_then(json::number)
                .or_else(|| ["[PAD]", "<pad>"].iter().find_map(|it| model.id(it)))
                .unwrap_or(0),
            normalizer,
            pretokenizer: pretokenizer.unwrap_or_default(),
            model,
        })
    }

    /// The tokens of a text, without what is put around it.
    ///
    /// # Errors
    ///
    /// [`Fault`] where the model has no token for something and none for what it does not know.
    pub fn tokens(&self, text: &str) -> Result<Vec<Token>, Fault> {
        let mut out = Vec::new();
        for part in self.added.before(letters(text, 0)) {
            let text = match part {
                Part::Token(id, letters) => {
                    out.push(Token::of(id, span(&letters)));
                    continue;
                }
                Part::Text(letters) => normalizer::apply(&self.normalizer, letters)?,
            };
            for part in self.added.after(text) {
                match part {
                    Part::Token(id, letters) => out.push(Token::of(id, span(&letters))),
                    Part::Text(letters) => {
                        let start = span(&letters).0;
                        let whole = Piece { letters, start };
                        for piece in pretokenizer::apply(&self.pretokenizer, whole) {
                            self.model.tokens(&piece.letters, &mut out)?;
                        }
                    }
                }
            }
        }
        Ok(out)
    }

    /// The numbers that a model gets for these tokens, and for each of them which of two texts it belongs to.
    #[must_use]
    pub fn framed(&self, tokens: &[Token]) -> (Vec<u32>, Vec<u32>) {
        let before = self.frame.before.iter().copied();
        let inner = tokens.iter().map(|token| (token.id, self.frame.kind));
        let after = self.frame.after.iter().copied();
        before.chain(inner).chain(after).unzip()
    }

    /// How many marks are put around a text.
    #[must_use]
    pub fn marks(&self) -> usize {
        self.frame
            .before
            .len()
            .saturating_add(self.frame.after.len())
    }

    /// The number that fills up what is too short.
    #[must_use]
    pub const fn pad(&self) -> u32 {
        self.pad
    }
}
