//! CVSS 4.0, base metrics only: <https://www.first.org/cvss/v4-0/specification-document>, section 8. The scores
//! of the 270 macro vectors (`data/cvss-v4.tsv`) are those of its table.
//!
//! What a vector says beyond its base metrics (threat, environment) is left out, and counts as its worst.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Metrics;

/// Score of each macro vector, by its six digits.
static SCORES: LazyLock<HashMap<[u8; 6], f64>> = LazyLock::new(|| {
    include_str!("../../data/cvss-v4.tsv")
        .lines()
        .filter_map(|line| {
            let (digits, score) = line.split_once('\t')?;
            let digits: Vec<u8> = digits
                .bytes()
                .map(|digit| digit.wrapping_sub(b'0'))
                .collect();
            Some((digits.try_into().ok()?, score.parse().ok()?))
        })
        .collect()
});

/// How many steps below its worst value a metric is.
type Levels = [u8; 11];

const NAMES: [&str; 11] = [
    "AV", "PR", "UI", "AC", "AT", "VC", "VI", "VA", "SC", "SI", "SA",
];

fn level(name: &str, value: char) -> Option<u8> {
    let worst_first = match name {
        "AV" => "NALP",
        "PR" => "NLH",
        "UI" => "NPA",
        "AC" => "LH",
        "AT" => "NP",
        "VC" | "VI" | "VA" => "HLN",
        // One step is kept for what only the environment can say.
        _ => "SHLN",
    };
    let at = worst_first.find(value)?;
    u8::try_from(at)
        .ok()
        .filter(|_| !(value == 'S' && name == "SC"))
}

pub(super) fn base_score(metrics: &Metrics<'_>) -> Option<f64> {
    let mut levels: Levels = [0; 11];
    for (place, name) in levels.iter_mut().zip(NAMES) {
        *place = level(name, metrics.get(name)?)?;
    }
    let [av, pr, ui, ac, at, vc, vi, va, sc, si, sa] = levels;
    if [vc, vi, va] == [2, 2, 2] && [sc, si, sa] == [3, 3, 3] {
        return Some(0.0);
    }
    let eq1 = match [av, pr, ui] {
        [0, 0, 0] => 0,
        [av, pr, ui] if av != 3 && (av == 0 || pr == 0 || ui == 0) => 1,
        _ => 2,
    };
    let eq2 = u8::from(ac != 0 || at != 0);
    let eq3 = match [vc, vi, va] {
        [0, 0, _] => 0,
        [vc, vi, va] if vc == 0 || vi == 0 || va == 0 => 1,
        _ => 2,
    };
    let eq4 = if si == 0 || sa == 0 {
        0
    } else if sc == 1 || si == 1 || sa == 1 {
        1
    } else {
        2
    };
    let eq6 = u8::from(eq3 == 2);
    let value = *SCORES.get(&[eq1, eq2, eq3, eq4, 0, eq6])?;
    let next = |steps: [u8; 6]| {
        let base = [eq1, eq2, eq3, eq4, 0, eq6];
        let mut lower = [0; 6];
        for ((to, from), step) in lower.iter_mut().zip(base).zip(steps) {
            *to = u8::saturating_add(from, step);
        }
        SCORES.get(&lower).copied()
    };
    let eq3_lower = match eq3 {
        0 => match (next([0, 0, 0, 0, 0, 1]), next([0, 0, 1, 0, 0, 0])) {
            (Some(a), Some(b)) => Some(f64::max(a, b)),
            (one, other) => one.or(other),
        },
        1 => next([0, 0, 0, 0, 0, 1]),
        _ => None,
    };
    let far = farthest(&levels, eq1, eq2, eq3, eq4)?;
    let [d1, d2, d3, d4] = far;
    // Score below, steps down from the worst of the class, steps that the class has.
    let classes = [
        (
            next([1, 0, 0, 0, 0, 0]),
            d1,
            [1, 4, 5].get(usize::from(eq1)),
        ),
        (next([0, 1, 0, 0, 0, 0]), d2, [1, 2].get(usize::from(eq2))),
        (eq3_lower, d3, [7, 8, 10].get(usize::from(eq3))),
        (
            next([0, 0, 0, 1, 0, 0]),
            d4,
            [6, 5, 4].get(usize::from(eq4)),
        ),
        (next([0, 0, 0, 0, 1, 0]), 0, Some(&1)),
    ];
    let mut sum = 0.0;
    let mut count = 0.0;
    for (lower, steps, depth) in classes {
        if let Some(lower) = lower.filter(|lower| *lower <= value) {
            count += 1.0;
            sum += (value - lower) * f64::from(steps) / f64::from(*depth?);
        }
    }
    let score: f64 = value - if count > 0.0 { sum / count } else { 0.0 };
    Some(((score.clamp(0.0, 10.0) + 1e-6) * 10.0).round() / 10.0)
}

/// The steps of each class from the worst vector of its class that is at least as bad.
fn farthest(levels: &Levels, eq1: u8, eq2: u8, eq3: u8, eq4: u8) -> Option<[u8; 4]> {
    let [av, pr, ui, ac, at, vc, vi, va, sc, si, sa] = *levels;
    let first: &[[u8; 3]] = match eq1 {
        0 => &[[0, 0, 0]],
        1 => &[[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        _ => &[[3, 0, 0], [1, 1, 1]],
    };
    let second: &[[u8; 2]] = match eq2 {
        0 => &[[0, 0]],
        _ => &[[1, 0], [0, 1]],
    };
    let third: &[[u8; 3]] = match eq3 {
        0 => &[[0, 0, 0]],
        1 => &[[1, 0, 0], [0, 1, 0]],
        _ => &[[1, 1, 1]],
    };
    let fourth: &[[u8; 3]] = match eq4 {
        0 => &[[1, 0, 0]],
        1 => &[[1, 1, 1]],
        _ => &[[2, 2, 2]],
    };
    Some([
        steps(first, [av, pr, ui])?,
        steps(second, [ac, at])?,
        steps(third, [vc, vi, va])?,
        steps(fourth, [sc, si, sa])?,
    ])
}

/// The steps from the first of the worst vectors that is at least as bad.
fn steps<const N: usize>(worst: &[[u8; N]], own: [u8; N]) -> Option<u8> {
    worst.iter().find_map(|worst| {
        own.iter().zip(worst).try_fold(0_u8, |sum, (own, worst)| {
            Some(sum.saturating_add(own.checked_sub(*worst)?))
        })
    })
}
