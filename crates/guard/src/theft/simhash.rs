//! SimHash: many features to 64 bits, so that what is alike differs in few of them.
//!
//! Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002. Each bit is a vote of all features. The 64
//! counts are kept in vertical form, one word per binary digit, so that a feature costs a few additions of words rather than 64.

/// The binary digits of a count.
const DIGITS: usize = 12;
/// The most features that are counted: what comes after has no vote.
pub(super) const MOST_FEATURES: u32 = (1 << DIGITS) - 1;

/// The votes of features on 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Votes {
    digits: [u64; DIGITS],
    count: u32,
}

impl Votes {
    /// Adds a feature by its hash.
    pub(super) fn add(&mut self, hash: u64) {
        if self.count >= MOST_FEATURES {
            return;
        }
        self.count = self.count.saturating_add(1);
        let mut carry = hash;
        for digit in &mut self.digits {
            let next = *digit & carry;
            *digit ^= carry;
            carry = next;
            if carry == 0 {
                break;
            }
        }
    }

    /// How many features voted.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The bits that more than half of the features set.
    pub(super) fn decide(&self) -> u64 {
        let half = self.count / 2;
        let mut more = 0_u64;
        let mut equal = u64::MAX;
        for (place, digit) in self.digits.iter().enumerate().rev() {
            let ours = if half.checked_shr(place as u32).unwrap_or(0) & 1 == 1 {
                u64::MAX
            } else {
                0
            };
            more |= equal & digit & !ours;
            equal &= !(digit ^ ours);
        }
        more
    }
}

/// In how many bits two of them differ.
#[must_use]
pub(super) const fn distance(a: u64, b: u64) -> u32 {
    (a ^ b).count_ones()
}

/// Spreads a value over all 64 bits (the finaliser of SplitMix64).
#[must_use]
pub(super) const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_votes_are_those_of_counting_each_bit() {
        for features in [1_u64, 2, 3, 64, 257, 5000] {
            let hashes: Vec<u64> = (0..features).map(mix).collect();
            let mut votes = Votes::default();
            for hash in &hashes {
                votes.add(*hash);
            }
            let counted = hashes.len().min(MOST_FEATURES as usize);
            let mut expected = 0_u64;
            for bit in 0..64 {
                let set = hashes[..counted]
                    .iter()
                    .filter(|h| **h >> bit & 1 == 1)
                    .count();
                if set > counted / 2 {
                    expected |= 1 << bit;
                }
            }
            assert_eq!(votes.decide(), expected, "{features} features");
        }
    }
}
