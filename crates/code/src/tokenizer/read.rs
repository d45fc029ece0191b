//! Reads the file in one pass; a vocabulary may hold a million words, so that no tree is made of it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use stance_read::json::{Error, Walk};
use stance_read::limits::Limits;
use stance_read::tree::{Node, Notation, Tree};

/// Longest token that is kept, in bytes.
const KEEP: usize = 256;

/// Longest part besides the vocabulary that is read, in bytes.
const PART: usize = 4 << 20;

/// What a tokenizer holds, up to the first mistake.
#[derive(Debug, Default)]
pub(super) struct Read<'t> {
    pub(super) text: &'t str,
    /// Tokens in the order of the file.
    pub(super) pieces: Vec<Piece>,
    /// The numbers of tokens, by the hash of the token.
    pub(super) ids: HashMap<u64, u32>,
    /// Where a token stands that stood there before.
    pub(super) repeated: Vec<usize>,
    /// What each merge makes, in order, as far as it has a number.
    pub(super) products: Vec<u32>,
    /// The parts besides the model: their key, what they are, and where their text begins.
    pub(super) parts: Vec<(String, Node, usize)>,
    pub(super) error: Option<Error>,
}

/// A token of the vocabulary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) id: u32,
    /// Where its name stands.
    pub(super) at: usize,
}

impl Read<'_> {
    /// The token that stands at a place.
    pub(super) fn piece_at(&self, at: usize) -> String {
        // With escapes a token is at most six times as long; a longer one is not asked for twice.
        let end = at
            .saturating_add(KEEP.saturating_mul(6))
            .min(self.text.len());
        let bytes = self.text.as_bytes().get(at..end).unwrap_or_default();
        Walk::new(bytes).string(KEEP).unwrap_or_default()
    }

    pub(super) fn id_of(&self, piece: &str) -> Option<u32> {
        self.ids.get(&hash(piece)).copied()
    }
}

fn hash(piece: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    piece.hash(&mut hasher);
    hasher.finish()
}

/// Reads a `tokenizer.json`.
pub(super) fn tokenizer<'t>(text: &'t str, limits: &Limits) -> Read<'t> {
    let mut reader = Reader::new(text, limits);
    if let Err(error) = reader.top() {
        reader.read.error = Some(error);
    }
    reader.read
}

/// Reads a file with nothing but tokens and their numbers.
pub(super) fn vocabulary<'t>(text: &'t str, limits: &Limits) -> Read<'t> {
    let mut reader = Reader::new(text, limits);
    if let Err(error) = reader.numbered(true) {
        reader.read.error = Some(error);
    }
    reader.read
}

struct Reader<'t, 'l> {
    walk: Walk<'t>,
    limits: &'l Limits,
    read: Read<'t>,
    /// Merges that stand before the vocabulary are read once it is known.
    merges: Option<usize>,
}

impl<'t, 'l> Reader<'t, 'l> {
    fn new(text: &'t str, limits: &'l Limits) -> Self {
        Self {
            walk: Walk::new(text.as_bytes()),
            limits,
            read: Read {
                text,
                ..Read::default()
            },
            merges: None,
        }
    }

    fn top(&mut self) -> Result<(), Error> {
        if !self.walk.enter(b'{', b'}')? {
            return Ok(());
        }
        loop {
            let key = self.walk.key(KEEP)?;
            match &*key {
                "model" if self.walk.peek() == Some(b'{') => self.model()?,
                "added_tokens" | "normalizer" | "pre_tokenizer" | "post_processor" | "decoder" => {
                    self.part(key)?;
                }
                _ => self.walk.skip()?,
            }
            if !self.walk.more(b'}')? {
                return self.products();
            }
        }
    }

    fn model(&mut self) -> Result<(), Error> {
        if !self.walk.enter(b'{', b'}')? {
            return Ok(());
        }
        loop {
            let key = self.walk.key(KEEP)?;
            match (&*key, self.walk.peek()) {
                ("vocab", Some(b'{')) => self.numbered(false)?,
                ("vocab", Some(b'[')) => self.scored()?,
                ("merges", Some(b'[')) => {
                    self.merges = Some(self.walk.at);
                    self.walk.skip()?;
                }
                _ => self.walk.skip()?,
            }
            if !self.walk.more(b'}')? {
                return Ok(());
            }
        }
    }

