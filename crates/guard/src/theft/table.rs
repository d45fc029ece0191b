//! A bounded number of things by key; the least suspicious and longest silent makes room.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// What decides who is forgotten.
pub(super) trait Remembered {
    /// When it was last active, in milliseconds.
    fn last(&self) -> i64;
    /// How suspicious it is.
    fn suspicion(&self, at: i64) -> f32;
}

/// How many are looked at when one must go.
const LOOKED_AT: usize = 16;

/// Things by key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Table<T> {
    entries: Vec<(u64, Box<T>)>,
    /// Where the search for the next to go begins.
    hand: usize,
    /// How many had to go.
    pub(super) forgotten: u64,
    #[serde(skip)]
    index: HashMap<u64, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            hand: 0,
            forgotten: 0,
            index: HashMap::new(),
        }
    }
}

impl<T: Remembered + Default> Table<T> {
    /// The thing under a key, made when it is new; and whether it is.
    pub(super) fn entry(&mut self, at: i64, key: u64, cap: usize) -> Option<(&mut T, bool)> {
        if self.index.len() != self.entries.len() {
            self.rebuild(cap);
        }
        if let Some(place) = self.index.get(&key).copied() {
            return self
                .entries
                .get_mut(place)
                .map(|(_, kept)| (&mut **kept, false));
        }
        let cap = cap.max(1);
        let place = if self.entries.len() < cap {
            self.entries.push((key, Box::default()));
            self.entries.len().saturating_sub(1)
        } else {
            let place = self.least(at);
            if let Some(slot) = self.entries.get_mut(place) {
                self.index.remove(&slot.0);
                *slot = (key, Box::default());
                self.forgotten = self.forgotten.saturating_add(1);
            }
            place
        };
        self.index.insert(key, place);
        self.entries
            .get_mut(place)
            .map(|(_, kept)| (&mut **kept, true))
    }

    /// The least suspicious, then longest silent, of the next few: a search over all would cost more than it is worth.
    fn least(&mut self, at: i64) -> usize {
        let count = self.entries.len().max(1);
        let mut best: Option<(f32, i64, usize)> = None;
        for step in 0..LOOKED_AT.min(count) {
            let place = self.hand.wrapping_add(step).checked_rem(count).unwrap_or(0);
            if let Some((_, kept)) = self.entries.get(place) {
                let one = (kept.suspicion(at), kept.last(), place);
                if best.is_none_or(|best| one.0.total_cmp(&best.0).then(one.1.cmp(&best.1)).is_lt())
                {
                    best = Some(one);
                }
            }
        }
        self.hand = self
            .hand
            .wrapping_add(LOOKED_AT)
            .checked_rem(count)
            .unwrap_or(0);
        best.map_or(0, |(_, _, place)| place)
    }

    /// After it was read back: the index is not stored, and what is above the cap or stands twice goes.
    fn rebuild(&mut self, cap: usize) {
        self.entries.truncate(cap.max(1));
        let mut index = HashMap::with_capacity(self.entries.len());
        self.entries.retain(|(key, _)| {
            let place = index.len();
            index.insert(*key, place).is_none()
        });
        self.index = self
            .entries
            .iter()
            .enumerate()
            .map(|(place, (key, _))| (*key, place))
            .collect();
    }

    pub(super) fn get(&self, key: u64) -> Option<&T> {
        let place = match self.index.get(&key) {
            Some(place) => *place,
            None if self.index.len() != self.entries.len() => {
                self.entries.iter().position(|(kept, _)| *kept == key)?
            }
            None => return None,
        };
        self.entries.get(place).map(|(_, kept)| &**kept)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, kept)| &**kept)
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Default)]
    struct One(i64, f32);

    impl Remembered for One {
        fn last(&self) -> i64 {
            self.0
        }
        fn suspicion(&self, _: i64) -> f32 {
            self.1
        }
    }

    #[test]
    fn a_flood_of_strangers_does_not_wash_a_suspect_out() {
        let mut table = Table::<One>::default();
        for key in 0..64 {
            table.entry(0, key, 64).unwrap().0.0 = 0;
        }
        table.entry(0, 5, 64).unwrap().0.1 = 0.8;
        for key in 1000..9000 {
            let (one, new) = table.entry(key as i64, key, 64).unwrap();
            assert!(new);
            one.0 = key as i64;
        }
        assert_eq!(table.len(), 64);
        assert_eq!(table.forgotten, 8000);
        assert!(table.get(5).is_some_and(|one| one.1 > 0.5));
        assert!(table.get(6).is_none());
    }
}
