//! Where an asset runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an asset runs; ordered, `Test` is the least of those that somebody said.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Nobody said.
    #[default]
    Unknown,
    /// Made up by tests, fixtures or examples; no user meets it.
    Test,
    /// On the machines of those who build it.
    Development,
    /// As production, before it, often with its data.
    Staging,
    /// For users.
    Production,
}

impl Environment {
    /// All of them, the gravest first, unknown last.
    pub const ALL: [Self; 5] = [
        Self::Production,
        Self::Staging,
        Self::Development,
        Self::Test,
        Self::Unknown,
    ];

    /// The lower-case name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Test => "test",
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
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

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownEnvironment(text.to_owned()))
    }
}

/// A word that names no [`Environment`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an environment; use production, staging, development, test or unknown")]
pub struct UnknownEnvironment(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_the_order_is_that_of_the_list() {
        for one in Environment::ALL {
            assert_eq!(one.name().parse(), Ok(one));
            assert_eq!(one.name().to_uppercase().parse(), Ok(one));
            assert_eq!(serde_json::json!(one), one.name());
        }
        assert!(Environment::ALL.is_sorted_by(|a, b| a > b));
        assert!("".parse::<Environment>().is_err());
    }
}
