//! How long it takes until findings are fixed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// From when to when one finding was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// When it was seen first, ever.
    pub first_seen: Timestamp,
    /// When it was fixed for the last time; `None` while it is open or reopened. What was reopened in between counts
    /// from first to last: it was not fixed in the meantime.
    pub fixed: Option<Timestamp>,
}

/// How long fixing takes, in days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Remediation {
    /// Within how many days half of them are fixed; `None` until that is known.
    pub median: Option<f64>,
    /// Within how many days nine in ten of them are fixed.
    pub p90: Option<f64>,
    /// How many are fixed.
    pub fixed: u64,
    /// How many are not.
    pub open: u64,
}

impl Remediation {
    /// From the findings that the figure speaks of: for a period, those fixed within it and those open at its end.
    ///
    /// Open findings are censored: they say that fixing takes at least as long as they have been there. Leaving them
    /// out would make those look quick who fix the easy ones. The share still open after each age is the estimate of
    /// Kaplan and Meier (Nonparametric Estimation from Incomplete Observations, JASA 53, 1958); median and ninth
    /// decile are the ages at which it has fallen to 0.5 and 0.1. Without open findings these are the plain ones.
    ///
    /// Findings that were accepted or false positives are neither; leave them out. Clocks that went back count as
    /// fixed at once.
    #[must_use]
    pub fn of(lifetimes: impl IntoIterator<Item = Lifetime>, now: Timestamp) -> Self {
        Self::of_groups(lifetimes.into_iter().map(|it| (it, 1)), now)
    }

    /// The same, with how many findings share each lifetime: those that one scan opened and another one fixed are one
    /// group, so that a million findings are some thousand groups.
    #[must_use]
    pub fn of_groups(groups: impl IntoIterator<Item = (Lifetime, u64)>, now: Timestamp) -> Self {
        // Seconds, and whether they are still open; fixed ones go first among equals.
        let mut ages: Vec<(i64, bool, u64)> = groups
            .into_iter()
            .map(|(it, count)| {
                let end = it.fixed.unwrap_or(now);
                let age = end.as_second().saturating_sub(it.first_seen.as_second());
                (age.max(0), it.fixed.is_none(), count)
            })
            .filter(|(_, _, count)| *count > 0)
            .collect();
        ages.sort_unstable();
        let mut result = Self::default();
        let mut left: f64 = ages.iter().map(|(_, _, count)| super::number(*count)).sum();
        let mut unfixed = 1.0;
        for (age, open, count) in ages {
            let gone = super::number(count);
            if open {
                result.open = result.open.saturating_add(count);
            } else {
                result.fixed = result.fixed.saturating_add(count);
                unfixed *= (left - gone) / left;
                let days = days(age);
                if unfixed <= 0.5 + ROUNDING {
                    result.median = result.median.or(Some(days));
                }
                if unfixed <= 0.1 + ROUNDING {
                    result.p90 = result.p90.or(Some(days));
                }
            }
            left -= gone;
        }
        result
    }
}

/// What a product of a million quotients may be off.
const ROUNDING: f64 = 1e-9;

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of any lifetime are far below 2^53"
)]
fn days(seconds: i64) -> f64 {
    seconds as f64 / 86_400.0
}

/// How many of these are fixed, and were so for the last time from `from` on and before `until`.
#[must_use]
pub fn fixed_within(
    lifetimes: impl IntoIterator<Item = Lifetime>,
    from: Timestamp,
    until: Timestamp,
) -> u64 {
    let count = lifetimes
        .into_iter()
        .filter(|it| it.fixed.is_some_and(|at| from <= at && at < until))
        .count();
    u64::try_from(count).unwrap_or(u64::MAX)
}
