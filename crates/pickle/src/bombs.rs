//! Calls that take all memory, or never end, with the arguments they are given.

use super::value::{Heap, Object, Value};

/// A value of more elements or bytes than this is made to take the memory of the loader.
const ELEMENTS: i64 = 500_000_000;

/// Digits of a power beyond which counting it takes minutes.
const BITS: i64 = 50_000_000;

/// What the call would do; `None` for all that ends.
pub(super) fn of(heap: &Heap, name: &str, arguments: &[Value]) -> Option<String> {
    let first = arguments.first().copied()?;
    let second = arguments.get(1).copied().unwrap_or(Value::Unknown);
    let short = name.strip_prefix("builtins.").unwrap_or(name);
    let large = |count: i64| count > ELEMENTS;
    match short {
        "bytearray" | "bytes" => match first {
            Value::Int(count) if large(count) => Some(format!("makes {count} bytes")),
            _ => None,
        },
        "operator.mul" | "operator.imul" | "str.__mul__" | "bytes.__mul__" => {
            let ((of, Value::Int(times)) | (Value::Int(times), of)) = (first, second) else {
                return None;
            };
            let length = match of {
                Value::Int(_) => return None,
                of => i64::try_from(heap.size(of)).ok()?,
            };
            let made = length.saturating_mul(times);
            large(made).then(|| format!("makes {made} elements of {length}"))
        }
        "operator.pow" | "pow" | "operator.lshift" => {
            let (Value::Int(base), Value::Int(exponent)) = (first, second) else {
                return None;
            };
            let bits = if short == "operator.lshift" {
                exponent
            } else if base.unsigned_abs() < 2 || arguments.len() > 2 {
                0
            } else {
                exponent.saturating_mul(i64::from(base.unsigned_abs().ilog2().max(1)))
            };
            (bits > BITS).then(|| format!("counts a number of {bits} bits"))
        }
        _ if CONSUMERS.contains(&short) => arguments.iter().find_map(|argument| {
            let Object::Instance { of, arguments, .. } = heap.get(*argument)? else {
                return None;
            };
            let of = super::names::python3_name(of);
            match (
                of.strip_prefix("builtins.").unwrap_or(&of),
                arguments.as_slice(),
            ) {
                ("range" | "xrange", bounds) => {
                    let number = |value: &Value| match value {
                        Value::Int(number) => Some(*number),
                        _ => None,
                    };
                    let last = bounds.get(1).or_else(|| bounds.first()).and_then(number)?;
                    let step = bounds.get(2).and_then(number).unwrap_or(1).max(1);
                    let count = last.checked_div(step)?;
                    large(count).then(|| format!("goes through {count} numbers"))
                }
                ("itertools.count" | "itertools.cycle", _) | ("itertools.repeat", [_]) => {
                    Some(format!("uses up `{of}`, which never ends"))
                }
                _ => None,
            }
        }),
        _ => None,
    }
}

/// Functions that use an iterator up.
const CONSUMERS: &[&str] = &[
    "all",
    "bytearray",
    "bytes",
    "collections.Counter",
    "collections.OrderedDict",
    "dict",
    "frozenset",
    "functools.reduce",
    "list",
    "max",
    "min",
    "numpy.array",
    "numpy.fromiter",
    "set",
    "sorted",
    "statistics.mean",
    "str.join",
    "sum",
    "tuple",
];
