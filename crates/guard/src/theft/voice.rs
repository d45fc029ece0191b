//! When rules spoke, so that a thing is said once and a habit that is suspicious does not shout each day.

use serde::{Deserialize, Serialize};

use super::fading::{DAY, Fading};
use super::settings::Expected;
use super::signal::{ALERT, Found, Rule};
use super::sketch::push_within;

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
pub(super) struct Voice {
    spoken: Vec<Spoken>,
    suspicion: Fading,
}

impl Voice {
    /// Keeps of what was found what is news: a rule that did not speak for long, or is surer by much. Each repetition makes it quiet for
    /// four times as long, up to a week: a habit that is suspicious stays one.
    pub(super) fn news(&mut self, at: i64, quiet: u32, expected: Expected, found: &mut Vec<Found>) {
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

    /// How suspicious it has become; halves in a week.
    pub(super) fn suspicion(&self, at: i64) -> f32 {
        self.suspicion.now(at, 7 * DAY)
    }

    pub(super) const fn heap(&self) -> usize {
        self.spoken.capacity().saturating_mul(size_of::<Spoken>())
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
