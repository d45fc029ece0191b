//! Does somebody read a model out: subject after subject, evenly, without the repetitions and small talk of people?
//!
//! For language models no distance between queries is normal, so PRADA does not carry over. What remains is coverage: a sample of subjects
//! (SimHash) stands for all that were asked about; a query far from all of the sample is fresh. People come back to their subjects and answer
//! an answer; who makes training data does neither, for hundreds of queries.

use serde::{Deserialize, Serialize};

use super::event::{Event, Operation, Outcome};
use super::fading::HOUR;
use super::signal::{ALERT, Found, Rule, graded};
use super::simhash::{distance, mix};
use super::sketch::push_within;

/// Subjects that stand for all.
const SAMPLE: usize = 48;
/// A subject this far from all of the sample is fresh. Strangers differ in 32 of 64 bits, and the nearest of 48 strangers in about 22.
const FRESH: u32 = 15;
/// Prompts with at most so many words are small talk: "thanks", "and in French?".
const SMALL_TALK: u32 = 5;
/// Answers of so many tokens make training data.
const LONG: u32 = 120;
/// Queries after which the older half fades.
const MEMORY: f32 = 4_096.0;
/// Queries before anything is said.
const LEAST: f32 = 120.0;
/// Fresh queries that are an alert, with long answers and without.
const ALERT_LONG: f64 = 200.0;
const ALERT_ANY: f64 = 320.0;
/// Queries per hour that count fully; slower ones count less, by the root.
const PACE: f64 = 30.0;

/// What was asked about.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Coverage {
    sample: Vec<u64>,
    seen: u64,
    queries: f32,
    fresh: f32,
    human: f32,
    long: f32,
    began: i64,
}

impl Coverage {
    /// Takes a query. `scale` raises the marks: 1 for one identity, more for several together.
    pub(super) fn observe(&mut self, at: i64, event: &Event, scale: f64, found: &mut Vec<Found>) {
        let Some(print) = event.prompt else { return };
        // Whoever fills an index or has texts classified asks about something new each time: only conversations count.
        if event.outcome != Outcome::Answered || event.operation != Operation::Generate {
            return;
        }
        if self.queries == 0.0 {
            self.began = at;
        }
        self.queries += 1.0;
        let nearest = self
            .sample
            .iter()
            .map(|kept| distance(*kept, print.topic))
            .min()
            .unwrap_or(64);
        if print.words <= SMALL_TALK || nearest <= 3 {
            self.human += 1.0;
        } else if nearest >= FRESH {
            self.fresh += 1.0;
        }
        if event.output >= LONG {
            self.long += 1.0;
        }
        self.keep(print.topic);
        if self.queries >= LEAST && self.queries % 16.0 == 0.0 {
            found.extend(self.judge(at, scale));
        }
        if self.queries >= MEMORY {
            self.queries = (self.queries / 2.0).floor();
            self.fresh /= 2.0;
            self.human /= 2.0;
            self.long /= 2.0;
            self.began = self.began.midpoint(at);
        }
    }

    /// Keeps an even sample of all that was seen (Vitter's algorithm R, with a hash in place of chance).
    fn keep(&mut self, topic: u64) {
        self.seen = self.seen.saturating_add(1);
        if self.sample.len() < SAMPLE {
            push_within(&mut self.sample, SAMPLE, topic);
            return;
        }
        let place = mix(self.seen ^ topic).checked_rem(self.seen).unwrap_or(0);
        if let Some(slot) = self.sample.get_mut(place as usize) {
            *slot = topic;
        }
    }

    fn judge(&self, at: i64, scale: f64) -> Option<Found> {
        let fresh_share = f64::from(self.fresh / self.queries);
        let human_share = f64::from(self.human / self.queries);
        if fresh_share < 0.85 || human_share > 0.08 {
            return None;
        }
        let hours = at.saturating_sub(self.began).max(HOUR / 60) as f64 / HOUR as f64;
        let pace = f64::from(self.queries) / hours;
        let measure = f64::from(self.fresh) * (pace / PACE).min(1.0).sqrt();
        let long = self.long >= self.queries * 0.6;
        let (rule, alert, purpose) = if long {
            (
                Rule::Distillation,
                ALERT_LONG * scale,
                "with answers long enough to train on",
            )
        } else {
            (
                Rule::Coverage,
                ALERT_ANY * scale,
                "as if to cover the space",
            )
        };
        let score = graded(measure, alert);
        (score >= ALERT - 0.2).then(|| {
            Found::new(
                rule,
                score,
                format!(
                    "{:.0} of {:.0} queries are about something not asked before, {:.0} in an hour, {purpose}; {:.0} % are follow-ups or \
                     repetitions, which people make",
                    self.fresh,
                    self.queries,
                    pace,
                    human_share * 100.0
                ),
            )
            .figure("fresh queries", f64::from(self.fresh), alert)
            .figure("share of fresh queries", fresh_share, 0.85)
            .figure("queries per hour", pace, PACE)
        })
    }

    /// The share of queries about something not asked before, once there are enough to tell.
    pub(super) fn freshness(&self) -> Option<f32> {
        (self.queries >= LEAST).then(|| self.fresh / self.queries)
    }

    pub(super) fn heap(&self) -> usize {
        self.sample.capacity().saturating_mul(8)
    }
}
