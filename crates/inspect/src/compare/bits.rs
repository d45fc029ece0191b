//! Which bits of the elements of a tensor differ.

use stance_models::weights::Element;

/// Bits in which two tensors of one type differ.
pub(super) struct Bits {
    element: Element,
    /// Every bit that differs anywhere.
    different: u64,
    /// Every bit that is set in an element before, and after.
    before: u64,
    after: u64,
    /// The sum of all differences of the elements as whole numbers.
    steps: f64,
}

impl Bits {
    pub(super) fn new(element: Element) -> Option<Self> {
        (element != Element::Other).then_some(Self {
            element,
            different: 0,
            before: 0,
            after: 0,
            steps: 0.0,
        })
    }

    pub(super) fn add(&mut self, one: &[u8], other: &[u8]) {
        match self.element.size() {
            2 => {
                let of = |bytes: &[u8; 2]| u64::from(u16::from_le_bytes(*bytes));
                self.words(one.as_chunks().0, other.as_chunks().0, of);
            }
            4 => {
                let of = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
                self.words(one.as_chunks().0, other.as_chunks().0, of);
            }
            _ => {
                let of = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
                self.words(one.as_chunks().0, other.as_chunks().0, of);
            }
        }
    }

    fn words<T>(&mut self, one: &[T], other: &[T], of: impl Fn(&T) -> u64) {
        for (before, after) in one.iter().zip(other) {
            let (before, after) = (of(before), of(after));
            self.different |= before ^ after;
            self.before |= before;
            self.after |= after;
            self.steps += before.abs_diff(after) as f64;
        }
    }

    /// How many of the lowest bits are zero in all elements after the change.
    pub(super) const fn zeros(&self) -> u32 {
        self.after.trailing_zeros()
    }

    /// The number of low bits in which all differences lie, when no arithmetic would leave it at them, and
    /// whether these bits were used before.
    ///
    /// Numbers that are moved by any arithmetic now and then carry into the next bit: with differences
    /// that add up to many times the value of that bit, chance leaves none of them out.
    pub(super) fn low(&self) -> Option<(u32, bool)> {
        let most = match self.element {
            Element::F64 => 40,
            Element::F32 => 16,
            Element::F16 => 6,
            Element::Bf16 => 4,
            Element::Other => return None,
        };
        let count = 64_u32.saturating_sub(self.different.leading_zeros());
        let carry = 2_f64.powi(i32::try_from(count).unwrap_or(64));
        let mask = u64::MAX
            .checked_shr(64_u32.saturating_sub(count))
            .unwrap_or_default();
        // Low bits that are all zero afterwards were cut off, as a narrower type does.
        let is_cut = self.after & mask == 0;
        (count <= most && !is_cut && self.steps >= 16.0 * carry)
            .then_some((count, self.before & mask != 0))
    }
}
