//! Where values were seen: keyed hashes per origin, never the texts, and never more than a stated number.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use serde::{Deserialize, Serialize};

use super::hash::Same;
use super::label::Label;

/// Where a value was seen, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(u8);

impl Marks {
    /// In what the user said.
    pub const USER: Self = Self(1);
    /// In what the operator said, or a tool that the operator trusts.
    pub const OPERATOR: Self = Self(2);
    /// In what strangers may have written.
    pub const UNTRUSTED: Self = Self(4);
    /// There, in a passage that tells somebody to do something.
    pub const COMMANDED: Self = Self(8);
    /// There, in a passage that tells the model to do something.
    pub const ADDRESSED: Self = Self(16);
    /// Within a credential.
    pub const SECRET: Self = Self(32);
    /// Within data about a person.
    pub const PERSONAL: Self = Self(64);
    /// Within what is not for outsiders.
    pub const CONFIDENTIAL: Self = Self(128);

    /// Whether one of `other` is among them.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it is known at all.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The label that goes with them.
    #[must_use]
    pub const fn label(self) -> Label {
        Label {
            secret: self.meets(Self::SECRET),
            personal: self.meets(Self::PERSONAL),
            confidential: self.meets(Self::CONFIDENTIAL),
            ..Label::TRUSTED
        }
    }
}

/// Where the value of an argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// There is nothing to ask about: empty, a truth value, a number of one digit.
    Empty,
    /// The user said it.
    User,
    /// The operator said it.
    Operator,
    /// Nobody said it: the model made it.
    Model,
    /// It stands only in what strangers may have written.
    Untrusted,
}

/// How many bytes of a text bring a hash that was not there: few words are said once only.
const BYTES_OF_A_WORD: usize = 10;

/// Hashes with their marks, at most so many.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(super) struct Table {
    /// The keys are keyed hashes already: nobody outside can make them meet.
    marks: HashMap<u64, Marks, BuildHasherDefault<Same>>,
    /// What those had that found no place.
    spilled: Marks,
}

impl Table {
    /// Makes room for what a text of so many bytes brings, as far as `most` are remembered.
    pub(super) fn make_room(&mut self, bytes: usize, most: usize) {
        let left = most.saturating_sub(self.marks.len());
        self.marks.reserve((bytes / BYTES_OF_A_WORD).min(left));
    }

    /// Remembers `hash` with `marks`, or, where `most` are remembered, that some were not.
    pub(super) fn add(&mut self, hash: u64, marks: Marks, most: usize) {
        if self.marks.len() < most {
            let held = self.marks.entry(hash).or_default();
            *held = held.or(marks);
        } else if let Some(held) = self.marks.get_mut(&hash) {
            *held = held.or(marks);
        } else {
            self.spilled = self.spilled.or(marks);
        }
    }

    /// The marks of `hash`.
    pub(super) fn get(&self, hash: u64) -> Marks {
        self.marks.get(&hash).copied().unwrap_or_default()
    }

    /// What those had that found no place.
    pub(super) const fn spilled(&self) -> Marks {
        self.spilled
    }

    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }
}

/// How a table is stored: sorted, so that equal ones are equal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    marks: Vec<(u64, Marks)>,
    spilled: Marks,
}

impl From<Stored> for Table {
    fn from(stored: Stored) -> Self {
        Self {
            marks: stored.marks.into_iter().collect(),
            spilled: stored.spilled,
        }
    }
}

impl From<Table> for Stored {
    fn from(table: Table) -> Self {
        let mut marks: Vec<_> = table.marks.into_iter().collect();
        marks.sort_unstable_by_key(|(hash, _)| *hash);
        Self {
            marks,
            spilled: table.spilled,
        }
    }
}
