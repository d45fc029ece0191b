//! The posture score over a million assets with a million findings: from scratch, and one touched asset at a time.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::hint::black_box;
use std::time::Instant;

use stance_core::score::{Account, AssetChange, FindingChange, Totals, moved, weight};
use stance_core::{Classification, Confidence, Criticality, Environment, Exposure, Sensitivity};
use stance_core::{Score, Severity};

const ASSETS: usize = 1_000_000;
const FINDINGS: usize = 1_000_000;

/// A generator of Marsaglia's kind; the estate is the same in every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

fn main() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    let assets: Vec<(Classification, bool)> = (0..ASSETS)
        .map(|_| {
            let classification = Classification {
                sensitivity: Sensitivity::ALL[random.below(5)],
                criticality: Criticality::ALL[random.below(5)],
                environment: Environment::ALL[random.below(5)],
            };
            (classification, random.below(10) > 0)
        })
        .collect();
    let findings: Vec<(usize, Severity, Confidence, Exposure)> = (0..FINDINGS)
        .map(|_| {
            (
                random.below(ASSETS),
                Severity::ALL[random.below(5)],
                Confidence::ALL[random.below(3)],
                Exposure::ALL[random.below(5)],
            )
        })
        .collect();

    let start = Instant::now();
    let mut accounts: Vec<Account> = assets
        .iter()
        .map(|(classification, judged)| Account::of(classification.importance(), *judged, []))
        .collect();
    let weights: Vec<i64> = findings
        .iter()
        .map(|(asset, severity, confidence, exposure)| {
            let weight = weight(*severity, *confidence, *exposure);
            accounts[*asset] = accounts[*asset].opened(weight);
            weight
        })
        .collect();
    let mut totals = Totals::of(accounts.iter().copied(), 0);
    let score = totals.score();
    println!(
        "from scratch          {:>9.1?}  {}",
        start.elapsed(),
        show(score)
    );

    let start = Instant::now();
    let gains = findings
        .iter()
        .zip(&weights)
        .map(|((asset, ..), weight)| totals.gain(accounts[*asset].relief(*weight)).0)
        .max();
    println!(
        "gain of every finding {:>9.1?}  at most {gains:?}",
        start.elapsed()
    );

    let before = totals;
    let names: Vec<String> = (0..ASSETS).map(|asset| asset.to_string()).collect();
    let mut changes = Vec::with_capacity(FINDINGS);
    let start = Instant::now();
    for ((asset, ..), weight) in findings.iter().zip(&weights) {
        let old = accounts[*asset];
        accounts[*asset] = old.closed(*weight);
        totals.replace(Some(&old), Some(&accounts[*asset]));
        changes.push((*asset, old, accounts[*asset], *weight));
    }
    println!(
        "each fixed on its own {:>9.1?}  {}",
        start.elapsed(),
        show(totals.score())
    );

    let start = Instant::now();
    let changes = changes.iter().map(|(asset, old, new, weight)| AssetChange {
        asset: &names[*asset],
        before: Some(*old),
        after: Some(*new),
        findings: vec![FindingChange {
            finding: &names[*asset],
            before: *weight,
            after: 0,
        }],
    });
    let moved = moved(&before, &totals, changes, 20);
    println!(
        "what moved it         {:>9.1?}  {} causes beside the first 20",
        start.elapsed(),
        moved.map_or(0, |moved| black_box(moved).rest_count)
    );
}

fn show(score: Option<Score>) -> String {
    score.map_or_else(String::new, |score| {
        format!(
            "{:.3} ({:.3} to {:.3})",
            score.value, score.lower, score.upper
        )
    })
}
