//! Versions in the order of their registry.

mod composer;
mod gem;
mod maven;
mod nuget;
mod pypi;
mod semantic;
mod sort;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use stance_core::fact::Ecosystem;

pub(crate) use sort::sorted;

/// Longest version that is read, in bytes: no registry has longer ones.
const LONGEST: usize = 256;

/// A version. Two of one registry compare as that registry compares them; of different registries
/// the order means nothing.
#[derive(Clone, Debug)]
pub struct Version(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Pypi(pypi::Version),
    Semantic(semantic::Version),
    Maven(maven::Version),
    Gem(gem::Version),
    Composer(composer::Version),
    Nuget(nuget::Version),
}

impl Version {
    /// Reads a version as the registry does; `None` for what is none there.
    #[must_use]
    pub fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        Some(Self(match ecosystem {
            Ecosystem::Pypi => Kind::Pypi(pypi::Version::parse(text)),
            Ecosystem::Npm | Ecosystem::Cargo => Kind::Semantic(semantic::Version::parse(text)?),
            Ecosystem::Golang => Kind::Semantic(semantic::Version::of_go(text)?),
            Ecosystem::Maven => Kind::Maven(maven::Version::parse(text)),
            Ecosystem::Gem => Kind::Gem(gem::Version::parse(text)?),
            Ecosystem::Composer => Kind::Composer(composer::Version::parse(text)?),
            Ecosystem::Nuget => Kind::Nuget(nuget::Version::parse(text)?),
        }))
    }

    /// The version without what a builder put behind it (`2.5.1` for `2.5.1+cu121`).
    #[must_use]
    pub fn public(&self) -> Self {
        match &self.0 {
            Kind::Pypi(version) => Self(Kind::Pypi(version.public())),
            _ => self.clone(),
        }
    }

    /// Whether installers leave it out unless they are asked for it; where the registry says so.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        match &self.0 {
            Kind::Pypi(version) => version.is_prerelease(),
            Kind::Semantic(version) => version.is_prerelease(),
            Kind::Gem(version) => version.is_prerelease(),
            Kind::Maven(_) | Kind::Composer(_) | Kind::Nuget(_) => false,
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Kind::Pypi(a), Kind::Pypi(b)) => a.cmp(b),
            (Kind::Semantic(a), Kind::Semantic(b)) => a.cmp(b),
            (Kind::Maven(a), Kind::Maven(b)) => a.cmp(b),
            (Kind::Gem(a), Kind::Gem(b)) => a.cmp(b),
            (Kind::Composer(a), Kind::Composer(b)) => a.cmp(b),
            (Kind::Nuget(a), Kind::Nuget(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl Kind {
    const fn rank(&self) -> u8 {
        match self {
            Self::Pypi(_) => 0,
            Self::Semantic(_) => 1,
            Self::Maven(_) => 2,
            Self::Gem(_) => 3,
            Self::Composer(_) => 4,
            Self::Nuget(_) => 5,
        }
    }
}

/// A number of any length: leading zeros do not count, and no length overflows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number(Box<str>);

impl Number {
    /// Of decimal digits.
    fn new(digits: &str) -> Self {
        Self(digits.trim_start_matches('0').into())
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.len(), &self.0).cmp(&(other.0.len(), &other.0))
    }
}

/// Whether a text is a run of decimal digits.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
