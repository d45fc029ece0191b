//! The test of Shapiro and Wilk: whether numbers could be a sample of a normal distribution.
//!
//! W after Royston, "Remark AS R94: a remark on algorithm AS 181: the W-test for normality", Applied Statistics 44 (1995),
//! for samples of 3 to 5,000; the quantiles of the normal distribution after Wichura's AS 241.

/// The most numbers that the approximation is made for.
pub const LARGEST_SAMPLE: usize = 5_000;

/// What the test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normality {
    /// How straight the sample lies against normal quantiles: near 1 when it could be normal.
    pub w: f64,
    /// How often a normal sample would give so small a W.
    pub p: f64,
}

/// Judges a sample; sorts it. Nothing is said of fewer than 3 numbers, more than [`LARGEST_SAMPLE`], numbers that are not finite, or
/// numbers that are all alike.
#[must_use]
pub fn shapiro_wilk(sample: &mut [f64]) -> Option<Normality> {
    let n = sample.len();
    if !(3..=LARGEST_SAMPLE).contains(&n) || sample.iter().any(|value| !value.is_finite()) {
        return None;
    }
    sample.sort_by(f64::total_cmp);
    let (first, last) = (*sample.first()?, *sample.last()?);
    let range = last - first;
    if range <= f64::EPSILON * first.abs().max(last.abs()) {
        return None;
    }
    let weights = weights(n);
    let mean = sample.iter().map(|value| value - first).sum::<f64>() / n as f64;
    let mut spread = 0.0;
    for value in sample.iter() {
        spread += (value - first - mean).powi(2);
    }
    // The weights are antisymmetric: each pairs a number with its mirror.
    let mut line = 0.0;
    for ((low, high), weight) in sample.iter().zip(sample.iter().rev()).zip(&weights) {
        line += weight * (high - low);
    }
    let w = (line * line / spread).min(1.0);
    Some(Normality {
        w,
        p: probability(w, n),
    })
}

/// The weights of the outer numbers, from the outermost inwards: half as many as numbers.
fn weights(n: usize) -> Vec<f64> {
    if n == 3 {
        return vec![std::f64::consts::FRAC_1_SQRT_2];
    }
    let count = n as f64;
    let half = n / 2;
    let expected: Vec<f64> = (0..half)
        .map(|i| -quantile((i as f64 + 1.0 - 0.375) / (count + 0.25)))
        .collect();
    let sum = 2.0 * expected.iter().map(|m| m * m).sum::<f64>();
    let root = sum.sqrt();
    let u = count.sqrt().recip();
    let outer = |i: usize| expected.get(i).copied().unwrap_or(0.0);
    let first = polynomial(
        &[
            0.0, 0.221_157, -0.147_981, -2.071_190, 4.434_685, -2.706_056,
        ],
        u,
    ) + outer(0) / root;
    let mut found;
    if n > 5 {
        let second = polynomial(
            &[
                0.0, 0.042_981, -0.293_762, -1.752_461, 5.682_633, -3.582_633,
            ],
            u,
        ) + outer(1) / root;
        let scale = ((sum - 2.0 * outer(0).powi(2) - 2.0 * outer(1).powi(2))
            / (1.0 - 2.0 * first.powi(2) - 2.0 * second.powi(2)))
        .sqrt();
        found = vec![first, second];
        found.extend(expected.iter().skip(2).map(|m| m / scale));
    } else {
        let scale = ((sum - 2.0 * outer(0).powi(2)) / (1.0 - 2.0 * first.powi(2))).sqrt();
        found = vec![first];
        found.extend(expected.iter().skip(1).map(|m| m / scale));
    }
    found
}

/// How often a normal sample of this size gives so small a W.
fn probability(w: f64, n: usize) -> f64 {
    let count = n as f64;
    if n == 3 {
        // Exact: the distribution for three numbers is known.
        let p = 6.0 / std::f64::consts::PI * (w.sqrt().asin() - 0.75_f64.sqrt().asin());
        return p.clamp(0.0, 1.0);
    }
    let left = (1.0 - w).max(f64::MIN_POSITIVE).ln();
    let (y, mean, deviation) = if n <= 11 {
        let gamma = polynomial(&[-2.273, 0.459], count);
        if left >= gamma {
            return 0.0;
        }
        (
            -(gamma - left).ln(),
            polynomial(&[0.544, -0.399_78, 0.025_054, -6.714e-4], count),
            polynomial(&[1.382_2, -0.778_57, 0.062_767, -0.002_032_2], count).exp(),
        )
    } else {
        let log = count.ln();
        (
            left,
            polynomial(&[-1.586_1, -0.310_82, -0.083_751, 0.003_891_5], log),
            polynomial(&[-0.480_3, -0.082_676, 0.003_030_2], log).exp(),
        )
    };
    tail((y - mean) / deviation)
}

/// Coefficients from the constant upwards.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The point below which a standard normal variable falls so often (AS 241, its form of about seven digits).
pub(super) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(
            &[
                3.387_132_717_9,
                5.043_427_193_8e1,
                1.592_911_320_2e2,
                5.910_937_472_0e1,
            ],
            r,
        ) / polynomial(
            &[1.0, 1.789_516_946_9e1, 7.875_775_766_4e1, 6.718_756_360_0e1],
            r,
        );
    }
    let side = if q < 0.0 { p } else { 1.0 - p };
    if side <= 0.0 {
        return if q < 0.0 {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    let r = (-side.ln()).sqrt();
    let size = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(
            &[
                1.423_437_277_7,
                2.756_815_390_0,
                1.306_728_481_6,
                1.702_382_110_3e-1,
            ],
            r,
        ) / polynomial(&[1.0, 7.370_016_425_0e-1, 1.202_113_297_5e-1], r)
    } else {
        let r = r - 5.0;
        polynomial(
            &[
                6.657_905_115_0,
                3.081_226_386_0,
                4.286_829_433_7e-1,
                1.733_720_399_7e-2,
            ],
            r,
        ) / polynomial(&[1.0, 2.419_789_422_5e-1, 1.225_820_263_5e-2], r)
    };
    if q < 0.0 { -size } else { size }
}

