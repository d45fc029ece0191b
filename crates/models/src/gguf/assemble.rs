//! Writes GGUF files, true and untrue ones, for tests and the examples of rules.

/// A file under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    entries: Vec<u8>,
    entry_count: u64,
    tensors: Vec<u8>,
    tensor_count: u64,
    data: Vec<u8>,
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

impl Builder {
    /// Adds a text to the metadata.
    #[must_use]
    pub fn string(mut self, key: &str, value: &str) -> Self {
        text(&mut self.entries, key);
        self.entries.extend(8_u32.to_le_bytes());
        text(&mut self.entries, value);
        self.entry_count = self.entry_count.saturating_add(1);
        self
    }

    /// Adds a number to the metadata.
    #[must_use]
    pub fn number(mut self, key: &str, value: u32) -> Self {
        text(&mut self.entries, key);
        self.entries.extend(4_u32.to_le_bytes());
        self.entries.extend(value.to_le_bytes());
        self.entry_count = self.entry_count.saturating_add(1);
        self
    }

    /// Adds a list of texts to the metadata.
    #[must_use]
    pub fn strings(mut self, key: &str, values: &[&str]) -> Self {
        text(&mut self.entries, key);
        self.entries.extend(9_u32.to_le_bytes());
        self.entries.extend(8_u32.to_le_bytes());
        self.entries.extend((values.len() as u64).to_le_bytes());
        for value in values {
            text(&mut self.entries, value);
        }
        self.entry_count = self.entry_count.saturating_add(1);
        self
    }

    /// Adds a tensor of 32-bit floats with its data.
    #[must_use]
    pub fn tensor(self, name: &str, dimensions: &[u64]) -> Self {
        let offset = self.data.len() as u64;
        let bytes = dimensions
            .iter()
            .fold(4_u64, |bytes, size| bytes.saturating_mul(*size));
        let mut next = self.description(name, dimensions, offset);
        let end = offset.saturating_add(bytes).next_multiple_of(32);
        next.data
            .resize(usize::try_from(end).unwrap_or_default(), 1);
        next
    }

    /// Adds the description of a tensor without data.
    #[must_use]
    pub fn description(mut self, name: &str, dimensions: &[u64], offset: u64) -> Self {
        text(&mut self.tensors, name);
        let count = u32::try_from(dimensions.len()).unwrap_or(u32::MAX);
        self.tensors.extend(count.to_le_bytes());
        for size in dimensions {
            self.tensors.extend(size.to_le_bytes());
        }
        self.tensors.extend(0_u32.to_le_bytes());
        self.tensors.extend(offset.to_le_bytes());
        self.tensor_count = self.tensor_count.saturating_add(1);
        self
    }

    /// The bytes, with these counts in the header.
    #[must_use]
    pub fn claiming(&self, tensors: u64, entries: u64) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3_u32.to_le_bytes());
        out.extend(tensors.to_le_bytes());
        out.extend(entries.to_le_bytes());
        out.extend(&self.entries);
        out.extend(&self.tensors);
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(&self.data);
        out
    }

    /// The bytes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.claiming(self.tensor_count, self.entry_count)
    }
}

/// A small model with this chat template.
#[must_use]
pub fn with_template(template: &str) -> Vec<u8> {
    sound().string("tokenizer.chat_template", template).build()
}

/// A small model, as it should be.
#[must_use]
pub fn sound() -> Builder {
    Builder::default()
        .string("general.architecture", "llama")
        .string("general.license", "apache-2.0")
        .number("general.file_type", 0)
        .strings("tokenizer.ggml.tokens", &["<s>", "</s>", "a"])
        .tensor("token_embd.weight", &[8, 4])
        .tensor("output.weight", &[3])
}
