//! Labels of data: how far its words may be trusted, and how far it may travel.
//!
//! A lattice after Denning (1976): joining two labels keeps the careful side in every dimension, so a value made of others is
//! labelled by all of them, in whatever order they came.

use serde::{Deserialize, Serialize};
use stance_core::exchange::Origin;

/// Whose words data may carry; the later, the less may follow from them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// The operator's, or a tool's that the operator trusts.
    #[default]
    Trusted,
    /// The user's.
    User,
    /// Anybody's.
    Untrusted,
}

/// The label of a piece of data, a call or a session.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Label {
    /// Whose words it may carry.
    pub integrity: Integrity,
    /// Whether it holds credentials.
    pub secret: bool,
    /// Whether it is about a person.
    pub personal: bool,
    /// Whether it is not meant for outsiders.
    pub confidential: bool,
}

impl Label {
    /// The bottom of the lattice: the operator's, and open to all.
    pub const TRUSTED: Self = Self {
        integrity: Integrity::Trusted,
        secret: false,
        personal: false,
        confidential: false,
    };

    /// The label of what comes from `origin`, before anything is known of its content or tool. What the model writes has
    /// none of its own: it is labelled by what the model had read.
    #[must_use]
    pub const fn of(origin: Origin) -> Self {
        let integrity = match origin {
            Origin::Operator => Integrity::Trusted,
            Origin::User => Integrity::User,
            Origin::ToolResult | Origin::Document | Origin::ToolDefinition => Integrity::Untrusted,
            Origin::Model | Origin::Reasoning | Origin::ToolArguments => Integrity::Trusted,
        };
        Self {
            integrity,
            ..Self::TRUSTED
        }
    }

    /// The least label that covers both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            integrity: self.integrity.max(other.integrity),
            secret: self.secret | other.secret,
            personal: self.personal | other.personal,
            confidential: self.confidential | other.confidential,
        }
    }

    /// Whether this covers `other`: joining it would change nothing.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.join(other) == self
    }

    /// Whether it should not leave: secret, personal or confidential.
    #[must_use]
    pub const fn is_private(self) -> bool {
        self.secret || self.personal || self.confidential
    }

    /// Whether strangers' words are in it.
    #[must_use]
    pub fn is_untrusted(self) -> bool {
        self.integrity == Integrity::Untrusted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label() -> impl Strategy<Value = Label> {
        let integrity = prop_oneof![
            Just(Integrity::Trusted),
            Just(Integrity::User),
            Just(Integrity::Untrusted)
        ];
        (integrity, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(integrity, secret, personal, confidential)| Label {
                integrity,
                secret,
                personal,
                confidential,
            },
        )
    }

    proptest! {
        #[test]
        fn joining_is_a_semilattice(a in label(), b in label(), c in label()) {
            prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
            prop_assert_eq!(a.join(b), b.join(a));
            prop_assert_eq!(a.join(a), a);
            prop_assert_eq!(a.join(Label::TRUSTED), a);
        }

        #[test]
        fn a_join_is_the_least_label_that_covers_both(a in label(), b in label(), c in label()) {
            let both = a.join(b);
            prop_assert!(both.covers(a) && both.covers(b));
            if c.covers(a) && c.covers(b) {
                prop_assert!(c.covers(both));
            }
        }

        #[test]
        fn nothing_private_becomes_open_and_nothing_untrusted_trusted(a in label(), b in label()) {
            let both = a.join(b);
            prop_assert_eq!(both.is_private(), a.is_private() || b.is_private());
            prop_assert_eq!(both.is_untrusted(), a.is_untrusted() || b.is_untrusted());
        }
    }

    #[test]
    fn strangers_are_those_that_the_origin_says() {
        for origin in Origin::ALL {
            assert_eq!(
                Label::of(origin).is_untrusted(),
                origin.is_untrusted(),
                "{origin}"
            );
        }
    }
}
