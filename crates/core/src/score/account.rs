//! What the store keeps of one asset for the score.

use serde::{Deserialize, Serialize};

use super::{ONE, likelihood};

/// One asset's part in the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// I_a in billionths, see [`crate::Classification::importance`].
    pub importance: u32,
    /// Whether its last scan looked at all of it: nothing was left out, and the source could be read.
    pub judged: bool,
    /// The sum of [`super::weight`] over its open findings, in 2^-24 bits.
    pub weight: i64,
}

/// What is at stake on one asset, or on several: likelihood times importance, in billionths of importance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Risk {
    /// By open findings alone.
    pub known: i64,
    /// As the score counts it: one sure medium finding more where nobody looked.
    pub assumed: i64,
    /// Certain harm where nobody looked.
    pub worst: i64,
}

impl Account {
    /// The weight that stands for not having looked: 0.25, as one sure medium finding.
    pub(super) const NOT_JUDGED: i64 = 6_963_174;

    /// The account of an asset with these open findings, each by its [`super::weight`].
    #[must_use]
    pub fn of(importance: u32, judged: bool, weights: impl IntoIterator<Item = i64>) -> Self {
        Self {
            importance,
            judged,
            weight: weights.into_iter().fold(0, i64::saturating_add),
        }
    }

    /// The same with one more open finding of this weight.
    #[must_use]
    pub const fn opened(self, weight: i64) -> Self {
        Self {
            weight: self.weight.saturating_add(weight),
            ..self
        }
    }

    /// The same with an open finding of this weight less.
    #[must_use]
    pub fn closed(self, weight: i64) -> Self {
        Self {
            weight: self.weight.saturating_sub(weight).max(0),
            ..self
        }
    }

    /// L_a x I_a. The one place where a likelihood is made of what is known about an asset.
    #[must_use]
    pub fn risk(&self) -> Risk {
        let known = self.at(likelihood(self.weight));
        if self.judged {
            return Risk {
                known,
                assumed: known,
                worst: known,
            };
        }
        Risk {
            known,
            assumed: self.at(likelihood(self.weight.saturating_add(Self::NOT_JUDGED))),
            worst: self.at(ONE),
        }
    }

    /// How much less would be at stake if findings of this weight in all were fixed. It depends on this asset alone,
    /// so it can be kept and sorted by; [`super::Totals::gain`] makes points of it. Never below 0.
    #[must_use]
    pub fn relief(&self, weight: i64) -> Risk {
        self.risk().minus(self.closed(weight).risk())
    }

    /// A likelihood in billionths times the importance, rounded down, so that it keeps its order.
    fn at(&self, likelihood: i64) -> i64 {
        likelihood
            .saturating_mul(i64::from(self.importance))
            .checked_div(ONE)
            .unwrap_or_default()
    }
}

impl Risk {
    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            known: self.known.saturating_add(other.known),
            assumed: self.assumed.saturating_add(other.assumed),
            worst: self.worst.saturating_add(other.worst),
        }
    }

    /// The difference of both.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            known: self.known.saturating_sub(other.known),
            assumed: self.assumed.saturating_sub(other.assumed),
            worst: self.worst.saturating_sub(other.worst),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::Exposure;
    use crate::score::weight;
    use crate::severity::{Confidence, Severity};

    #[test]
    fn not_having_looked_weighs_as_one_sure_medium_finding() {
        assert_eq!(
            Account::NOT_JUDGED,
            weight(Severity::Medium, Confidence::High, Exposure::Public)
        );
    }
}
