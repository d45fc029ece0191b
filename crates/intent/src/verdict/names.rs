//! What is known of the names of one pickle.

use std::collections::HashMap;

use stance_core::fact::{PickleCall, PickleTrace};
use stance_core::policy::CatalogueEntry;

use crate::catalogue::{Capability, Danger, Known, Standing, is_class, is_common_reference, known};

/// The imports of one stream, looked up once.
pub(super) struct Names<'a> {
    pub(super) known: HashMap<&'a str, Known>,
    /// What the organisation says.
    catalogue: &'a [CatalogueEntry],
}

impl<'a> Names<'a> {
    pub(super) fn of(trace: &'a PickleTrace, catalogue: &'a [CatalogueEntry]) -> Self {
        let known = trace
            .globals
            .iter()
            .map(|global| {
                let mut known = known(&global.name, Some(&global.attribute));
                known.standing = decided(catalogue, &global.name, known.standing);
                (&*global.name, known)
            })
            .collect();
        Self { known, catalogue }
    }

    pub(super) fn standing(&self, name: &str) -> Standing {
        match self.known.get(name) {
            Some(known) => known.standing,
            None => decided(
                self.catalogue,
                &name.replace("()", ""),
                known(name, None).standing,
            ),
        }
    }

    /// A dangerous function among the names that an argument is printed with: whoever is given it
    /// may call it.
    pub(super) fn handed_over(&self, call: &'a PickleCall) -> Option<(&'a str, Danger)> {
        let harmful = |name: &str| match self.known.get(name)?.standing {
            Standing::Dangerous(danger)
                if !is_class(name)
                    && !is_common_reference(name)
                    && (!danger.wide || call.constant_text)
                    && !matches!(
                        danger.capability,
                        Capability::Carry
                            | Capability::Reach
                            | Capability::Import
                            | Capability::Read
                    ) =>
            {
                Some(danger)
            }
            _ => None,
        };
        call.arguments.iter().find_map(|argument| {
            // Names stand in front of the first text, if there is one.
            let outside = argument.split('\'').next().unwrap_or_default();
            let dotted =
                |character: char| character.is_alphanumeric() || matches!(character, '.' | '_');
            outside
                .split(|character| !dotted(character))
                .filter(|name| name.contains('.'))
                .find_map(|name| Some((name, harmful(name)?)))
        })
    }
}

/// What the organisation says of a name comes before what everybody knows, save that what does
/// harm cannot be allowed.
fn decided(catalogue: &[CatalogueEntry], name: &str, standing: Standing) -> Standing {
    let mut covering = catalogue
        .iter()
        .filter(|entry| entry.covers(name))
        .peekable();
    if covering.peek().is_none() {
        return standing;
    }
    if covering.any(|entry| !entry.allow) {
        return Standing::Dangerous(Danger {
            capability: Capability::Code,
            does: "stance.toml denies",
            wide: false,
        });
    }
    match standing {
        Standing::Dangerous(danger) if !danger.wide => standing,
        _ => Standing::Safe,
    }
}

/// A dotted name and everything it belongs to: `a.b.c`, `a.b`, `a`.
pub(super) fn owners(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        name.rsplit_once('.').map(|(owner, _)| owner)
    })
}
