//! Redaction of texts that come in pieces.
//!
//! The law: for every way of cutting a text into pieces, [`Redactor`] gives the same text and the same entities as for
//! the whole. It holds by construction: the scanner takes back each decision that touched the end of what is there
//! (`entities::view`), and nothing is released before everything that begins in front of it is decided.
//!
//! What is held back: the word at hand and as far as its recogniser looked on, some tens of bytes in prose. Bounds, by
//! rule:
//!
//! | what | held at most |
//! |---|---|
//! | words, numbers, names, dates, addresses | a few hundred bytes: counts of words and digits are bounded |
//! | an address on the web | 2,048 bytes, then it ends there; it waits for the field below as well |
//! | letters, digits and signs without a blank, quote or bracket | 4,096 bytes, then in pieces that overlap by 1,024 |
//! | a private key in PEM | 16 KiB and its last line; without one, what stands behind the first line up to there |
//!
//! What is longer than 1,024 bytes is looked at again when it has grown by an eighth, so that so much more may be held.
//! [`Redactor::held`] tells how much it is at any time.

mod bytes;
mod policy;
mod restore;
mod vault;

#[cfg(test)]
mod tests;

use crate::entities::scan::Scanner;
use crate::entities::view::View;
use crate::entities::{Entity, settle};

pub use bytes::BytesRedactor;
pub use policy::{Masking, Policy};
pub use restore::Restorer;
pub use vault::Vault;

/// How much before the place at hand is kept for looking back, in bytes.
const BEFORE: usize = 512;
/// When so much is passed, it is dropped.
const DROP: usize = 8 << 10;
/// From so much on, what is held is looked at again only when it has grown by an eighth: a long key that comes byte by
/// byte costs no square.
const LONG: usize = 1 << 10;

/// Redacts a text that comes in pieces.
#[derive(Debug)]
pub struct Redactor {
    policy: Policy,
    scanner: Scanner,
    /// What came and is still needed.
    text: String,
    /// Up to where it was given on.
    released: usize,
    /// How many bytes before it were dropped.
    dropped: usize,
    /// The length at which a long held piece is looked at again.
    again: usize,
    pending: Vec<Entity>,
    found: Vec<Entity>,
    vault: Vault,
}

impl Redactor {
    /// A redactor of one text.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self::with_vault(policy, Vault::default())
    }

    /// A redactor that goes on with the placeholders of other texts of the same conversation.
    #[must_use]
    pub fn with_vault(policy: &Policy, vault: Vault) -> Self {
        Self {
            policy: policy.clone(),
            scanner: Scanner::new(),
            text: String::new(),
            released: 0,
            dropped: 0,
            again: 0,
            pending: Vec::new(),
            found: Vec::new(),
            vault,
        }
    }

    /// Takes the next piece, and gives on what is decided.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        self.text.push_str(piece);
        if self.text.len() < self.again {
            return;
        }
        self.advance(false, out);
        let held = self.text.len().saturating_sub(self.scanner.state.at);
        self.again = if held > LONG {
            self.text.len().saturating_add(held / 8)
        } else {
            0
        };
        self.forget();
    }

    /// Ends the text, and gives on the rest.
    pub fn finish(&mut self, out: &mut String) {
        self.advance(true, out);
    }

    /// What was found in what was given on, with ranges in the text as it came.
    #[must_use]
    pub fn found(&self) -> &[Entity] {
        &self.found
    }

    /// Bytes that came and were not given on.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.text.len().saturating_sub(self.released)
    }

    /// The placeholders and what they stand for.
    #[must_use]
    pub fn into_vault(self) -> Vault {
        self.vault
    }

    fn advance(&mut self, complete: bool, out: &mut String) {
        let view = View::new(&self.text, complete);
        let before = self.pending.len();
        self.scanner.run(&view, &mut self.pending);
        let policy = &self.policy;
        let mut index = 0_usize;
        self.pending.retain(|one| {
            index = index.saturating_add(1);
            index <= before || policy.covers(one)
        });
        self.release(out);
    }

    /// Gives on everything before the place up to which all is decided, and hides what was found.
    fn release(&mut self, out: &mut String) {
        let limit = self.scanner.state.at.min(self.text.len());
        self.pending
            .sort_by_key(|one| (one.range.start, std::cmp::Reverse(one.range.end)));
        let mut used = 0_usize;
        while let Some(first) = self.pending.get(used) {
            // Everything that overlaps is hidden as one.
            let (start, mut end) = (first.range.start, first.range.end);
            let mut next = used.saturating_add(1);
            while let Some(more) = self.pending.get(next).filter(|more| more.range.start < end) {
                end = end.max(more.range.end);
                next = next.saturating_add(1);
            }
            if end > limit {
                break;
            }
            self.give(start, out);
            let cluster = self.pending.get(used..next).unwrap_or_default().to_vec();
            if let Some(kind) = cluster
                .iter()
                .max_by_key(|one| {
                    (
                        one.kind.category() == crate::entities::Category::Credential,
                        one.range.len(),
                        one.confidence,
                    )
                })
                .map(|one| one.kind)
            {
                let value = self.text.get(start..end).unwrap_or_default();
                match self.policy.masking {
                    Masking::Numbered => self.vault.placeholder(kind, value, out),
                    Masking::Fixed => {
                        out.push('[');
                        out.push_str(&kind.placeholder());
                        out.push(']');
                    }
                }
            }
            self.released = end;
            for mut one in settle(cluster) {
                one.range = one.range.start.saturating_add(self.dropped)
                    ..one.range.end.saturating_add(self.dropped);
                self.found.push(one);
            }
            used = next;
        }
        self.pending.drain(..used);
        let open = self
            .pending
            .first()
            .map_or(limit, |one| one.range.start.min(limit));
        self.give(open, out);
    }

    fn give(&mut self, to: usize, out: &mut String) {
        if let Some(text) = self.text.get(self.released..to) {
            out.push_str(text);
            self.released = to.max(self.released);
        }
    }

    /// Drops what no look back needs.
    fn forget(&mut self) {
        let mut keep = self
            .released
            .min(self.scanner.state.at.saturating_sub(BEFORE));
        if keep < DROP {
            return;
        }
        while !self.text.is_char_boundary(keep) {
            keep = keep.saturating_sub(1);
        }
        self.text.drain(..keep);
        self.scanner.state.shift(keep);
        self.released = self.released.saturating_sub(keep);
        self.dropped = self.dropped.saturating_add(keep);
        self.again = self.again.saturating_sub(keep);
        for one in &mut self.pending {
            one.range = one.range.start.saturating_sub(keep)..one.range.end.saturating_sub(keep);
        }
    }
}

/// Redacts a whole text: what is left, and what was found.
#[must_use]
pub fn redact(text: &str, policy: &Policy) -> (String, Vec<Entity>) {
    let mut redactor = Redactor::new(policy);
    let mut out = String::with_capacity(text.len());
    redactor.push(text, &mut out);
    redactor.finish(&mut out);
    (out, redactor.found)
}
