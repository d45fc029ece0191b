//! Arrays of NumPy in a pickle: what `_reconstruct`, `_frombuffer` and `scalar` would make.

use super::dtype::Dtype;
use super::place::Place;
use super::tensor::Tensor;
use super::tree::{Call, Constant, Object, Tree, Value};

/// The type of the elements of an array.
#[derive(Clone, Debug)]
pub(crate) enum Elements {
    Numbers {
        dtype: Dtype,
        swapped: bool,
    },
    Objects,
    /// Something that safetensors has not; with the bytes of one element where they are known.
    Other {
        name: String,
        size: Option<u64>,
    },
}

impl Elements {
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::Numbers { dtype, .. } => Some(dtype.size()),
            Self::Objects => None,
            Self::Other { size, .. } => *size,
        }
    }
}

/// By a description such as `<f4`.
pub(crate) fn described(text: &str) -> Elements {
    let swapped = text.starts_with('>');
    let code = text.trim_start_matches(['<', '>', '=', '|']);
    if let Some(dtype) = Dtype::of_numpy(code) {
        return Elements::Numbers { dtype, swapped };
    }
    let digits = code.get(1..).unwrap_or_default();
    if code.starts_with('O') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Elements::Objects;
    }
    let number = digits.parse::<u64>().ok();
    let size = match code.chars().next() {
        Some('U') => number.and_then(|number| number.checked_mul(4)),
        Some('m' | 'M') => Some(8),
        Some('S' | 'a' | 'V' | 'f' | 'c') => number,
        _ => None,
    };
    Elements::Other {
        name: stance_core::evidence::shorten(code),
        size,
    }
}

/// By what `numpy.dtype` is called with, and the state that follows.
pub(crate) fn elements(tree: &Tree, dtype: Value) -> Option<Elements> {
    let call = tree.call(dtype)?;
    if tree.name(call.function)? != "numpy.dtype" {
        return None;
    }
    let text = tree.as_str(*tree.items(call.arguments)?.first()?)?;
    let mut found = described(text);
    if let Some(state) = tree.state(call).and_then(|state| tree.items(state)) {
        let order = state.get(1).and_then(|order| tree.as_str(*order));
        if let Elements::Numbers { swapped, .. } = &mut found
            && let Some(order) = order
        {
            *swapped = order == ">";
        }
        if let Elements::Other { size, .. } = &mut found
            && let Some(Value::Int(claimed)) = state.get(5)
            && *claimed > 0
        {
            *size = u64::try_from(*claimed).ok();
        }
        // A record with a field of objects.
        let flags = state.get(7).and_then(|flags| integer(tree, *flags));
        if text
            .trim_start_matches(['<', '>', '=', '|'])
            .starts_with('V')
            && flags.is_some_and(|flags| flags & 1 == 1)
        {
            return Some(Elements::Objects);
        }
    }
    Some(found)
}

/// An integer: one of Python, or a scalar of NumPy.
pub(crate) fn integer(tree: &Tree, value: Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(number).ok(),
        Value::Bool(value) => Some(u64::from(value)),
        Value::Object(_) => {
            let call = tree.call(value)?;
            if !tree.name(call.function)?.ends_with("multiarray.scalar") {
                return None;
            }
            let arguments = tree.items(call.arguments)?;
            let Elements::Numbers { dtype, swapped } = elements(tree, *arguments.first()?)? else {
                return None;
            };
            if matches!(
                dtype,
                Dtype::F16 | Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::BF16
            ) {
                return None;
            }
            let Place::Held { bytes, .. } = place(tree, *arguments.get(1)?)? else {
                return None;
            };
            if bytes.len() > 8 {
                return None;
            }
            let digits = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
            Some(if swapped {
                bytes.iter().fold(0, digits)
            } else {
                bytes.iter().rev().fold(0, digits)
            })
        }
        _ => None,
    }
}

/// A tuple or list of integers, `torch.Size` included; one integer alone counts as one.
pub(crate) fn integers(tree: &Tree, value: Value) -> Option<Vec<u64>> {
    if let Some(call) = tree.call(value)
        && tree
            .name(call.function)
            .is_some_and(|name| name == "torch.Size")
    {
        let inner = tree.items(call.arguments)?.first().copied();
        return inner.map_or(Some(Vec::new()), |inner| integers(tree, inner));
    }
    match tree.items(value) {
        Some(items) => items.iter().map(|item| integer(tree, *item)).collect(),
        None => integer(tree, value).map(|one| vec![one]),
    }
}

