//! How long to wait before the next try.

use jiff::SignedDuration;

/// The longest pause.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// The pause after the `attempt`-th try (from 1): `first`, then twice as long each time, at most an hour; of that
/// between one half and the whole, by a random number, so that what failed together does not come back together.
#[must_use]
pub fn pause(first: SignedDuration, attempt: u32, random: u64) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(32);
    let whole = first
        .as_millis()
        .max(0)
        .saturating_mul(1 << doublings)
        .min(LONGEST.as_millis());
    let half = whole / 2;
    // The upper bits of a product spread evenly over the range, whatever the range.
    let part = (u128::from(random) * (whole - half).unsigned_abs()) >> 64;
    let millis = half.saturating_add(i128::try_from(part).unwrap_or(0));
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_are_spread() {
        let first = SignedDuration::from_secs(10);
        let least = |attempt| pause(first, attempt, 0).as_secs();
        assert_eq!([1, 2, 3, 4].map(least), [5, 10, 20, 40]);
        assert_eq!(pause(first, 1, u64::MAX).as_millis(), 9_999);
        for attempt in [20, 1000, u32::MAX] {
            let longest = pause(first, attempt, u64::MAX);
            assert!(longest <= LONGEST && longest >= LONGEST / 2, "{longest}");
        }
        assert_eq!(
            pause(SignedDuration::from_secs(-5), 3, 7),
            SignedDuration::ZERO
        );
    }
}
