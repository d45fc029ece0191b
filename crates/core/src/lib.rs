//! The nouns of Stance and the pure judgement over them.
//!
//! Everything here is a value or a function of values: no file, no clock, no
//! network, no async. The flow through the nouns is the flow of the product:
//! a collector turns a place into [`Observation`]s (each one [`Fact`] about one
//! subject), [`inventory`] adds them up to [`Asset`]s and [`Relation`]s, the
//! [`Snapshot`] freezes them with the policy and the clock, and rules turn the
//! snapshot into [`Finding`]s.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod approval;
pub mod asset;
pub mod classification;
pub mod compliance;
pub mod control;
pub mod coverage;
pub mod criticality;
pub mod digest;
pub mod drift;
pub mod due;
pub mod environment;
pub mod estate;
pub mod evidence;
pub mod exchange;
pub mod exposure;
pub mod fact;
pub mod finding;
pub mod glob;
pub mod inventory;
pub mod kpi;
pub mod observation;
pub mod policy;
pub mod relation;
pub mod score;
pub mod sensitivity;
pub mod severity;
pub mod snapshot;
pub mod table;
pub mod traffic;
pub mod usage;
pub mod verdict;

pub use asset::{Asset, AssetId, AssetKind, How, Scope};
pub use classification::Classification;
pub use control::{Control, Framework};
pub use coverage::Coverage;
pub use criticality::Criticality;
pub use environment::Environment;
pub use estate::Reach;
pub use evidence::{Evidence, Locus};
pub use exchange::{Exchange, Origin, Part};
pub use exposure::Exposure;
pub use fact::Fact;
pub use finding::{Finding, FindingId};
pub use observation::Observation;
pub use policy::{Policy, Waiver};
pub use relation::{Relation, RelationKind};
pub use score::Score;
pub use sensitivity::Sensitivity;
pub use severity::{Confidence, Severity};
pub use snapshot::Snapshot;
pub use verdict::{Judged, Verdict, Verdicts};
