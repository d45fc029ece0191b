//! The habits of one identity, and what is strange against them.
//!
//! Everything is held against the identity's own past and nothing against others: a batch job is no person. Medians and quantiles of fading
//! histograms bear a tenth of nonsense; an hour that was strange is learnt only up to twice what was usual, so that a flood does not
//! become the habit by which it is judged.

use serde::{Deserialize, Serialize};

use super::consumption::Usual;
use super::event::{Event, Outcome};
use super::hour::{Hour, Week};
use super::print::language_name;
use super::settings::Settings;
use super::signal::{Found, NOTICE, Rule, graded};
use super::sketch::{Frequent, Sizes};

/// Hours and requests after which the older half fades.
const HOURS: u16 = 336;
const REQUESTS: u16 = 4_000;
/// Hours without a request that are learnt when one comes at last.
const MOST_IDLE: i64 = 72;
/// So many times what is usual is an alert by itself.
const ALERT_RATIO: f64 = 10.0;
/// Hours since a tool, model or language was new, before another new one is strange.
const SETTLED: i64 = 72;

/// Habits that can change within an hour, as bits.
const RATE: u16 = 1;
const VOLUME: u16 = 1 << 1;
const REFUSALS: u16 = 1 << 2;
const ERRORS: u16 = 1 << 3;
const SUBJECTS: u16 = 1 << 4;
const TOOL: u16 = 1 << 5;
const MODEL: u16 = 1 << 6;
const LANGUAGE: u16 = 1 << 7;
const CLOCK: u16 = 1 << 8;
const TOLD: u16 = 1 << 15;

/// The habits of one identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Baseline {
    hour: Hour,
    week: Week,
    rate: Sizes,
    tokens: Sizes,
    cost: Sizes,
    subjects: Sizes,
    input: Sizes,
    output: Sizes,
    refused: f32,
    failed: f32,
    tools: Frequent,
    models: Frequent,
    languages: Frequent,
    last_new: i64,
    pub(super) requests: u32,
    pub(super) days: u32,
    day: i64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self {
            hour: Hour::default(),
            week: Week::default(),
            rate: Sizes::default(),
            tokens: Sizes::default(),
            cost: Sizes::default(),
            subjects: Sizes::default(),
            input: Sizes::default(),
            output: Sizes::default(),
            refused: 0.02,
            failed: 0.02,
            tools: Frequent::new(24),
            models: Frequent::new(8),
            languages: Frequent::new(8),
            last_new: 0,
            requests: 0,
            days: 0,
            day: i64::MIN,
        }
    }
}

impl Baseline {
    pub(super) const fn is_known(&self, settings: &Settings) -> bool {
        self.days > settings.warm_days && self.requests >= settings.warm_requests
    }

    pub(super) fn usual(&self, settings: &Settings) -> Usual {
        if !self.is_known(settings) {
            return Usual::default();
        }
        Usual {
            input: Some(self.input.quantile(0.95)),
            output: Some(self.output.quantile(0.95)),
        }
    }

