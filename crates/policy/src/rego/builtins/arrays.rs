//! `array.flatten`.

use regorus::Value;

use super::context::produce;
use super::{Function, Outcome, Refused, argument, kind};

pub(super) const FUNCTIONS: &[Function] = &[("array.flatten", 1, flatten)];

/// All elements of an array and of the arrays in it, however deep, in order.
fn flatten(given: &[Value]) -> Outcome {
    let Value::Array(items) = argument(given, 0) else {
        return Err(Refused::argument(format!(
            "operand 1 must be an array but is {}",
            kind(argument(given, 0))
        )));
    };
    let mut flat = Vec::new();
    let mut open: Vec<&Value> = items.iter().collect();
    open.reverse();
    while let Some(value) = open.pop() {
        produce(16)?;
        match value {
            Value::Array(items) => {
                let from = open.len();
                open.extend(items.iter());
                if let Some(new) = open.get_mut(from..) {
                    new.reverse();
                }
            }
            other => flat.push(other.clone()),
        }
    }
    Ok(Value::from(flat))
}
