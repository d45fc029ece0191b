//! Statistics of a stream in a few bytes: quantiles, how many different things, and which come most.

use serde::{Deserialize, Serialize};

use super::simhash::mix;

/// Adds to a list that never holds more than `most`, and never takes more memory than that: a `Vec` by itself doubles.
pub(super) fn push_within<T>(list: &mut Vec<T>, most: usize, item: T) {
    if list.len() >= most {
        return;
    }
    if list.len() == list.capacity() {
        list.reserve_exact(list.len().max(4).min(most.saturating_sub(list.len())));
    }
    list.push(item);
}

/// Cells of a histogram: two per doubling, for values from 0 to about 3 thousand million.
const CELLS: usize = 64;

/// Quantiles of a stream of sizes: a histogram over logarithms whose old counts fade.
///
/// The median and the median deviation of what is seen do not move for a few strange values, however large. A value is known to within
/// a fifth; sums over millions are held as the largest cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sizes {
    cells: Vec<u16>,
    total: u32,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            cells: vec![0; CELLS],
            total: 0,
        }
    }
}

impl Sizes {
    fn cell(value: f64) -> usize {
        let place = (value.max(0.0) + 1.0).log2() * 2.0;
        (place.round() as usize).min(CELLS.saturating_sub(1))
    }

    fn value(cell: usize) -> f64 {
        (cell as f64 / 2.0).exp2() - 1.0
    }

    /// Adds a value; what is older than about `memory` values has faded.
    pub(super) fn add(&mut self, value: f64, memory: u16) {
        if self.total >= u32::from(memory) {
            for cell in &mut self.cells {
                *cell /= 2;
            }
            self.total = self.cells.iter().copied().map(u32::from).sum();
        }
        if let Some(cell) = self.cells.get_mut(Self::cell(value)) {
            *cell = cell.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
    }

    /// The value below which this share of them lies.
    pub(super) fn quantile(&self, share: f32) -> f64 {
        let wanted = self.total as f32 * share;
        let mut seen = 0_u32;
        for (place, count) in self.cells.iter().enumerate() {
            seen = seen.saturating_add(u32::from(*count));
            if seen as f32 >= wanted && *count > 0 {
                return Self::value(place);
            }
        }
        0.0
    }

    /// The median deviation from the median, in doublings, and at least `least`.
    pub(super) fn deviation(&self, least: f64) -> f64 {
        let centre = (self.quantile(0.5) + 1.0).log2();
        let low = centre - (self.quantile(0.25) + 1.0).log2();
        let high = (self.quantile(0.75) + 1.0).log2() - centre;
        // The quartiles of a normal distribution lie 0.6745 deviations from its middle.
        (low.max(high) / 0.6745).max(least)
    }
}

/// How many different things there were, by linear counting (Whang and others, 1990): a hash sets one of `64 * words` bits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Distinct {
    bits: Vec<u64>,
}

impl Default for Distinct {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Distinct {
    /// Counts well up to about twice as many things as it has bits.
    pub(super) fn new(words: usize) -> Self {
        Self {
            bits: vec![0; words.max(1)],
        }
    }

    /// Adds a thing by its hash, and says whether its bit was new.
    pub(super) fn add(&mut self, hash: u64) -> bool {
        let spread = mix(hash);
        let words = self.bits.len().max(1) as u64;
        let word = (spread >> 8).checked_rem(words).unwrap_or(0) as usize;
        let bit = 1_u64 << (spread & 63);
        match self.bits.get_mut(word) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    /// About how many there were.
    pub(super) fn count(&self) -> f64 {
        let all = self.bits.len() as f64 * 64.0;
        let set: u32 = self.bits.iter().map(|word| word.count_ones()).sum();
        let empty = (all - f64::from(set)).max(0.5);
        (all * (all / empty).ln()).max(0.0)
    }

    pub(super) fn clear(&mut self) {
        self.bits.fill(0);
    }
}

/// The things that come most, a fixed number of them (Misra and Gries, 1982).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Frequent {
    cap: usize,
    kept: Vec<(u32, f32)>,
}

impl Frequent {
    pub(super) const fn new(cap: usize) -> Self {
        Self {
            cap,
            kept: Vec::new(),
        }
    }

    /// Adds a thing, and says whether it was not among them.
    pub(super) fn add(&mut self, thing: u32) -> bool {
        if let Some((_, count)) = self.kept.iter_mut().find(|(kept, _)| *kept == thing) {
            *count += 1.0;
            return false;
        }
        if self.kept.len() < self.cap {
            push_within(&mut self.kept, self.cap, (thing, 1.0));
        } else {
            for (_, count) in &mut self.kept {
                *count -= 1.0;
            }
            self.kept.retain(|(_, count)| *count > 0.0);
        }
        true
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= self.cap
    }

    pub(super) fn heap(&self) -> usize {
        self.kept.capacity().saturating_mul(size_of::<(u32, f32)>())
    }
}

impl Distinct {
    pub(super) fn heap(&self) -> usize {
        self.bits.capacity().saturating_mul(8)
    }
}

impl Sizes {
    pub(super) fn heap(&self) -> usize {
        self.cells.capacity().saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_although_a_tenth_is_absurd() {
        let mut sizes = Sizes::default();
        for n in 0..1000_u32 {
            let value = if n % 10 == 0 {
                1e9
            } else {
                90.0 + f64::from(n % 20)
            };
            sizes.add(value, u16::MAX);
        }
        let median = sizes.quantile(0.5);
        assert!((80.0..120.0).contains(&median), "{median}");
        assert!(sizes.deviation(0.1) < 1.0);
    }

    #[test]
    fn what_is_old_fades() {
        let mut sizes = Sizes::default();
        for _ in 0..500 {
            sizes.add(10.0, 200);
        }
        for _ in 0..600 {
            sizes.add(1000.0, 200);
        }
        assert!(sizes.quantile(0.5) > 800.0);
    }

    #[test]
    fn different_things_are_counted_within_a_tenth() {
        let mut distinct = Distinct::new(16);
        for n in 0..3000_u64 {
            distinct.add(n % 700);
        }
        assert!(
            (630.0..770.0).contains(&distinct.count()),
            "{}",
            distinct.count()
        );
    }

    #[test]
    fn what_comes_often_is_kept_among_what_comes_once() {
        let mut frequent = Frequent::new(4);
        for n in 0..400_u32 {
            frequent.add(7);
            frequent.add(1000 + n);
        }
        assert!(!frequent.add(7));
        assert!(frequent.kept.len() <= 4);
    }
}
