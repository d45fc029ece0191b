//! `array.flatten`.

use regorus::Value;

use super::context::produce;
use super::{Function, Outcome, Refused, argument, kind};

pub(super) const FUNCTIONS: &[Function] = &[("array.flatten", 1, flatten)];

/// The elements of an array, and in place of those that are arrays their elements.
fn flatten(given: &[Value]) -> Outcome {
    let Value::Array(items) = argument(given, 0) else {
        return Err(Refused::argument(format!(
            "operand 1 must be an array but is {}",
            kind(argument(given, 0))
        )));
    };
    let mut flat = Vec::new();
    for item in items.iter() {
        match item {
            Value::Array(inner) => {
                produce(inner.len().saturating_mul(16))?;
                flat.extend(inner.iter().cloned());
            }
            other => {
                produce(16)?;
                flat.push(other.clone());
            }
        }
    }
    Ok(Value::from(flat))
}
