//! PRADA: are distances between queries those of natural data?
//!
//! Juuti and others, "PRADA: protecting against DNN model stealing attacks", EuroS&P 2019. For each class a growing set of queries; the least
//! distance of each query to the set of its class; natural queries give distances that are near normal, made ones do not. W of Shapiro and
//! Wilk over the distances, without those beyond three deviations, below δ is an attack.
//!
//! What differs, so that state is bounded: the sets hold [`POOL`] queries in all (the oldest makes room), the last [`WINDOW`] distances
//! are judged instead of all, and distances are of sketches ([`Point`]). A distance of zero is a repetition and not counted, since
//! health checks repeat themselves.
//!
//! And W is taken over the logarithms of the distances. The paper judged images, whose distances are near normal. Rows of a table
//! come from populations of different density: over plain distances such natural mixtures of ours gave W from 0.44 to 0.85, and attacks
//! 0.77 to 0.98, so no δ tells them apart. Over logarithms the mixtures give 0.80 and more and attacks mostly 0.5 to 0.75; δ is 0.78 unless
//! set.

use serde::{Deserialize, Serialize};

use super::point::Point;
use super::shapiro::shapiro_wilk;
use super::signal::{Found, Rule};
use super::sketch::push_within;

/// Queries in the growing sets of all classes.
const POOL: usize = 20;
/// Distances that are judged.
const WINDOW: usize = 128;
/// Distances before anything is judged: the paper's.
const LEAST: usize = 100;
/// Classes with sets of their own; the rest share the last.
const CLASSES: usize = 8;
/// Windows in a row that must have been natural before they are what is usual.
const KNOWN: u16 = 16;
/// A window is judged after so many new distances, and must fail so many times in a row.
const EVERY: u8 = 8;
const IN_A_ROW: u8 = 2;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Growing {
    class: u32,
    threshold: f32,
    count: f32,
    mean: f32,
    squares: f32,
}

/// The growing sets and the distances.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Prada {
    pool: Vec<(u32, Point)>,
    oldest: usize,
    classes: Vec<Growing>,
    distances: Vec<f32>,
    next: usize,
    new: u8,
    failed: u8,
    /// The W of this identity while it was natural, and how many windows it is known from.
    usual: f32,
    judged: u16,
}

impl Prada {
    /// Takes a query and its class.
    pub(super) fn observe(&mut self, class: u32, point: &Point, delta: f64) -> Option<Found> {
        let least = self
            .pool
            .iter()
            .filter(|(kept, _)| *kept == class)
            .map(|(_, kept)| kept.distance(point))
            .min_by(f32::total_cmp);
        let Some(least) = least else {
            self.grow(class, point);
            return None;
        };
        if least <= 0.0 {
            return None;
        }
        if self.distances.len() < WINDOW {
            push_within(&mut self.distances, WINDOW, least);
        } else if let Some(slot) = self.distances.get_mut(self.next) {
            *slot = least;
        }
        self.next = self.next.wrapping_add(1) & WINDOW.saturating_sub(1);
        if self.takes(class, least) {
            self.grow(class, point);
        }
        self.new = self.new.saturating_add(1);
        if self.distances.len() < LEAST || self.new < EVERY {
            return None;
        }
        self.new = 0;
        self.judge(delta)
    }

    /// Whether a query this far from the set of its class belongs into it.
    fn takes(&mut self, class: u32, distance: f32) -> bool {
        let full = self.classes.len() >= CLASSES;
        let last = self.classes.len().saturating_sub(1);
        let known = self.classes.iter().position(|kept| kept.class == class);
        if let Some(kept) = self.classes.get_mut(known.unwrap_or(last))
            && (known.is_some() || full)
        {
            return kept.takes(distance);
        }
        let mut new = Growing {
            class,
            ..Growing::default()
        };
        let takes = new.takes(distance);
        push_within(&mut self.classes, CLASSES, new);
        takes
    }

    fn grow(&mut self, class: u32, point: &Point) {
        if self.pool.len() < POOL {
            push_within(&mut self.pool, POOL, (class, *point));
            return;
        }
        if let Some(slot) = self.pool.get_mut(self.oldest) {
            *slot = (class, *point);
        }
        self.oldest = self.oldest.saturating_add(1).checked_rem(POOL).unwrap_or(0);
    }

