//! Tensors, told one by one.

use serde::Serialize;

use super::Artifact;

/// A tensor as the header of its file describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tensor {
    /// Its name, shortened.
    pub name: String,
    /// Its data type, in the format's own spelling.
    pub dtype: String,
    /// Its dimensions in the order of the format, at most [`Tensor::DIMENSIONS`] of them.
    pub shape: Vec<u64>,
    /// Where its data starts, counted from the start of the file, where the header tells.
    pub offset: Option<u64>,
    /// How many bytes of data it has, where the header tells.
    pub bytes: Option<u64>,
}

impl Tensor {
    /// Most dimensions that are kept: more than any format allows.
    pub const DIMENSIONS: usize = 32;
}

impl Artifact {
    /// Adds a tensor to those told one by one, of which there are at most `most`.
    pub fn list_tensor(&mut self, most: usize, tensor: impl FnOnce() -> Tensor) {
        if self.tensor_list.len() < most {
            self.tensor_list.push(tensor());
        }
    }
}
