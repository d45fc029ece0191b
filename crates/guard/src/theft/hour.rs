//! The running hour of an identity, and the profile of its week.

use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome};
use super::fading::HOUR;
use super::sketch::Distinct;

/// Hours of a working day and of a day of rest (UTC).
const SLOTS: usize = 48;
/// How fast the profile follows.
const FOLLOWS: f32 = 0.15;

/// What happened within the hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Hour {
    /// Hours since 1970.
    pub(super) number: i64,
    pub(super) requests: u32,
    pub(super) tokens: u64,
    pub(super) cost: u64,
    pub(super) refused: u32,
    pub(super) failed: u32,
    pub(super) subjects: Distinct,
    /// Which habits changed, one bit each.
    pub(super) changed: u16,
    /// The next number of requests at which the sums are looked at: they only grow, so looking at each is no use.
    pub(super) look_at: u32,
}

impl Default for Hour {
    fn default() -> Self {
        Self {
            number: i64::MIN,
            requests: 0,
            tokens: 0,
            cost: 0,
            refused: 0,
            failed: 0,
            subjects: Distinct::new(4),
            changed: 0,
            look_at: 20,
        }
    }
}

impl Hour {
    pub(super) const fn of(at: i64) -> i64 {
        at.div_euclid(HOUR)
    }

    pub(super) fn begin(&mut self, number: i64) {
        self.subjects.clear();
        *self = Self {
            number,
            subjects: std::mem::replace(&mut self.subjects, Distinct::new(1)),
            ..Self::default()
        };
    }

    pub(super) fn add(&mut self, event: &Event) {
        self.requests = self.requests.saturating_add(1);
        self.tokens = self
            .tokens
            .saturating_add(u64::from(event.input))
            .saturating_add(u64::from(event.output));
        self.cost = self.cost.saturating_add(event.cost);
        match event.outcome {
            Outcome::Refused => self.refused = self.refused.saturating_add(1),
            Outcome::Failed => self.failed = self.failed.saturating_add(1),
            Outcome::Answered | Outcome::Running => {}
        }
        if let Some(print) = event.prompt {
            // The first bits of a SimHash: the same for subjects that are alike.
            self.subjects.add(print.topic >> 54);
        }
    }
}

/// How much happens at which hour of working days and days of rest, in doublings of requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Week {
    slots: Vec<Slot>,
}

/// One hour of the profile.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Slot {
    /// What is usual.
    pub(super) mean: f32,
    /// How far it is off as a rule.
    pub(super) off: f32,
    /// How often it was seen.
    pub(super) seen: u16,
}

impl Default for Week {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); SLOTS],
        }
    }
}

impl Week {
    fn place(hour: i64) -> usize {
        let of_day = hour.rem_euclid(24) as usize;
        // The first of January 1970 was a Thursday: days 2 and 3 after it are Saturday and Sunday.
        let rest = matches!(hour.div_euclid(24).rem_euclid(7), 2 | 3);
        if rest {
            of_day.saturating_add(24)
        } else {
            of_day
        }
    }

    pub(super) fn slot(&self, hour: i64) -> Slot {
        self.slots
            .get(Self::place(hour))
            .copied()
            .unwrap_or_default()
    }

    /// Learns how much happened in an hour.
    pub(super) fn learn(&mut self, hour: i64, requests: f64) {
        let Some(slot) = self.slots.get_mut(Self::place(hour)) else {
            return;
        };
        let value = (requests + 1.0).log2() as f32;
        if slot.seen == 0 {
            slot.mean = value;
        }
        slot.seen = slot.seen.saturating_add(1);
        let follows = FOLLOWS.max(1.0 / f32::from(slot.seen));
        slot.off += follows * ((value - slot.mean).abs() - slot.off);
        slot.mean += follows * (value - slot.mean);
    }

    pub(super) fn heap(&self) -> usize {
        self.slots.capacity().saturating_mul(size_of::<Slot>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_rest_have_a_profile_of_their_own() {
        // 2026-11-27 is a Friday.
        let friday = Hour::of(1_795_737_600_000);
        assert!(Week::place(friday) < 24);
        assert!(Week::place(friday + 24) >= 24);
        assert!(Week::place(friday + 48) >= 24);
        assert!(Week::place(friday + 72) < 24);
        let mut week = Week::default();
        for day in 0..20 {
            week.learn(friday + day * 24 * 7, 63.0);
        }
        assert!((week.slot(friday).mean - 6.0).abs() < 0.1);
        assert_eq!(week.slot(friday + 24).seen, 0);
    }
}
