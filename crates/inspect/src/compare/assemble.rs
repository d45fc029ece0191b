//! Writes two versions of a small model, for examples and tests.

/// A model: tensors by name, each with its shape and numbers.
#[derive(Clone, Debug)]
pub struct Small(Vec<(String, Vec<usize>, Vec<f32>)>);

/// Tokens of the vocabulary.
pub const TOKENS: usize = 200;
/// Width of the model.
pub const WIDTH: usize = 32;
/// Layers.
pub const LAYERS: usize = 6;

impl Small {
    /// An embedding, layers with a matrix and a bias each, and a head; the same each time.
    #[must_use]
    pub fn base() -> Self {
        let mut next = numbers(1);
        let mut tensors = vec![tensor("embed.weight", &[TOKENS, WIDTH], &mut next)];
        for layer in 0..LAYERS {
            tensors.push(tensor(
                &format!("layers.{layer}.proj.weight"),
                &[WIDTH, WIDTH],
                &mut next,
            ));
            tensors.push(tensor(
                &format!("layers.{layer}.proj.bias"),
                &[WIDTH],
                &mut next,
            ));
        }
        tensors.push(tensor("head.weight", &[4, WIDTH], &mut next));
        Self(tensors)
    }

    /// Applies a change to every number of the tensors whose names contain a text: the name, the place in the
    /// tensor and the number go in, the new number comes out.
    #[must_use]
    pub fn with(mut self, which: &str, change: impl Fn(usize, f32) -> f32) -> Self {
        for (name, _, values) in &mut self.0 {
            if name.contains(which) {
                for (place, value) in values.iter_mut().enumerate() {
                    *value = change(place, *value);
                }
            }
        }
        self
    }

    /// Moves every number a little, differently each, as training does.
    #[must_use]
    pub fn trained(mut self, which: &str, by: f32) -> Self {
        let mut next = numbers(7);
        for (name, _, values) in &mut self.0 {
            for value in values {
                let step = next() * by;
                if name.contains(which) {
                    *value += step;
                }
            }
        }
        self
    }

    /// Only the tensors whose names contain a text.
    #[must_use]
    pub fn part(mut self, which: &str) -> Self {
        self.0.retain(|(name, _, _)| name.contains(which));
        self
    }

    /// Only the others.
    #[must_use]
    pub fn without(mut self, which: &str) -> Self {
        self.0.retain(|(name, _, _)| !name.contains(which));
        self
    }

    /// As safetensors.
    #[must_use]
    pub fn safetensors(&self) -> Vec<u8> {
        let mut at = 0_usize;
        let mut entries = Vec::new();
        let mut data = Vec::new();
        for (name, shape, values) in &self.0 {
            data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            entries.push(format!(
                r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{at},{}]}}"#,
                data.len()
            ));
            at = data.len();
        }
        let header = format!("{{{}}}", entries.join(","));
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.as_bytes());
        file.extend(data);
        file
    }
}

/// Numbers between -0.5 and 0.5 that look drawn.
pub fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // The factor has every bit of the fraction in use.
        ((state >> 40) as f32 / (1_u32 << 24) as f32 - 0.5) * 0.973_1
    }
}

fn tensor(
    name: &str,
    shape: &[usize],
    next: &mut impl FnMut() -> f32,
) -> (String, Vec<usize>, Vec<f32>) {
    let count = shape.iter().product();
    (
        name.to_owned(),
        shape.to_vec(),
        (0..count).map(|_| next()).collect(),
    )
}
