//! Leave-one-source-out: each group of attacks is judged by a model that saw neither it nor the benign sources it is judged
//! on, with a threshold from other benign sources that the model did not see either.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use stance_guard::text::score::{Model, windows};
use stance_guard::text::{concepts, fold};

use super::corpus::Sample;
use super::learn::{Example, Examples, Linear, learn};

/// Figures of one held-out group of attacks.
#[derive(Clone, Debug)]
pub struct Held {
    pub group: String,
    pub count: usize,
    /// Area under the curve against the benign texts held out with it.
    pub auc: f64,
    /// The share found at thresholds for one and five in a hundred false alarms on other benign sources.
    pub at_1: f64,
    pub at_5: f64,
}

/// Figures of one held-out benign source.
#[derive(Clone, Debug)]
pub struct OverDefence {
    pub group: String,
    pub count: usize,
    /// The share flagged at the threshold for one in a hundred of other sources.
    pub at_1: f64,
    pub at_5: f64,
}

#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub held: Vec<Held>,
    pub over_defence: Vec<OverDefence>,
    /// Margins of benign texts, each from a model that did not see their source.
    pub benign_margins: BTreeMap<String, Vec<f64>>,
}

/// Trains on the samples that `keep` keeps; attacks whose place in the text is unknown teach by their most telling windows.
pub fn train(samples: &[Sample], examples: &Examples, keep: &dyn Fn(&Sample) -> bool) -> Linear {
    let mut counts: BTreeMap<(bool, &str), f64> = BTreeMap::new();
    for example in &examples.list {
        let sample = &samples[example.sample];
        if keep(sample) {
            *counts.entry((example.attack, group_of(sample, example))).or_default() += 1.0;
        }
    }
    // Sources count by the root of their size, and attacks together as much as benign texts together.
    let mut totals = BTreeMap::new();
    for ((attack, _), count) in &counts {
        *totals.entry(*attack).or_insert(0.0) += count.sqrt();
    }
    let cost = |example: &Example| {
        let sample = &samples[example.sample];
        if !keep(sample) {
            return 0.0;
        }
        let count = counts[&(example.attack, group_of(sample, example))];
        sample.weight / count.sqrt() / totals[&example.attack]
    };
    let mut linear = learn(examples, &|_, example| cost(example));
    for _ in 0..ROUNDS {
        let telling = telling(samples, examples, &linear);
        linear = learn(examples, &|number, example| {
            if telling[number] { cost(example) } else { 0.0 }
        });
    }
    linear
}

const ROUNDS: usize = 2;

fn group_of<'a>(sample: &'a Sample, _example: &Example) -> &'a str {
    &sample.group
}

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
pub fn rounded(linear: &Linear) -> Result<Model> {
    let (weights, scale) = linear.rounded();
    Ok(Model::new(weights, scale, linear.bias, 0.0, 1.0)?)
}

/// The highest margin in a text.
pub fn margin(model: &Model, text: &str) -> f64 {
    let (text, _) = fold(text);
    let mentions = concepts::mentions(&text);
    windows::best(model, &text, &mentions).map_or(-9.0, |window| f64::from(window.margin))
}

