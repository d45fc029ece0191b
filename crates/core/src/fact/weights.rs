//! What stands out in the data of tensors.

use serde::Serialize;

use crate::evidence::Evidence;
use crate::severity::Confidence;

/// Something in the data of a tensor that numbers do not have by chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorSign {
    /// What kind.
    pub kind: TensorSignKind,
    /// The tensor's name, shortened.
    pub tensor: String,
    /// What exactly, as the end of a sentence that starts with the tensor.
    pub detail: String,
    /// How sure it is that this is more than an odd but honest tensor.
    pub confidence: Confidence,
    /// Where.
    pub evidence: Evidence,
}

/// What can stand out in the data of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorSignKind {
    /// A program, an archive or a pickle among the numbers.
    Payload,
    /// The same, or a text, put together from the low bits of the numbers.
    LowBitPayload,
    /// The low bits are used in a part of the tensor only.
    LowBits,
    /// Values that no arithmetic makes.
    NotNumbers,
    /// Rows that are dead, repeated or far larger than the others.
    Rows,
}
