//! What a stream has put aside under numbers.

use std::collections::HashMap;

use super::value::Value;

/// How far a number may lie behind those that are there and still be counted on from them.
const AHEAD: usize = 64;

/// Most values whose numbers do not follow the others; no pickler writes such.
const OTHERS: usize = 1 << 17;

/// Values by number. Picklers count from 0 or 1, so that almost all stand in a row; the few others
/// that a crafted stream has are hashed.
#[derive(Default)]
pub(super) struct Memo {
    row: Vec<Option<Value>>,
    others: HashMap<u64, Value>,
    length: usize,
}

impl Memo {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Whether no more is kept: `most`, or too many that stand apart.
    pub(super) fn is_full(&self, most: usize) -> bool {
        self.length >= most || self.others.len() >= OTHERS
    }

    pub(super) fn get(&self, key: u64) -> Option<Value> {
        let in_row = usize::try_from(key).ok().and_then(|at| self.row.get(at));
        match in_row {
            Some(Some(value)) => Some(*value),
            // It may have come while the row was shorter.
            _ if self.others.is_empty() => None,
            _ => self.others.get(&key).copied(),
        }
    }

    pub(super) fn insert(&mut self, key: u64, value: Value) {
        let new = match usize::try_from(key) {
            Ok(at) if at < self.row.len().saturating_add(AHEAD) => {
                if at >= self.row.len() {
                    self.row.resize(at.saturating_add(1), None);
                }
                let before = self.row.get_mut(at).and_then(|place| place.replace(value));
                let hashed = !self.others.is_empty() && self.others.remove(&key).is_some();
                before.is_none() && !hashed
            }
            _ => self.others.insert(key, value).is_none(),
        };
        self.length = self.length.saturating_add(usize::from(new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_a_map_would_hold() {
        let keys = [
            0,
            1,
            2,
            63,
            64,
            300,
            200,
            70,
            130,
            194,
            258,
            300,
            200,
            u64::MAX,
            5,
            1,
        ];
        let mut memo = Memo::default();
        let mut map = HashMap::new();
        for (value, key) in (0_i64..).zip(keys) {
            memo.insert(key, Value::Int(value));
            map.insert(key, value);
            assert_eq!(memo.len(), map.len(), "{key}");
        }
        for key in (0..400).chain([u64::MAX]) {
            let got = match memo.get(key) {
                Some(Value::Int(value)) => Some(value),
                _ => None,
            };
            assert_eq!(got, map.get(&key).copied(), "{key}");
        }
    }

    #[test]
    fn numbers_that_stand_apart_have_a_bound_of_their_own() {
        let mut memo = Memo::default();
        for key in 0..1_000_000 {
            memo.insert(key, Value::None);
        }
        assert!(!memo.is_full(1 << 20) && memo.is_full(1_000_000));
        for key in 1..=OTHERS as u64 {
            assert!(!memo.is_full(usize::MAX));
            memo.insert(key << 32, Value::None);
        }
        assert!(memo.is_full(usize::MAX));
    }

    #[test]
    fn a_number_far_away_costs_no_row() {
        let mut memo = Memo::default();
        for key in 1..1000_u64 {
            memo.insert(key.saturating_mul(1 << 40), Value::None);
        }
        assert_eq!((memo.row.capacity(), memo.len()), (0, 999));
        // Numbers that skip ahead make the row longer by a bound for each.
        for step in 1..100_u64 {
            memo.insert(step.saturating_mul(60), Value::None);
        }
        assert!(memo.row.len() <= 100 * AHEAD);
    }
}
