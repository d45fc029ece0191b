//! Rows of a matrix that stand out: dead, repeated, far larger than the others.

use super::{Element, blocks};

/// Matrices with fewer rows say nothing.
const LEAST: usize = 64;
/// Most rows whose sums are kept.
const MOST: usize = 1 << 20;
/// How many times the norm of the middle row makes a row stand out.
const FAR: f64 = 24.0;

/// Sums over the rows of a matrix while it is read.
pub(super) struct Rows {
    element: Element,
    row: usize,
    /// What is there of the current row.
    current: Vec<u8>,
    /// The values of the current row.
    values: Vec<f64>,
    norms: Vec<f64>,
    /// A digest of the bytes of each row, 0 where all are zero.
    digests: Vec<u64>,
}

impl Rows {
    /// Rows of `row` bytes; `None` when they are too long to be kept one at a time.
    pub(super) fn new(element: Element, row: u64) -> Option<Self> {
        let row = usize::try_from(row).ok().filter(|row| *row <= 1 << 20)?;
        let whole = row.checked_rem(element.size()) == Some(0);
        (element != Element::Other && row > 0 && whole).then(|| Self {
            element,
            row,
            current: Vec::new(),
            values: Vec::new(),
            norms: Vec::new(),
            digests: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        if !self.current.is_empty() {
            let missing = self.row.saturating_sub(self.current.len());
            let (head, tail) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.current.extend_from_slice(head);
            bytes = tail;
            if self.current.len() < self.row {
                return;
            }
            let row = std::mem::take(&mut self.current);
            self.one(&row);
        }
        let rows = bytes.chunks_exact(self.row);
        self.current.extend_from_slice(rows.remainder());
        for row in rows {
            self.one(row);
        }
    }

    fn one(&mut self, row: &[u8]) {
        if self.norms.len() >= MOST {
            return;
        }
        let norm = self.norm(row);
        self.norms.push(norm);
        let is_zero = row.iter().all(|byte| *byte == 0);
        self.digests
            .push(if is_zero { 0 } else { digest(row).max(1) });
    }

    fn norm(&mut self, row: &[u8]) -> f64 {
        self.values.clear();
        self.element.decode(row, &mut self.values);
        let finite = self.values.iter().filter(|value| value.is_finite());
        finite.map(|value| value * value).sum::<f64>().sqrt()
    }

    /// What is odd about the rows, in words.
    pub(super) fn odd(&self) -> Option<String> {
        if self.norms.len() < LEAST {
            return None;
        }
        let mut sorted = self.norms.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        let far: Vec<usize> = self
            .norms
            .iter()
            .enumerate()
            .filter(|(_, norm)| middle > 0.0 && **norm > middle * FAR)
            .map(|(row, _)| row)
            .collect();
        let rows = self.norms.len();
        let mut parts = Vec::new();
        if (1..=8).contains(&far.len()) {
            let numbers: Vec<String> = far.iter().map(ToString::to_string).collect();
            parts.push(format!(
                "rows {} are more than {FAR} times as large as the middle one",
                numbers.join(", ")
            ));
        }
        // Blocks as large as heads say more than how many rows there are of a kind.
        let alike = blocks::alike(&self.digests);
        parts.extend(blocks::told(&alike.blocks, "rows"));
        if alike.blocks.is_empty() {
            if alike.repeated > 0 {
                parts.push(format!("{} rows repeat another one", alike.repeated));
            }
            if alike.zero > 0 {
                parts.push(format!("{} rows are zero", alike.zero));
            }
        }
        (!parts.is_empty()).then(|| format!("of its {rows} rows: {}", parts.join("; ")))
    }
}

/// A digest that tells rows apart (FNV-1a over words); nothing depends on its strength.
fn digest(row: &[u8]) -> u64 {
    let (words, rest) = row.as_chunks::<8>();
    let start = words.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
        (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    rest.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
