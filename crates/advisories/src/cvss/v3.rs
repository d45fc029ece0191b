//! CVSS 3.0 and 3.1, section 7.1 and appendix A of
//! <https://www.first.org/cvss/v3-1/specification-document>.

use super::Metrics;

pub(super) fn base_score(metrics: &Metrics<'_>, old: bool) -> Option<f64> {
    let changed = match metrics.get("S")? {
        'U' => false,
        'C' => true,
        _ => return None,
    };
    let vector = match metrics.get("AV")? {
        'N' => 0.85,
        'A' => 0.62,
        'L' => 0.55,
        'P' => 0.2,
        _ => return None,
    };
    let complexity = match metrics.get("AC")? {
        'L' => 0.77,
        'H' => 0.44,
        _ => return None,
    };
    let privileges = match (metrics.get("PR")?, changed) {
        ('N', _) => 0.85,
        ('L', false) => 0.62,
        ('L', true) => 0.68,
        ('H', false) => 0.27,
        ('H', true) => 0.5,
        _ => return None,
    };
    let interaction = match metrics.get("UI")? {
        'N' => 0.85,
        'R' => 0.62,
        _ => return None,
    };
    let loss = |name| match metrics.get(name)? {
        'H' => Some(0.56),
        'L' => Some(0.22),
        'N' => Some(0.0),
        _ => None,
    };
    let (c, i, a): (f64, f64, f64) = (loss("C")?, loss("I")?, loss("A")?);
    let base = 1.0 - (1.0 - c) * (1.0 - i) * (1.0 - a);
    let impact = if changed {
        7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15)
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let exploitability = 8.22 * vector * complexity * privileges * interaction;
    let sum = impact + exploitability;
    let score = if changed { 1.08 * sum } else { sum }.min(10.0);
    Some(round_up(score, old))
}

/// To one digit, upwards; version 3.1 says how, so that floating point makes no difference.
fn round_up(score: f64, old: bool) -> f64 {
    if old {
        return (score * 10.0 - 1e-9).ceil() / 10.0;
    }
    let scaled = (score * 100_000.0).round();
    if scaled % 10_000.0 == 0.0 {
        scaled / 100_000.0
    } else {
        ((scaled / 10_000.0).floor() + 1.0) / 10.0
    }
}
