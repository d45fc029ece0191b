//! Why a verdict is what it is.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::Action;

/// How sure a rule is, in thousandths: 0 to 1000. Whole numbers have an order and equal themselves.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Score(u16);

impl Score {
    /// As sure as can be.
    pub const FULL: Self = Self(1000);

    /// From a share of 0 to 1; what is no number counts as full, the careful side.
    #[must_use]
    pub fn of(share: f32) -> Self {
        if share.is_nan() {
            return Self::FULL;
        }
        Self((share.clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    /// As a share of 0 to 1.
    #[must_use]
    pub fn share(self) -> f32 {
        f32::from(self.0) / 1000.0
    }
}

/// Where evidence stands, without the text itself: a verdict may reach those who must not see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// JSON pointer of the string in its body.
    pub pointer: String,
    /// First byte in that string.
    pub start: u32,
    /// The byte behind the last one; equal to `start` where the whole string is meant.
    pub end: u32,
}

/// One rule that has something to say about an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// What the policy does about it.
    pub action: Action,
    /// The rule, as `area/name`.
    pub rule: String,
    /// How sure it is.
    pub score: Score,
    /// Where its evidence stands.
    pub places: Vec<Place>,
    /// One clause for people, without any of the matched text.
    pub note: String,
    /// Whether the rule could not judge, and this follows from its failure mode.
    #[serde(default)]
    pub failed: bool,
}

impl Reason {
    fn key(&self) -> impl Ord + '_ {
        (
            Reverse(self.action),
            Reverse(self.score),
            &self.rule,
            &self.places,
            &self.note,
            self.failed,
        )
    }
}

/// The sternest and surest first.
impl Ord for Reason {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Reason {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
