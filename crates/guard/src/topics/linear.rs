//! A linear score over hashed words and pairs of words, learnt from a few examples.

use super::text::Plain;

/// Places of the weights.
const PLACES: usize = 4_096;
/// Words of a window that is scored, and how far the next one begins.
const WINDOW: usize = 48;
const STEP: usize = 24;
/// Rounds over the examples, the size of a step, and what keeps weights small.
const ROUNDS: usize = 30;
const RATE: f32 = 0.5;
const SHRINK: f32 = 0.999;

/// Weights of one category.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    weights: Vec<f32>,
    bias: f32,
}

fn places(words: &[&str]) -> Vec<usize> {
    let mut found = Vec::with_capacity(words.len().saturating_mul(2));
    let mut before = 0_u64;
    for word in words {
        let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let pair = before.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ hash;
        for feature in [hash, pair] {
            found.push((feature >> 20) as usize % PLACES);
        }
        before = hash;
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl Linear {
    /// Learns by logistic regression, always in the same order: the same examples give the same weights.
    pub(super) fn learn(examples: &[String], others: &[String]) -> Option<Self> {
        if examples.is_empty() || others.is_empty() {
            return None;
        }
        let read = |text: &String| {
            let plain = Plain::of(text);
            places(&plain.words().collect::<Vec<_>>())
        };
        let mut all: Vec<(Vec<usize>, f32)> = Vec::new();
        let longest = examples.len().max(others.len());
        // Both sides in turn, the shorter one again from its beginning, so that neither outweighs the other.
        for (yes, no) in examples
            .iter()
            .cycle()
            .zip(others.iter().cycle())
            .take(longest)
        {
            all.push((read(yes), 1.0));
            all.push((read(no), 0.0));
        }
        let mut learnt = Self {
            weights: vec![0.0; PLACES],
            bias: -1.0,
        };
        for _ in 0..ROUNDS {
            for (places, wanted) in &all {
                let off = wanted - learnt.score_places(places);
                let step = RATE * off / (places.len().max(1) as f32).sqrt();
                for place in places {
                    if let Some(weight) = learnt.weights.get_mut(*place) {
                        *weight = *weight * SHRINK + step;
                    }
                }
                learnt.bias += 0.05 * off;
            }
        }
        Some(learnt)
    }

    fn score_places(&self, places: &[usize]) -> f32 {
        let sum: f32 = places
            .iter()
            .filter_map(|place| self.weights.get(*place))
            .sum();
        let size = (places.len().max(1) as f32).sqrt();
        1.0 / (1.0 + (-(self.bias + sum * 3.0 / size)).exp())
    }

    /// The highest score of a window, from 0 to 1.
    pub(super) fn score(&self, words: &[&str]) -> f32 {
        let mut best = 0.0_f32;
        let mut start = 0_usize;
        loop {
            let end = start.saturating_add(WINDOW).min(words.len());
            if let Some(window) = words.get(start..end) {
                best = best.max(self.score_places(&places(window)));
            }
            if end >= words.len() {
                return best;
            }
            start = start.saturating_add(STEP);
        }
    }
}
