//! Placeholders, and what they stand for.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use crate::entities::Kind;

/// Most values of one conversation; beyond, placeholders have no number and cannot be put back.
const MOST: usize = 10_000;

/// Placeholders of a conversation, and what they stand for. It holds what must stay hidden: it is not printed, and
/// belongs nowhere but in memory. A vault is of one caller: whoever writes `[EMAIL_1]` gets back what it stands for, so that none may
/// be shared between people who may not see each other's data.
#[derive(Default)]
pub struct Vault {
    numbers: HashMap<(Kind, String), usize>,
    values: HashMap<String, String>,
    counts: HashMap<Kind, usize>,
}

impl Vault {
    /// Writes the placeholder of a value.
    pub(super) fn placeholder(&mut self, kind: Kind, value: &str, out: &mut String) {
        let name = kind.placeholder();
        let key = (kind, value.to_owned());
        let number = match self.numbers.get(&key) {
            Some(number) => *number,
            None if self.values.len() >= MOST => {
                let _ = write!(out, "[{name}]");
                return;
            }
            None => {
                let count = self.counts.entry(kind).or_default();
                *count = count.saturating_add(1);
                let number = *count;
                self.values
                    .insert(format!("{name}_{number}"), value.to_owned());
                self.numbers.insert(key, number);
                number
            }
        };
        let _ = write!(out, "[{name}_{number}]");
    }

    /// What a placeholder without its brackets stands for.
    #[must_use]
    pub fn value(&self, placeholder: &str) -> Option<&str> {
        self.values.get(placeholder).map(String::as_str)
    }

    /// The placeholders of its values, without brackets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// How many values it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("values", &self.values.len())
            .finish()
    }
}