    /// Takes a request.
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        let number = Hour::of(at);
        if number > self.hour.number {
            self.close(number, settings);
        }
        self.hour.add(event);
        self.requests = self.requests.saturating_add(1);
        self.input.add(f64::from(event.input), REQUESTS);
        self.output.add(f64::from(event.output), REQUESTS);
        let known = self.is_known(settings);
        let before = found.len();
        self.novelties(number, event, known, found);
        if known {
            if self.hour.requests >= self.hour.look_at {
                self.hour.look_at = self
                    .hour
                    .requests
                    .saturating_add(self.hour.requests / 4)
                    .saturating_add(1);
                self.sums(found);
            }
            self.shares(event, found);
            if found.len() > before {
                self.together(found);
            }
        }
    }

    /// The hour is over: it becomes part of what is usual.
    fn close(&mut self, number: i64, settings: &Settings) {
        if self.hour.requests > 0 {
            let known = self.is_known(settings);
            let learn = |sizes: &mut Sizes, value: f64| {
                let most = if known {
                    sizes.quantile(0.95) * 2.0 + 2.0
                } else {
                    f64::INFINITY
                };
                sizes.add(value.min(most), HOURS);
            };
            let requests = f64::from(self.hour.requests);
            learn(&mut self.rate, requests);
            learn(&mut self.tokens, self.hour.tokens as f64);
            learn(&mut self.cost, self.hour.cost as f64);
            learn(&mut self.subjects, self.hour.subjects.count());
            self.week.learn(
                self.hour.number,
                requests.min(self.rate.quantile(0.95) * 2.0 + 2.0),
            );
            // One request is little evidence of a share, a hundred much.
            let weight = (requests / (requests + 50.0)) as f32 * 0.3;
            let share = |count: u32| count as f32 / self.hour.requests.max(1) as f32;
            self.refused += weight * (share(self.hour.refused) - self.refused);
            self.failed += weight * (share(self.hour.failed) - self.failed);
            let day = self.hour.number.div_euclid(24);
            if day > self.day {
                self.day = day;
                self.days = self.days.saturating_add(1);
            }
            let idle = number
                .saturating_sub(self.hour.number)
                .saturating_sub(1)
                .clamp(0, MOST_IDLE);
            for back in 0..idle {
                self.week
                    .learn(self.hour.number.saturating_add(1).saturating_add(back), 0.0);
            }
        }
        self.hour.begin(number);
    }

    fn change(&mut self, bit: u16, found: Found, all: &mut Vec<Found>) {
        self.hour.changed |= bit;
        all.push(found);
    }

    /// Requests, tokens, cost and subjects of the hour against those of the hours before.
    fn sums(&mut self, found: &mut Vec<Found>) {
        let slot = self.week.slot(self.hour.number);
        let requests = f64::from(self.hour.requests);
        let usual = self
            .rate
            .quantile(0.95)
            .max(f64::from((slot.mean + 2.0 * slot.off).exp2()) - 1.0)
            .max(5.0);
        let middle = (self.rate.quantile(0.5) + 1.0)
            .log2()
            .max(f64::from(slot.mean));
        let deviations = ((requests + 1.0).log2() - middle) / self.rate.deviation(0.4);
        let ratio = requests / usual;
        if ratio >= 4.0 && deviations >= 4.0 {
            let one = Found::new(
                Rule::Rate,
                graded(ratio, ALERT_RATIO),
                format!(
                    "{requests:.0} requests in this hour; {usual:.0} are many for it, {deviations:.1} deviations above its median"
                ),
            )
            .figure("requests in the hour", requests, usual);
            self.change(RATE, one, found);
        }
        if slot.seen >= 8 && slot.mean < 0.1 && requests >= 20.0 && self.hour.changed & CLOCK == 0 {
            let hour = self.hour.number.rem_euclid(24);
            let one = Found::new(
                Rule::Novelty,
                0.4,
                format!("{requests:.0} requests at {hour:02}:00 UTC, when next to nothing happens on such days"),
            )
            .figure("requests in the hour", requests, f64::from(slot.mean.exp2()) - 1.0);
            self.change(CLOCK, one, found);
        }
        let volumes = [
            ("tokens", self.hour.tokens as f64, &self.tokens),
            ("cost in millionths", self.hour.cost as f64, &self.cost),
        ];
        let mut most: Option<Found> = None;
        for (name, now, sizes) in volumes {
            let usual = sizes.quantile(0.95).max(1_000.0);
            let middle = (sizes.quantile(0.5) + 1.0).log2();
            let deviations = ((now + 1.0).log2() - middle) / sizes.deviation(0.4);
            if now / usual >= 4.0 && deviations >= 4.0 {
                let one = Found::new(
                    Rule::Volume,
                    graded(now / usual, ALERT_RATIO),
                    format!("{now:.0} ({name}) in this hour; {usual:.0} are many for it"),
                )
                .figure(name, now, usual);
                if most.as_ref().is_none_or(|most| most.score < one.score) {
                    most = Some(one);
                }
            }
        }
        if let Some(one) = most {
            self.change(VOLUME, one, found);
        }
        let subjects = self.hour.subjects.count();
        let usual = self.subjects.quantile(0.95).max(8.0);
        if subjects >= usual * 3.0 && subjects >= 40.0 {
            let one = Found::new(
                Rule::Subjects,
                graded(subjects / usual, ALERT_RATIO),
                format!("about {subjects:.0} subjects in this hour; {usual:.0} are many for it"),
            )
            .figure("subjects in the hour", subjects, usual);
            self.change(SUBJECTS, one, found);
        }
    }

    /// Refusals and errors of the hour against their usual shares.
    fn shares(&mut self, event: &Event, found: &mut Vec<Found>) {
        let (rule, bit, count, usual, word) = match event.outcome {
            Outcome::Refused => (
                Rule::Refusals,
                REFUSALS,
                self.hour.refused,
                self.refused,
                "refused",
            ),
            Outcome::Failed => (
                Rule::Errors,
                ERRORS,
                self.hour.failed,
                self.failed,
                "failed",
            ),
            Outcome::Answered | Outcome::Running => return,
        };
        let requests = f64::from(self.hour.requests);
        let count = f64::from(count);
        let usual = f64::from(usual.max(0.01));
        let expected = requests * usual;
        let deviations = (count - expected) / (expected * (1.0 - usual).max(0.1) + 1.0).sqrt();
        if count < 8.0 || deviations < 5.0 {
            return;
        }
        let one = Found::new(
            rule,
            graded(deviations, 12.0),
            format!(
                "{count:.0} of {requests:.0} requests of this hour {word}; {:.1} % do so as a rule",
                usual * 100.0
            ),
        )
        .figure("share in the hour", count / requests, usual);
        if one.score >= NOTICE {
            self.change(bit, one, found);
        }
    }

    /// Tools, models and languages that were never used before.
    fn novelties(&mut self, hour: i64, event: &Event, known: bool, found: &mut Vec<Found>) {
        let language = event
            .prompt
            .map(|print| print.language)
            .filter(|code| *code > 0);
        // A list that is full has forgotten some: nothing can be called new then.
        let new_tool = event
            .tool
            .is_some_and(|tool| !self.tools.is_full() & self.tools.add(tool));
        let new_model = event.model != 0 && !self.models.is_full() & self.models.add(event.model);
        let new_language = language
            .is_some_and(|code| !self.languages.is_full() & self.languages.add(u32::from(code)));
        if !(new_tool || new_model || new_language) {
            return;
        }
        let settled = hour.saturating_sub(self.last_new);
        self.last_new = hour;
        if !known || settled < SETTLED {
            return;
        }
        let days = settled / 24;
        for (new, bit, score, what) in [
            (new_tool, TOOL, 0.4, "a tool"),
            (new_model, MODEL, 0.35, "a model"),
            (new_language, LANGUAGE, 0.35, "a language"),
        ] {
            if new {
                let name = match (bit, language) {
                    (LANGUAGE, Some(code)) => format!(" ({})", language_name(code)),
                    _ => String::new(),
                };
                let one = Found::new(
                    Rule::Novelty,
                    score,
                    format!(
                        "{what}{name} that it never used before, after {days} days without anything new"
                    ),
                );
                self.change(bit, one, found);
            }
        }
    }

    /// Several habits that change at once say more than each.
    fn together(&mut self, found: &mut Vec<Found>) {
        let changed = self.hour.changed & !TOLD;
        let count = changed.count_ones();
        // Rate brings volume and subjects with it: they are one change. A new project brings a tool, a model and a language: two at most.
        let follow = (changed & (RATE | VOLUME | SUBJECTS))
            .count_ones()
            .saturating_sub(1);
        let project = (changed & (TOOL | MODEL | LANGUAGE))
            .count_ones()
            .saturating_sub(2);
        let count = count.saturating_sub(follow).saturating_sub(project);
        if count < 3 || self.hour.changed & TOLD != 0 {
            return;
        }
        self.hour.changed |= TOLD;
        let names = [
            (RATE, "requests"),
            (VOLUME, "tokens or cost"),
            (REFUSALS, "refusals"),
            (ERRORS, "errors"),
            (SUBJECTS, "subjects"),
            (TOOL, "tools"),
            (MODEL, "models"),
            (LANGUAGE, "language"),
            (CLOCK, "hours"),
        ];
        let list: Vec<&str> = names
            .iter()
            .filter(|(bit, _)| changed & bit != 0)
            .map(|(_, name)| *name)
            .collect();
        found.push(
            Found::new(
                Rule::Habits,
                (0.4 + 0.1 * count as f32).min(0.95),
                format!("within one hour these habits changed: {}", list.join(", ")),
            )
            .figure("habits that changed", f64::from(count), 0.0),
        );
    }

    pub(super) fn heap(&self) -> usize {
        [
            &self.rate,
            &self.tokens,
            &self.cost,
            &self.subjects,
            &self.input,
            &self.output,
        ]
        .iter()
        .map(|sizes| sizes.heap())
        .sum::<usize>()
        .saturating_add(self.hour.subjects.heap())
        .saturating_add(self.week.heap())
        .saturating_add(self.tools.heap())
        .saturating_add(self.models.heap())
        .saturating_add(self.languages.heap())
    }
}
