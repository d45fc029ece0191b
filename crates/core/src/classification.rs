//! What an asset is worth: its sensitivity, criticality and environment, and the importance they add up to.

use serde::{Deserialize, Serialize};

use crate::asset::{Asset, AssetKind, Scope};
use crate::criticality::Criticality;
use crate::environment::Environment;
use crate::sensitivity::Sensitivity;

/// What somebody said of an asset, or what is assumed where nobody did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Classification {
    /// How sensitive what it holds is.
    pub sensitivity: Sensitivity,
    /// How much depends on it.
    pub criticality: Criticality,
    /// Where it runs.
    pub environment: Environment,
}

impl Classification {
    /// What is assumed of an asset from its kind, its scope and what was found in it.
    ///
    /// | what | assumed |
    /// |---|---|
    /// | secret, identity | restricted |
    /// | anything with `sensitive_data` | restricted |
    /// | application, agent, endpoint | high criticality |
    /// | model, MCP server, vector store, dataset, pipeline, guardrail | medium criticality |
    /// | any other kind | low criticality |
    /// | seen in tests or documentation only | environment test |
    #[must_use]
    pub fn assumed(asset: &Asset) -> Self {
        let sensitivity = if asset.attributes.contains_key("sensitive_data") {
            Sensitivity::Restricted
        } else {
            match asset.kind {
                AssetKind::Secret | AssetKind::Identity => Sensitivity::Restricted,
                _ => Sensitivity::Unknown,
            }
        };
        let criticality = match asset.kind {
            AssetKind::Application | AssetKind::Agent | AssetKind::Endpoint => Criticality::High,
            AssetKind::Model
            | AssetKind::McpServer
            | AssetKind::VectorStore
            | AssetKind::Dataset
            | AssetKind::Pipeline
            | AssetKind::Guardrail => Criticality::Medium,
            AssetKind::Prompt
            | AssetKind::Tool
            | AssetKind::Evaluator
            | AssetKind::Vendor
            | AssetKind::Identity
            | AssetKind::Secret
            | AssetKind::Compute
            | AssetKind::Package
            | AssetKind::Repository => Criticality::Low,
        };
        let environment = match asset.scope {
            Scope::Production => Environment::Unknown,
            Scope::Test | Scope::Documentation => Environment::Test,
        };
        Self {
            sensitivity,
            criticality,
            environment,
        }
    }

    /// What is said here, filled up with `other` where nobody said.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            sensitivity: self.sensitivity.or(other.sensitivity),
            criticality: self.criticality.or(other.criticality),
            environment: self.environment.or(other.environment),
        }
    }

    /// I_a, in billionths, above 0 and below 1: the noisy-or `1 - (1-s)(1-c)(1-e)`, which rises with each of the
    /// three, counts none twice, and needs no arithmetic on ranks.
    ///
    /// | s | c | e |
    /// |---|---|---|
    /// | restricted 0.80 | critical 0.80 | production 0.40 |
    /// | confidential 0.50 | high 0.50 | staging 0.20 |
    /// | internal 0.20 | medium 0.25 | development 0.10 |
    /// | public 0.05 | low 0.05 | test 0.02 |
    /// | unknown 0.20 | unknown 0.25 | unknown 0.40 |
    ///
    /// Unknown counts as what is most common; a weight at either end would let a missing word move the score: too
    /// light hides findings, too heavy dilutes them.
    #[must_use]
    pub const fn importance(self) -> u32 {
        let sensitivity: u32 = match self.sensitivity {
            Sensitivity::Restricted => 800,
            Sensitivity::Confidential => 500,
            Sensitivity::Internal | Sensitivity::Unknown => 200,
            Sensitivity::Public => 50,
        };
        let criticality: u32 = match self.criticality {
            Criticality::Critical => 800,
            Criticality::High => 500,
            Criticality::Medium | Criticality::Unknown => 250,
            Criticality::Low => 50,
        };
        let environment: u32 = match self.environment {
            Environment::Production | Environment::Unknown => 400,
            Environment::Staging => 200,
            Environment::Development => 100,
            Environment::Test => 20,
        };
        // Thousandths times thousandths times thousandths are billionths; the product is exact.
        let spared = 1000_u32
            .saturating_sub(sensitivity)
            .saturating_mul(1000_u32.saturating_sub(criticality))
            .saturating_mul(1000_u32.saturating_sub(environment));
        1_000_000_000_u32.saturating_sub(spared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::How;
    use crate::evidence::Evidence;

    fn all() -> impl Iterator<Item = Classification> {
        Sensitivity::ALL.into_iter().flat_map(|sensitivity| {
            Criticality::ALL.into_iter().flat_map(move |criticality| {
                Environment::ALL
                    .into_iter()
                    .map(move |environment| Classification {
                        sensitivity,
                        criticality,
                        environment,
                    })
            })
        })
    }

    #[test]
    fn importance_is_a_noisy_or_that_rises_with_each_word() {
        let one = Classification {
            sensitivity: Sensitivity::Restricted,
            criticality: Criticality::Critical,
            environment: Environment::Production,
        };
        // 1 - 0.2 * 0.2 * 0.6
        assert_eq!(one.importance(), 976_000_000);
        for lower in all() {
            assert!((1..1_000_000_000).contains(&lower.importance()));
            for higher in all() {
                let said = [lower.sensitivity.name(), lower.criticality.name()];
                let rises = lower.sensitivity <= higher.sensitivity
                    && lower.criticality <= higher.criticality
                    && lower.environment <= higher.environment;
                // The order among what was said; unknown stands in the middle.
                if rises && !said.contains(&"unknown") && lower.environment != Environment::Unknown
                {
                    assert!(
                        lower.importance() <= higher.importance(),
                        "{lower:?} {higher:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_said_goes_before_what_is_assumed() {
        let asset = Asset::new(
            AssetKind::Agent,
            "a",
            "a",
            How::Literal,
            Evidence::file("tests/a.py"),
        );
        let assumed = Classification::assumed(&asset);
        assert_eq!(assumed.environment, Environment::Test);
        assert_eq!(assumed.criticality, Criticality::High);
        let said = Classification {
            environment: Environment::Production,
            ..Classification::default()
        };
        let both = said.or(assumed);
        assert_eq!(both.environment, Environment::Production);
        assert_eq!(both.criticality, Criticality::High);
        let keys = asset.with("sensitive_data", vec!["credentials"]);
        assert_eq!(
            Classification::assumed(&keys).sensitivity,
            Sensitivity::Restricted
        );
    }
}
