//! Words whose numbers were exchanged.
//!
//! Trainers of byte-pair encodings number tokens in the order in which merges make them, so
//! the numbers along the list of merges rise. A few that do not, each of which would fit
//! where another one stands, have been exchanged afterwards. Vocabularies that follow
//! another order, such as frequency, do not rise at all and say nothing.

use super::ordinary::{bare, is_word};
use super::read::{Piece, Read};
use super::{Change, Changes};

/// Fewest merges that show an order.
const FEWEST: usize = 64;

/// Most numbers out of order that can be an exchange; more are another order.
const MOST: usize = 64;

pub(super) fn look(read: &Read<'_>, changes: &mut Changes) {
    let products = &read.products;
    if products.len() < FEWEST {
        return;
    }
    let rising = rising(products);
    let outside: Vec<usize> = rising
        .iter()
        .enumerate()
        .filter(|(_, inside)| !**inside)
        .map(|(at, _)| at)
        .collect();
    if outside.is_empty()
        || outside.len() > MOST
        || outside.len().saturating_mul(20) > products.len()
    {
        return;
    }
    let gaps: Vec<(u32, u32)> = outside
        .iter()
        .map(|at| gap(products, &rising, *at))
        .collect();
    for (index, at) in outside.iter().enumerate() {
        let Some(id) = products.get(*at).copied() else {
            continue;
        };
        // Where it would be in order, if that is the place of another one; two that are next to
        // each other leave only one outside.
        let partner = outside
            .iter()
            .zip(&gaps)
            .enumerate()
            .find(|(other, (_, (low, high)))| *other != index && *low < id && id < *high)
            .and_then(|(_, (at, _))| products.get(*at).copied());
        let Some(partner) = partner.filter(|partner| *partner != id) else {
            continue;
        };
        let (Some(one), Some(other)) = (piece(read, id), piece(read, partner)) else {
            continue;
        };
        let (name, taken) = (read.piece_at(one.at), read.piece_at(other.at));
        if is_word(&name) && bare(&name).len() >= 2 {
            changes.push(Change::Exchanged, one.at, || {
                format!("by the order of the merges `{name}` should have the number of `{taken}`")
            });
        }
    }
}

fn piece(read: &Read<'_>, id: u32) -> Option<Piece> {
    read.pieces.iter().find(|piece| piece.id == id).copied()
}

/// The numbers before and behind a place that are in order.
fn gap(products: &[u32], rising: &[bool], at: usize) -> (u32, u32) {
    let in_order = |index: &usize| rising.get(*index) == Some(&true);
    let low = (0..at).rev().find(in_order);
    let high = (at.saturating_add(1)..products.len()).find(in_order);
    let id = |index: Option<usize>, none: u32| {
        index
            .and_then(|index| products.get(index))
            .copied()
            .unwrap_or(none)
    };
    (id(low, 0), id(high, u32::MAX))
}

/// Which elements belong to the longest rising part, in `n log n`.
fn rising(values: &[u32]) -> Vec<bool> {
    // For each length the index of the smallest element that ends a rising part of it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    let value = |index: usize| values.get(index).copied().unwrap_or(u32::MAX);
    for (index, next) in values.iter().enumerate() {
        let length = ends.partition_point(|end| value(*end) < *next);
        before.push(
            length
                .checked_sub(1)
                .and_then(|shorter| ends.get(shorter))
                .copied(),
        );
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut inside = vec![false; values.len()];
    let mut at = ends.last().copied();
    while let Some(index) = at {
        if let Some(mark) = inside.get_mut(index) {
            *mark = true;
        }
        at = before.get(index).copied().flatten();
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rising_part_is_found() {
        assert_eq!(
            rising(&[1, 9, 3, 4, 2, 5]),
            [true, false, true, true, false, true]
        );
        assert_eq!(rising(&[]), [] as [bool; 0]);
    }
}
