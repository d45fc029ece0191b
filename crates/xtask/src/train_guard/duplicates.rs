//! Near-duplicates between and within sources: the first one stays.

use std::collections::{BTreeMap, HashMap};

use super::corpus::Sample;

/// Texts more alike than this, by the cosine of their word triples, are one.
const ALIKE: f64 = 0.8;
/// Triples that more texts than this have are no sign of a copy and would only cost time.
const COMMON: usize = 200;

/// Removes samples that repeat an earlier one; returns how many were removed, by source.
pub(crate) fn remove(samples: &mut Vec<Sample>) -> BTreeMap<String, usize> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut sizes: Vec<usize> = Vec::new();
    let mut removed = BTreeMap::new();
    samples.retain(|sample| {
        let triples = triples(&sample.text);
        let mut common: HashMap<usize, usize> = HashMap::new();
        for triple in &triples {
            for other in places.get(triple).into_iter().flatten() {
                *common.entry(*other).or_default() += 1;
            }
        }
        let is_copy = common.iter().any(|(other, count)| {
            let size = (sizes[*other] * triples.len()) as f64;
            *count as f64 / size.sqrt() > ALIKE
        });
        if is_copy {
            *removed.entry(sample.source.clone()).or_default() += 1;
            return false;
        }
        let number = sizes.len();
        sizes.push(triples.len());
        for triple in triples {
            let list = places.entry(triple).or_default();
            if list.len() < COMMON {
                list.push(number);
            }
        }
        true
    });
    removed
}

/// The different word triples of a text, hashed; of a text of fewer words, the whole.
fn triples(text: &str) -> Vec<u64> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut hashes: Vec<u64> = if words.len() < 3 {
        vec![hash(&words)]
    } else {
        words.windows(3).map(hash).collect()
    };
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn hash(words: &[&str]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    hash
}
