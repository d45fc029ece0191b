//! The versions that a manifest allows.

mod brackets;
mod partial;
mod pypi;
#[cfg(test)]
mod tests;

use stance_core::fact::{Ecosystem, Reach};

use crate::interval::Interval;
use crate::version::Version;
use crate::windows::Windows;

/// Most alternatives of one constraint that are read.
const MOST: usize = 64;

/// The versions that a manifest allows: those of any of its intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    intervals: Vec<Interval>,
}

impl Constraint {
    /// Reads a constraint as the registry writes it. `None` for one that is not understood, and for tags
    /// such as `latest`. `!=` takes single versions out and is passed over.
    #[must_use]
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let text = text.trim();
        let intervals = match ecosystem {
            Ecosystem::Pypi => pypi::parse(text)?,
            Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Composer | Ecosystem::Gem => {
                partial::parse(ecosystem, text)?
            }
            Ecosystem::Maven | Ecosystem::Nuget => brackets::parse(ecosystem, text)?,
            // A module asks for a version; what is taken is the highest that any asks for.
            Ecosystem::Golang => vec![Interval::exactly(Version::parse(ecosystem, text)?)],
        };
        let intervals: Vec<Interval> = intervals
            .into_iter()
            .filter(|interval| !interval.is_empty())
            .take(MOST)
            .collect();
        (!intervals.is_empty()).then_some(Self { intervals })
    }

    /// What is allowed.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Whether a version is allowed.
    #[must_use]
    pub fn allows(&self, version: &Version) -> bool {
        self.intervals
            .iter()
            .any(|interval| interval.contains(version))
    }

    /// The lowest version that is allowed; `None` where there is no lower end.
    #[must_use]
    pub fn lowest(&self) -> Option<&Version> {
        let lows = self.intervals.iter().map(|interval| interval.low.as_ref());
        lows.collect::<Option<Vec<_>>>()?
            .into_iter()
            .map(|(version, _)| version)
            .min()
    }

    /// Whether nobody chose a lower end: the newest version is taken, whatever it is.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.intervals.iter().any(|interval| interval.low.is_none())
    }

    /// How the versions with a flaw lie to those that are allowed; `None` when they have none in common.
    #[must_use]
    pub fn reach(&self, windows: &Windows) -> Option<Reach> {
        let affected = windows.intervals();
        let within = |interval: &Interval| affected.iter().any(|window| interval.is_within(window));
        if self.intervals.iter().all(within) {
            return Some(Reach::All);
        }
        let highest = self
            .intervals
            .iter()
            .max_by(|a, b| match (&a.high, &b.high) {
                (None, None) => std::cmp::Ordering::Equal,
                (None, _) => std::cmp::Ordering::Greater,
                (_, None) => std::cmp::Ordering::Less,
                (Some(a), Some(b)) => a.0.cmp(&b.0),
            })?;
        // An upper end that is open on both sides says that nobody knows a fix.
        if affected.iter().any(|window| highest.ends_within(window)) {
            return Some(Reach::Newest);
        }
        let meets = self
            .intervals
            .iter()
            .any(|own| affected.iter().any(|window| !own.meet(window).is_empty()));
        meets.then_some(Reach::Some)
    }
}
