//! How much of a text is looked at.

/// Bounds of [`judge`](super::judge).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes of a text are looked at; the rest is told as not scanned.
    pub bytes: usize,
    /// How many bytes all decoded and derived texts of it may have together.
    pub derived: usize,
    /// How many texts may be decoded or derived from it.
    pub texts: usize,
    /// How often an encoding inside of an encoding is undone.
    pub depth: u32,
}

impl Default for Limits {
    /// A mebibyte, as much again of what is decoded, 24 texts, encodings up to three deep.
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            derived: 1 << 20,
            texts: 24,
            depth: 3,
        }
    }
}
