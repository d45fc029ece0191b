//! JSON that means one thing: a member named twice, which two readers may read
//! differently, is refused, and nesting is bounded.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::refusal::{Result, malformed};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// Reads one JSON object and nothing behind it. `what` names it in errors.
///
/// The parser stops at a nesting of 128, and at more values than an honest text of this length holds: a value takes
/// ten times the memory of the two bytes in which it can be written.
pub(crate) fn object(bytes: &[u8], what: &str) -> Result<Object> {
    let left = Cell::new(bytes.len().div_euclid(16).saturating_add(1000));
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(&left)
        .deserialize(&mut parser)
        .and_then(|value| parser.end().map(|()| value))
        .map_err(|error| malformed(format!("{what} is no proper JSON ({error})")))?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(malformed(format!("{what} is JSON, but no object"))),
    }
}

/// A member that is an object.
pub(crate) fn member<'v>(object: &'v Object, name: &str) -> Result<&'v Object> {
    match object.get(name) {
        Some(Value::Object(inner)) => Ok(inner),
        Some(_) => Err(malformed(format!("`{name}` is no object"))),
        None => Err(malformed(format!("`{name}` is missing"))),
    }
}

/// A member that is a text.
pub(crate) fn text<'v>(object: &'v Object, name: &str) -> Result<&'v str> {
    match object.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(malformed(format!("`{name}` is no text"))),
        None => Err(malformed(format!("`{name}` is missing"))),
    }
}

/// A member that is a list; nothing when it is missing or null, as protobuf writes empty lists.
pub(crate) fn list<'v>(object: &'v Object, name: &str) -> Result<&'v [Value]> {
    match object.get(name) {
        Some(Value::Array(list)) => Ok(list),
        None | Some(Value::Null) => Ok(&[]),
        Some(_) => Err(malformed(format!("`{name}` is no list"))),
    }
}

/// A member that is base64.
pub(crate) fn bytes(object: &Object, name: &str) -> Result<Vec<u8>> {
    super::encoding::from_base64(text(object, name)?)
        .ok_or_else(|| malformed(format!("`{name}` is no proper base64")))
}

/// A member that is a whole number, as a number or, as protobuf writes 64 bits, a text.
pub(crate) fn number(object: &Object, name: &str) -> Result<u64> {
    let number = match object.get(name) {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten(),
        Some(_) => None,
        None => return Err(malformed(format!("`{name}` is missing"))),
    };
    number.ok_or_else(|| malformed(format!("`{name}` is no whole number")))
}

/// Whether a member is there and not null.
pub(crate) fn has(object: &Object, name: &str) -> bool {
    object.get(name).is_some_and(|value| !value.is_null())
}

/// Reads a value in which no object has a member twice, and counts down how many more there may be.
#[derive(Clone, Copy)]
struct Strict<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        let left = self.0.get().checked_sub(1);
        self.0
            .set(left.ok_or_else(|| de::Error::custom("too many values"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(self)?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("a member is there twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":[{"c":1,"c":1}]}}"#,
            r#"{"a":1,"\u0061":2}"#,
            "{} {}",
            "[]",
            "",
            "{",
            "\u{feff}{}",
        ] {
            assert!(object(text.as_bytes(), "it").is_err(), "{text}");
        }
        assert!(object(b"{\"a\":[1,-1,1.5,null,true,\"x\"]}\n", "it").is_ok());
    }

    #[test]
    fn nesting_ends_before_the_stack_does() {
        let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert!(object(deep.as_bytes(), "it").is_err());
    }

    #[test]
    fn a_text_of_nothing_but_values_takes_no_memory_of_its_size() {
        let many = format!("{{\"a\":[{}0]}}", "0,".repeat(5_000_000));
        let refusal = object(many.as_bytes(), "it").unwrap_err();
        assert!(refusal.to_string().contains("too many values"), "{refusal}");
    }

    #[test]
    fn numbers_come_as_numbers_and_as_texts() {
        let read = object(br#"{"a":7,"b":"7","c":"+7","d":"","e":-1,"f":1e3}"#, "it").unwrap();
        assert_eq!(number(&read, "a"), Ok(7));
        assert_eq!(number(&read, "b"), Ok(7));
        for name in ["c", "d", "e", "f", "g"] {
            assert!(number(&read, name).is_err(), "{name}");
        }
    }
}
