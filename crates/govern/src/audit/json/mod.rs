//! The one form of a JSON value: the JSON Canonicalization Scheme (RFC 8785).
//!
//! No white space, members in the order of the UTF-16 code units of their names, numbers as ECMAScript writes them,
//! text with no more escapes than JSON demands. Read by a parser of our own that gives numbers as the nearest double
//! and refuses what two readers may read differently.

mod read;
mod write;

use serde_json::Value;

pub(super) use write::write_text;

use read::Reader;

/// Deepest nesting.
const DEEPEST: usize = 64;

/// Longest text that is read or written, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// Why a value has no canonical form, or a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// A number that is no double, so that readers of JSON would not agree about it.
    #[error("the number {0} cannot be told exactly in JSON; write it as text")]
    Number(String),
    /// Lists and objects within each other.
    #[error("it is nested more than {DEEPEST} deep")]
    Deep,
    /// Too much of it.
    #[error("it is longer than {LONGEST} bytes")]
    Long,
    /// Not JSON, or JSON that can be read in two ways.
    #[error("it is no proper JSON at byte {0}")]
    Malformed(usize),
}

/// A JSON value, numbers as doubles, members in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one value and nothing behind it.
    pub(super) fn parse(text: &str) -> Result<Self, NotCanonical> {
        if text.len() > LONGEST {
            return Err(NotCanonical::Long);
        }
        Reader::new(text).whole()
    }

    /// The canonical form.
    pub(super) fn canonical(&self) -> Result<String, NotCanonical> {
        let mut out = String::new();
        self.write(&mut out);
        if out.len() > LONGEST {
            return Err(NotCanonical::Long);
        }
        Ok(out)
    }

    /// A value that a program made.
    pub(super) fn of(value: &Value) -> Result<Self, NotCanonical> {
        Self::of_nested(value, 0)
    }

    fn of_nested(value: &Value, depth: usize) -> Result<Self, NotCanonical> {
        if depth > DEEPEST {
            return Err(NotCanonical::Deep);
        }
        let inner = depth.saturating_add(1);
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => {
                let not_exact = || NotCanonical::Number(number.to_string());
                let double = number.as_f64().ok_or_else(not_exact)?;
                let exact = match (number.as_i64(), number.as_u64()) {
                    (Some(whole), _) => double as i128 == i128::from(whole),
                    (_, Some(whole)) => double as i128 == i128::from(whole),
                    _ => double.is_finite(),
                };
                if !exact {
                    return Err(not_exact());
                }
                Self::Number(double)
            }
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(list) => Self::List(
                list.iter()
                    .map(|value| Self::of_nested(value, inner))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Self::of_nested(value, inner)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// A member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(member, _)| member == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// A member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A member that is a whole number which a double holds exactly.
    pub(super) fn whole(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Self::Number(number)
                if *number >= 0.0 && *number < 9_007_199_254_740_992.0 && number.fract() == 0.0 =>
            {
                Some(*number as u64)
            }
            _ => None,
        }
    }
}
