//! The arrays that joblib writes between opcodes.

use super::value::{Heap, Object, Value};

/// What follows the description of an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length {
    /// Raw bytes; `None` for an array of objects, which is a pickle stream of its own.
    pub(super) bytes: Option<u64>,
    /// Whether a padding byte and padding come first.
    pub(super) aligned: bool,
}

/// What follows when `state` is the state of an instance called `name`; `None` when that is no
/// array of joblib, `Some(None)` when it is one whose size cannot be told.
pub(super) fn of(heap: &Heap, name: &str, state: Value) -> Option<Option<Length>> {
    // scikit-learn carried a copy of joblib until 0.22.
    let name = name.strip_prefix("sklearn.externals.").unwrap_or(name);
    if name != "joblib.numpy_pickle.NumpyArrayWrapper()" {
        return None;
    }
    let Some(Object::Dict(entries)) = heap.get(state) else {
        return None;
    };
    let field = |wanted: &str| {
        entries
            .iter()
            .find(|(key, _)| heap.is_text(*key, wanted))
            .map(|(_, value)| *value)
    };
    let (shape, dtype) = (field("shape")?, field("dtype")?);
    let aligned = matches!(field("numpy_array_alignment_bytes"), Some(Value::Int(_)));
    Some(length(heap, shape, dtype, aligned))
}

fn length(heap: &Heap, shape: Value, dtype: Value, aligned: bool) -> Option<Length> {
    let elements = heap
        .items(shape)?
        .iter()
        .try_fold(1_u64, |product, side| match side {
            Value::Int(side) => product.checked_mul(u64::try_from(*side).ok()?),
            Value::Object(_) => product.checked_mul(scalar(heap, *side)?),
            _ => None,
        })?;
    let bytes = match item_size(heap, dtype)? {
        Size::Object => None,
        Size::Bytes(size) => Some(elements.checked_mul(size)?),
    };
    Some(Length {
        bytes,
        aligned: aligned && bytes.is_some(),
    })
}

/// A NumPy integer scalar in a shape.
fn scalar(heap: &Heap, value: Value) -> Option<u64> {
    match heap.get(value)? {
        Object::Instance { arguments, .. } => {
            let raw = heap.as_bytes(*arguments.get(1)?)?;
            (raw.len() <= 8).then(|| {
                raw.iter()
                    .rev()
                    .fold(0, |number, byte| number << 8 | u64::from(*byte))
            })
        }
        _ => None,
    }
}

enum Size {
    Object,
    Bytes(u64),
}

/// Bytes of one element, from the description that `numpy.dtype` was called with.
fn item_size(heap: &Heap, dtype: Value) -> Option<Size> {
    let Some(Object::Instance {
        of,
        arguments,
        state,
    }) = heap.get(dtype)
    else {
        return None;
    };
    if !of.ends_with("dtype") {
        return None;
    }
    let text = heap.as_name(*arguments.first()?)?;
    let text = text.trim_start_matches(['<', '>', '=', '|']);
    let kind = text.chars().next()?;
    if kind == 'O' {
        return Some(Size::Object);
    }
    let digits: u64 = text.get(kind.len_utf8()..)?.parse().ok()?;
    // The state of the type tells the size where the description may not: (.., size, alignment, flags).
    if let Some(items) = heap.items(*state) {
        let flags = match items.get(7) {
            Some(Value::Int(flags)) => *flags,
            _ => 0,
        };
        if kind == 'V' && flags & 1 == 1 {
            return Some(Size::Object);
        }
        if let Some(Value::Int(size)) = items.get(5)
            && *size > 0
        {
            return u64::try_from(*size).ok().map(Size::Bytes);
        }
    }
    Some(Size::Bytes(if kind == 'U' {
        digits.checked_mul(4)?
    } else {
        digits
    }))
}
