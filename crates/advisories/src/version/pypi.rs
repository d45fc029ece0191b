//! Python: PEP 440 by `pep440_rs`. What is older than that and no version by it comes first, as pip had it.

use std::cmp::Ordering;
use std::str::FromStr as _;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// What PEP 440 does not know: `2004d`, `0.5.0-5-g4f1e`.
    Legacy(Box<str>),
    Known(pep440_rs::Version),
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        match pep440_rs::Version::from_str(text) {
            Ok(version) => Self::Known(version),
            Err(_) => Self::Legacy(text.to_ascii_lowercase().into()),
        }
    }

    pub(super) fn public(&self) -> Self {
        match self {
            Self::Known(version) => Self::Known(version.clone().without_local()),
            Self::Legacy(_) => self.clone(),
        }
    }

    pub(super) fn is_prerelease(&self) -> bool {
        match self {
            Self::Known(version) => version.any_prerelease(),
            Self::Legacy(_) => true,
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => a.cmp(b),
            (Self::Legacy(a), Self::Legacy(b)) => a.cmp(b),
            (Self::Legacy(_), Self::Known(_)) => Ordering::Less,
            (Self::Known(_), Self::Legacy(_)) => Ordering::Greater,
        }
    }
}
