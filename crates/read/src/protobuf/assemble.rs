//! Writes messages, for tests and the examples of rules.

/// A number in groups of seven bits.
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}

/// A message under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder(Vec<u8>);

impl Builder {
    /// Adds a number.
    #[must_use]
    pub fn number(mut self, field: u32, value: u64) -> Self {
        varint(&mut self.0, u64::from(field) << 3);
        varint(&mut self.0, value);
        self
    }

    /// Adds a number of four bytes, such as a float.
    #[must_use]
    pub fn fixed32(mut self, field: u32, value: u32) -> Self {
        varint(&mut self.0, (u64::from(field) << 3) | 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds text, bytes or a message.
    #[must_use]
    pub fn bytes(mut self, field: u32, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        varint(&mut self.0, (u64::from(field) << 3) | 2);
        varint(&mut self.0, value.len() as u64);
        self.0.extend(value);
        self
    }

    /// The bytes.
    #[must_use]
    pub fn build(self) -> Vec<u8> {
        self.0
    }
}

impl AsRef<[u8]> for Builder {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
