//! From where a weakness can be reached.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asset::{Asset, Scope};

/// Who can reach an asset to use a weakness on it; ordered, `Unused` is the least of those that are known.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Nobody looked; counts like `Public`, so that not looking never helps.
    #[default]
    Unknown,
    /// Test, documentation and example: nobody runs it for users.
    Unused,
    /// On the machine it runs on: loopback, a pipe.
    Local,
    /// From the networks of the organisation.
    Internal,
    /// From anywhere.
    Public,
}

impl Exposure {
    /// All of them, the gravest first, unknown last.
    pub const ALL: [Self; 5] = [
        Self::Public,
        Self::Internal,
        Self::Local,
        Self::Unused,
        Self::Unknown,
    ];

    /// The lower-case name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unused => "unused",
            Self::Local => "local",
            Self::Internal => "internal",
            Self::Public => "public",
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

    /// What an asset tells of itself: where its service listens (the attribute `exposure`), else whether it is only
    /// part of tests or documentation.
    #[must_use]
    pub fn of(asset: &Asset) -> Self {
        match asset.attributes.get("exposure").and_then(Value::as_str) {
            Some("loopback") => return Self::Local,
            Some("network") => return Self::Internal,
            // Every interface may well be one that leads outside.
            Some(_) => return Self::Unknown,
            None => {}
        }
        match asset.scope {
            Scope::Production => Self::Unknown,
            Scope::Test | Scope::Documentation => Self::Unused,
        }
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Exposure {
    type Err = UnknownExposure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownExposure(text.to_owned()))
    }
}

/// A word that names no [`Exposure`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an exposure; use public, internal, local, unused or unknown")]
pub struct UnknownExposure(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_tells_by_its_listener_first_and_its_scope_second() {
        use crate::asset::{AssetKind, How};
        use crate::evidence::Evidence;

        let at = |path: &str| {
            Asset::new(
                AssetKind::Endpoint,
                "e",
                "e",
                How::Observed,
                Evidence::file(path),
            )
        };
        assert_eq!(Exposure::of(&at("src/a.py")), Exposure::Unknown);
        assert_eq!(Exposure::of(&at("tests/a.py")), Exposure::Unused);
        let listening = |how: &str| at("tests/a.py").with("exposure", how);
        assert_eq!(Exposure::of(&listening("loopback")), Exposure::Local);
        assert_eq!(Exposure::of(&listening("network")), Exposure::Internal);
        assert_eq!(
            Exposure::of(&listening("all interfaces")),
            Exposure::Unknown
        );
    }

    #[test]
    fn every_name_reads_back_and_the_order_is_that_of_the_list() {
        for one in Exposure::ALL {
            assert_eq!(one.name().parse(), Ok(one));
            assert_eq!(one.name().to_uppercase().parse(), Ok(one));
            assert_eq!(serde_json::json!(one), one.name());
        }
        assert!(Exposure::ALL.is_sorted_by(|a, b| a > b));
        assert!("".parse::<Exposure>().is_err());
    }
}
