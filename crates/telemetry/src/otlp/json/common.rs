//! What all signals have, taken out of a document rather than copied.

use std::borrow::Cow;

use crate::attributes::Attributes;
use crate::base64;
use crate::value::Value;

/// Takes a field out of a map by its two spellings; null where it is not.
pub(super) fn field<'a>(value: &mut Value<'a>, names: [&str; 2]) -> Value<'a> {
    let Value::Map(fields) = value else {
        return Value::Null;
    };
    let found = fields
        .iter_mut()
        .rev()
        .find(|(key, _)| names.iter().any(|name| key == name));
    found.map_or(Value::Null, |(_, value)| std::mem::take(value))
}

/// The items of a list in a field.
pub(super) fn list<'a>(value: &mut Value<'a>, names: [&str; 2]) -> Vec<Value<'a>> {
    match field(value, names) {
        Value::List(items) => items,
        _ => Vec::new(),
    }
}

/// The text in a field.
pub(super) fn text<'a>(value: &mut Value<'a>, names: [&str; 2]) -> Cow<'a, str> {
    match field(value, names) {
        Value::Text(text) => text,
        _ => Cow::Borrowed(""),
    }
}

/// The number in a field, zero where there is none.
pub(super) fn number(value: &mut Value<'_>, names: [&str; 2]) -> u64 {
    field(value, names).count().unwrap_or(0)
}

/// The attributes of something.
pub(super) fn attributes<'a>(value: &mut Value<'a>) -> Attributes<'a> {
    pairs(list(value, ["attributes", "attributes"])).collect()
}

fn pairs<'a>(items: Vec<Value<'a>>) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
    items.into_iter().map(|mut pair| {
        let name = text(&mut pair, ["key", "key"]);
        (name, any(field(&mut pair, ["value", "value"])))
    })
}

/// An `AnyValue`. It lies no deeper than the document, whose depth is bounded.
pub(super) fn any(value: Value<'_>) -> Value<'_> {
    let Value::Map(fields) = value else {
        return Value::Null;
    };
    let Some((kind, mut content)) = fields.into_iter().next_back() else {
        return Value::Null;
    };
    match kind.as_ref() {
        "stringValue" | "string_value" => match content {
            Value::Text(_) => content,
            _ => Value::Null,
        },
        "boolValue" | "bool_value" => content.truth().map_or(Value::Null, Value::Bool),
        "intValue" | "int_value" => match content {
            Value::Int(_) => content,
            Value::Text(text) => text.parse().map_or(Value::Null, Value::Int),
            _ => Value::Null,
        },
        "doubleValue" | "double_value" => double(&content),
        "arrayValue" | "array_value" => {
            let items = list(&mut content, ["values", "values"]);
            Value::List(items.into_iter().map(any).collect())
        }
        "kvlistValue" | "kvlist_value" => {
            Value::Map(pairs(list(&mut content, ["values", "values"])).collect())
        }
        "bytesValue" | "bytes_value" => match content {
            Value::Text(text) => {
                base64::decode(&text).map_or(Value::Null, |bytes| Value::Bytes(Cow::Owned(bytes)))
            }
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}

/// A number with a fraction; those that are none have names.
pub(super) fn double<'a>(value: &Value<'_>) -> Value<'a> {
    match value {
        Value::Text(text) => match text.as_ref() {
            "NaN" => Value::Float(f64::NAN),
            "Infinity" => Value::Float(f64::INFINITY),
            "-Infinity" => Value::Float(f64::NEG_INFINITY),
            text => text.parse().map_or(Value::Null, Value::Float),
        },
        value => value.number().map_or(Value::Null, Value::Float),
    }
}
