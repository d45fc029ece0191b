//! Versions from one to another.

use std::cmp::Ordering;

use crate::version::Version;

/// One end of an interval: the version, and whether it is part of it.
pub(crate) type End = (Version, bool);

/// Versions from one to another; an end that is `None` is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    pub(crate) low: Option<End>,
    pub(crate) high: Option<End>,
}

impl Interval {
    /// Exactly one version.
    #[must_use]
    pub fn exactly(version: Version) -> Self {
        Self {
            low: Some((version.clone(), true)),
            high: Some((version, true)),
        }
    }

    /// Whether a version lies in it. What a builder put behind a version does not carry it over an end that
    /// is part of the interval: 2.5.1+cu121 lies in what ends with 2.5.1.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        let above = self
            .low
            .as_ref()
            .is_none_or(|(low, itself)| match version.cmp(low) {
                Ordering::Greater => true,
                Ordering::Equal => *itself,
                Ordering::Less => false,
            });
        let below = self
            .high
            .as_ref()
            .is_none_or(|(high, itself)| match version.cmp(high) {
                Ordering::Less => true,
                Ordering::Equal => *itself,
                Ordering::Greater => *itself && version.public() == *high,
            });
        above && below
    }

    /// Whether it holds no version at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (&self.low, &self.high) {
            (Some((low, first)), Some((high, last))) => match low.cmp(high) {
                Ordering::Less => false,
                Ordering::Equal => !(*first && *last),
                Ordering::Greater => true,
            },
            _ => false,
        }
    }

    /// What lies in both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            low: tighter(&self.low, &other.low, Ordering::Greater),
            high: tighter(&self.high, &other.high, Ordering::Less),
        }
    }

    /// Whether every version of it lies in `other`.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.meet(other) == *self
    }

    /// Whether it ends, at its upper side, where `other` does not yet end.
    #[must_use]
    pub(crate) fn ends_within(&self, other: &Self) -> bool {
        let high = match (&self.high, &other.high) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(its)) => match own.0.cmp(&its.0) {
                Ordering::Less => true,
                Ordering::Equal => its.1 || !own.1,
                Ordering::Greater => false,
            },
        };
        high && !self.meet(other).is_empty()
    }
}

/// The end that leaves less, of two lower (`Greater`) or two upper ones (`Less`).
fn tighter(a: &Option<End>, b: &Option<End>, wins: Ordering) -> Option<End> {
    match (a, b) {
        (None, end) | (end, None) => end.clone(),
        (Some(a), Some(b)) => Some(match a.0.cmp(&b.0) {
            Ordering::Equal => (a.0.clone(), a.1 && b.1),
            order if order == wins => a.clone(),
            _ => b.clone(),
        }),
    }
}
