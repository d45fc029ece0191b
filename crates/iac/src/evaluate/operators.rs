//! Comparison and arithmetic of values that may not be known.

use super::{Language, evaluate, made_of};
use crate::expression::{Expression, Operator};
use crate::value::{Node, Reference, Span, Value};

/// Attributes that are never nothing once their resource is made.
fn never_null(reference: &Reference) -> bool {
    matches!(
        &*reference.attribute,
        "" | "id" | "arn" | "name" | "key_id" | "self_link"
    )
}

/// Whether two values are the same; `None` when that is not known.
pub(crate) fn equal(one: &Node, other: &Node) -> Option<bool> {
    match (&one.value, &other.value) {
        (Value::Reference(a), Value::Reference(b)) if a == b => Some(true),
        (Value::Reference(reference), Value::Null) | (Value::Null, Value::Reference(reference))
            if never_null(reference) =>
        {
            Some(false)
        }
        (Value::Unknown(_) | Value::Reference(_), _)
        | (_, Value::Unknown(_) | Value::Reference(_)) => None,
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (Value::Array(a), Value::Array(b)) => {
            if a.items.len() != b.items.len() {
                return Some(false);
            }
            all(a.items.iter().zip(&b.items).map(|(a, b)| equal(a, b)))
        }
        (Value::Object(a), Value::Object(b)) => {
            if a.entries.len() != b.entries.len() {
                return Some(false);
            }
            let pairs = a.entries.iter().zip(&b.entries);
            all(pairs.map(|(a, b)| {
                if a.key == b.key {
                    equal(&a.value, &b.value)
                } else {
                    other
                        .get(&a.key)
                        .map_or(Some(false), |found| equal(&a.value, found))
                }
            }))
        }
        _ => match (one.scalar(), other.scalar()) {
            (Some(a), Some(b)) => Some(a == b),
            _ => Some(false),
        },
    }
}

fn all(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    parts
        .try_fold(true, |_, part| match part {
            Some(true) => Ok(true),
            other => Err(other),
        })
        .map_or_else(|other| other, Some)
}

pub(super) fn operate(
    language: &mut impl Language,
    left: Node,
    operator: Operator,
    right: &Expression,
    span: Span,
) -> Node {
    let truth = |value| Node::new(Value::Bool(value), span);
    match (operator, left.as_bool()) {
        (Operator::And, Some(false)) => return truth(false),
        (Operator::Or, Some(true)) => return truth(true),
        _ => {}
    }
    if operator == Operator::Coalesce && left.is_known() && !left.is_null() {
        return left;
    }
    let right = evaluate(language, right);
    let made = match operator {
        Operator::Coalesce => left.is_null().then(|| right.value.clone()),
        Operator::And => match (left.as_bool(), right.as_bool()) {
            (_, Some(false)) => Some(Value::Bool(false)),
            (Some(true), Some(true)) => Some(Value::Bool(true)),
            _ => None,
        },
        Operator::Or => match (left.as_bool(), right.as_bool()) {
            (_, Some(true)) => Some(Value::Bool(true)),
            (Some(false), Some(false)) => Some(Value::Bool(false)),
            _ => None,
        },
        Operator::Equal => equal(&left, &right).map(Value::Bool),
        Operator::NotEqual => equal(&left, &right).map(|same| Value::Bool(!same)),
        Operator::EqualAnyCase | Operator::NotEqualAnyCase => {
            let pair = left.scalar().zip(right.scalar());
            pair.map(|(a, b)| {
                let same = a.to_lowercase() == b.to_lowercase();
                Value::Bool(same == (operator == Operator::EqualAnyCase))
            })
        }
        _ => left
            .as_number()
            .zip(right.as_number())
            .and_then(|(a, b)| match operator {
                Operator::Less => Some(Value::Bool(a < b)),
                Operator::LessOrEqual => Some(Value::Bool(a <= b)),
                Operator::Greater => Some(Value::Bool(a > b)),
                Operator::GreaterOrEqual => Some(Value::Bool(a >= b)),
                Operator::Add => Some(Value::Number(a + b)),
                Operator::Subtract => Some(Value::Number(a - b)),
                Operator::Multiply => Some(Value::Number(a * b)),
                Operator::Divide if b != 0.0 => Some(Value::Number(a / b)),
                Operator::Remainder if b != 0.0 => Some(Value::Number(a % b)),
                _ => None,
            }),
    };
    made.map_or_else(
        || made_of("operator", &[&left, &right], span),
        |value| Node::new(value, span),
    )
}
