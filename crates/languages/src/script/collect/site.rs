//! What a call is given: options by their names, arguments by their positions.

use stance_core::How;

use crate::script::catalogue::Api;
use crate::script::known::{At, Known};
use crate::script::walk::{Given, Site};

/// What an option or a positional argument of a call is.
pub(super) struct Named<'s> {
    pub(super) value: &'s Known,
    pub(super) at: At,
}

impl Site<'_> {
    /// An option of whichever argument is an object.
    pub(super) fn option(&self, name: &str) -> Option<Named<'_>> {
        self.arguments.iter().find_map(|given| {
            let entry = given.value.full_entry(name)?;
            Some(Named {
                value: &entry.value,
                at: at_of(&entry.value).unwrap_or_else(|| entry.at.clone()),
            })
        })
    }

    /// The argument at a position, when it is no object.
    pub(super) fn positional(&self, position: usize) -> Option<Named<'_>> {
        let given: &Given = self.arguments.get(position)?;
        (!matches!(given.value, Known::Map(_))).then(|| Named {
            value: &given.value,
            at: at_of(&given.value).unwrap_or(At::Here(given.span)),
        })
    }

    /// What names the asset of a call of the catalogue.
    pub(super) fn named(&self, api: &Api) -> Option<Named<'_>> {
        self.option(api.option)
            .or_else(|| self.positional(api.position?))
    }
}

/// Where a literal stands that is written in the call itself; of a constant the call is the place.
fn at_of(known: &Known) -> Option<At> {
    match known {
        Known::Text {
            how: How::Literal,
            at,
            ..
        } => Some(at.clone()),
        _ => None,
    }
}
