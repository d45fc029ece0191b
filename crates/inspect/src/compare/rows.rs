//! How the rows and columns of a matrix differ.

use stance_models::weights::blocks::{self, Block};

/// Most rows that are told apart.
const ROWS: u64 = 1 << 19;
/// Most columns that are told apart.
const COLUMNS: u64 = 1 << 18;
/// Rows of a matrix below which a few are not few.
const LEAST: u64 = 32;
/// Rows that are told as those that moved furthest.
const FURTHEST: usize = 16;
/// Rows that are few, whatever the size of the matrix.
const FEW: u64 = 16;
/// How many times further than the next one a row moved that stands out.
const GAP: f64 = 4.0;
/// How far it moved at least, as a part of its length.
const FAR: f64 = 0.5;
/// A row that is this much shorter than the middle one was not used.
const UNUSED: f64 = 0.3;

/// Sums over the rows and columns of two matrices of one shape.
pub(super) struct Rows {
    rows: u64,
    width: u64,
    /// By row: elements that differ, squares of the difference and of the base, digests.
    changed: Vec<u32>,
    difference: Vec<f32>,
    base: Vec<f32>,
    digests: [Vec<u64>; 2],
    /// By column: elements that differ, and whether any is not zero, before and after.
    columns: Vec<u32>,
    used: [Vec<bool>; 2],
}

/// A change that is confined to a part of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Few {
    Rows(Vec<u64>),
    Columns(Vec<u64>),
    /// Rows next to each other, by the first and their number.
    Stretch(u64, u64),
}

/// Rows that moved much further than all others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outstanding {
    pub(super) rows: Vec<u64>,
    /// How many times further than the next one the last of them moved.
    pub(super) gap: f64,
    /// Whether they were hardly used before.
    pub(super) were_unused: bool,
}

/// What is known of rows and columns once all were seen.
#[derive(Clone, Debug)]
pub(super) struct RowFacts {
    pub(super) rows: u64,
    pub(super) width: u64,
    /// How many rows differ.
    pub(super) changed: u64,
    /// Those that moved furthest, with how far.
    pub(super) furthest: Vec<(u64, f64)>,
    pub(super) few: Option<Few>,
    pub(super) outstanding: Option<Outstanding>,
    pub(super) blocks: Vec<Block>,
    pub(super) dead_columns: Vec<Block>,
    is_zeroed: bool,
}

impl RowFacts {
    /// Whether nothing differs but blocks of rows or columns that were emptied or copied over.
    pub(super) fn is_in_blocks(&self) -> bool {
        let rows = self.blocks.iter().map(|block| block.length);
        let rows = rows.fold(0, u64::saturating_add);
        (rows > 0 && rows == self.changed) || (self.is_zeroed && !self.dead_columns.is_empty())
    }
}

impl Rows {
    /// `is_zeroed` says whether every number that differs is zero now.
    pub(super) fn facts(&self, is_zeroed: bool) -> RowFacts {
        RowFacts {
            is_zeroed,
            rows: self.rows,
            width: self.width,
            changed: self.changed().count() as u64,
            furthest: self.furthest(FURTHEST),
            few: self.few(),
            outstanding: self.outstanding(),
            blocks: self.new_blocks(),
            dead_columns: self.dead_columns(),
        }
    }

    pub(super) fn new(rows: u64, width: u64) -> Option<Self> {
        if rows < 2 || width == 0 || rows > ROWS {
            return None;
        }
        let count = usize::try_from(rows).ok()?;
        let columns = usize::try_from(width).ok().filter(|_| width <= COLUMNS);
        let columns = columns.unwrap_or_default();
        Some(Self {
            rows,
            width,
            changed: vec![0; count],
            difference: vec![0.0; count],
            base: vec![0.0; count],
            digests: [vec![0; count], vec![0; count]],
            columns: vec![0; columns],
            used: [vec![false; columns], vec![false; columns]],
        })
    }

    pub(super) const fn width(&self) -> u64 {
        self.width
    }

    /// The row and column of an element.
    pub(super) fn place(&self, element: u64) -> (u64, u64) {
        (
            element.checked_div(self.width).unwrap_or_default(),
            element.checked_rem(self.width).unwrap_or_default(),
        )
    }

    /// Adds a part of a row.
    pub(super) fn add(
        &mut self,
        (row, first): (u64, u64),
        base: &[f64],
        tuned: &[f64],
        differs: impl Fn(f64, f64) -> bool,
    ) {
        let (Ok(row), Ok(first)) = (usize::try_from(row), usize::try_from(first)) else {
            return;
        };
        let (mut changed, mut difference, mut length) = (0_u32, 0.0, 0.0);
        for (column, (from, to)) in (first..).zip(base.iter().zip(tuned)) {
            length += from * from;
            if !differs(*from, *to) {
                continue;
            }
            changed = changed.saturating_add(1);
            difference += (to - from) * (to - from);
            if let Some(count) = self.columns.get_mut(column) {
                *count = count.saturating_add(1);
            }
        }
        for (used, values) in self.used.iter_mut().zip([base, tuned]) {
            let used = used.iter_mut().skip(first);
            for (used, value) in used.zip(values) {
                *used |= *value != 0.0;
            }
        }
        for (digests, values) in self.digests.iter_mut().zip([base, tuned]) {
            if let Some(digest) = digests.get_mut(row) {
                *digest = digest.wrapping_add(part_of_digest(first as u64, values));
            }
        }
        if let Some(count) = self.changed.get_mut(row) {
            *count = count.saturating_add(changed);
        }
        for (sums, value) in [(&mut self.difference, difference), (&mut self.base, length)] {
            if let Some(sum) = sums.get_mut(row) {
                *sum += value as f32;
            }
        }
    }

