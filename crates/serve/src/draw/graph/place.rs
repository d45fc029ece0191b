//! Coordinates: columns for layers, heights by least squares.

use super::order::{Chain, Layers, Slot};

/// The width of a box.
pub(super) const WIDTH: f64 = 166.0;
/// The height of a box.
pub(super) const HEIGHT: f64 = 48.0;
/// The room between two layers, for lines and their labels.
pub(super) const GAP: f64 = 88.0;
/// The room around everything.
pub(super) const MARGIN: f64 = 18.0;

/// Slots with the middle of their heights.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub(super) layers: &'a Layers,
    /// The middle of each slot, down from the top.
    pub(super) y: Vec<f64>,
    /// The layer of each slot.
    pub(super) column: Vec<usize>,
    pub(super) height: f64,
    pub(super) width: f64,
}

impl Placed<'_> {
    /// The left edge of a slot.
    pub(super) fn left(&self, slot: usize) -> f64 {
        let column = self.column.get(slot).copied().unwrap_or(0);
        MARGIN + column as f64 * (WIDTH + GAP)
    }

    /// The middle of a slot.
    pub(super) fn middle(&self, slot: usize) -> f64 {
        self.y.get(slot).copied().unwrap_or(0.0)
    }

    /// The ends of a chain: the slot in the lower layer and that in the higher.
    pub(super) fn ends(chain: &Chain) -> Option<(usize, usize)> {
        Some((*chain.slots.first()?, *chain.slots.last()?))
    }
}

/// Each slot as near as can be to the mean of its neighbours, without touching the next.
pub(super) fn place(layers: &Layers) -> Placed<'_> {
    let (before, after) = layers.neighbours();
    let count = layers.slots.len();
    let mut y = vec![0.0; count];
    let mut column = vec![0; count];
    for (index, layer) in layers.layers.iter().enumerate() {
        for (slot, at) in layer.iter().zip(spread(layers, layer)) {
            if let Some(y) = y.get_mut(*slot) {
                *y = at;
            }
            if let Some(column) = column.get_mut(*slot) {
                *column = index;
            }
        }
    }
    for sweep in 0..6 {
        let forwards = sweep % 2 == 0;
        for step in 0..layers.layers.len() {
            let index = if forwards {
                step
            } else {
                layers.layers.len() - 1 - step
            };
            let Some(layer) = layers.layers.get(index) else {
                continue;
            };
            let wanted: Vec<f64> = layer
                .iter()
                .map(|slot| {
                    let of = |lists: &[Vec<usize>]| -> Vec<f64> {
                        let near = lists.get(*slot).map_or(&[][..], Vec::as_slice);
                        near.iter()
                            .filter_map(|other| y.get(*other))
                            .copied()
                            .collect()
                    };
                    let mut near = of(if forwards { &before } else { &after });
                    if near.is_empty() {
                        near = of(if forwards { &after } else { &before });
                    }
                    if near.is_empty() {
                        return y.get(*slot).copied().unwrap_or(0.0);
                    }
                    near.iter().sum::<f64>() / near.len() as f64
                })
                .collect();
            for (slot, at) in layer.iter().zip(apart(layers, layer, &wanted)) {
                if let Some(y) = y.get_mut(*slot) {
                    *y = at;
                }
            }
        }
    }
    let top = y.iter().copied().fold(f64::INFINITY, f64::min);
    let top = if top.is_finite() { top } else { 0.0 };
    for y in &mut y {
        *y = (*y - top + MARGIN + HEIGHT / 2.0).round();
    }
    let bottom = y.iter().copied().fold(0.0, f64::max);
    let columns = layers.layers.len() as f64;
    Placed {
        height: bottom + HEIGHT / 2.0 + MARGIN,
        width: (2.0 * MARGIN + columns * WIDTH + (columns - 1.0).max(0.0) * GAP).max(1.0),
        layers,
        y,
        column,
    }
}

/// How far the middles of two slots are apart that follow each other. A line between them needs room for its label.
fn distance(layers: &Layers, upper: usize, lower: usize) -> f64 {
    let half = |slot: usize| match layers.slots.get(slot) {
        Some(Slot::Bend) => 7.0,
        _ => HEIGHT / 2.0 + 8.0,
    };
    let tied = layers.beside.iter().any(|line| {
        (line.from, line.to) == (upper, lower) || (line.from, line.to) == (lower, upper)
    });
    half(upper) + half(lower) + if tied { 20.0 } else { 0.0 }
}

fn offsets(layers: &Layers, layer: &[usize]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(layer.len());
    let mut sum = 0.0;
    for (index, slot) in layer.iter().enumerate() {
        if let Some(upper) = index.checked_sub(1).and_then(|index| layer.get(index)) {
            sum += distance(layers, *upper, *slot);
        }
        offsets.push(sum);
    }
    offsets
}

/// The layer as close as it may be, around 0.
fn spread(layers: &Layers, layer: &[usize]) -> Vec<f64> {
    let offsets = offsets(layers, layer);
    let half = offsets.last().copied().unwrap_or(0.0) / 2.0;
    offsets.into_iter().map(|offset| offset - half).collect()
}

/// The heights nearest to those wanted, in the order of the layer and apart: isotonic regression by pooling neighbours that
/// violate the order.
fn apart(layers: &Layers, layer: &[usize], wanted: &[f64]) -> Vec<f64> {
    let offsets = offsets(layers, layer);
    // Blocks of neighbours that share one shift: (sum of shifts, count).
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        blocks.push((wanted - offset, 1));
        while let [.., (upper, upper_count), (lower, lower_count)] = blocks.as_slice() {
            if upper / *upper_count as f64 <= lower / *lower_count as f64 {
                break;
            }
            let merged = (upper + lower, upper_count + lower_count);
            blocks.truncate(blocks.len() - 2);
            blocks.push(merged);
        }
    }
    let shifts = blocks
        .iter()
        .flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
    offsets
        .iter()
        .zip(shifts)
        .map(|(offset, shift)| offset + shift)
        .collect()
}
