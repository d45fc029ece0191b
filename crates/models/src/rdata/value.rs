//! What is known of an item while its surroundings are read, and calls put together from that.

use std::rc::Rc;

use super::functions::{applies, capability, is_environment, looks_up};

/// Longest text that is kept of a constant or of a printed call.
pub(super) const KEPT: usize = 400;

/// Arguments of a call that are kept.
const ARGUMENTS: usize = 8;

/// Longest printed call that is kept as part of another one: thousands of them may be open.
const INNER: usize = 200;

/// What an item is, as far as a call around it wants to know.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Nil,
    /// No value: that of a promise which was not evaluated.
    Unbound,
    /// A name, also `package::name`.
    Symbol(Rc<str>),
    /// A text constant.
    Text(Rc<str>),
    /// Numbers, which may spell a text.
    Numbers,
    /// A call, printed, with the name of what it calls.
    Call {
        name: Rc<str>,
        printed: Rc<str>,
    },
    Function,
    Other,
}

impl Value {
    fn print(&self) -> String {
        match self {
            Self::Nil => "NULL".to_owned(),
            Self::Symbol(name) => name.to_string(),
            Self::Text(text) => format!("'{text}'"),
            Self::Call { printed, .. } => printed.to_string(),
            Self::Numbers => "<numbers>".to_owned(),
            Self::Function => "<function>".to_owned(),
            Self::Unbound | Self::Other => "?".to_owned(),
        }
    }
}

/// A call whose parts come in one after the other.
#[derive(Debug, Default)]
pub(super) struct Call {
    head: Option<Value>,
    arguments: Vec<(Option<Rc<str>>, Value)>,
}

/// A function that is called, or handed to one that calls it.
#[derive(Debug, PartialEq)]
pub(super) struct Reach {
    pub(super) name: String,
    pub(super) printed: String,
}

impl Call {
    pub(super) fn push(&mut self, tag: Option<Rc<str>>, value: Value) {
        if self.head.is_none() {
            self.head = Some(value);
        } else if self.arguments.len() < ARGUMENTS {
            self.arguments.push((tag, value));
        }
    }

    fn name(&self) -> Rc<str> {
        match &self.head {
            Some(Value::Symbol(name) | Value::Text(name)) => Rc::clone(name),
            Some(Value::Call { name, .. }) => format!("{name}()").into(),
            _ => "?".into(),
        }
    }

    fn print(&self) -> Rc<str> {
        let head = self
            .head
            .as_ref()
            .map_or_else(String::new, |head| match head {
                Value::Text(name) => name.to_string(),
                other => other.print(),
            });
        let mut printed = format!("{head}(");
        for (index, (tag, value)) in self.arguments.iter().enumerate() {
            if printed.len() > KEPT {
                printed.push('…');
                break;
            }
            if index > 0 {
                printed.push_str(", ");
            }
            if let Some(tag) = tag {
                printed.push_str(tag);
                printed.push_str(" = ");
            }
            let value = value.print();
            printed.push_str(
                value
                    .get(..value.floor_char_boundary(KEPT))
                    .unwrap_or_default(),
            );
        }
        printed.push(')');
        printed.into()
    }

    /// The text that a call comes to which puts constants together.
    fn folded(&self, name: &str) -> Option<String> {
        let bare = name.rsplit(':').next().unwrap_or(name);
        let separator = match bare {
            "paste0" | "stri_c" | "str_c" => "",
            "paste" => " ",
            "c" | "(" | "toString" | "as.character" | "I" | "noquote" => "",
            _ => return None,
        };
        let mut separator: Rc<str> = separator.into();
        let mut parts: Vec<&str> = Vec::new();
        for (tag, value) in &self.arguments {
            match (tag.as_deref(), value) {
                (Some("sep" | "collapse"), Value::Text(text)) => separator = Rc::clone(text),
                (_, Value::Text(text)) => parts.push(text),
                _ => return None,
            }
        }
        (!parts.is_empty()).then(|| parts.join(&separator))
    }

    /// What the call comes to, and which functions that reach outside it calls.
    pub(super) fn finish(self) -> (Value, Vec<Reach>) {
        let name = self.name();
        let printed = self.print();
        let mut reaches = Vec::new();
        if let (Value::Symbol(left) | Value::Text(left), Value::Symbol(right) | Value::Text(right)) =
            (self.argument(0), self.argument(1))
            && matches!(&*name, "::" | ":::")
        {
            return (Value::Symbol(format!("{left}::{right}").into()), reaches);
        }
        if let Some(text) = self.folded(&name) {
            return (Value::Text(text.into()), reaches);
        }
        if capability(&name).is_some() {
            reaches.push(Reach {
                name: name.to_string(),
                printed: printed.to_string(),
            });
        }
        for (index, (tag, value)) in self.arguments.iter().enumerate() {
            // A column of this name is no call: only where a function is expected does it count.
            if let Value::Symbol(inner) | Value::Text(inner) = value
                && applies(&name, tag.as_deref(), index)
                && capability(inner).is_some()
            {
                reaches.push(Reach {
                    name: inner.to_string(),
                    printed: printed.to_string(),
                });
            }
        }
        let bare = name.rsplit(':').next().unwrap_or(&name);
        let to_file = |(tag, value): &(Option<Rc<str>>, Value)| {
            tag.as_deref() == Some("file") && matches!(value, Value::Text(text) if !text.is_empty())
        };
        if bare == "cat" && self.arguments.iter().any(to_file) {
            reaches.push(Reach {
                name: "write".to_owned(),
                printed: printed.to_string(),
            });
        }
        // A function whose name is put together at run time.
        if applies(&name, None, 0)
            && matches!(self.argument(0), Value::Call { printed, .. } if hides(printed))
        {
            reaches.push(Reach {
                name: "eval".to_owned(),
                printed: printed.to_string(),
            });
        }
        // A function that is looked up by a text put together at run time.
        if name.ends_with("()") && looks_up(name.trim_end_matches("()")) && hides(&printed) {
            reaches.push(Reach {
                name: "eval".to_owned(),
                printed: printed.to_string(),
            });
        }
        let value = match self.argument(0) {
            Value::Symbol(inner) | Value::Text(inner)
                if looks_up(&name)
                    && (self.arguments.len() == 1 || capability(inner).is_some()) =>
            {
                Value::Symbol(Rc::clone(inner))
            }
            Value::Call { printed: from, .. } | Value::Symbol(from)
                if matches!(bare, "$" | "[[") && is_environment(from) =>
            {
                self.argument(1).clone()
            }
            _ => Value::Call {
                name,
                printed: printed
                    .get(..printed.floor_char_boundary(INNER))
                    .unwrap_or_default()
                    .into(),
            },
        };
        (value, reaches)
    }

    fn argument(&self, index: usize) -> &Value {
        self.arguments
            .get(index)
            .map_or(&Value::Other, |(_, value)| value)
    }
}

/// Whether a printed call makes a text of something else than text.
#[must_use]
pub fn hides(printed: &str) -> bool {
    const MAKERS: &[&str] = &[
        "rawToChar(",
        "intToUtf8(",
        "chartr(",
        "rev(",
        "strsplit(",
        "utf8ToInt(",
        "base64",
        "gsub(",
        "sub(",
        "sprintf(",
        "paste0(",
        "paste(",
        "as.raw(",
        "memDecompress(",
        "substr(",
        "tolower(",
        "toupper(",
        "bitwXor(",
        "unserialize(",
        "decode",
        "utf8_",
        "stri_reverse(",
    ];
    MAKERS.iter().any(|maker| printed.contains(maker))
}
