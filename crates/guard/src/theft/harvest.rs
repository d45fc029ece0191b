//! What a reader of answers does not need: probabilities with each request, biases on tokens, recitation.

use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome};
use super::fading::{DAY, Fading, HOUR};
use super::signal::{Found, NOTICE, Rule, graded};

/// Requests with probabilities that are an alert, in a day.
const ALERT_HARVEST: f64 = 150.0;
/// Requests with both a bias and probabilities that are an alert: with them a row of the last layer is read out (Carlini and others,
/// "Stealing part of a production language model", 2024).
const ALERT_BIASED: f64 = 24.0;
const ALERT_DIVERGING: f64 = 3.0;
const ALERT_PREFIXES: f64 = 12.0;

/// Counts of such requests.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Harvest {
    all: Fading,
    probabilities: Fading,
    beside: Fading,
    biased: Fading,
    fast: Fading,
    diverging: Fading,
    prefixes: Fading,
}

impl Harvest {
    /// Takes a request. `fresh` is the share of its subjects that are new, where that is known.
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        fresh: Option<f32>,
        scale: f64,
        found: &mut Vec<Found>,
    ) {
        if event.outcome == Outcome::Running {
            return;
        }
        let all = f64::from(self.all.add(at, 1.0, DAY));
        let asks = event.asks;
        if asks.harvests() {
            let probabilities = f64::from(self.probabilities.add(at, 1.0, DAY));
            let beside = self
                .beside
                .add(at, f32::from(asks.echo || asks.many || asks.bias), DAY);
            let fast = self.fast.add(at, 1.0, HOUR / 2);
            let share = probabilities / all;
            let extra = f64::from(beside) / probabilities;
            if share >= 0.5 {
                // Some applications show how sure a model is: alone, and at their pace, it is a notice.
                let beyond = extra > 0.5 || fast > 60.0 || fresh.is_some_and(|share| share > 0.9);
                let most = if beyond { 1.0 } else { 0.45 };
                let score = graded(probabilities, ALERT_HARVEST * scale).min(most);
                if score >= NOTICE {
                    found.push(
                        Found::new(
                            Rule::Probabilities,
                            score,
                            format!(
                                "{:.0} % of the requests of a day ask for probabilities of tokens, {probabilities:.0} in all, {:.0} % of them \
                                 with echo, several answers or a bias",
                                share * 100.0,
                                extra * 100.0
                            ),
                        )
                        .figure("requests with probabilities", probabilities, ALERT_HARVEST * scale),
                    );
                }
            }
        }
        if asks.bias && asks.probabilities {
            let biased = f64::from(self.biased.add(at, 1.0, DAY));
            let score = graded(biased, ALERT_BIASED);
            if score >= NOTICE {
                found.push(
                    Found::new(
                        Rule::Probabilities,
                        score,
                        format!("{biased:.0} requests put a bias on tokens and ask for probabilities, which reads the last layer out"),
                    )
                    .figure("requests with bias and probabilities", biased, ALERT_BIASED),
                );
            }
        }
        let Some(print) = event.prompt else { return };
        if print.marks.diverges {
            let count = f64::from(self.diverging.add(at, 1.0, DAY));
            found.push(
                Found::new(
                    Rule::Divergence,
                    graded(count, ALERT_DIVERGING),
                    format!("{count:.0} prompts repeat a word, or ask for it, without end: models recite training data after it"),
                )
                .figure("diverging prompts", count, ALERT_DIVERGING),
            );
        }
        if print.marks.continues {
            let count = f64::from(self.prefixes.add(at, 1.0, DAY));
            let score = graded(count, ALERT_PREFIXES);
            if score >= NOTICE {
                found.push(
                    Found::new(
                        Rule::Prefixes,
                        score,
                        format!("{count:.0} prompts ask to go on with a given text word for word, which shows what was trained on"),
                    )
                    .figure("texts to be continued", count, ALERT_PREFIXES),
                );
            }
        }
    }
}
