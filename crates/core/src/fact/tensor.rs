//! Tensors, told one by one.

use serde::Serialize;

use super::Artifact;
use crate::evidence::Evidence;

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

/// The names of tensors, added up to two numbers: equal names in any order give equal numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TensorNames {
    /// How many there are.
    pub count: u64,
    /// The sum of their hashes.
    pub mark: u64,
}

impl TensorNames {
    /// Names of this many bytes or more are counted but not compared: parsers keep them shortened.
    const LONGEST: usize = 400;

    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        self.count = self.count.saturating_add(1);
        if name.len() < Self::LONGEST {
            // FNV-1a, which is the same on every machine.
            let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            self.mark = self.mark.wrapping_add(hash);
        }
    }
}

/// A file that an index names, and what it places there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shard {
    /// The file, beside the index.
    pub name: String,
    /// The tensors that it should hold.
    pub tensors: TensorNames,
    /// Where it is named first.
    pub evidence: Evidence,
}
