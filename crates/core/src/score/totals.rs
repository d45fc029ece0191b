//! The sums behind the score, and the score.

use serde::{Deserialize, Serialize};

use super::{Account, ONE, Points, Risk};

/// Sums over all assets, in billionths of importance; the store keeps them and changes them with each asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of I_a.
    pub importance: i64,
    /// Sum of L_a I_a, see [`Risk`].
    pub risk: Risk,
    /// Importance of what nobody looked at and that is no asset yet, see [`super::unscanned`].
    pub unscanned: i64,
}

/// A posture score with its interval; `lower <= value <= upper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Score {
    /// The score.
    pub value: Points,
    /// The least it can be: what was not looked at is lost.
    pub lower: Points,
    /// The most it can be: what was not looked at is as good as what is known of it.
    pub upper: Points,
}

impl Totals {
    /// The sums over all accounts, and the importance of what nobody looked at.
    #[must_use]
    pub fn of(accounts: impl IntoIterator<Item = Account>, unscanned: i64) -> Self {
        let mut totals = Self {
            unscanned,
            ..Self::default()
        };
        for account in accounts {
            totals.replace(None, Some(&account));
        }
        totals
    }

    /// Puts one account in the place of another: `None` before for an asset that appears, after for one that vanishes.
    pub fn replace(&mut self, before: Option<&Account>, after: Option<&Account>) {
        if let Some(account) = before {
            self.importance = self
                .importance
                .saturating_sub(i64::from(account.importance));
            self.risk = self.risk.minus(account.risk());
        }
        if let Some(account) = after {
            self.importance = self
                .importance
                .saturating_add(i64::from(account.importance));
            self.risk = self.risk.plus(account.risk());
        }
    }

    /// The score; `None` where no asset is known, for then nothing is known.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        if self.importance <= 0 {
            return None;
        }
        let unscanned = self.unscanned.max(0);
        Some(Score {
            value: spared(self.risk.assumed, self.importance),
            lower: spared(
                self.risk.worst.saturating_add(unscanned),
                self.importance.saturating_add(unscanned),
            ),
            upper: spared(self.risk.known, self.importance),
        })
    }

    /// By how many points the score rises, exactly, when this much less is at stake: the [`Account::relief`] of a
    /// finding, or the sum of several over different assets. Never below 0 for a relief.
    #[must_use]
    pub fn gain(&self, relief: Risk) -> Points {
        let after = Self {
            risk: self.risk.minus(relief),
            ..*self
        };
        match (self.score(), after.score()) {
            (Some(before), Some(after)) => after.value.minus(before.value),
            _ => Points::default(),
        }
    }

    /// How many points an asset takes away from 100, rounded down; over all assets they add up to `100 - value`.
    #[must_use]
    pub fn lost(&self, risk: Risk) -> Points {
        if self.importance <= 0 {
            return Points::default();
        }
        share(risk.assumed, self.importance)
    }

    /// What is expected to be lost, in assets of full importance. Safe assets that are added thin out a score, but
    /// never this sum.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
    pub fn expected_loss(&self) -> f64 {
        self.risk.assumed as f64 / ONE as f64
    }
}

/// What is left of 100 points, rounded down, so that only a spotless estate has 100.
fn spared(risk: i64, importance: i64) -> Points {
    share(importance.saturating_sub(risk), importance)
}

/// 100 points times `part / whole`, rounded down.
fn share(part: i64, whole: i64) -> Points {
    let points = i128::from(part.max(0))
        .saturating_mul(i128::from(Points::HUNDRED.0))
        .checked_div(i128::from(whole))
        .unwrap_or_default();
    Points(i64::try_from(points).unwrap_or(i64::MAX)).min(Points::HUNDRED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::weight;
    use crate::{Classification, Confidence, Exposure, Severity};

    #[test]
    fn two_assets_by_hand() {
        // I = 0.64 each; one has a certain high finding, 0.6: S = 100 x (1 - 0.6 x 0.64 / 1.28) = 70.
        let importance = Classification::default().importance();
        let high = weight(Severity::High, Confidence::High, Exposure::Unknown);
        let bad = Account::of(importance, true, [high]);
        let good = Account::of(importance, true, []);
        let totals = Totals::of([bad, good], 0);
        let score = totals.score().unwrap();
        assert!((score.value.as_f64() - 70.0).abs() < 1e-5, "{score:?}");
        assert_eq!((score.lower, score.upper), (score.value, score.value));
        assert_eq!(
            totals.gain(bad.relief(high)),
            Points::HUNDRED.minus(score.value)
        );
        assert!((totals.lost(bad.risk()).as_f64() - 30.0).abs() < 1e-5);
        assert!((totals.expected_loss() - 0.384).abs() < 1e-6);

        // One that nobody looked at beside: 100 x (1 - (0.6 + 0.25) / 3), at worst (0.6 + 1), at best 0.6.
        let unseen = Account::of(importance, false, []);
        let score = Totals::of([bad, good, unseen], 0).score().unwrap();
        assert!(
            (score.value.as_f64() - 71.666_667).abs() < 1e-4,
            "{score:?}"
        );
        assert!(
            (score.lower.as_f64() - 46.666_667).abs() < 1e-4,
            "{score:?}"
        );
        assert!((score.upper.as_f64() - 80.0).abs() < 1e-4, "{score:?}");

        // As much again where nobody looked at all: at worst (0.6 + 1 + 3) of 6.
        let score = Totals::of([bad, good, unseen], i64::from(importance) * 3)
            .score()
            .unwrap();
        assert!(
            (score.lower.as_f64() - 23.333_333).abs() < 1e-4,
            "{score:?}"
        );
    }

    #[test]
    fn nothing_known_has_no_score() {
        assert_eq!(Totals::default().score(), None);
        assert_eq!(Totals::of([], 5).score(), None);
    }
}
