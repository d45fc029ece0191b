//! One verdict over an interaction: what is done, for which reasons, by which policy, and what was looked at.
//!
//! Verdicts of many rules, parts and chunks are joined. Joining is associative, commutative and idempotent and never makes a
//! verdict milder, so the order in which detectors finish does not matter.

mod join;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use stance_core::exchange::{Origin, Unjudged};

pub use stance_core::traffic::{Action, Place, Reason, Sureness as Score};

/// What happens where a rule could not judge.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The interaction passes and the failure is recorded.
    Open,
    /// The rule's action is taken, as if it had found something.
    #[default]
    Closed,
}

/// One thing that was looked at: by which rule family, and whose words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanned {
    /// What looked: the part of a rule id before its `/`.
    pub by: String,
    /// Whose words.
    pub origin: Origin,
}

/// Most reasons that a verdict keeps; the sternest stay.
pub const MOST_REASONS: usize = 64;

/// Most entries of what was not looked at.
pub const MOST_UNSCANNED: usize = 64;

/// The verdict over an interaction, or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Verdict {
    /// Why, the sternest first. None where nothing was found.
    reasons: BTreeSet<Reason>,
    /// The versions of the policies that judged.
    policies: BTreeSet<String>,
    /// What was looked at.
    scanned: BTreeSet<Scanned>,
    /// What was not, with the reason.
    unscanned: BTreeSet<NotScanned>,
    /// Whether there were more reasons or gaps than are kept.
    cut: bool,
}

/// Something that was not looked at; [`Unjudged`] with an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NotScanned {
    pointer: String,
    what: String,
}

impl Verdict {
    /// Nothing found, by the policy of this version.
    #[must_use]
    pub fn allow(policy: &str) -> Self {
        Self {
            policies: BTreeSet::from([policy.to_owned()]),
            ..Self::default()
        }
    }

    /// What is done: the sternest of the reasons.
    #[must_use]
    pub fn action(&self) -> Action {
        self.reasons
            .first()
            .map_or(Action::Allow, |reason| reason.action)
    }

    /// Why, the sternest first.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter()
    }

    /// The versions of the policies that judged.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.policies.iter().map(String::as_str)
    }

    /// What was looked at.
    pub fn scanned(&self) -> impl Iterator<Item = &Scanned> {
        self.scanned.iter()
    }

    /// What was not looked at, with the reason.
    pub fn unscanned(&self) -> impl Iterator<Item = Unjudged> {
        self.unscanned.iter().map(|gap| Unjudged {
            pointer: gap.pointer.clone(),
            what: gap.what.clone(),
        })
    }

    /// Whether there were more reasons or gaps than are kept.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Adds a reason. One that says [`Action::Allow`] is no reason, and is left out.
    pub fn add(&mut self, reason: Reason) {
        if reason.action != Action::Allow {
            self.reasons.insert(reason);
            self.trim();
        }
    }

    /// Says that something was looked at.
    pub fn looked(&mut self, by: &str, origin: Origin) {
        self.scanned.insert(Scanned {
            by: by.to_owned(),
            origin,
        });
    }

    /// Says that something was not looked at.
    pub fn missed(&mut self, gap: Unjudged) {
        self.unscanned.insert(NotScanned {
            pointer: gap.pointer,
            what: gap.what,
        });
        self.trim();
    }
}
