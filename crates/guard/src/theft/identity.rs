//! All that is remembered of one identity, or of a group of young ones.

use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::boundary::Boundary;
use super::consumption::Consumption;
use super::coverage::Coverage;
use super::event::{Event, Outcome};
use super::fading::{DAY, Fading};
use super::harvest::Harvest;
use super::loops::Loops;
use super::neighbours::Neighbours;
use super::prada::Prada;
use super::settings::{Expected, Settings};
use super::signal::{ALERT, Found, Rule};
use super::sketch::push_within;
use super::template::Templates;

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

/// Patterns that show in queries, whoever sends them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Patterns {
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
    fn observe(
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

    fn heap(&self) -> usize {
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

/// When a rule spoke last, how sure it was and how often it has spoken.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Spoken {
    rule: Rule,
    which: u32,
    /// In minutes since 1970.
    at: u32,
    score: f32,
    times: u8,
}

/// Rules whose last word is remembered, each pattern by itself.
const SPOKEN: usize = 32;

/// Minutes of a week.
const WEEK: u32 = 10_080;

/// When rules spoke, so that they say a thing once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Voice {
    spoken: Vec<Spoken>,
    suspicion: Fading,
}

impl Voice {
    /// Keeps of what was found what is news: a rule that did not speak for long, or is surer by much. Each repetition makes it quiet for
    /// four times as long, up to a week: a habit that is suspicious stays one.
    fn news(&mut self, at: i64, quiet: u32, expected: Expected, found: &mut Vec<Found>) {
        let minute = u32::try_from(at.div_euclid(60_000).max(0)).unwrap_or(u32::MAX);
        found.retain_mut(|one| {
            if is_expected(one.rule, expected) {
                one.score = one.score.min(ALERT - 0.1);
            }
            let Some(spoken) = self
                .spoken
                .iter_mut()
                .find(|spoken| spoken.rule == one.rule && spoken.which == one.which)
            else {
                let spoken = Spoken {
                    rule: one.rule,
                    which: one.which,
                    at: minute,
                    score: one.score,
                    times: 0,
                };
                if self.spoken.len() < SPOKEN {
                    push_within(&mut self.spoken, SPOKEN, spoken);
                } else if let Some(oldest) = self.spoken.iter_mut().min_by_key(|spoken| spoken.at) {
                    *oldest = spoken;
                }
                self.suspicion.add(at, one.score, 7 * DAY);
                return true;
            };
            let pause = quiet
                .saturating_mul(4_u32.saturating_pow(u32::from(spoken.times)))
                .min(WEEK);
            let passed = minute.saturating_sub(spoken.at);
            // What was a notice and is an alert now is said at once.
            let surer =
                one.score >= spoken.score + 0.2 || (one.score >= ALERT && spoken.score < ALERT);
            if !surer
                && (passed < pause || one.score < ALERT && spoken.score >= ALERT && passed < WEEK)
            {
                return false;
            }
            if passed >= 2 * WEEK {
                spoken.times = 0;
            } else if !surer {
                spoken.times = spoken.times.saturating_add(1).min(10);
            }
            spoken.at = minute;
            spoken.score = one.score.max(spoken.score);
            self.suspicion.add(at, one.score, 7 * DAY);
            true
        });
    }
}

const fn is_expected(rule: Rule, expected: Expected) -> bool {
    match rule {
        Rule::Template => expected.batch || expected.testing,
        Rule::Coverage | Rule::Distillation => {
            expected.batch || expected.shared || expected.evaluation || expected.testing
        }
        Rule::Probabilities | Rule::Duplicates => expected.evaluation || expected.testing,
        Rule::Membership
        | Rule::Prefixes
        | Rule::Boundary
        | Rule::Bisection
        | Rule::Divergence
        | Rule::Prada
        | Rule::Refusals => expected.testing,
        _ => false,
    }
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
            super::consumption::Usual::default()
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
            .saturating_add(
                self.voice
                    .spoken
                    .capacity()
                    .saturating_mul(size_of::<Spoken>()),
            )
    }
}

impl super::table::Remembered for Identity {
    fn last(&self) -> i64 {
        self.last
    }

    fn suspicion(&self, at: i64) -> f32 {
        self.voice.suspicion.now(at, 7 * DAY)
    }
}

/// Young identities whose requests look alike.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Group {
    last: i64,
    patterns: Patterns,
    voice: Voice,
    /// Those who sent most, with how much.
    keys: Vec<(u64, f32)>,
    seen: super::sketch::Distinct,
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

impl super::table::Remembered for Group {
    fn last(&self) -> i64 {
        self.last
    }

    fn suspicion(&self, at: i64) -> f32 {
        self.voice.suspicion.now(at, 7 * DAY)
    }
}