/// Where the bytes of a constant are; those of a text are its characters in Latin-1.
pub(crate) fn place(tree: &Tree, value: Value) -> Option<Place> {
    match tree.get(value)? {
        Object::Bytes(constant, _) => Some(match constant {
            Constant::There { start, length } => Place::Raw {
                start: *start,
                length: *length,
            },
            Constant::Kept { .. } => Place::held(tree.bytes(*constant)?),
        }),
        Object::Text(constant) => match constant {
            Constant::There { start, length } => Some(Place::Latin1 {
                start: *start,
                packed: *length,
            }),
            Constant::Kept { .. } => {
                let text = std::str::from_utf8(tree.bytes(*constant)?).ok()?;
                let bytes: Option<Vec<u8>> = text
                    .chars()
                    .map(|character| u8::try_from(u32::from(character)).ok())
                    .collect();
                bytes.map(|bytes| Place::held(&bytes))
            }
        },
        Object::Call(call) => {
            let arguments = tree.items(call.arguments)?;
            match tree.name(call.function)? {
                // How Python 3 writes bytes below protocol 3.
                "_codecs.encode" | "codecs.encode" => {
                    let codec = arguments.get(1).and_then(|codec| tree.as_str(*codec))?;
                    if !matches!(codec, "latin1" | "latin-1" | "iso-8859-1") {
                        return None;
                    }
                    match tree.get(*arguments.first()?)? {
                        Object::Text(_) => place(tree, *arguments.first()?),
                        _ => None,
                    }
                }
                "builtins.bytes" | "__builtin__.bytes" if arguments.is_empty() => {
                    Some(Place::held(&[]))
                }
                "builtins.bytearray" | "__builtin__.bytearray" => match arguments {
                    [] => Some(Place::held(&[])),
                    [bytes] | [bytes, _] => place(tree, *bytes),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// The array that a call makes; `None` when it makes none.
pub(crate) fn array(tree: &Tree, call: &Call) -> Option<Result<Tensor, String>> {
    let name = tree.name(call.function)?;
    let numpy = name.strip_prefix("numpy.")?;
    let numpy = numpy
        .strip_prefix("core.")
        .or_else(|| numpy.strip_prefix("_core."))
        .unwrap_or(numpy);
    let arguments = tree.items(call.arguments)?;
    match numpy {
        "multiarray._reconstruct" | "_multiarray_umath._reconstruct" => {
            let made = arguments.first().and_then(|class| tree.name(*class));
            if made.is_some_and(|made| made.starts_with("numpy.ma.")) {
                return Some(Err("a masked array".to_owned()));
            }
            Some(reconstructed(tree, call))
        }
        "ma.core._mareconstruct" => Some(Err("a masked array".to_owned())),
        "numeric._frombuffer" => {
            let [buffer, dtype, shape, order] = arguments else {
                return Some(Err("an array of an unknown form".to_owned()));
            };
            Some(build(
                tree,
                *shape,
                *dtype,
                *buffer,
                tree.as_str(*order) == Some("F"),
            ))
        }
        "multiarray.scalar" | "_multiarray_umath.scalar" => {
            let (Some(dtype), Some(bytes)) = (arguments.first(), arguments.get(1)) else {
                return Some(Err("a scalar without a value".to_owned()));
            };
            let shape = Value::None;
            Some(build(tree, shape, *dtype, *bytes, false))
        }
        _ => None,
    }
}

fn reconstructed(tree: &Tree, call: &Call) -> Result<Tensor, String> {
    let state = tree
        .state(call)
        .and_then(|state| tree.items(state))
        .ok_or("an array without content")?;
    // (version, shape, dtype, fortran order, bytes); the oldest have no version.
    let [shape, dtype, fortran, bytes] = *state.last_chunk().ok_or("an array without content")?;
    let column_major = match fortran {
        Value::Bool(fortran) => fortran,
        other => integer(tree, other) == Some(1),
    };
    build(tree, shape, dtype, bytes, column_major)
}

/// An array by its parts; no shape is that of a scalar.
fn build(
    tree: &Tree,
    shape: Value,
    dtype: Value,
    bytes: Value,
    column_major: bool,
) -> Result<Tensor, String> {
    let shape = match shape {
        Value::None => Vec::new(),
        shape => integers(tree, shape).ok_or("an array whose shape is no tuple of numbers")?,
    };
    let elements = elements(tree, dtype).ok_or("an array whose type is not known")?;
    let place = || {
        let usual = place(tree, bytes);
        usual.ok_or_else(|| "an array whose bytes are not in the file".to_owned())
    };
    of(shape, &elements, place, column_major)
}

/// An array of numbers at a place, or what it is instead.
pub(crate) fn of(
    shape: Vec<u64>,
    elements: &Elements,
    place: impl FnOnce() -> Result<Place, String>,
    column_major: bool,
) -> Result<Tensor, String> {
    match elements {
        Elements::Numbers { dtype, swapped } => {
            let place = place()?;
            if column_major {
                Tensor::column_major(*dtype, shape, place, *swapped)
            } else {
                Tensor::contiguous(*dtype, shape, place, *swapped)
            }
        }
        Elements::Objects => Err("an array of Python objects".to_owned()),
        Elements::Other { name, .. } => Err(format!(
            "an array of type `{name}`, which safetensors has not"
        )),
    }
}
