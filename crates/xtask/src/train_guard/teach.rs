//! Which windows teach, and for how much each counts.

use std::collections::BTreeMap;

use anyhow::Result;
use stance_guard::text::score::Model;

use super::corpus::Sample;
use super::learn::{Example, Examples, Linear, learn};

/// Trains on the samples that `keep` keeps; attacks whose place in the text is unknown teach by their most telling windows.
pub(crate) fn train(
    samples: &[Sample],
    examples: &Examples,
    chosen: &dyn Fn(&Sample) -> bool,
) -> Linear {
    let keep = |sample: &Sample| sample.learnt && chosen(sample);
    let mut windows: BTreeMap<(bool, usize), f64> = BTreeMap::new();
    for example in &examples.list {
        *windows.entry((example.attack, example.sample)).or_default() += 1.0;
    }
    // The windows of a long text count for less each: an attack stands in some of them only, while a benign text must be
    // benign in all.
    let part = |example: &Example| {
        let count: f64 = windows[&(example.attack, example.sample)];
        if example.attack {
            1.0 / count
        } else {
            1.0 / count.sqrt()
        }
    };
    let mut counts: BTreeMap<(bool, &str), f64> = BTreeMap::new();
    for example in &examples.list {
        let sample = &samples[example.sample];
        if keep(sample) {
            *counts
                .entry((example.attack, sample.group.as_str()))
                .or_default() += part(example);
        }
    }
    // Sources count by the root of their size; attacks together count as one, benign texts together as `CAUTION`.
    let mut totals = BTreeMap::new();
    for ((attack, _), count) in &counts {
        *totals.entry(*attack).or_insert(0.0) += count.sqrt();
    }
    let cost = |example: &Example| {
        let sample = &samples[example.sample];
        if !keep(sample) {
            return 0.0;
        }
        let count = counts[&(example.attack, sample.group.as_str())];
        part(example) / count.sqrt() / totals[&example.attack]
            * if example.attack { 1.0 } else { CAUTION }
    };
    // Only to find out which windows tell, few passes do.
    let chooses = examples.list.iter().any(|example| {
        let sample = &samples[example.sample];
        sample.attack && sample.injected.is_none()
    });
    let mut telling_ones = vec![true; examples.list.len()];
    for _ in 0..if chooses { ROUNDS } else { 0 } {
        let linear = learn(examples, FEW_PASSES, &|number, example| {
            if telling_ones[number] {
                cost(example)
            } else {
                0.0
            }
        });
        telling_ones = telling(samples, examples, &linear);
    }
    learn(examples, PASSES, &|number, example| {
        if telling_ones[number] {
            cost(example)
        } else {
            0.0
        }
    })
}

const ROUNDS: usize = 2;
const FEW_PASSES: usize = 4;
const PASSES: usize = 12;
/// How much all benign texts together count beside all attacks together.
const CAUTION: f64 = 3.0;

/// Which examples to learn from: of an attack whose place is unknown, the half of its windows with the highest margins.
fn telling(samples: &[Sample], examples: &Examples, linear: &Linear) -> Vec<bool> {
    let mut keep = vec![true; examples.list.len()];
    let mut start = 0;
    while start < examples.list.len() {
        let sample = examples.list[start].sample;
        let end = examples.list[start..]
            .iter()
            .position(|example| example.sample != sample)
            .map_or(examples.list.len(), |length| start + length);
        if samples[sample].attack && samples[sample].injected.is_none() {
            let mut margins: Vec<(f64, usize)> = (start..end)
                .map(|number| (linear.margin(examples, &examples.list[number]), number))
                .collect();
            margins.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, number) in margins.iter().skip(margins.len().div_ceil(2)) {
                keep[*number] = false;
            }
        }
        start = end;
    }
    keep
}

/// A model without thresholds that mean anything yet.
pub(crate) fn rounded(linear: &Linear) -> Result<Model> {
    let (weights, scale) = linear.rounded();
    Ok(Model::new(weights, scale, linear.bias, 0.0, 1.0)?)
}