    fn judge(&mut self, delta: f64) -> Option<Found> {
        let all: Vec<f64> = self.distances.iter().map(|d| f64::from(*d).ln()).collect();
        let count = all.len() as f64;
        let mean = all.iter().sum::<f64>() / count;
        let deviation = (all.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / count).sqrt();
        let mut kept: Vec<f64> = all
            .into_iter()
            .filter(|d| (d - mean).abs() <= 3.0 * deviation)
            .collect();
        let found = shapiro_wilk(&mut kept)?;
        // Who was natural for long is held against that as well: a rough mixture dips below δ now and then.
        let known = self.judged >= KNOWN;
        let delta = if known {
            delta.min(f64::from(self.usual) - 0.1)
        } else {
            delta
        };
        if found.w >= delta {
            self.failed = 0;
            self.judged = self.judged.saturating_add(1);
            let follows = 0.1_f32.max(1.0 / f32::from(self.judged));
            self.usual += follows * (found.w as f32 - self.usual);
            return None;
        }
        if !known {
            self.judged = 0;
        }
        self.failed = self.failed.saturating_add(1);
        (self.failed >= IN_A_ROW).then(|| {
            Found::new(
                Rule::Prada,
                (0.5 + (delta - found.w) * 2.0).min(0.97) as f32,
                format!(
                    "the least distances of the last {} queries are not those of natural data: W = {:.3} below {delta:.2}",
                    kept.len(),
                    found.w
                ),
            )
            .figure("W", found.w, delta)
            .figure("mean of the logarithms of distances", mean, 0.0)
        })
    }

    pub(super) fn heap(&self) -> usize {
        self.pool
            .capacity()
            .saturating_mul(size_of::<(u32, Point)>())
            .saturating_add(self.classes.capacity().saturating_mul(size_of::<Growing>()))
            .saturating_add(self.distances.capacity().saturating_mul(4))
    }
}

impl Growing {
    /// Whether a query this far from the set belongs into it; the threshold only rises.
    fn takes(&mut self, distance: f32) -> bool {
        if distance <= self.threshold {
            return false;
        }
        // Welford's running mean and squares.
        self.count += 1.0;
        let off = distance - self.mean;
        self.mean += off / self.count;
        self.squares += off * (distance - self.mean);
        let deviation = (self.squares / self.count).max(0.0).sqrt();
        self.threshold = self.threshold.max(self.mean - deviation);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theft::simhash::mix;

    fn normal(seed: u64) -> f32 {
        // The sum of twelve even numbers is near enough to normal.
        (0..12)
            .map(|n| (mix(seed * 13 + n) >> 40) as f32 / (1 << 24) as f32)
            .sum::<f32>()
            - 6.0
    }

    fn natural(n: u64) -> Vec<f32> {
        (0..16).map(|d| normal(n * 100 + d)).collect()
    }

    #[test]
    fn made_queries_fail_where_natural_ones_pass() {
        let mut natural_only = Prada::default();
        let mut quiet = 0;
        for n in 0..2000 {
            let point = Point::of(&natural(n)).unwrap();
            quiet += u32::from(natural_only.observe((n % 3) as u32, &point, 0.78).is_some());
        }
        assert_eq!(quiet, 0);
        // Seeds, and then steps of one size away from them, as Jacobian augmentation makes.
        let mut attacked = Prada::default();
        let mut first = None;
        for n in 0..600_u64 {
            let mut query = natural(n % 60);
            if n >= 60 {
                for (d, number) in query.iter_mut().enumerate() {
                    *number += 0.1
                        * (n / 60) as f32
                        * if mix(n / 60 * 64 + d as u64) & 1 == 0 {
                            1.0
                        } else {
                            -1.0
                        };
                }
            }
            let point = Point::of(&query).unwrap();
            if attacked.observe((n % 3) as u32, &point, 0.78).is_some() {
                first.get_or_insert(n);
            }
        }
        assert!(first.is_some_and(|n| n < 400), "{first:?}");
    }
}
