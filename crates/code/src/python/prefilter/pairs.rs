//! A set of pairs of bytes: the quick test before a slow one.

/// A set of pairs of bytes.
pub(super) struct Pairs(Box<[u64; 1024]>);

impl Default for Pairs {
    fn default() -> Self {
        Self(Box::new([0; 1024]))
    }
}

impl std::fmt::Debug for Pairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pairs")
    }
}

impl Pairs {
    fn place(first: u8, second: u8) -> (usize, u32) {
        let number = (usize::from(first) << 8) | usize::from(second);
        (number >> 6, u32::from(second & 63))
    }

    pub(super) fn insert(&mut self, first: u8, second: u8) {
        let (word, bit) = Self::place(first, second);
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1_u64.wrapping_shl(bit);
        }
    }

    /// Adds the first two bytes of a text.
    pub(super) fn insert_start(&mut self, text: &str) {
        if let [first, second, ..] = text.as_bytes() {
            self.insert(*first, *second);
        }
    }

    /// Adds the last two bytes of a text.
    pub(super) fn insert_end(&mut self, text: &str) {
        if let [.., first, second] = text.as_bytes() {
            self.insert(*first, *second);
        }
    }

    pub(super) fn contains(&self, first: u8, second: u8) -> bool {
        let (word, bit) = Self::place(first, second);
        self.0
            .get(word)
            .is_some_and(|word| word & 1_u64.wrapping_shl(bit) != 0)
    }

    pub(super) fn has_start(&self, text: &[u8]) -> bool {
        matches!(text, [first, second, ..] if self.contains(*first, *second))
    }

    pub(super) fn has_end(&self, text: &[u8]) -> bool {
        matches!(text, [.., first, second] if self.contains(*first, *second))
    }
}
