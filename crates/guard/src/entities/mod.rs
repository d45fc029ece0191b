//! What identifies people and what must stay secret: entities in text, and their redaction in streams.
//!
//! [`find`] looks at a whole text in one pass. What it decides depends on the place alone and on a bounded look around,
//! so that [`crate::stream::Redactor`] decides the same on a text that comes in pieces.
//!
//! | what | how it is known |
//! |---|---|
//! | credentials | the engine of `stance-read` |
//! | cards, accounts, national numbers, devices, wallets | form, ranges and check digits; words before raise the confidence |
//! | mail, web, network | their grammars |
//! | telephone | calling codes and lengths of ITU-T E.164, forms of numbering plans, words around |
//! | names, addresses | titles, cues and a lexicon of our own: chosen for few false alarms, not for all names |
//!
//! Limits, said once: a run of letters and digits beyond 512 bytes is no word; a text is searched for hints 72 bytes back.

mod address;
mod bytes;
mod card;
mod credential;
mod date;
mod device;
mod finance;
mod kind;
mod labelled;
mod mail;
mod national;
mod network;
mod number;
mod person;
mod phone;
mod place;
pub(crate) mod scan;
mod state;
mod token;
pub(crate) mod view;
mod wallet;
mod web;
mod words;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use kind::{Category, Kind};

/// The confidence from which an entity counts, unless a policy says otherwise.
pub const LIKELY: u8 = 50;

/// Something in a text that identifies a person, an organisation or a machine, or that opens something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub range: Range<usize>,
    /// How sure that is, of 100.
    pub confidence: u8,
    /// Whether a check digit or a checksum over the whole was computed and holds.
    pub verified: bool,
    /// Which rule found it, where a kind has many: the id of the pattern of a credential.
    pub detail: Option<&'static str>,
}

impl Entity {
    pub(crate) const fn new(kind: Kind, range: Range<usize>, confidence: u8) -> Self {
        Self {
            kind,
            range,
            confidence,
            verified: false,
            detail: None,
        }
    }

    pub(crate) const fn verified(kind: Kind, range: Range<usize>, confidence: u8) -> Self {
        Self {
            kind,
            range,
            confidence,
            verified: true,
            detail: None,
        }
    }
}

/// Every entity in `text` of at least [`LIKELY`] confidence, in order of their begin.
#[must_use]
pub fn find(text: &str) -> Vec<Entity> {
    find_above(text, LIKELY)
}

/// Every entity in `text` of at least this confidence. Where a number can be of several kinds and nothing tells them
/// apart, each is told with the same range.
#[must_use]
pub fn find_above(text: &str, least: u8) -> Vec<Entity> {
    let view = view::View::new(text, true);
    let mut found = Vec::new();
    scan::Scanner::new().run(&view, &mut found);
    found.retain(|one| one.confidence >= least);
    found.sort_by_key(|one| (one.range.start, std::cmp::Reverse(one.range.end)));
    settle(found)
}

/// Leaves out what only repeats a part of something else: whatever lies inside a credential, and hosts inside addresses.
pub(crate) fn settle(found: Vec<Entity>) -> Vec<Entity> {
    // Few entities overlap: only those near each other are compared.
    let mut kept: Vec<Entity> = Vec::with_capacity(found.len());
    for one in found {
        let repeats = kept.iter().rev().take(8).any(|other| {
            let inside = other.range.start <= one.range.start && one.range.end <= other.range.end;
            let covers = match other.kind {
                Kind::Credential => true,
                Kind::Url => matches!(
                    one.kind,
                    Kind::Domain | Kind::Url | Kind::PersonName | Kind::Date
                ),
                _ => false,
            };
            inside && covers && (one.kind != other.kind || one.range != other.range)
        });
        if !repeats {
            // A credential that covers what began before it is rare: a key over its own words.
            while one.kind == Kind::Credential
                && kept.last().is_some_and(|other| {
                    one.range.start <= other.range.start && other.range.end <= one.range.end
                })
            {
                kept.pop();
            }
            kept.push(one);
        }
    }
    kept
}
