//! A value of telemetry: what an attribute, the body of a log record or a JSON document holds.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A value that borrows its texts from the body it came in, where that is possible.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes that are no text.
    Bytes(Cow<'a, [u8]>),
    /// Values in an order.
    List(Vec<Self>),
    /// Values with names, in the order they came.
    Map(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Value<'a> {
    /// The value of a name in a map; the last where a name comes twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(fields) => fields
                .iter()
                .rev()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value behind several names, one inside the other.
    #[must_use]
    pub fn at(&self, names: &[&str]) -> Option<&Self> {
        names.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The first of these names that is there and not null.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&Self> {
        names
            .iter()
            .filter_map(|name| self.get(name))
            .find(|value| **value != Self::Null)
    }

    /// Writes it out so that no two different ones look alike. Values are no deeper than limits let them be when they are read.
    pub(crate) fn spell(&self, said: &mut Vec<u8>) {
        let mut text = |mark: u8, bytes: &[u8]| {
            said.push(mark);
            said.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            said.extend_from_slice(bytes);
        };
        match self {
            Self::Null => text(b'n', &[]),
            Self::Bool(truth) => text(b'b', &[u8::from(*truth)]),
            Self::Int(number) => text(b'i', &number.to_be_bytes()),
            Self::Float(number) => text(b'f', &number.to_bits().to_be_bytes()),
            Self::Text(it) => text(b't', it.as_bytes()),
            Self::Bytes(it) => text(b'x', it),
            Self::List(items) => {
                text(b'l', &(items.len() as u64).to_be_bytes());
                for item in items {
                    item.spell(said);
                }
            }
            Self::Map(fields) => {
                text(b'm', &(fields.len() as u64).to_be_bytes());
                for (name, value) in fields {
                    Value::Text(name.as_ref().into()).spell(said);
                    value.spell(said);
                }
            }
        }
    }

    /// Text, unless empty.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Text or a number as text, unless empty: ids are written as both.
    #[must_use]
    pub fn label(&self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text.clone().into_owned()),
            Self::Int(number) => Some(number.to_string()),
            Self::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    /// A count: a number from zero, or text that is one.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Int(number) => u64::try_from(*number).ok(),
            Self::Text(text) => text.parse().ok(),
            // Some emitters know no whole numbers.
            Self::Float(number) if *number >= 0.0 && *number < 9.0e15 && number.fract() == 0.0 => {
                format!("{number:.0}").parse().ok()
            }
            _ => None,
        }
    }

    /// A finite number, or text that is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Float(number) => *number,
            Self::Text(text) => text.parse().ok()?,
            #[expect(
                clippy::cast_precision_loss,
                reason = "above 2^53 the last digits do not matter"
            )]
            Self::Int(number) => *number as f64,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// True or false, also as text or number.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Int(number) => Some(*number != 0),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The items of a list, none for everything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The fields of a map, none for everything else.
    #[must_use]
    pub fn fields(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Map(fields) => fields,
            _ => &[],
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(fields) => fields.is_empty(),
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => false,
        }
    }

    /// Text as it is, everything else as compact JSON; bytes are told by their number.
    #[must_use]
    pub fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            _ => {
                let mut out = String::new();
                self.write(&mut out);
                Cow::Owned(out)
            }
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Float(number) if number.is_finite() => {
                let _ = write!(out, "{number:?}");
            }
            Self::Float(_) => out.push_str("null"),
            Self::Text(text) => quote(text, out),
            Self::Bytes(bytes) => {
                let _ = write!(out, "\"({} bytes)\"", bytes.len());
            }
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Map(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Text in quotes, as JSON wants it.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
