//! Young identities that behave as one: a thief who changes keys.

use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome};
use super::patterns::Patterns;
use super::settings::Settings;
use super::signal::Found;
use super::sketch::Distinct;
use super::table::Remembered;
use super::voice::Voice;

/// Young identities whose requests look alike.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Group {
    last: i64,
    patterns: Patterns,
    voice: Voice,
    /// Those who sent most, with how much.
    keys: Vec<(u64, f32)>,
    seen: Distinct,
    requests: f32,
}

/// Keys whose requests are counted one by one.
const COUNTED: usize = 8;
/// Several together are more than one: their marks are higher.
const TOGETHER: f64 = 1.5;

impl Group {
    /// Takes a request; says how many keys there are when none of them makes most of the requests.
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) -> u32 {
        let at = at.max(self.last);
        self.last = at;
        if event.outcome == Outcome::Running {
            return 0;
        }
        self.count(event.identity);
        self.patterns.observe(at, event, TOGETHER, settings, found);
        let keys = self.seen.count().round() as u32;
        let most = self
            .keys
            .iter()
            .map(|(_, count)| *count)
            .fold(0.0, f32::max);
        if keys < 3 || most > self.requests * 0.6 {
            found.clear();
        }
        if !found.is_empty() {
            let expected = settings
                .expected
                .get(&event.identity)
                .copied()
                .unwrap_or_default();
            self.voice.news(at, settings.quiet, expected, found);
        }
        keys
    }

    fn count(&mut self, identity: u64) {
        self.seen.add(identity);
        self.requests += 1.0;
        if let Some((_, count)) = self.keys.iter_mut().find(|(kept, _)| *kept == identity) {
            *count += 1.0;
        } else if self.keys.len() < COUNTED {
            self.keys.push((identity, 1.0));
        } else if let Some(least) = self.keys.iter_mut().min_by(|a, b| a.1.total_cmp(&b.1)) {
            // Space saving (Metwally and others, 2005): the newcomer takes the place and the count of the least.
            *least = (identity, least.1 + 1.0);
        }
        if self.requests >= 4_096.0 {
            self.requests /= 2.0;
            for (_, count) in &mut self.keys {
                *count /= 2.0;
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            .saturating_add(self.patterns.heap())
            .saturating_add(self.seen.heap())
            .saturating_add(self.keys.capacity().saturating_mul(16))
    }
}

impl Remembered for Group {
    fn last(&self) -> i64 {
        self.last
    }

    fn suspicion(&self, at: i64) -> f32 {
        self.voice.suspicion(at)
    }
}
