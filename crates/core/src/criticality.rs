//! How much the organisation depends on an asset.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What stops, or whom it hurts, when an asset fails or does something wrong; ordered, `Low` is the least of those that somebody said.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// Nobody said.
    #[default]
    Unknown,
    /// Nobody would notice within a day.
    Low,
    /// Work of a team is slowed.
    Medium,
    /// A service for customers or a duty of the law depends on it.
    High,
    /// Safety, people's rights or the business as a whole depend on it.
    Critical,
}

impl Criticality {
    /// All of them, the gravest first, unknown last.
    pub const ALL: [Self; 5] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Unknown,
    ];

    /// The lower-case name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// This, or `other` where nobody said.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match self {
            Self::Unknown => other,
            said => said,
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Criticality {
    type Err = UnknownCriticality;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownCriticality(text.to_owned()))
    }
}

/// A word that names no [`Criticality`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a criticality; use critical, high, medium, low or unknown")]
pub struct UnknownCriticality(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_the_order_is_that_of_the_list() {
        for one in Criticality::ALL {
            assert_eq!(one.name().parse(), Ok(one));
            assert_eq!(one.name().to_uppercase().parse(), Ok(one));
            assert_eq!(serde_json::json!(one), one.name());
        }
        assert!(Criticality::ALL.is_sorted_by(|a, b| a > b));
        assert!("".parse::<Criticality>().is_err());
    }
}
