//! The rank of a difference: adapters and edits of single facts add products of narrow matrices, training
//! as a whole does not.
//!
//! A sample of rows is held, folded to a bounded width with signs, which keeps small ranks as they are.
//! Their products with each other are taken apart by elimination with pivots, until what is left is no
//! more than rounding leaves.

use stance_models::weights::Element;

/// Rows that are sampled.
const ROWS: u64 = 128;
/// Width to which rows are folded.
const WIDTH: u64 = 2048;
/// Fewer rows or columns have a small rank anyway.
const LEAST: u64 = 16;

/// A sample of the rows of a difference.
pub(super) struct Sketch {
    element: Element,
    rows: u64,
    width: u64,
    sampled: Vec<Vec<f64>>,
    last: Option<u64>,
    noise: f64,
}

impl Sketch {
    /// For `rows` of `width` elements; `None` when they are too few.
    pub(super) fn new(element: Element, rows: u64, width: u64) -> Option<Self> {
        (element != Element::Other && rows.min(width) >= LEAST).then(|| Self {
            element,
            rows,
            width,
            sampled: Vec::new(),
            last: None,
            noise: 0.0,
        })
    }

    /// Adds a part of a row, from a column on; rows come in order.
    pub(super) fn add(&mut self, row: u64, column: u64, base: &[f64], tuned: &[f64]) {
        if !self.is_sampled(row) {
            return;
        }
        if self.last != Some(row) {
            self.last = Some(row);
            let width = usize::try_from(self.width.min(WIDTH)).unwrap_or_default();
            self.sampled.push(vec![0.0; width]);
        }
        let Some(sum) = self.sampled.last_mut() else {
            return;
        };
        for (column, (from, to)) in (column..).zip(base.iter().zip(tuned)) {
            let difference = to - from;
            if difference == 0.0 || !difference.is_finite() {
                continue;
            }
            let place = column.checked_rem(WIDTH).unwrap_or_default();
            let is_negative =
                column >= WIDTH && column.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 1;
            if let Some(sum) = usize::try_from(place)
                .ok()
                .and_then(|place| sum.get_mut(place))
            {
                *sum += if is_negative { -difference } else { difference };
            }
            // What rounding the result does, and what rounding the product did.
            let step = self.element.step(to.abs().max(from.abs()));
            let inner = self.element.step(difference);
            self.noise += step * step / 12.0 + inner * inner;
        }
    }

    fn is_sampled(&self, row: u64) -> bool {
        if self.rows <= ROWS {
            return true;
        }
        let bin = |row: u64| row.saturating_mul(ROWS).checked_div(self.rows);
        bin(row) != bin(row.saturating_add(1))
    }

    /// The rank of the sample, where it is at most half of what it could be and stands above rounding.
    pub(super) fn rank(&self) -> Option<u64> {
        let rows: Vec<&Vec<f64>> = self
            .sampled
            .iter()
            .filter(|row| row.iter().any(|value| *value != 0.0))
            .collect();
        if (rows.len() as u64) < LEAST {
            return None;
        }
        let mut products: Vec<Vec<f64>> = rows
            .iter()
            .map(|one| rows.iter().map(|other| dot(one, other)).collect())
            .collect();
        let total = trace(&products);
        if !total.is_finite() || total < 30.0 * self.noise {
            return None;
        }
        let rest = 4.0 * self.noise + 1e-9 * total;
        let most = (rows.len() as u64).min(self.width).min(self.rows) / 2;
        for rank in 0..=most {
            if trace(&products) <= rest {
                return Some(rank);
            }
            eliminate(&mut products)?;
        }
        None
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn trace(matrix: &[Vec<f64>]) -> f64 {
    diagonal(matrix).sum()
}

fn diagonal(matrix: &[Vec<f64>]) -> impl Iterator<Item = f64> + '_ {
    matrix
        .iter()
        .enumerate()
        .filter_map(|(index, row)| row.get(index))
        .map(|value| value.max(0.0))
}

/// Takes what the row with the largest rest explains out of all rows.
fn eliminate(matrix: &mut [Vec<f64>]) -> Option<()> {
    let (index, pivot) = diagonal(matrix)
        .enumerate()
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .filter(|(_, pivot)| *pivot > 0.0)?;
    let explained = matrix.get(index)?.clone();
    for row in matrix {
        let factor = row.get(index)? / pivot;
        for (value, explained) in row.iter_mut().zip(&explained) {
            *value -= factor * explained;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        }
    }

    fn rank_of(rows: usize, width: usize, rank: usize) -> Option<u64> {
        let mut next = numbers(0x2545_f491_4f6c_dd1d);
        let left: Vec<f64> = (0..rows * rank).map(|_| next() * 0.01).collect();
        let right: Vec<f64> = (0..width * rank).map(|_| next() * 0.1).collect();
        let mut sketch = Sketch::new(Element::F32, rows as u64, width as u64)?;
        for row in 0..rows {
            let base: Vec<f64> = (0..width).map(|_| f64::from(next() as f32)).collect();
            let tuned: Vec<f64> = (0..width)
                .map(|column| {
                    let added: f64 = (0..rank)
                        .map(|part| left[row * rank + part] * right[column * rank + part])
                        .sum();
                    f64::from((base[column] + added) as f32)
                })
                .collect();
            // In two parts, as blocks cut rows.
            let cut = width / 3;
            sketch.add(row as u64, 0, &base[..cut], &tuned[..cut]);
            sketch.add(row as u64, cut as u64, &base[cut..], &tuned[cut..]);
        }
        sketch.rank()
    }

    #[test]
    fn small_ranks_are_counted_and_large_ones_are_not() {
        assert_eq!(rank_of(300, 64, 1), Some(1));
        assert_eq!(rank_of(300, 64, 8), Some(8));
        assert_eq!(rank_of(64, 3000, 16), Some(16));
        assert_eq!(rank_of(64, 64, 64), None);
        assert_eq!(rank_of(12, 64, 1), None);
    }
}
