//! Rows of a matrix that stand out: dead, repeated, far larger than the others.

use super::{Element, blocks, half};

/// Matrices with fewer rows say nothing.
const LEAST: usize = 64;
/// Most rows whose sums are kept, which takes about 20 bytes each.
const MOST: usize = 1 << 19;
/// How many times the norm of the middle row makes a row stand out.
const FAR: f64 = 24.0;

/// Sums over the rows of a matrix while it is read.
pub(super) struct Rows {
    element: Element,
    row: usize,
    /// What is there of the current row.
    current: Vec<u8>,
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
        let (words, rest) = row.as_chunks::<8>();
        if words.iter().all(|word| *word == [0; 8]) && rest.iter().all(|byte| *byte == 0) {
            self.norms.push(0.0);
            self.digests.push(0);
            return;
        }
        self.norms.push(self.norm(row));
        self.digests.push(digest(row).max(1));
    }

    fn norm(&self, row: &[u8]) -> f64 {
        let sum = match self.element {
            Element::F32 => squares(row, |bytes| f64::from(f32::from_le_bytes(bytes))),
            Element::F64 => squares(row, f64::from_le_bytes),
            Element::Bf16 => squares(row, |bytes| {
                f64::from(f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16))
            }),
            Element::F16 => halves(row),
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

/// The sum of the squares of all numbers that are finite.
fn squares<const N: usize>(row: &[u8], value: impl Fn([u8; N]) -> f64) -> f64 {
    let (elements, _) = row.as_chunks::<N>();
    let (eights, rest) = elements.as_chunks::<8>();
    // Eight sums that do not wait for each other.
    let mut sums = [0.0_f64; 8];
    for eight in eights {
        for (sum, element) in sums.iter_mut().zip(eight) {
            let value = value(*element);
            *sum += value * value;
        }
    }
    let square = |element: &[u8; N]| {
        let value = value(*element);
        value * value
    };
    let sum = sums.iter().sum::<f64>() + rest.iter().map(square).sum::<f64>();
    if sum.is_finite() {
        return sum;
    }
    elements
        .iter()
        .map(square)
        .filter(|square| square.is_finite())
        .sum()
}

/// The same for IEEE 754 halves, whose values take longer to make than to square.
fn halves(row: &[u8]) -> f64 {
    // The bits of a half, moved to where a single has them, are its value in units of this.
    const UNIT: f32 = f32::from_bits((127 + 112) << 23);
    let (elements, _) = row.as_chunks::<2>();
    let (eights, rest) = elements.as_chunks::<8>();
    let mut sums = [0.0_f32; 8];
    // Has bit 15 once a value is not finite: its exponent is all ones, so that one more overflows.
    let mut odd = [0_u32; 8];
    for eight in eights {
        for ((sum, odd), element) in sums.iter_mut().zip(&mut odd).zip(eight) {
            let bits = u32::from(u16::from_le_bytes(*element)) & 0x7fff;
            let value = f32::from_bits(bits << 13) * UNIT;
            *sum += value * value;
            *odd |= bits.wrapping_add(0x0400);
        }
    }
    if odd.iter().any(|odd| odd & 0x8000 != 0) {
        return squares(row, |bytes| half(u16::from_le_bytes(bytes)));
    }
    let left = squares(rest.as_flattened(), |bytes| half(u16::from_le_bytes(bytes)));
    sums.iter().map(|sum| f64::from(*sum)).sum::<f64>() + left
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_their_value() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2_f64.powi(-24)),
            (0x0400, 2_f64.powi(-14)),
            (0x8000, 0.0),
        ] {
            assert!(
                (half(bits) - value).abs() < f64::EPSILON * value.abs().max(1e-9),
                "{bits:x}"
            );
        }
        assert!(half(0x7c00).is_infinite());
    }

    #[test]
    fn norms_of_halves_are_those_of_their_values() {
        let norm = |row: &[u16]| {
            let row: Vec<u8> = row.iter().flat_map(|bits| bits.to_le_bytes()).collect();
            Rows::new(Element::F16, row.len() as u64)
                .unwrap()
                .norm(&row)
        };
        for bits in 0..=u16::MAX {
            let value = half(bits).abs();
            let alone = if value.is_finite() { value } else { 0.0 };
            // In a group of eight, and in what is left over.
            for row in [&[bits, 0, 0, 0, 0, 0, 0, 0][..], &[0, bits]] {
                let norm = norm(row);
                assert!((norm - alone).abs() <= alone * 1e-6, "{bits:x}: {norm}");
            }
        }
        assert!((norm(&[0x4200, 0x4400, 0x7c00, 0x7e00, 0, 0, 0, 0, 0]) - 5.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_not_finite_counts_for_nothing() {
        let row: Vec<u8> = [3.0_f32, f32::NAN, f32::INFINITY, 4.0]
            .iter()
            .chain(&[0.0; 9])
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let rows = Rows::new(Element::F32, row.len() as u64).unwrap();
        assert!((rows.norm(&row) - 5.0).abs() < 1e-9);
    }
}