/// All figures. `with_documents` says that attacks stand in documents, whose kinds are held out with them.
pub fn evaluate(samples: &[Sample], examples: &Examples, with_documents: bool) -> Result<Figures> {
    let attacks: BTreeSet<&str> = samples
        .iter()
        .filter(|s| s.attack)
        .map(|s| s.group.as_str())
        .collect();
    let benign: Vec<&str> = samples
        .iter()
        .filter(|s| !s.attack)
        .map(|s| s.group.as_str())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let attacks: Vec<&str> = attacks.into_iter().collect();
    let folds = attacks.len().max(benign.len());
    let mut figures = Figures::default();
    let mut found: BTreeMap<String, (usize, f64, usize, usize)> = BTreeMap::new();
    let mut alarms: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for fold in 0..folds {
        let out = attacks[fold % attacks.len()];
        let judged = benign[fold % benign.len()];
        let others = [
            benign[(fold + 1) % benign.len()],
            benign[(fold + 2) % benign.len()],
        ];
        // Attacks in documents of the kinds that are held out are held out as well.
        let hidden = |group: &str| group == judged || others.contains(&group);
        let keep = |s: &Sample| {
            s.group != out && !hidden(&s.group) && !(s.attack && with_documents && hidden(&s.source))
        };
        let linear = train(samples, examples, &keep);
        let model = rounded(&linear)?;
        let margins = |wanted: &dyn Fn(&Sample) -> bool| -> Vec<f64> {
            samples
                .iter()
                .filter(|s| wanted(s))
                .map(|s| margin(&model, &s.text))
                .collect()
        };
        let mut limits: Vec<f64> = margins(&|s| !s.attack && others.contains(&s.group.as_str()));
        limits.sort_by(f64::total_cmp);
        let at = |share: f64| limits[((limits.len() as f64 * (1.0 - share)) as usize).min(limits.len() - 1)];
        let (one, five) = (at(0.01), at(0.05));
        let clean = margins(&|s| !s.attack && s.group == judged);
        let by = |margins: &[f64], limit: f64| margins.iter().filter(|m| **m > limit).count();
        let entry = alarms.entry(judged.to_owned()).or_default();
        entry.0 += clean.len();
        entry.1 += by(&clean, one);
        entry.2 += by(&clean, five);
        if fold < attacks.len() {
            let hits = margins(&|s| {
                s.attack && s.group == out && (!with_documents || hidden(&s.source) || !s.source.starts_with("documents/"))
            });
            let all_clean: Vec<f64> = clean.iter().chain(&limits).copied().collect();
            found.insert(
                out.to_owned(),
                (hits.len(), auc(&hits, &all_clean), by(&hits, one), by(&hits, five)),
            );
            eprintln!(
                "without {out} and {judged}: AUC {:.3}, found {:.3} at 1 %, {:.3} at 5 %; {judged} {:.4}",
                auc(&hits, &all_clean),
                by(&hits, one) as f64 / hits.len().max(1) as f64,
                by(&hits, five) as f64 / hits.len().max(1) as f64,
                by(&clean, one) as f64 / clean.len().max(1) as f64,
            );
        } else {
            eprintln!("without {judged}: {judged} {:.4}", by(&clean, one) as f64 / clean.len().max(1) as f64);
        }
        figures
            .benign_margins
            .entry(judged.to_owned())
            .or_default()
            .extend(clean);
    }
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    figures.held = found
        .into_iter()
        .map(|(group, (count, auc, one, five))| Held {
            group,
            count,
            auc,
            at_1: share(one, count),
            at_5: share(five, count),
        })
        .collect();
    figures.over_defence = alarms
        .into_iter()
        .map(|(group, (count, one, five))| OverDefence {
            group,
            count,
            at_1: share(one, count),
            at_5: share(five, count),
        })
        .collect();
    Ok(figures)
}

/// The chance that an attack has a higher margin than a benign text.
pub fn auc(attacks: &[f64], benign: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = attacks
        .iter()
        .map(|m| (*m, true))
        .chain(benign.iter().map(|m| (*m, false)))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = 0.0;
    let mut start = 0;
    while start < all.len() {
        let end = all[start..]
            .iter()
            .position(|other| other.0 > all[start].0)
            .map_or(all.len(), |length| start + length);
        let rank = (start + end + 1) as f64 / 2.0;
        ranks += rank * all[start..end].iter().filter(|m| m.1).count() as f64;
        start = end;
    }
    let (n, m) = (attacks.len() as f64, benign.len() as f64);
    (ranks - n * (n + 1.0) / 2.0) / (n * m)
}

/// The margin that a share of the benign texts exceeds, sources counting alike.
pub fn threshold(margins: &BTreeMap<String, Vec<f64>>, share: f64) -> f64 {
    let mut all: Vec<(f64, f64)> = margins
        .values()
        .flat_map(|list| list.iter().map(|m| (*m, 1.0 / list.len() as f64)))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let allowed = share * margins.len() as f64;
    let mut sum = 0.0;
    for (margin, weight) in &all {
        sum += weight;
        if sum > allowed {
            return *margin;
        }
    }
    0.0
}
