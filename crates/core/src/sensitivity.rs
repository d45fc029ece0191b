//! How much harm it does when what an asset holds or knows gets out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How sensitive what an asset holds is; ordered, `Public` is the least of those that somebody said.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Nobody said.
    #[default]
    Unknown,
    /// Anybody may see it.
    Public,
    /// For people of the organisation.
    Internal,
    /// For those who need it: contracts, source code, personal data.
    Confidential,
    /// Harm beyond repair: credentials, special categories of personal data, trade secrets.
    Restricted,
}

impl Sensitivity {
    /// All of them, the gravest first, unknown last.
    pub const ALL: [Self; 5] = [
        Self::Restricted,
        Self::Confidential,
        Self::Internal,
        Self::Public,
        Self::Unknown,
    ];

    /// The lower-case name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Confidential => "confidential",
            Self::Restricted => "restricted",
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

impl fmt::Display for Sensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Sensitivity {
    type Err = UnknownSensitivity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownSensitivity(text.to_owned()))
    }
}

/// A word that names no [`Sensitivity`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a sensitivity; use restricted, confidential, internal, public or unknown")]
pub struct UnknownSensitivity(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_the_order_is_that_of_the_list() {
        for one in Sensitivity::ALL {
            assert_eq!(one.name().parse(), Ok(one));
            assert_eq!(one.name().to_uppercase().parse(), Ok(one));
            assert_eq!(serde_json::json!(one), one.name());
        }
        assert!(Sensitivity::ALL.is_sorted_by(|a, b| a > b));
        assert!("".parse::<Sensitivity>().is_err());
    }
}
