//! Which entities are hidden, and how.

use crate::entities::{Category, Entity, Kind, LIKELY};

/// What stands in the place of what is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// The kind alone: `[EMAIL]`.
    Fixed,
    /// The kind and a number, the same for the same value: `[EMAIL_1]`. A [`super::Vault`] can put the value back.
    Numbered,
}

/// What is hidden in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// By the place of a kind in [`Kind::ALL`].
    kinds: Vec<bool>,
    /// The least confidence, of 100.
    pub least: u8,
    /// What stands in the place of what is hidden.
    pub masking: Masking,
}

impl Policy {
    /// Everything that identifies people or opens something, from [`LIKELY`] on; addresses on the web and dates that are
    /// nobody's are left.
    #[must_use]
    pub fn standard() -> Self {
        let kinds = Kind::ALL
            .iter()
            .map(|kind| !matches!(kind.category(), Category::Web | Category::Time));
        Self {
            kinds: kinds.collect(),
            least: LIKELY,
            masking: Masking::Numbered,
        }
    }

    /// Every kind.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            kinds: vec![true; Kind::ALL.len()],
            ..Self::standard()
        }
    }

    /// These kinds and no others.
    #[must_use]
    pub fn of(kinds: &[Kind]) -> Self {
        Self {
            kinds: Kind::ALL.iter().map(|kind| kinds.contains(kind)).collect(),
            ..Self::standard()
        }
    }

    /// Hides a kind, or leaves it.
    #[must_use]
    pub fn with(mut self, kind: Kind, hidden: bool) -> Self {
        if let Some(place) = Kind::ALL.iter().position(|known| *known == kind)
            && let Some(slot) = self.kinds.get_mut(place)
        {
            *slot = hidden;
        }
        self
    }

    /// Whether an entity is hidden.
    #[must_use]
    pub fn covers(&self, entity: &Entity) -> bool {
        // The kinds are declared in the order of their list.
        entity.confidence >= self.least
            && self
                .kinds
                .get(entity.kind as usize)
                .copied()
                .unwrap_or_default()
    }

    /// Whether a text comes out as it went in, by what [`crate::entities::find`] found in it: nothing that is hidden, and nothing
    /// whose parts are left out there. A credential stands for all within it, an address for names and dates within it.
    #[must_use]
    pub fn leaves(&self, found: &[Entity]) -> bool {
        self.least >= LIKELY
            && !found
                .iter()
                .any(|one| self.covers(one) || matches!(one.kind, Kind::Credential | Kind::Url))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::standard()
    }
}
