//! What one open finding weighs.

use super::{ONE, logarithm};
use crate::exposure::Exposure;
use crate::severity::{Confidence, Severity};

/// What a finding adds to [`super::Account::weight`]: `-log2(1 - p)` in 2^-24 bits, never below 0, where p is the
/// product of three factors:
///
/// | severity | confidence | exposure |
/// |---|---|---|
/// | critical 0.90: harm already there or one step away | high 1.00 | public 1.00 |
/// | high 0.60: harm with little effort | medium 0.70 | unknown 1.00 |
/// | medium 0.25: needs a second weakness | low 0.35 | internal 0.80 |
/// | low 0.05: practice not followed | | local 0.50 |
/// | info 0: nothing to do | | unused 0.20 |
///
/// Read p as the chance that the weakness does harm within a month if nobody acts. Weights of findings on one asset
/// are added; the logarithm makes of that sum the noisy-or of their p.
#[must_use]
pub fn weight(severity: Severity, confidence: Confidence, exposure: Exposure) -> i64 {
    let severity: u32 = match severity {
        Severity::Critical => 900,
        Severity::High => 600,
        Severity::Medium => 250,
        Severity::Low => 50,
        Severity::Info => 0,
    };
    let confidence: u32 = match confidence {
        Confidence::High => 1000,
        Confidence::Medium => 700,
        Confidence::Low => 350,
    };
    let exposure: u32 = match exposure {
        Exposure::Public | Exposure::Unknown => 1000,
        Exposure::Internal => 800,
        Exposure::Local => 500,
        Exposure::Unused => 200,
    };
    let harm = severity.saturating_mul(confidence).saturating_mul(exposure);
    logarithm::minus_log2(1_000_000_000_u32.saturating_sub(harm))
}

/// The chance of harm that a sum of weights stands for, `1 - 2^-weight`, in billionths; 0 for no weight, and rising
/// with it.
#[must_use]
pub fn likelihood(weight: i64) -> i64 {
    ONE.saturating_sub(logarithm::power(weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_give_back_the_table_and_their_sum_the_noisy_or() {
        let sure = |severity| weight(severity, Confidence::High, Exposure::Public);
        for (severity, want) in [
            (Severity::Critical, 900_000_000),
            (Severity::High, 600_000_000),
            (Severity::Medium, 250_000_000),
            (Severity::Low, 50_000_000),
            (Severity::Info, 0),
        ] {
            let got = likelihood(sure(severity));
            assert!((got - want).abs() < 100, "{severity}: {got}");
        }
        // 1 - 0.4 * 0.75
        let both = likelihood(sure(Severity::High) + sure(Severity::Medium));
        assert!((both - 700_000_000).abs() < 100, "{both}");
        // 0.6 * 0.35 * 0.5
        let faint = likelihood(weight(Severity::High, Confidence::Low, Exposure::Local));
        assert!((faint - 105_000_000).abs() < 100, "{faint}");
    }

    #[test]
    fn worse_surer_and_easier_to_reach_each_weigh_more() {
        for (worse, severity) in Severity::ALL
            .into_iter()
            .zip(Severity::ALL.into_iter().skip(1))
        {
            for confidence in Confidence::ALL {
                for exposure in Exposure::ALL {
                    assert!(
                        weight(worse, confidence, exposure)
                            > weight(severity, confidence, exposure)
                    );
                }
            }
        }
        let at = |confidence, exposure| weight(Severity::High, confidence, exposure);
        assert!(at(Confidence::High, Exposure::Public) > at(Confidence::Low, Exposure::Public));
        assert!(at(Confidence::High, Exposure::Public) > at(Confidence::High, Exposure::Unused));
        assert_eq!(
            at(Confidence::High, Exposure::Unknown),
            at(Confidence::High, Exposure::Public)
        );
    }
}
