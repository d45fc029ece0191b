//! The only input of a rule.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::asset::{Asset, AssetId};
use crate::coverage::Coverage;
use crate::inventory;
use crate::observation::Observation;
use crate::policy::Policy;
use crate::relation::Relation;

/// The inventory graph, the facts, the policy and the clock at one time. A rule
/// sees nothing else, so every scan can be repeated.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The clock, UTC.
    pub at: Timestamp,
    /// What people decided.
    pub policy: Policy,
    /// Everything seen, in order of subject.
    pub observations: Vec<Observation>,
    /// Every asset by its id.
    pub assets: BTreeMap<AssetId, Asset>,
    /// How they hang together, in order.
    pub relations: Vec<Relation>,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
    /// The applications and the directories they own.
    pub applications: inventory::Applications,
}

impl Snapshot {
    /// Adds up observations. `name` is what the scanned root is called. The
    /// order in which observations come does not matter.
    #[must_use]
    pub fn new(
        name: &str,
        at: Timestamp,
        policy: Policy,
        mut observations: Vec<Observation>,
        coverage: Coverage,
    ) -> Self {
        // Stable: facts of one subject keep the order in which its parser gave them.
        observations.sort_by(|a, b| (&a.subject, a.source).cmp(&(&b.subject, b.source)));
        let inventory = inventory::build(name, &observations);
        Self {
            at,
            policy,
            observations,
            assets: inventory.assets,
            relations: inventory.relations,
            coverage,
            applications: inventory.applications,
        }
    }

    /// Today, UTC.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        self.at.to_zoned(TimeZone::UTC).date()
    }
}
