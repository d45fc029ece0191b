//! Logarithm and power of two in integers, the same on every machine.

use std::sync::LazyLock;

/// Binary digits of the fraction of a weight: its unit is 2^-24 bits.
pub(super) const DIGITS: u32 = 24;

/// 1 as a fixed-point number with 63 binary digits after the point.
const ONE: u64 = 1 << 63;

/// `-log2(x)` for `x` in billionths, within one unit of 2^-24; `x` is within 1 and 10^9. Rises as `x` falls.
///
/// Squares `x` and notes each time whether it fell below a half (the digit by digit method of Knuth, The Art of
/// Computer Programming, volume 1, exercise 1.2.2-25).
pub(super) fn minus_log2(x: u32) -> i64 {
    let billionth = u128::from(ONE).saturating_mul(u128::from(x.clamp(1, 1_000_000_000)));
    let mut rest = narrow(billionth / 1_000_000_000);
    let whole = rest.leading_zeros();
    rest = rest.wrapping_shl(whole);
    // Now 1 <= rest < 2, and -log2(x) = whole - log2(rest).
    let mut fraction = 0_i64;
    for _ in 0..DIGITS {
        let square = u128::from(rest).wrapping_mul(u128::from(rest)) >> 63;
        fraction = fraction.wrapping_shl(1);
        if square >> 64 == 0 {
            rest = narrow(square);
        } else {
            fraction |= 1;
            rest = narrow(square >> 1);
        }
    }
    (i64::from(whole).wrapping_shl(DIGITS)).saturating_sub(fraction)
}

/// `2^-weight` in billionths, rounded down; falls, or stays, as `weight` rises.
///
/// The product of the roots of a half that the digits of `weight` call for. Neighbours of `weight` differ by the
/// factor 1 - 4 x 10^-8, the product is exact to 10^-17, so rounding cannot turn their order.
pub(super) fn power(weight: i64) -> i64 {
    /// 2^-1/2, 2^-1/4, ... as fixed-point numbers.
    static ROOTS: LazyLock<[u64; DIGITS as usize]> = LazyLock::new(|| {
        let mut root = ONE / 2;
        std::array::from_fn(|_| {
            root = narrow((u128::from(root) << 63).isqrt());
            root
        })
    });
    let weight = u64::try_from(weight).unwrap_or_default();
    let whole = weight >> DIGITS;
    if whole > 30 {
        return 0;
    }
    let mut product = u128::from(ONE);
    let mut digit = 1_u64 << (DIGITS - 1);
    for root in ROOTS.iter() {
        if weight & digit != 0 {
            product = product.wrapping_mul(u128::from(*root)) >> 63;
        }
        digit >>= 1;
    }
    let billionths = (product >> whole).wrapping_mul(1_000_000_000) >> 63;
    i64::try_from(billionths).unwrap_or(1_000_000_000)
}

/// What is known to fit.
fn narrow(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNIT: f64 = 16_777_216.0;

    #[test]
    fn it_is_the_logarithm() {
        assert_eq!(minus_log2(1_000_000_000), 0);
        assert_eq!(minus_log2(500_000_000), 1 << DIGITS);
        assert_eq!(minus_log2(250_000_000), 2 << DIGITS);
        for x in [1, 7, 1_000, 100_000_000, 333_333_333, 999_999_000] {
            let want = -(f64::from(x) / 1e9).log2() * UNIT;
            let got = minus_log2(x) as f64;
            assert!((want - got).abs() <= 1.0, "{x}: {want} {got}");
        }
    }

    #[test]
    fn it_is_the_power() {
        assert_eq!(power(0), 1_000_000_000);
        assert_eq!(power(1 << DIGITS), 500_000_000);
        assert_eq!(power(i64::MAX), 0);
        for weight in [1, 1000, 12_345_678, 99_999_999, 400_000_000] {
            let want = (-(weight as f64) / UNIT).exp2() * 1e9;
            let got = power(weight) as f64;
            assert!((want - got).abs() <= 1.0, "{weight}: {want} {got}");
        }
    }

    proptest! {
        #[test]
        fn more_weight_never_leaves_more(weight in 0_i64..600_000_000, more in 1_i64..100) {
            prop_assert!(power(weight + more) <= power(weight));
        }

        /// Also over the step to the next whole number, where all digits change.
        #[test]
        fn no_step_up_at_whole_numbers(whole in 1_i64..40) {
            let at = whole << DIGITS;
            prop_assert!(power(at) <= power(at - 1));
            prop_assert!(power(at + 1) <= power(at));
        }
    }
}
