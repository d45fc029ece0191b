//! Rows of a matrix that stand out: dead, repeated, far larger than the others.

use std::collections::HashMap;

use super::Element;

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
    norms: Vec<f64>,
    /// Rows by a digest of their bytes.
    seen: HashMap<u64, u32>,
    zero: u64,
    repeated: u64,
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
            norms: Vec::new(),
            seen: HashMap::new(),
            zero: 0,
            repeated: 0,
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
        if row.iter().all(|byte| *byte == 0) {
            self.zero = self.zero.saturating_add(1);
            self.norms.push(0.0);
            return;
        }
        self.norms.push(self.norm(row));
        let count = self.seen.entry(digest(row)).or_default();
        *count = count.saturating_add(1);
        if *count > 1 {
            self.repeated = self.repeated.saturating_add(1);
        }
    }

    fn norm(&self, row: &[u8]) -> f64 {
        let square = |value: f64| {
            if value.is_finite() {
                value * value
            } else {
                0.0
            }
        };
        let sum: f64 = match self.element {
            Element::F32 => row
                .as_chunks::<4>()
                .0
                .iter()
                .map(|four| square(f64::from(f32::from_le_bytes(*four))))
                .sum(),
            Element::F64 => row
                .as_chunks::<8>()
                .0
                .iter()
                .map(|eight| square(f64::from_le_bytes(*eight)))
                .sum(),
            Element::Bf16 => row
                .as_chunks::<2>()
                .0
                .iter()
                .map(|two| {
                    let bits = u32::from(u16::from_le_bytes(*two)) << 16;
                    square(f64::from(f32::from_bits(bits)))
                })
                .sum(),
            Element::F16 => row
                .as_chunks::<2>()
                .0
                .iter()
                .map(|two| square(half(u16::from_le_bytes(*two))))
                .sum(),
            Element::Other => 0.0,
        };
        sum.sqrt()
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
        if self.repeated > 0 {
            parts.push(format!("{} rows repeat another one", self.repeated));
        }
        if self.zero > 0 {
            parts.push(format!("{} rows are zero", self.zero));
        }
        (!parts.is_empty()).then(|| format!("of its {rows} rows: {}", parts.join("; ")))
    }
}

/// The value of a number of 16 bits in IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * 2_f64.powi(-14),
        31 => f64::INFINITY,
        _ => (1.0 + fraction) * 2_f64.powi(exponent.saturating_sub(15)),
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
