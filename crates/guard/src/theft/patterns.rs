//! Patterns that show in queries, whoever sends them: one identity, or several together.

use serde::{Deserialize, Serialize};

use super::boundary::Boundary;
use super::coverage::Coverage;
use super::event::{Event, Outcome};
use super::harvest::Harvest;
use super::neighbours::Neighbours;
use super::prada::Prada;
use super::settings::Settings;
use super::signal::Found;
use super::template::Templates;

/// Patterns that show in queries, whoever sends them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Patterns {
    coverage: Coverage,
    templates: Templates,
    neighbours: Neighbours,
    harvest: Harvest,
    numeric: Option<Box<Numeric>>,
}

/// What only those have who send numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Numeric {
    prada: Prada,
    boundary: Boundary,
}

impl Patterns {
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        scale: f64,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        self.coverage.observe(at, event, scale, found);
        self.templates.observe(at, event, scale, found);
        self.neighbours.observe(at, event, found);
        self.harvest
            .observe(at, event, self.coverage.freshness(), scale, found);
        if let Some(point) = &event.point
            && event.outcome != Outcome::Running
        {
            let numeric = self.numeric.get_or_insert_default();
            found.extend(
                numeric
                    .prada
                    .observe(event.class.unwrap_or(0), point, settings.prada),
            );
            numeric
                .boundary
                .observe(at, event.class.unwrap_or(0), point, found);
        }
    }

    pub(super) fn heap(&self) -> usize {
        let numeric = self.numeric.as_ref().map_or(0, |numeric| {
            size_of::<Numeric>()
                .saturating_add(numeric.prada.heap())
                .saturating_add(numeric.boundary.heap())
        });
        self.coverage
            .heap()
            .saturating_add(self.templates.heap())
            .saturating_add(self.neighbours.heap())
            .saturating_add(numeric)
    }
}
