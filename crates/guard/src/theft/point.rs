//! A query of numbers, made small.

use serde::{Deserialize, Serialize};

use super::simhash::mix;

/// Numbers that are kept of a query.
pub(super) const KEPT: usize = 16;

/// A query of numbers (features, pixels, an embedding), of which distances are kept and little else.
///
/// Up to 16 numbers are kept as they are. More are added up in 16 places with signs (a count sketch, Charikar and others, 2002): distances
/// stay what they are on average, to within about a third at worst; small ones stay small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub(super) places: [f32; KEPT],
}

impl Point {
    /// The sketch of a query; none for no numbers and for such as are not finite.
    #[must_use]
    pub fn of(numbers: &[f32]) -> Option<Self> {
        let mut places = [0.0_f32; KEPT];
        if numbers.len() <= KEPT {
            for (place, number) in places.iter_mut().zip(numbers) {
                *place = *number;
            }
        } else {
            for (number, index) in numbers.iter().zip(0_u64..) {
                let hash = mix(index);
                let sign = if hash >> 63 == 1 { -1.0 } else { 1.0 };
                if let Some(place) = places.get_mut((hash & 15) as usize) {
                    *place += sign * number;
                }
            }
        }
        (!numbers.is_empty() && places.iter().all(|place| place.is_finite()))
            .then_some(Self { places })
    }

    pub(super) fn distance(&self, other: &Self) -> f32 {
        let sum: f32 = self
            .places
            .iter()
            .zip(&other.places)
            .map(|(a, b)| (a - b) * (a - b))
            .sum();
        sum.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_survive_and_nonsense_is_refused() {
        let a: Vec<f32> = (0..784).map(|n| (mix(n) % 256) as f32 / 255.0).collect();
        let mut step = a.clone();
        for number in &mut step {
            *number += 0.01;
        }
        let far: Vec<f32> = (0..784)
            .map(|n| (mix(n + 5000) % 256) as f32 / 255.0)
            .collect();
        let point = |numbers: &[f32]| Point::of(numbers).unwrap();
        let true_far: f32 = a
            .iter()
            .zip(&far)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f32>()
            .sqrt();
        let ours = point(&a).distance(&point(&far));
        assert!(
            (0.6..1.5).contains(&(ours / true_far)),
            "{ours} for {true_far}"
        );
        assert!(point(&a).distance(&point(&step)) < 0.1 * ours);
        assert_eq!(Point::of(&[]), None);
        assert_eq!(Point::of(&[1.0, f32::NAN]), None);
    }
}
