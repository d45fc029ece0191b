//! Calls that come again: one call over and over, a round of a few calls, two agents that answer each other without an end.

use serde::{Deserialize, Serialize};

use super::event::{Event, Operation, Outcome};
use super::fading::Fading;
use super::settings::Settings;
use super::signal::{Found, NOTICE, Rule, graded};

/// The longest round that is looked for.
const ROUND: usize = 4;
/// Calls further apart belong to no round: what is asked every ten minutes is a schedule.
const GAP: i64 = 240_000;
/// The same call so many times in a row is an alert; people and programs do wait for something this way.
const ALERT_SAME: f64 = 24.0;
/// Rounds of several calls.
const ALERT_ROUNDS: f64 = 8.0;
/// The same call among others, within about half an hour.
const ALERT_AMONG: f64 = 32.0;
const AMONG: i64 = 1_200_000;
/// Calls that are counted among others.
const COUNTED: usize = 8;
/// Messages back and forth between two agents, less two for each of somebody else.
const ALERT_PING_PONG: f64 = 40.0;

/// The last calls, and for how long they repeat those a round before.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Loops {
    calls: [u64; ROUND],
    pairs: [u32; 2],
    runs: [u32; ROUND],
    volleys: u32,
    last: i64,
    next: usize,
    counted: [(u64, Fading); COUNTED],
}

impl Loops {
    /// Takes a call of a tool or an agent.
    pub(super) fn observe(
        &mut self,
        at: i64,
        event: &Event,
        settings: &Settings,
        found: &mut Vec<Found>,
    ) {
        if event.depth > settings.depth {
            found.push(
                Found::new(
                    Rule::Recursion,
                    graded(f64::from(event.depth), f64::from(settings.depth.max(1))),
                    format!("agents call agents {} deep", event.depth),
                )
                .figure("depth", f64::from(event.depth), f64::from(settings.depth)),
            );
        }
        if !matches!(event.operation, Operation::Tool | Operation::Agent)
            || event.outcome == Outcome::Running
        {
            return;
        }
        if at.saturating_sub(self.last) > GAP {
            *self = Self::default();
        }
        self.last = at;
        if let Some(call) = event.call {
            let among = self.among(at, call);
            found.extend(self.round(call).or(among));
        }
        if event.operation == Operation::Agent
            && let Some(pair) = event.tool
        {
            found.extend(self.volley(pair));
        }
    }

    fn round(&mut self, call: u64) -> Option<Found> {
        let mut best: Option<(f32, f64, usize)> = None;
        for (place, run) in self.runs.iter_mut().enumerate() {
            let length = place.saturating_add(1);
            let back = self.next.wrapping_sub(length) & ROUND.saturating_sub(1);
            *run = if self.calls.get(back) == Some(&call) {
                run.saturating_add(1)
            } else {
                0
            };
            let rounds = f64::from(*run) / length as f64 + 1.0;
            let alert = if length == 1 {
                ALERT_SAME
            } else {
                ALERT_ROUNDS
            };
            let score = graded(rounds, alert);
            // A round of one is also a round of two: the shortest that explains it is told.
            if *run > 0 && score >= NOTICE && best.is_none() {
                best = Some((score, rounds, length));
            }
        }
        if let Some(slot) = self.calls.get_mut(self.next) {
            *slot = call;
        }
        self.next = self.next.wrapping_add(1) & ROUND.saturating_sub(1);
        // Twelve times the same call is six rounds of two: only the first explanation counts.
        if self.runs.first().is_some_and(|run| *run > 0)
            && best.is_some_and(|(_, _, length)| length > 1)
        {
            return None;
        }
        best.map(|(score, rounds, length)| {
            let what = if length == 1 {
                format!("the same call with the same arguments came {rounds:.0} times in a row")
            } else {
                format!(
                    "the same {length} calls with the same arguments came in turn {rounds:.0} times"
                )
            };
            let alert = if length == 1 {
                ALERT_SAME
            } else {
                ALERT_ROUNDS
            };
            Found::new(Rule::Loop, score, what).figure("rounds", rounds, alert)
        })
    }

    /// The same call among others: rounds with something else between them. A call takes the place of the one that came least.
    fn among(&mut self, at: i64, call: u64) -> Option<Found> {
        let place = match self.counted.iter().position(|(kept, _)| *kept == call) {
            Some(place) => place,
            None => {
                let now = |count: &Fading| count.now(at, AMONG);
                let (place, _) = self
                    .counted
                    .iter()
                    .enumerate()
                    .min_by(|(_, a), (_, b)| now(&a.1).total_cmp(&now(&b.1)))?;
                if let Some(slot) = self.counted.get_mut(place) {
                    *slot = (call, Fading::default());
                }
                place
            }
        };
        let count = f64::from(self.counted.get_mut(place)?.1.add(at, 1.0, AMONG));
        let score = graded(count, ALERT_AMONG);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Loop,
                score,
                format!("the same call with the same arguments came about {count:.0} times in half an hour, with others between"),
            )
            .figure("calls in half an hour", count, ALERT_AMONG)
        })
    }

    fn volley(&mut self, pair: u32) -> Option<Found> {
        let [waits, spoke] = self.pairs;
        if self.volleys == 0 {
            self.pairs = [spoke, pair];
            self.volleys = u32::from(spoke != 0 && spoke != pair);
        } else if pair == waits {
            self.pairs = [spoke, pair];
            self.volleys = self.volleys.saturating_add(1);
        } else {
            let cost = if pair == spoke { 1 } else { 2 };
            self.volleys = self.volleys.saturating_sub(cost);
        }
        let volleys = f64::from(self.volleys);
        let score = graded(volleys, ALERT_PING_PONG);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Loop,
                score,
                format!(
                    "two agents answered each other {volleys:.0} times with nobody else between"
                ),
            )
            .figure("messages back and forth", volleys, ALERT_PING_PONG)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(calls: impl Iterator<Item = u64>, gap: i64) -> (f32, usize) {
        let mut loops = Loops::default();
        let settings = Settings::default();
        let (mut best, mut first) = (0.0_f32, 0);
        for (n, call) in calls.enumerate() {
            let event = Event {
                operation: Operation::Tool,
                call: Some(call),
                ..Event::default()
            };
            let mut found = Vec::new();
            loops.observe(n as i64 * gap, &event, &settings, &mut found);
            for one in found {
                if one.score >= 0.5 && first == 0 {
                    first = n;
                }
                best = best.max(one.score);
            }
        }
        (best, first)
    }

    #[test]
    fn rounds_are_found_and_work_is_not() {
        assert!(run((0..60).map(|_| 9), 2000).0 >= 0.5);
        let (score, first) = run((0..60).map(|n| [3, 4, 5][n % 3]), 2000);
        assert!(score >= 0.5 && first < 30, "{score} {first}");
        assert!(run((0..500).map(|n| crate::theft::simhash::mix(n) % 50), 2000).0 < 0.5);
        assert!(run((0..200).map(|_| 9), 600_000).0 < 0.3);
        assert!(run((0..10).map(|_| 9), 2000).0 < 0.5);
    }
}
