//! All that is remembered of one identity.

use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::consumption::{Consumption, Usual};
use super::event::{Event, Outcome};
use super::loops::Loops;
use super::patterns::Patterns;
use super::settings::Settings;
use super::signal::Found;
use super::table::Remembered;
use super::voice::Voice;

/// The most bytes that one identity takes; a test fills one to the brim.
pub const MOST_BYTES: usize = 8_192;

/// Whether the habits of an identity are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was never seen, or forgotten.
    Unknown,
    /// Change cannot be told yet: days and requests seen so far.
    Learning {
        /// Days of activity.
        days: u32,
        /// Requests.
        requests: u32,
    },
    /// Change is told.
    Known,
}

/// One identity.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Identity {
    last: i64,
    pub(super) baseline: Baseline,
    patterns: Patterns,
    loops: Loops,
    consumption: Consumption,
    voice: Voice,
}

impl Identity {
    /// Takes a request, and leaves in `found` what is news. The time of one identity does not go back: what comes late counts as now.
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        let at = at.max(self.last);
        self.last = at;
        let budget = settings.budgets.get(&event.identity).copied();
        let usual = if event.outcome == Outcome::Running
            || event.input > settings.context / 8
            || event.output > settings.answer / 8
        {
            self.baseline.usual(settings)
        } else {
            Usual::default()
        };
        self.consumption
            .observe(at, event, usual, budget, settings, found);
        if event.outcome != Outcome::Running {
            self.patterns.observe(at, event, 1.0, settings, found);
            self.loops.observe(at, event, settings, found);
            self.baseline.observe(at, event, settings, found);
        }
        if !found.is_empty() {
            let expected = settings
                .expected
                .get(&event.identity)
                .copied()
                .unwrap_or_default();
            self.voice.news(at, settings.quiet, expected, found);
        }
    }

    pub(super) fn standing(&self, settings: &Settings) -> Standing {
        if self.baseline.is_known(settings) {
            Standing::Known
        } else {
            Standing::Learning {
                days: self.baseline.days,
                requests: self.baseline.requests,
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            .saturating_add(self.baseline.heap())
            .saturating_add(self.patterns.heap())
            .saturating_add(self.voice.heap())
    }
}

impl Remembered for Identity {
    fn last(&self) -> i64 {
        self.last
    }

    fn suspicion(&self, at: i64) -> f32 {
        self.voice.suspicion(at)
    }
}
