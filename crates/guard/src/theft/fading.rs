//! A count that halves with time.

use serde::{Deserialize, Serialize};

/// Milliseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// A sum whose past halves in each half-life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Fading {
    value: f32,
    at: i64,
}

impl Fading {
    /// Adds an amount at a time, and gives what there is now.
    pub(super) fn add(&mut self, at: i64, amount: f32, half_life: i64) -> f32 {
        self.value = self.now(at, half_life) + amount;
        self.at = self.at.max(at);
        self.value
    }

    /// What is left of it.
    pub(super) fn now(&self, at: i64, half_life: i64) -> f32 {
        let passed = at.saturating_sub(self.at).max(0);
        if passed == 0 {
            return self.value;
        }
        self.value * (-(passed as f32) / (half_life.max(1) as f32)).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_left_after_a_half_life_and_time_never_goes_back() {
        let mut fading = Fading::default();
        fading.add(0, 8.0, HOUR);
        assert!((fading.now(HOUR, HOUR) - 4.0).abs() < 1e-3);
        assert!((fading.add(-HOUR, 1.0, HOUR) - 9.0).abs() < 1e-3);
    }
}