/// How often a standard normal variable lies above `z`: Abramowitz and Stegun 7.1.26 would do for a decision, but not in the far
/// tail, so the continued fraction of the error function is used there and its series near zero.
fn tail(z: f64) -> f64 {
    let x = z.abs();
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let upper = if x < 3.0 {
        let mut term = x;
        let mut sum = x;
        for k in 1..80_u32 {
            term *= x * x / f64::from(k.saturating_mul(2).saturating_add(1));
            sum += term;
        }
        0.5 - density * sum
    } else {
        let mut fraction = 0.0;
        for k in (1..60_u32).rev() {
            fraction = f64::from(k) / (x + fraction);
        }
        density / (x + fraction)
    };
    if z >= 0.0 { upper } else { 1.0 - upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(ours: f64, published: f64, within: f64) {
        assert!(
            (ours - published).abs() <= within,
            "{ours} against {published}"
        );
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "3.14 stands in the sample")]
    fn published_values_come_out() {
        // The weights of eleven men, in Shapiro and Wilk's own paper (Biometrika 52, 1965): W = 0.79.
        let mut men = [
            148., 154., 158., 160., 161., 162., 166., 170., 182., 195., 236.,
        ];
        let found = shapiro_wilk(&mut men).unwrap();
        close(found.w, 0.7888, 5e-4);
        close(found.p, 0.006_704, 1e-4);
        // Two samples that R and SciPy agree about.
        let mut first = [
            0.11, 7.87, 4.61, 10.14, 7.95, 3.14, 0.46, 4.43, 0.21, 4.75, 0.71, 1.52, 3.24, 0.93,
            0.42, 4.97, 9.53, 4.55, 0.47, 6.66,
        ];
        let found = shapiro_wilk(&mut first).unwrap();
        close(found.w, 0.900_473, 2e-6);
        close(found.p, 0.042_090, 2e-5);
        let mut second = [
            1.36, 1.14, 2.92, 2.55, 1.46, 1.06, 5.27, -1.11, 3.48, 1.10, 0.88, -0.51, 1.46, 0.52,
            6.20, 1.69, 0.08, 3.67, 2.81, 3.49,
        ];
        let found = shapiro_wilk(&mut second).unwrap();
        close(found.w, 0.959_027, 2e-6);
        close(found.p, 0.524_598, 2e-4);
    }

    #[test]
    fn another_implementation_agrees_at_every_size() {
        // SciPy 1.17 on 42 -> (1103515245 s + 12345) mod 2^31, as fractions, and on their cubes: n, W, p, W, p.
        for (n, w, p, w_cubes, p_cubes) in [
            (3, 0.998_161_90, 9.180_933e-1, 0.988_848_61, 7.979_418e-1),
            (4, 0.908_857_42, 4.763_694e-1, 0.831_087_54, 1.706_556e-1),
            (5, 0.905_552_68, 4.413_316e-1, 0.801_628_24, 8.354_302e-2),
            (6, 0.921_371_18, 5.152_911e-1, 0.862_753_80, 1.988_158e-1),
            (11, 0.944_020_54, 5.688_503e-1, 0.894_970_54, 1.603_274e-1),
            (12, 0.941_487_32, 5.175_778e-1, 0.889_049_64, 1.145_624e-1),
            (50, 0.946_832_02, 2.532_106e-2, 0.824_061_73, 3.294_193e-6),
            (128, 0.946_867_02, 7.492_336e-5, 0.819_003_61, 2.938_415e-11),
            (
                1000,
                0.953_974_96,
                3.677_604e-17,
                0.824_044_59,
                9.945_427e-32,
            ),
            (
                5000,
                0.957_548_72,
                6.940_942e-36,
                0.824_333_16,
                3.658_742e-59,
            ),
        ] {
            let mut seed = 42_u64;
            let mut numbers: Vec<f64> = (0..n)
                .map(|_| {
                    seed = (seed * 1_103_515_245 + 12_345) % (1 << 31);
                    seed as f64 / f64::from(1_u32 << 31)
                })
                .collect();
            let mut cubes: Vec<f64> = numbers.iter().map(|x| x.powi(3)).collect();
            for (sample, w, p) in [(&mut numbers, w, p), (&mut cubes, w_cubes, p_cubes)] {
                let found = shapiro_wilk(sample).unwrap();
                close(found.w, w, 1e-6);
                assert!((found.p / p - 1.0).abs() < 1e-3, "{n}: {} for {p}", found.p);
            }
        }
    }

    #[test]
    fn nothing_is_said_of_what_the_test_is_not_made_for() {
        assert_eq!(shapiro_wilk(&mut [1.0, 2.0]), None);
        assert_eq!(shapiro_wilk(&mut [3.0; 50]), None);
        assert_eq!(shapiro_wilk(&mut [1.0, f64::NAN, 2.0]), None);
        assert_eq!(shapiro_wilk(&mut vec![0.5; LARGEST_SAMPLE + 1]), None);
    }

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        close(quantile(0.975), 1.959_964, 1e-6);
        close(quantile(1e-7), -5.199_338, 1e-5);
        close(quantile(1e-15), -7.941_345, 1e-4);
        close(tail(1.959_964), 0.025, 1e-7);
        close(tail(4.0), 3.167_124e-5, 1e-10);
        close(tail(-2.5), 0.993_790, 1e-6);
    }
}