    /// A part that is small enough for a tree.
    fn part(&mut self, key: String) -> Result<(), Error> {
        self.walk.peek();
        let start = self.walk.at;
        self.walk.skip()?;
        let text = self.read.text;
        if let Some(inner) = text
            .get(start..self.walk.at)
            .filter(|inner| inner.len() <= PART)
            && let Some(node) = Tree::parse(Notation::Json, inner, self.limits)
                .documents
                .into_iter()
                .next()
        {
            self.read.parts.push((key, node, start));
        }
        Ok(())
    }

    /// `{"token": 0}`; `strict` when every value has to be a number.
    fn numbered(&mut self, strict: bool) -> Result<(), Error> {
        if !self.walk.enter(b'{', b'}')? {
            return Ok(());
        }
        loop {
            self.walk.peek();
            let at = self.walk.at;
            let token = self.walk.key(KEEP)?;
            match self.walk.peek() {
                Some(b'0'..=b'9') => {
                    if let Some(id) = self.walk.number()? {
                        self.add(&token, id, at);
                    }
                }
                _ if strict => {
                    self.walk.expect(b'0')?;
                }
                _ => self.walk.skip()?,
            }
            if !self.walk.more(b'}')? {
                return Ok(());
            }
        }
    }

    /// `[["token", -1.5]]`, numbered by its order.
    fn scored(&mut self) -> Result<(), Error> {
        if !self.walk.enter(b'[', b']')? {
            return Ok(());
        }
        let mut id = 0;
        loop {
            if self.walk.take(b'[') {
                self.walk.peek();
                let at = self.walk.at;
                let token = self.walk.string(KEEP)?;
                self.list(&token, id, at);
                while self.walk.more(b']')? {
                    self.walk.skip()?;
                }
            } else {
                self.walk.skip()?;
            }
            id = id.saturating_add(1);
            if !self.walk.more(b']')? {
                return Ok(());
            }
        }
    }

    fn add(&mut self, token: &str, id: u64, at: usize) {
        let Ok(id) = u32::try_from(id) else {
            return;
        };
        // Of a token that was cut nobody knows whether it is another.
        if token.len() < KEEP && self.read.ids.insert(hash(token), id).is_some() {
            if self.read.repeated.len() < super::MOST {
                self.read.repeated.push(at);
            }
            return;
        }
        self.read.pieces.push(Piece { id, at });
    }

    /// A token of a list, in which trainers repeat those that stand in the texts as well.
    fn list(&mut self, token: &str, id: u64, at: usize) {
        if let Ok(id) = u32::try_from(id) {
            self.read.ids.insert(hash(token), id);
            self.read.pieces.push(Piece { id, at });
        }
    }

    /// What the merges make: `"a b"` or `["a", "b"]`.
    fn products(&mut self) -> Result<(), Error> {
        let Some(start) = self.merges.take() else {
            return Ok(());
        };
        self.walk.at = start;
        if !self.walk.enter(b'[', b']')? {
            return Ok(());
        }
        loop {
            let product = match self.walk.peek() {
                Some(b'"') => {
                    let pair = self.walk.string(KEEP)?;
                    pair.split_once(' ')
                        .map(|(left, right)| format!("{left}{right}"))
                }
                Some(b'[') => {
                    self.walk.expect(b'[')?;
                    let mut product = self.walk.string(KEEP)?;
                    while self.walk.more(b']')? {
                        product.push_str(&self.walk.string(KEEP)?);
                    }
                    Some(product)
                }
                _ => {
                    self.walk.skip()?;
                    None
                }
            };
            if let Some(id) = product.and_then(|product| self.read.id_of(&product))
                // Several merges may make the same token.
                && self.read.products.last() != Some(&id)
            {
                self.read.products.push(id);
            }
            if !self.walk.more(b']')? {
                return Ok(());
            }
        }
    }
}