    /// The rows that differ.
    fn changed(&self) -> impl Iterator<Item = u64> + '_ {
        numbers_of(&self.changed)
    }

    /// The part of it to which the change is confined, where it is one: few rows or columns of which most
    /// numbers differ, or rows next to each other.
    fn few(&self) -> Option<Few> {
        let changed: u64 = self.changed.iter().map(|count| u64::from(*count)).sum();
        let few = |counts: &[u32], length: u64| {
            let all = counts.len() as u64;
            let differ = numbers_of(counts).count() as u64;
            let most = FEW.max(all / 1000).min(all / 4);
            let is_dense = changed.saturating_mul(4) >= differ.saturating_mul(length);
            all >= LEAST && (1..=most).contains(&differ) && is_dense
        };
        if few(&self.changed, self.width) {
            return Some(Few::Rows(self.changed().collect()));
        }
        if few(&self.columns, self.rows) {
            return Some(Few::Columns(numbers_of(&self.columns).collect()));
        }
        let first = self.changed().next()?;
        let last = self.changed().last()?;
        let length = last.saturating_sub(first).saturating_add(1);
        let is_gapless = self.changed().count() as u64 == length;
        let is_dense = changed.saturating_mul(4) >= length.saturating_mul(self.width);
        (self.rows >= LEAST && is_gapless && is_dense && length <= self.rows / 4)
            .then_some(Few::Stretch(first, length))
    }

    /// How far each row moved, as a part of its length or of that of the middle row, whichever is larger.
    fn distances(&self) -> Vec<f64> {
        let middle = self.middle();
        let distance = |(difference, base): (&f32, &f32)| {
            f64::from(*difference).sqrt() / f64::from(*base).sqrt().max(middle)
        };
        self.difference
            .iter()
            .zip(&self.base)
            .map(distance)
            .collect()
    }

    /// Length of the middle one of the rows that are not zero.
    fn middle(&self) -> f64 {
        let mut lengths: Vec<f32> = self
            .base
            .iter()
            .copied()
            .filter(|square| *square > 0.0)
            .collect();
        let middle = lengths.len() / 2;
        if lengths.is_empty() {
            return f64::MIN_POSITIVE;
        }
        let (_, middle, _) = lengths.select_nth_unstable_by(middle, f32::total_cmp);
        f64::from(*middle).sqrt()
    }

    /// The rows that moved furthest, with how far.
    fn furthest(&self, most: usize) -> Vec<(u64, f64)> {
        let mut rows: Vec<(u64, f64)> = (0..)
            .zip(self.distances())
            .filter(|(_, distance)| *distance > 0.0 && distance.is_finite())
            .collect();
        rows.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        rows.truncate(most);
        rows
    }

    /// Rows that moved much further than all others, of which most moved as well.
    fn outstanding(&self) -> Option<Outstanding> {
        if self.rows < LEAST {
            return None;
        }
        let furthest = self.furthest(usize::try_from(FEW.saturating_add(1)).unwrap_or_default());
        let (count, gap) = furthest
            .windows(2)
            .enumerate()
            .filter_map(|(index, pair)| match pair {
                [(_, far), (_, next)] if *far >= FAR => Some((index.saturating_add(1), far / next)),
                _ => None,
            })
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
            .filter(|(_, gap)| *gap >= GAP)?;
        let rows: Vec<u64> = furthest.iter().take(count).map(|(row, _)| *row).collect();
        let middle = self.middle();
        let length = |row: &u64| {
            let square = usize::try_from(*row)
                .ok()
                .and_then(|row| self.base.get(row));
            f64::from(square.copied().unwrap_or_default()).sqrt()
        };
        Some(Outstanding {
            were_unused: rows.iter().all(|row| length(row) < middle * UNUSED),
            rows,
            gap,
        })
    }

    /// Blocks of rows that are zero or repeat others now, and were and did not before.
    fn new_blocks(&self) -> Vec<Block> {
        let [before, after] = &self.digests;
        // Where one of two that are the same was not touched, the other is the copy.
        let sources = blocks::sources(after, |row| before.get(row) != after.get(row));
        let rows = before.iter().zip(after).zip(sources).enumerate();
        blocks::runs(rows.filter_map(|(row, ((old, new), source))| match new {
            _ if old == new => None,
            0 => Some((row as u64, None)),
            _ if source == row || before.get(source) == Some(old) => None,
            _ => Some((row as u64, Some(source as u64))),
        }))
    }

    /// Blocks of columns that are zero now and were not before.
    fn dead_columns(&self) -> Vec<Block> {
        let [before, after] = &self.used;
        let columns = before.iter().zip(after).enumerate();
        blocks::runs(
            columns
                .filter(|(_, (before, after))| **before && !**after)
                .map(|(column, _)| (column as u64, None)),
        )
    }
}

/// The numbers of those that are not zero.
fn numbers_of(counts: &[u32]) -> impl Iterator<Item = u64> + '_ {
    (0..)
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(number, _)| number)
}

/// A sum over elements that is the same however a row is cut, and 0 for zeros.
fn part_of_digest(first: u64, values: &[f64]) -> u64 {
    (first..)
        .zip(values)
        .fold(0, |digest: u64, (column, value)| {
            let factor = column.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let bits = if *value == 0.0 { 0 } else { value.to_bits() };
            // The fraction of most numbers ends in zeros.
            digest.wrapping_add(bits.rotate_left(23).wrapping_mul(factor))
        })
}
