//! Whether floating-point numbers look like numbers.

use super::Element;

/// Fewer elements than this say nothing.
const LEAST: u64 = 1024;
/// Bits that are told apart in a NaN.
const DISTINCT: usize = 64;

/// Counts over the elements of a tensor.
pub(super) struct Numbers {
    element: Element,
    count: u64,
    not_a_number: u64,
    /// Different bit patterns of NaN; one or two is what arithmetic makes.
    patterns: Vec<u64>,
    /// Elements by exponent, scaled to 8 bits.
    exponents: Box<[u64; 256]>,
    rest: Vec<u8>,
}

impl Numbers {
    pub(super) fn new(element: Element) -> Self {
        Self {
            element,
            count: 0,
            not_a_number: 0,
            patterns: Vec::new(),
            exponents: Box::new([0; 256]),
            rest: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let size = self.element.size();
        if self.element == Element::Other {
            return;
        }
        let mut bytes = bytes;
        if !self.rest.is_empty() {
            let missing = size.saturating_sub(self.rest.len());
            let (head, tail) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.rest.extend_from_slice(head);
            bytes = tail;
            if self.rest.len() < size {
                return;
            }
            let element = std::mem::take(&mut self.rest);
            self.elements(&element);
        }
        let whole = bytes
            .len()
            .saturating_sub(bytes.len().checked_rem(size).unwrap_or_default());
        let (elements, rest) = bytes.split_at_checked(whole).unwrap_or((bytes, &[]));
        self.rest.extend_from_slice(rest);
        self.elements(elements);
    }

    fn elements(&mut self, bytes: &[u8]) {
        match self.element {
            Element::F32 => {
                for four in bytes.as_chunks::<4>().0 {
                    let bits = u32::from_le_bytes(*four);
                    let exponent = (bits >> 23) & 0xff;
                    self.one(exponent, exponent == 0xff, u64::from(bits & 0x007f_ffff));
                }
            }
            Element::Bf16 => {
                for two in bytes.as_chunks::<2>().0 {
                    let bits = u32::from(u16::from_le_bytes(*two));
                    let exponent = (bits >> 7) & 0xff;
                    self.one(exponent, exponent == 0xff, u64::from(bits & 0x7f));
                }
            }
            Element::F16 => {
                for two in bytes.as_chunks::<2>().0 {
                    let bits = u32::from(u16::from_le_bytes(*two));
                    let exponent = (bits >> 10) & 0x1f;
                    self.one(exponent, exponent == 0x1f, u64::from(bits & 0x3ff));
                }
            }
            Element::F64 => {
                for eight in bytes.as_chunks::<8>().0 {
                    let bits = u64::from_le_bytes(*eight);
                    let exponent = u32::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
                    self.one(exponent >> 3, exponent == 0x7ff, bits & ((1 << 52) - 1));
                }
            }
            Element::Other => {}
        }
    }

    fn one(&mut self, exponent: u32, special: bool, mantissa: u64) {
        self.count = self.count.saturating_add(1);
        if let Some(count) = self.exponents.get_mut((exponent & 0xff) as usize) {
            *count = count.saturating_add(1);
        }
        if special && mantissa != 0 {
            self.not_a_number = self.not_a_number.saturating_add(1);
            if self.patterns.len() < DISTINCT && !self.patterns.contains(&mantissa) {
                self.patterns.push(mantissa);
            }
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
