//! The arrays that joblib writes between opcodes.

use super::ndarray::{self, Elements};
use super::place::Place;
use super::tensor::Tensor;
use super::tree::{Tree, Value};

/// Whether it is the class whose state is followed by the bytes of an array.
pub(crate) fn is_wrapper(name: &str) -> bool {
    stance_pickle::joblib::wrapper(name).is_some()
}

/// What follows the state of a wrapper.
pub(crate) struct Extent {
    /// Raw bytes; `None` for an array of objects, which is a pickle stream of its own.
    pub(crate) bytes: Option<u64>,
    /// Whether a byte that says how much padding follows comes first.
    pub(crate) aligned: bool,
}

/// What follows this state; `None` when that cannot be told.
pub(crate) fn extent(tree: &Tree, state: Value) -> Option<Extent> {
    let elements = ndarray::elements(tree, tree.field(state, "dtype")?)?;
    if matches!(elements, Elements::Objects) {
        return Some(Extent {
            bytes: None,
            aligned: false,
        });
    }
    let shape = ndarray::integers(tree, tree.field(state, "shape")?)?;
    let count = shape
        .iter()
        .try_fold(1_u64, |product, side| product.checked_mul(*side))?;
    Some(Extent {
        bytes: Some(count.checked_mul(elements.size()?)?),
        aligned: alignment(tree, state).is_some(),
    })
}

/// The alignment that the bytes of an array are given in the file.
pub(crate) fn alignment(tree: &Tree, state: Value) -> Option<u64> {
    match tree.field(state, "numpy_array_alignment_bytes")? {
        Value::Int(bytes) => u64::try_from(bytes).ok(),
        _ => None,
    }
}

/// The array whose bytes are at `start`.
pub(crate) fn array(tree: &Tree, state: Value, start: u64, length: u64) -> Result<Tensor, String> {
    let unknown = "an array of joblib of an unknown form";
    let field = |name| tree.field(state, name).ok_or(unknown);
    let elements = ndarray::elements(tree, field("dtype")?).ok_or(unknown)?;
    let shape = ndarray::integers(tree, field("shape")?).ok_or(unknown)?;
    let column_major = tree.as_str(field("order")?) == Some("F");
    let place = || Ok(Place::Raw { start, length });
    ndarray::of(shape, &elements, place, column_major)
}
