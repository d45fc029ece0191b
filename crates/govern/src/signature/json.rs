//! JSON that means one thing: a member named twice, which two readers may read
//! differently, is refused, and nesting is bounded.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::refusal::{Result, malformed};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// Reads one JSON object and nothing behind it. `what` names it in errors.
///
/// The parser stops at a nesting of 128.
pub(crate) fn object(bytes: &[u8], what: &str) -> Result<Object> {
    let Strict(value) = serde_json::from_slice(bytes)
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

/// A value in which no object has a member twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Strict, E> {
        Ok(Strict(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_unit<E>(self) -> std::result::Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> std::result::Result<Strict, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = access.next_element()? {
            list.push(value);
        }
        Ok(Strict(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Strict, A::Error> {
        let mut object = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let Strict(value) = access.next_value()?;
            if object.contains_key(&name) {
                return Err(de::Error::custom("a member is there twice"));
            }
            object.insert(name, value);
        }
        Ok(Strict(Value::Object(object)))
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
    fn numbers_come_as_numbers_and_as_texts() {
        let read = object(br#"{"a":7,"b":"7","c":"+7","d":"","e":-1,"f":1e3}"#, "it").unwrap();
        assert_eq!(number(&read, "a"), Ok(7));
        assert_eq!(number(&read, "b"), Ok(7));
        for name in ["c", "d", "e", "f", "g"] {
            assert!(number(&read, name).is_err(), "{name}");
        }
    }
}
