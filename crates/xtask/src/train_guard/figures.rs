//! Figures of an evaluation, and how they are counted.

use std::collections::BTreeMap;

/// Figures of one held-out group of attacks.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) group: String,
    pub(crate) count: usize,
    /// Area under the curve against the benign texts held out with it.
    pub(crate) auc: f64,
    /// The share found at thresholds for one and five in a hundred false alarms on other benign sources.
    pub(crate) at_1: f64,
    pub(crate) at_5: f64,
    /// The share that a rule finds; rules learn nothing, so nothing has to be held out.
    pub(crate) rules: f64,
    /// The share found by a rule or at the threshold for one in a hundred.
    pub(crate) either: f64,
    /// All margins, to see what the thresholds of the final model would find.
    pub(crate) margins: Vec<f64>,
}

impl Held {
    /// The share above a threshold.
    pub(crate) fn above(&self, threshold: f32) -> f64 {
        let above = self
            .margins
            .iter()
            .filter(|m| **m > f64::from(threshold))
            .count();
        above as f64 / self.margins.len().max(1) as f64
    }
}

/// Figures of one held-out benign source.
#[derive(Clone, Debug, Default)]
pub(crate) struct OverDefence {
    pub(crate) group: String,
    pub(crate) count: usize,
    /// The share above the thresholds for one and five in a hundred of other sources.
    pub(crate) at_1: f64,
    pub(crate) at_5: f64,
    /// The share that a rule flags.
    pub(crate) rules: f64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) held: Vec<Held>,
    pub(crate) over_defence: Vec<OverDefence>,
    /// Margins of benign texts, each from a model that did not see their source.
    pub(crate) benign_margins: BTreeMap<String, Vec<f64>>,
}

impl Figures {
    /// Counts one more fold of a benign source.
    pub(crate) fn add_benign(&mut self, group: &str, readings: &[Reading], one: f64, five: f64) {
        let margins = self.benign_margins.entry(group.to_owned()).or_default();
        margins.extend(readings.iter().map(|r| r.margin));
        let new = OverDefence {
            group: group.to_owned(),
            count: readings.len(),
            at_1: share(readings, |r| r.margin > one),
            at_5: share(readings, |r| r.margin > five),
            rules: share(readings, |r| r.rule),
        };
        match self
            .over_defence
            .iter_mut()
            .find(|known| known.group == group)
        {
            Some(known) => {
                let (old, add) = (known.count as f64, new.count as f64);
                let mean = |a: f64, b: f64| (a * old + b * add) / (old + add).max(1.0);
                known.at_1 = mean(known.at_1, new.at_1);
                known.at_5 = mean(known.at_5, new.at_5);
                known.rules = mean(known.rules, new.rules);
                known.count += new.count;
            }
            None => self.over_defence.push(new),
        }
    }
}

/// What a model and the rules say of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) margin: f64,
    pub(crate) rule: bool,
}

/// The share of readings that `holds` holds for.
pub(crate) fn share(readings: &[Reading], holds: impl Fn(&Reading) -> bool) -> f64 {
    let count = readings.iter().filter(|reading| holds(reading)).count();
    count as f64 / readings.len().max(1) as f64
}

/// The margin that this share of the readings exceeds.
pub(crate) fn quantile(readings: &[Reading], above: f64) -> f64 {
    let mut margins: Vec<f64> = readings.iter().map(|r| r.margin).collect();
    margins.sort_by(f64::total_cmp);
    let place = (margins.len() as f64 * (1.0 - above)) as usize;
    margins
        .get(place.min(margins.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

/// The chance that an attack has a higher margin than a benign text.
pub(crate) fn auc(attacks: &[f64], benign: &[f64]) -> f64 {
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
pub(crate) fn threshold(margins: &BTreeMap<String, Vec<f64>>, share: f64) -> f64 {
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

/// The margin that no source exceeds with more than a share of its texts.
pub(crate) fn strictest(margins: &BTreeMap<String, Vec<f64>>, share: f64) -> f64 {
    let of_source = |list: &Vec<f64>| {
        let mut sorted = list.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let allowed = (sorted.len() as f64 * share) as usize;
        sorted.get(allowed).copied()
    };
    margins
        .values()
        .filter_map(of_source)
        .fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_the_chance_of_the_right_order() {
        assert_eq!(auc(&[2.0, 3.0], &[0.0, 1.0]), 1.0);
        assert_eq!(auc(&[0.0, 1.0], &[2.0, 3.0]), 0.0);
        assert_eq!(auc(&[1.0, 1.0], &[1.0]), 0.5);
        assert_eq!(auc(&[0.0, 2.0], &[1.0]), 0.5);
    }

    #[test]
    fn a_threshold_counts_sources_alike() {
        let margins = BTreeMap::from([
            ("large".to_owned(), (0..1000).map(f64::from).collect()),
            ("small".to_owned(), vec![5000.0, 0.0]),
        ]);
        // Of the small source one text is half of it, a quarter of all.
        assert_eq!(threshold(&margins, 0.2), 5000.0);
        assert_eq!(threshold(&margins, 0.25), 999.0);
    }

    #[test]
    fn the_strictest_threshold_holds_for_every_source() {
        let margins = BTreeMap::from([
            ("easy".to_owned(), vec![-1.0; 100]),
            ("hard".to_owned(), (0..100).map(f64::from).collect()),
        ]);
        let threshold = strictest(&margins, 0.03);
        assert_eq!(threshold, 96.0);
        let above = margins["hard"].iter().filter(|m| **m > threshold).count();
        assert_eq!(above, 3);
    }
}
