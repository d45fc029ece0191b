//! Use without bounds: contexts that grow, answers that do not end, rushes, and budgets that will not last.

use serde::{Deserialize, Serialize};

use super::event::{Event, Operation, Outcome};
use super::fading::{DAY, HOUR};
use super::settings::Settings;
use super::signal::{Found, NOTICE, Rule, graded};

/// Requests in a row that grow before growth is told of.
const GROWN: u32 = 10;
/// A request this much later begins anew.
const GAP: i64 = 900_000;
const MINUTE: i64 = 60_000;

/// What is usual for the identity, where its habits are known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usual {
    /// Tokens of a request, in nineteen of twenty.
    pub(super) input: Option<f64>,
    /// Tokens of an answer, in nineteen of twenty.
    pub(super) output: Option<f64>,
}

/// Counts of the running minute, ten minutes and day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Consumption {
    last: i64,
    input: u32,
    start: u32,
    grown: u32,
    minute: i64,
    large: u32,
    /// The rushes of minutes before, slowly forgotten.
    usual_rush: f32,
    tenth: i64,
    media: u32,
    usual_media: f32,
    day: i64,
    spent: u64,
    first: i64,
}

impl Consumption {
    /// Takes a request.
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        usual: Usual,
        budget: Option<u64>,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        found.extend(runaway(event, usual, settings));
        if event.outcome == Outcome::Running {
            return;
        }
        found.extend(self.grow(at, event, usual, settings));
        found.extend(self.rush(at, event, settings));
        found.extend(self.picture(at, event, settings));
        if let Some(budget) = budget {
            found.extend(self.spend(at, event.cost, budget));
        }
        self.last = at;
    }

    fn grow(&mut self, at: i64, event: &Event, usual: Usual, settings: &Settings) -> Option<Found> {
        if !matches!(event.operation, Operation::Generate) {
            return None;
        }
        if event.input > self.input && at.saturating_sub(self.last) <= GAP && self.input > 0 {
            self.grown = self.grown.saturating_add(1);
        } else {
            self.grown = 0;
            self.start = event.input;
        }
        self.input = event.input;
        let large = f64::from(settings.context);
        // Half of what is large for anybody, or four times what is usual here, whichever is more.
        let alert = usual
            .input
            .map_or(large / 2.0, |usual| (usual * 4.0).max(large / 8.0))
            .min(large);
        let now = f64::from(event.input);
        let growing = self.grown >= GROWN && event.input >= self.start.saturating_mul(3);
        if !growing && now < large {
            return None;
        }
        let score = graded(now, alert);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Context,
                score,
                format!(
                    "the context grew in each of {} requests, from {} to {} tokens",
                    self.grown, self.start, event.input
                ),
            )
            .figure("tokens of the request", now, alert)
        })
    }

    fn rush(&mut self, at: i64, event: &Event, settings: &Settings) -> Option<Found> {
        let minute = at.div_euclid(MINUTE);
        if minute != self.minute {
            if self.minute != 0 {
                self.usual_rush = (self.usual_rush * 0.98)
                    .max((self.large as f32).min(self.usual_rush * 1.5 + 4.0));
            }
            self.minute = minute;
            self.large = 0;
        }
        if event.limit < settings.large
            || matches!(event.operation, Operation::Tool | Operation::Agent)
        {
            return None;
        }
        self.large = self.large.saturating_add(1);
        let alert = f64::from(settings.rush).max(f64::from(self.usual_rush) * 3.0);
        let score = graded(f64::from(self.large), alert);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Flood,
                score,
                format!(
                    "{} requests within a minute, each with room for {} tokens of answer or more",
                    self.large, settings.large
                ),
            )
            .figure("requests in the minute", f64::from(self.large), alert)
        })
    }

    fn picture(&mut self, at: i64, event: &Event, settings: &Settings) -> Option<Found> {
        if !matches!(event.operation, Operation::Image | Operation::Audio) {
            return None;
        }
        let tenth = at.div_euclid(MINUTE.saturating_mul(10));
        if tenth != self.tenth {
            self.usual_media = (self.usual_media * 0.95)
                .max((self.media as f32).min(self.usual_media * 1.5 + 4.0));
            self.tenth = tenth;
            self.media = 0;
        }
        self.media = self.media.saturating_add(1);
        let alert = f64::from(settings.media).max(f64::from(self.usual_media) * 3.0);
        let score = graded(f64::from(self.media), alert);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Media,
                score,
                format!(
                    "{} images or pieces of speech within ten minutes",
                    self.media
                ),
            )
            .figure(
                "images and speech in ten minutes",
                f64::from(self.media),
                alert,
            )
        })
    }

    fn spend(&mut self, at: i64, cost: u64, budget: u64) -> Option<Found> {
        let day = at.div_euclid(DAY);
        if day != self.day {
            self.day = day;
            self.spent = 0;
            self.first = at;
        }
        self.spent = self.spent.saturating_add(cost);
        let (spent, budget) = (self.spent as f64, budget.max(1) as f64);
        let running = at.saturating_sub(self.first).max(HOUR / 4) as f64;
        let left = day
            .saturating_add(1)
            .saturating_mul(DAY)
            .saturating_sub(at)
            .max(0) as f64;
        let forecast = spent + spent / running * left;
        let share = spent / budget;
        let score = if share >= 1.0 {
            0.9
        } else if share >= 0.4 && forecast >= budget {
            // Half gone is a notice, nearly all gone an alert.
            (0.3 + 0.5 * (share - 0.4)).min(0.6)
        } else {
            return None;
        };
        let hours = (budget - spent).max(0.0) / (spent / running) / HOUR as f64;
        let what = if share >= 1.0 {
            format!("the budget of the day is spent: {:.0} %", share * 100.0)
        } else {
            format!(
                "{:.0} % of the budget of the day is spent, and at this pace the rest lasts {hours:.1} hours",
                share * 100.0
            )
        };
        Some(
            Found::new(Rule::Budget, score as f32, what)
                .figure("spent, in millionths", spent, budget)
                .figure("forecast for the day, in millionths", forecast, budget),
        )
    }
}

fn runaway(event: &Event, usual: Usual, settings: &Settings) -> Option<Found> {
    let long = f64::from(settings.answer);
    let usual = usual
        .output
        .map_or(long, |usual| (usual * 8.0).clamp(long / 8.0, long));
    let (alert, than) = if event.limit > 0 && f64::from(event.limit) * 1.25 < usual {
        (f64::from(event.limit) * 1.25, "what it was limited to")
    } else {
        (usual, "is usual")
    };
    let output = f64::from(event.output);
    (output > alert).then(|| {
        let verb = if event.outcome == Outcome::Running {
            "has"
        } else {
            "had"
        };
        Found::new(
            Rule::Runaway,
            graded(output, alert),
            format!("an answer {verb} {} tokens, more than {than}", event.output),
        )
        .figure("tokens of the answer", output, alert)
    })
}
