//! Whether floating-point numbers look like numbers.

use super::Element;

/// Fewer elements than this say nothing.
const LEAST: u64 = 1024;
/// Bits that are told apart in a NaN.
const DISTINCT: usize = 64;
/// Elements counted in a row, few enough for counts of 32 bits.
const RUN: usize = 1 << 16;

/// Counts over the elements of a tensor.
pub(super) struct Numbers {
    element: Element,
    count: u64,
    not_a_number: u64,
    /// Different bit patterns of NaN; one or two is what arithmetic makes.
    patterns: Vec<u64>,
    /// Elements by exponent, scaled to 8 bits.
    exponents: [u64; 256],
}

impl Numbers {
    pub(super) const fn new(element: Element) -> Self {
        Self {
            element,
            count: 0,
            not_a_number: 0,
            patterns: Vec::new(),
            exponents: [0; 256],
        }
    }

    /// Counts whole elements; bytes left over at the end are not looked at.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for run in bytes.chunks(RUN) {
            match self.element {
                Element::F32 => self.run(run, |bytes| {
                    let bits = u32::from_le_bytes(bytes);
                    ((bits >> 23) & 0xff, u64::from(bits & 0x007f_ffff))
                }),
                Element::Bf16 => self.run(run, |bytes| {
                    let bits = u16::from_le_bytes(bytes);
                    (u32::from(bits >> 7) & 0xff, u64::from(bits & 0x7f))
                }),
                Element::F16 => self.run(run, |bytes| {
                    let bits = u16::from_le_bytes(bytes);
                    (u32::from(bits >> 10) & 0x1f, u64::from(bits & 0x3ff))
                }),
                Element::F64 => self.run(run, |bytes| {
                    let bits = u64::from_le_bytes(bytes);
                    let [.., low, high] = bytes;
                    let exponent = u32::from(u16::from_le_bytes([low, high]) >> 4) & 0x7ff;
                    (exponent, bits & ((1 << 52) - 1))
                }),
                Element::Other => return,
            }
        }
    }

    /// Counts elements of `N` bytes, each of which `parts` takes apart into exponent and mantissa.
    fn run<const N: usize>(&mut self, bytes: &[u8], parts: impl Fn([u8; N]) -> (u32, u64)) {
        // Exponents of weights are few: with one table, each count would wait for the one before.
        let mut tables = [[0_u32; 256]; 4];
        let scale = if N == 8 { 3 } else { 0 };
        let bucket = |element: &[u8; N]| (parts(*element).0 >> scale) as u8;
        let (elements, _) = bytes.as_chunks::<N>();
        let (fours, rest) = elements.as_chunks::<4>();
        for four in fours {
            for (table, element) in tables.iter_mut().zip(four) {
                count(table, bucket(element));
            }
        }
        if let Some(table) = tables.first_mut() {
            rest.iter()
                .for_each(|element| count(table, bucket(element)));
        }
        for table in &tables {
            for (sum, count) in self.exponents.iter_mut().zip(table) {
                *sum = sum.saturating_add(u64::from(*count));
            }
        }
        self.count = self.count.saturating_add(elements.len() as u64);
        let special = match self.element {
            Element::F16 => 0x1f,
            Element::F64 => 0x7ff,
            _ => 0xff,
        };
        let last = (special >> scale) as usize;
        if tables
            .iter()
            .any(|table| table.get(last).is_some_and(|count| *count > 0))
        {
            for (exponent, mantissa) in elements.iter().map(|element| parts(*element)) {
                if exponent == special && mantissa != 0 {
                    self.nan(mantissa);
                }
            }
        }
    }

    fn nan(&mut self, mantissa: u64) {
        self.not_a_number = self.not_a_number.saturating_add(1);
        if self.patterns.len() < DISTINCT && !self.patterns.contains(&mantissa) {
            self.patterns.push(mantissa);
        }
    }

    /// What is odd about the values, in words.
    pub(super) fn odd(&self) -> Option<String> {
        if self.element == Element::Other || self.count < LEAST {
            return None;
        }
        if self.patterns.len() >= DISTINCT && self.not_a_number > self.count / 8 {
            return Some(format!(
                "{} of its {} values are no number (NaN), each with bits of its own: room for data",
                self.not_a_number, self.count
            ));
        }
        let (range, many) = match self.element {
            // Five bits of exponent: numbers use some of them, data all alike.
            Element::F16 => (0..32, 30),
            // Beyond 10^12 in size, where no weight, count or mask of one value is.
            Element::F64 => (133..256, 60),
            _ => (167..255, 40),
        };
        let selected = || self.exponents.get(range.clone()).unwrap_or_default();
        let used = selected().iter().filter(|count| **count > 0).count();
        let share = selected().iter().sum::<u64>();
        let even = self.element != Element::F16
            || selected()
                .iter()
                .all(|count| (self.count / 48..=self.count / 22).contains(count));
        (used >= many && share > self.count / 6 && even).then(|| {
            format!(
                "its {} values spread over all exponents, as encrypted or packed data does and weights do not",
                self.count
            )
        })
    }
}

fn count(table: &mut [u32; 256], exponent: u8) {
    if let Some(count) = table.get_mut(usize::from(exponent)) {
        *count = count.wrapping_add(1);
    }
}
