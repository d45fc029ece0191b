//! The order in each layer, so that few lines cross.

use std::collections::BTreeMap;

use super::layer::{Item, Line, Shown};

/// What takes a place in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A box.
    Box(Item),
    /// Where a line passes that spans several layers.
    Bend,
}

/// A line from layer to layer: its slots in the order of the layers, and whether it runs backwards along them.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) slots: Vec<usize>,
    pub(super) backwards: bool,
    pub(super) line: Line,
}

/// Layers of slots, and the chains through them.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) slots: Vec<Slot>,
    /// The slots of each layer, from the top.
    pub(super) layers: Vec<Vec<usize>>,
    pub(super) chains: Vec<Chain>,
    /// Lines between two boxes of the same layer.
    pub(super) beside: Vec<Line>,
}

impl Layers {
    /// The slots of what is shown, bends included.
    pub(super) fn of(shown: &Shown) -> Self {
        let mut layers = Self {
            layers: vec![Vec::new(); shown.layers],
            ..Self::default()
        };
        for (item, layer) in &shown.items {
            layers.push(Slot::Box(*item), *layer);
        }
        for line in &shown.lines {
            let layer = |place: usize| shown.items.get(place).map_or(0, |(_, layer)| *layer);
            let (start, end) = (layer(line.from), layer(line.to));
            if start == end {
                layers.beside.push(line.clone());
                continue;
            }
            let backwards = start > end;
            let (low, high) = if backwards {
                (line.to, line.from)
            } else {
                (line.from, line.to)
            };
            let mut slots = vec![low];
            for between in start.min(end) + 1..start.max(end) {
                slots.push(layers.push(Slot::Bend, between));
            }
            slots.push(high);
            layers.chains.push(Chain {
                slots,
                backwards,
                line: line.clone(),
            });
        }
        layers
    }

    fn push(&mut self, slot: Slot, layer: usize) -> usize {
        let index = self.slots.len();
        self.slots.push(slot);
        if let Some(layer) = self.layers.get_mut(layer) {
            layer.push(index);
        }
        index
    }

    /// Neighbours of each slot in the layer before and in the layer after.
    pub(super) fn neighbours(&self) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let mut before = vec![Vec::new(); self.slots.len()];
        let mut after = before.clone();
        for chain in &self.chains {
            for pair in chain.slots.windows(2) {
                if let [low, high] = *pair {
                    if let Some(list) = before.get_mut(high) {
                        list.push(low);
                    }
                    if let Some(list) = after.get_mut(low) {
                        list.push(high);
                    }
                }
            }
        }
        (before, after)
    }

    /// Sweeps to and fro, each layer ordered by the mean place of its neighbours; the best order met is kept.
    pub(super) fn untangle(&mut self) {
        let (before, after) = self.neighbours();
        let mut best = self.layers.clone();
        let mut least = crossings(&best, &after);
        for sweep in 0..8 {
            if least == 0 {
                break;
            }
            let forwards = sweep % 2 == 0;
            let neighbours = if forwards { &before } else { &after };
            let count = self.layers.len();
            for step in 0..count {
                let layer = if forwards { step } else { count - 1 - step };
                let place = places(&self.layers);
                if let Some(slots) = self.layers.get_mut(layer) {
                    let mean = |slot: &usize| {
                        let near = neighbours.get(*slot).map_or(&[][..], Vec::as_slice);
                        let sum: usize = near.iter().filter_map(|other| place.get(other)).sum();
                        match near.len() {
                            0 => place.get(slot).copied().unwrap_or(0) as f64,
                            count => sum as f64 / count as f64,
                        }
                    };
                    slots.sort_by(|one, other| mean(one).total_cmp(&mean(other)));
                }
            }
            let now = crossings(&self.layers, &after);
            if now < least {
                least = now;
                best.clone_from(&self.layers);
            }
        }
        self.layers = best;
    }
}

fn places(layers: &[Vec<usize>]) -> BTreeMap<usize, usize> {
    layers
        .iter()
        .flat_map(|layer| layer.iter().enumerate().map(|(place, slot)| (*slot, place)))
        .collect()
}

/// How often lines cross between neighbouring layers.
fn crossings(layers: &[Vec<usize>], after: &[Vec<usize>]) -> usize {
    let place = places(layers);
    let at = |slot: &usize| place.get(slot).copied().unwrap_or(0);
    layers
        .iter()
        .map(|layer| {
            let mut lines: Vec<(usize, usize)> = layer
                .iter()
                .flat_map(|slot| {
                    let ends = after.get(*slot).map_or(&[][..], Vec::as_slice);
                    ends.iter().map(|end| (at(slot), at(end)))
                })
                .collect();
            lines.sort_unstable();
            let mut count = 0;
            for (index, (start, end)) in lines.iter().enumerate() {
                let later = lines.get(index + 1..).unwrap_or_default();
                count += later
                    .iter()
                    .filter(|(other_start, other_end)| other_start > start && other_end < end)
                    .count();
            }
            count
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from: usize, to: usize) -> Line {
        Line {
            from,
            to,
            label: String::new(),
            on_path: false,
        }
    }

    #[test]
    fn lines_that_need_not_cross_do_not() {
        let shown = Shown {
            items: (0..6).map(|node| (Item::Asset(node), node / 3)).collect(),
            lines: vec![line(0, 5), line(1, 4), line(2, 3)],
            layers: 2,
        };
        let mut layers = Layers::of(&shown);
        let (_, after) = layers.neighbours();
        assert_eq!(crossings(&layers.layers, &after), 3);
        layers.untangle();
        assert_eq!(crossings(&layers.layers, &after), 0);
    }

    #[test]
    fn a_long_line_bends_in_every_layer_that_it_passes() {
        let shown = Shown {
            items: vec![
                (Item::Asset(0), 0),
                (Item::Asset(1), 1),
                (Item::Asset(2), 2),
                (Item::Asset(3), 3),
            ],
            lines: vec![line(0, 3), line(3, 1)],
            layers: 4,
        };
        let layers = Layers::of(&shown);
        let lengths: Vec<usize> = layers
            .chains
            .iter()
            .map(|chain| chain.slots.len())
            .collect();
        assert_eq!(lengths, [4, 3]);
        assert!(!layers.chains[0].backwards && layers.chains[1].backwards);
        let sizes: Vec<usize> = layers.layers.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 2, 3, 1]);
    }
}
