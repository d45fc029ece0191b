//! Answers of providers that a gateway told of a moment ago.
//!
//! An application and the gateway behind it both tell of one exchange. The id of the answer is the same for both; as some
//! servers give ids that are not unique, the gateway's exchange must lie within the time of the application's too, and be
//! with the same model.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use stance_core::traffic::{Seen, Teller};

/// Most answers that are remembered; the oldest go.
const MOST: usize = 20_000;

/// How much the clocks of the two may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Answers {
    known: HashMap<String, Told>,
    order: VecDeque<String>,
}

#[derive(Clone, Debug)]
struct Told {
    began: Timestamp,
    ended: Timestamp,
    models: [Option<String>; 2],
}

impl Answers {
    /// Remembers what a gateway tells.
    pub(super) fn note(&mut self, seen: &Seen) {
        if seen.teller == Teller::Telemetry {
            return;
        }
        let Some(answer) = &seen.answer else { return };
        let told = Told {
            began: seen.at,
            ended: end(seen),
            models: [seen.model.clone(), seen.answered.clone()],
        };
        if self.known.insert(answer.clone(), told).is_none() {
            self.order.push_back(answer.clone());
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// Whether telemetry tells what a gateway has told.
    pub(super) fn is_told(&self, seen: &Seen) -> bool {
        let told = seen
            .answer
            .as_ref()
            .filter(|_| seen.teller == Teller::Telemetry)
            .and_then(|answer| self.known.get(answer));
        let Some(told) = told else { return false };
        let within = seen
            .at
            .saturating_sub(SKEW)
            .is_ok_and(|at| at <= told.began)
            && end(seen)
                .saturating_add(SKEW)
                .is_ok_and(|at| at >= told.ended);
        let mut models = [&seen.model, &seen.answered].into_iter().flatten();
        within && models.any(|model| told.models.iter().flatten().any(|other| other == model))
    }
}

fn end(seen: &Seen) -> Timestamp {
    let took = i64::try_from(seen.total_us.unwrap_or(0)).unwrap_or(i64::MAX);
    seen.at
        .checked_add(SignedDuration::from_micros(took))
        .unwrap_or(seen.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(teller: Teller, at: i64, took: u64) -> Seen {
        Seen {
            answer: Some("chatcmpl-1".to_owned()),
            model: Some("wheel-1".to_owned()),
            total_us: Some(took * 1_000_000),
            ..Seen::new("1", Timestamp::from_second(at).unwrap(), teller)
        }
    }

    #[test]
    fn an_answer_is_the_same_one_within_the_time_of_whoever_asked() {
        let mut answers = Answers::default();
        assert!(!answers.is_told(&seen(Teller::Telemetry, 100, 9)));
        answers.note(&seen(Teller::Gateway, 101, 7));
        assert!(answers.is_told(&seen(Teller::Telemetry, 100, 9)));
        assert!(
            !answers.is_told(&seen(Teller::Gateway, 100, 9)),
            "a gateway's own are all kept"
        );
        assert!(
            !answers.is_told(&seen(Teller::Telemetry, 200, 9)),
            "an id that is given twice"
        );
        let mut other = seen(Teller::Telemetry, 100, 9);
        other.model = Some("crank-1".to_owned());
        assert!(!answers.is_told(&other), "another model");
        other.answered = Some("wheel-1".to_owned());
        assert!(answers.is_told(&other));
    }
}
