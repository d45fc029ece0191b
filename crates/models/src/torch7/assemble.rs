//! Writes small files of Torch 7, for tests and the examples of rules.

/// A value under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder(Vec<u8>);

impl Builder {
    /// Adds a number of four bytes.
    #[must_use]
    pub fn int(mut self, value: u32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds a number of eight bytes.
    #[must_use]
    pub fn long(mut self, value: u64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds bytes behind their length.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut next = self.int(u32::try_from(bytes.len()).unwrap_or_default());
        next.0.extend(bytes);
        next
    }

    /// Adds bytes as they are.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// Begins an object of a class.
    #[must_use]
    pub fn class(self, number: u32, name: &str) -> Self {
        self.int(4).int(number).bytes(b"V 1").bytes(name.as_bytes())
    }

    /// The bytes.
    #[must_use]
    pub fn build(self) -> Vec<u8> {
        self.0
    }
}

/// A layer with one weight of two by two.
#[must_use]
pub fn layer() -> Vec<u8> {
    let tensor = Builder::default()
        .class(1, "nn.Linear")
        // Its fields: one entry.
        .int(3)
        .int(2)
        .int(1)
        .int(2)
        .bytes(b"weight")
        .class(3, "torch.FloatTensor")
        .int(2)
        .long(2)
        .long(2)
        .long(2)
        .long(1)
        .long(1)
        .class(4, "torch.FloatStorage")
        .long(4);
    tensor.raw(&[0x3d; 16]).build()
}

/// A table with a function of these bytes under the name `forward`.
#[must_use]
pub fn function(code: &[u8]) -> Vec<u8> {
    Builder::default()
        .int(3)
        .int(1)
        .int(1)
        .int(2)
        .bytes(b"forward")
        .int(8)
        .int(2)
        .bytes(code)
        .int(0)
        .build()
}
