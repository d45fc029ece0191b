//! How assets hang together.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::asset::AssetId;
use crate::evidence::Evidence;

/// What one asset has to do with another. Attack edges are derived from these, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// A repository, container or application has it inside.
    Contains,
    /// Needs it to build or run.
    DependsOn,
    /// Sends it requests.
    Calls,
    /// Loads it into its process.
    LoadsArtifactFrom,
    /// Declares it as something its agents may connect to.
    Configures,
    /// Offers it to others.
    Exposes,
    /// Answers requests with it.
    Serves,
    /// Holds its value.
    HoldsSecret,
    /// Uses it under this name to prove who it is.
    RunsAs,
    /// Reads it.
    Reads,
    /// Writes it.
    Writes,
    /// Learned from it.
    TrainedOn,
    /// Started from it.
    FineTunedFrom,
    /// Belongs to the service of this organisation.
    ProvidedBy,
    /// Hands work over to it.
    DelegatesTo,
}

impl RelationKind {
    /// All kinds.
    pub const ALL: [Self; 15] = [
        Self::Contains,
        Self::DependsOn,
        Self::Calls,
        Self::LoadsArtifactFrom,
        Self::Configures,
        Self::Exposes,
        Self::Serves,
        Self::HoldsSecret,
        Self::RunsAs,
        Self::Reads,
        Self::Writes,
        Self::TrainedOn,
        Self::FineTunedFrom,
        Self::ProvidedBy,
        Self::DelegatesTo,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::DependsOn => "depends_on",
            Self::Calls => "calls",
            Self::LoadsArtifactFrom => "loads_artifact_from",
            Self::Configures => "configures",
            Self::Exposes => "exposes",
            Self::Serves => "serves",
            Self::HoldsSecret => "holds_secret",
            Self::RunsAs => "runs_as",
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::TrainedOn => "trained_on",
            Self::FineTunedFrom => "fine_tuned_from",
            Self::ProvidedBy => "provided_by",
            Self::DelegatesTo => "delegates_to",
        }
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// `from` has `kind` to do with `to`, as seen at `evidence`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// The one that acts.
    pub from: AssetId,
    /// The one acted upon.
    pub to: AssetId,
    /// What they have to do with each other.
    pub kind: RelationKind,
    /// Where it was seen.
    pub evidence: Evidence,
}
