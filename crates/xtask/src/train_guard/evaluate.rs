//! Leave-one-source-out: each group of attacks is judged by a model that saw neither it nor the benign sources it is judged
//! on, with a threshold from other benign sources that the model did not see either.

use std::collections::BTreeSet;

use anyhow::Result;
use stance_core::Origin;
use stance_guard::text::rules::matches;
use stance_guard::text::score::{Model, windows};
use stance_guard::text::{concepts, fold};

use super::corpus::Sample;
use super::figures::{Figures, Held, Reading, auc, quantile, share};
use super::learn::Examples;
use super::teach::{rounded, train};

/// Ordinary prompts that no model of an evaluation learns from: the threshold comes from them.
const ORDINARY: &[&str] = &["benign_selfinstruct", "benign_mtbench"];

/// What the model and the rules say of a text as it stands.
pub(crate) fn read(model: &Model, origin: Origin, text: &str) -> Reading {
    let (text, _) = fold(text);
    let mentions = concepts::mentions(&text);
    let window = windows::best(model, &text, &mentions);
    Reading {
        margin: window.map_or(-9.0, |window| f64::from(window.margin)),
        rule: !matches(origin, &mentions).is_empty(),
    }
}

/// What is held out together.
struct Fold<'a> {
    attack: &'a str,
    /// Benign groups that are judged.
    judged: Vec<&'a str>,
    /// Benign groups that the threshold comes from.
    others: Vec<&'a str>,
    /// Held out beside them, as it shares sentences with them.
    unused: Option<&'a str>,
}

impl Fold<'_> {
    fn hides(&self, group: &str) -> bool {
        self.judged.contains(&group) || self.others.contains(&group) || self.unused == Some(group)
    }

    /// Whether a model of this fold may learn from a sample. Attacks in documents of kinds that are held out are held out
    /// as well.
    fn keeps(&self, sample: &Sample) -> bool {
        sample.group != self.attack
            && !self.hides(&sample.group)
            && !(sample.attack && self.hides(&sample.source))
    }
}

fn groups(samples: &[Sample], attack: bool) -> Vec<&str> {
    let groups: BTreeSet<&str> = samples
        .iter()
        .filter(|s| s.attack == attack)
        .map(|s| s.group.as_str())
        .collect();
    groups.into_iter().collect()
}

fn folds(samples: &[Sample]) -> Vec<Fold<'_>> {
    let attacks = groups(samples, true);
    let (documents, benign): (Vec<&str>, Vec<&str>) = groups(samples, false)
        .into_iter()
        .partition(|group| group.contains("documents/"));
    let (hard, parts): (Vec<&str>, Vec<&str>) = documents
        .into_iter()
        .partition(|group| group.starts_with("hard-"));
    let with_documents = !parts.is_empty();
    let benign: Vec<&str> = benign
        .into_iter()
        .filter(|group| with_documents || !ORDINARY.contains(group))
        .collect();
    (0..attacks.len().max(benign.len()))
        .map(|turn| {
            let mut judged = vec![benign[turn % benign.len()]];
            if !with_documents {
                return Fold {
                    attack: attacks[turn % attacks.len()],
                    judged,
                    others: ORDINARY.to_vec(),
                    unused: None,
                };
            }
            judged.push(parts[turn % parts.len()]);
            judged.push(hard[turn % hard.len()]);
            Fold {
                attack: attacks[turn % attacks.len()],
                judged,
                others: vec![parts[(turn + 1) % parts.len()]],
                unused: Some(hard[(turn + 1) % hard.len()]),
            }
        })
        .collect()
}

/// All figures of one kind of model; `origin` is whose words the samples are.
pub(crate) fn evaluate(samples: &[Sample], examples: &Examples, origin: Origin) -> Result<Figures> {
    let mut figures = Figures::default();
    let attacks = groups(samples, true).len();
    for (turn, fold) in folds(samples).iter().enumerate() {
        let linear = train(samples, examples, &|s| fold.keeps(s));
        let model = rounded(&linear)?;
        let readings = |wanted: &dyn Fn(&Sample) -> bool| -> Vec<Reading> {
            samples
                .iter()
                .filter(|s| s.measured && wanted(s))
                .map(|s| read(&model, origin, &s.text))
                .collect()
        };
        let limits = readings(&|s| !s.attack && fold.others.contains(&s.group.as_str()));
        let (one, five) = (quantile(&limits, 0.01), quantile(&limits, 0.05));
        let mut clean = limits;
        for group in &fold.judged {
            let judged = readings(&|s| !s.attack && s.group == *group);
            figures.add_benign(group, &judged, one, five);
            if !group.starts_with("hard-") {
                clean.extend(judged);
            }
        }
        if turn >= attacks {
            continue;
        }
        let hits = readings(&|s| {
            s.attack && s.group == fold.attack && (origin == Origin::User || fold.hides(&s.source))
        });
        let margins =
            |readings: &[Reading]| -> Vec<f64> { readings.iter().map(|r| r.margin).collect() };
        let held = Held {
            group: fold.attack.to_owned(),
            count: hits.len(),
            auc: auc(&margins(&hits), &margins(&clean)),
            at_1: share(&hits, |r| r.margin > one),
            at_5: share(&hits, |r| r.margin > five),
            rules: share(&hits, |r| r.rule),
            either: share(&hits, |r| r.rule || r.margin > one),
            margins: margins(&hits),
        };
        eprintln!(
            "without {}: thresholds {one:.2} and {five:.2}, found {:.3} at 1 %",
            held.group, held.at_1
        );
        figures.held.push(held);
    }
    figures.over_defence.sort_by(|a, b| a.group.cmp(&b.group));
    Ok(figures)
}
