//! What all signals have: texts, values and attributes (`common.proto`).

use std::borrow::Cow;

use super::wire::{Field, Walk};
use crate::attributes::Attributes;
use crate::limits::{Budget, Refused};
use crate::value::Value;

/// Text; what is no UTF-8 is replaced.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Adds a `KeyValue` to attributes.
pub(super) fn attribute<'a>(
    body: &'a [u8],
    budget: &mut Budget,
    attributes: &mut Attributes<'a>,
) -> Result<(), Refused> {
    let (name, value) = pair(body, budget)?;
    attributes.push(name, value);
    Ok(())
}

fn pair<'a>(body: &'a [u8], budget: &mut Budget) -> Result<(Cow<'a, str>, Value<'a>), Refused> {
    budget.value()?;
    let mut name = Cow::Borrowed("");
    let mut content = Value::Null;
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => name = text(bytes),
            (2, Field::Bytes(bytes)) => content = value(bytes, budget)?,
            _ => {}
        }
    }
    Ok((name, content))
}

/// An `AnyValue`; one without a kind is nothing.
pub(super) fn value<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Value<'a>, Refused> {
    let mut value = Value::Null;
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        value = match (number, field) {
            (1, Field::Bytes(bytes)) => Value::Text(text(bytes)),
            (2, Field::Number(number)) => Value::Bool(number != 0),
            (3, Field::Number(number)) => Value::Int(number.cast_signed()),
            (4, Field::Fixed64(bits)) => Value::Float(f64::from_bits(bits)),
            (5, Field::Bytes(bytes)) => Value::List(list(bytes, budget)?),
            (6, Field::Bytes(bytes)) => Value::Map(map(bytes, budget)?),
            (7, Field::Bytes(bytes)) => Value::Bytes(Cow::Borrowed(bytes)),
            _ => continue,
        };
    }
    Ok(value)
}

fn list<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Vec<Value<'a>>, Refused> {
    budget.enter()?;
    let mut items = Vec::new();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        if let (1, Field::Bytes(bytes)) = (number, field) {
            budget.value()?;
            items.push(value(bytes, budget)?);
        }
    }
    budget.leave();
    Ok(items)
}

fn map<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Vec<(Cow<'a, str>, Value<'a>)>, Refused> {
    budget.enter()?;
    let mut fields = Vec::new();
    let mut walk = Walk::new(body);
    while let Some((number, field)) = walk.next()? {
        if let (1, Field::Bytes(bytes)) = (number, field) {
            fields.push(pair(bytes, budget)?);
        }
    }
    budget.leave();
    Ok(fields)
}
