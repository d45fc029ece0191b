//! What stands on the stack of the walk: names and constants as Python would write them.

use std::fmt::Write as _;
use std::rc::Rc;

use super::{Code, Constant};

/// Longest text of one constant that is written, in characters.
const TEXT: usize = 400;
/// Longest list of arguments that is written, in bytes; a little more may come.
const ARGUMENTS: usize = 600;
/// Longest dotted name that is followed, in bytes.
const NAME: usize = 300;

/// One value.
#[derive(Clone, Debug)]
pub(super) enum Symbol {
    /// What cannot be told, such as a parameter.
    Unknown,
    /// The null that CPython keeps beside some callables.
    Null,
    Text(Rc<str>),
    /// A number, bytes, a container, as Python would write it.
    Plain(Rc<str>),
    /// A tuple of constant texts: the names of arguments, or of what is imported.
    Names(Rc<[Rc<str>]>),
    /// A dotted name.
    Name(Rc<str>),
    /// What a call gives: the callee with `()`, and with its arguments.
    Called {
        short: Rc<str>,
        full: Rc<str>,
    },
    Code(Rc<Code>),
}

impl Symbol {
    pub(super) fn of(constant: &Constant) -> Self {
        Self::of_nested(constant, 3)
    }

    fn of_nested(constant: &Constant, depth: u8) -> Self {
        match constant {
            Constant::Text(text) => Self::Text(Rc::clone(text)),
            Constant::Plain(text) => Self::Plain(Rc::clone(text)),
            Constant::Bytes(bytes) => {
                let shown = bytes.get(..TEXT).unwrap_or(bytes).escape_ascii();
                Self::Plain(format!("b\"{shown}\"").into())
            }
            Constant::Tuple(items) => {
                let texts: Option<Rc<[Rc<str>]>> = items
                    .iter()
                    .map(|item| match item {
                        Constant::Text(text) => Some(Rc::clone(text)),
                        _ => None,
                    })
                    .collect();
                if let Some(texts) = texts {
                    return Self::Names(texts);
                }
                let Some(depth) = depth.checked_sub(1) else {
                    return Self::Unknown;
                };
                let nested = items.iter().take(8);
                let items: Vec<Self> = nested.map(|item| Self::of_nested(item, depth)).collect();
                Self::list(&items)
            }
            Constant::Code(code) => Self::Code(Rc::clone(code)),
            Constant::Other => Self::Unknown,
        }
    }

    /// A container of these.
    pub(super) fn list(items: &[Self]) -> Self {
        Self::Plain(format!("[{}]", written(items, &[])).into())
    }

    /// An attribute of it.
    pub(super) fn attribute(&self, name: &str) -> Self {
        let owner = match self {
            Self::Name(owner) | Self::Called { short: owner, .. } => owner,
            Self::Text(_) => "str",
            _ => "?",
        };
        if owner.len() > NAME {
            return Self::Unknown;
        }
        Self::Name(format!("{owner}.{name}").into())
    }

    /// The dotted name to call it by.
    pub(super) fn callee(&self) -> &str {
        match self {
            Self::Name(name) | Self::Called { short: name, .. } => name,
            _ => "?",
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Unknown | Self::Null => out.push('?'),
            Self::Text(text) => {
                let short: String = text.chars().take(TEXT).collect();
                let _ = write!(out, "{short:?}");
            }
            Self::Plain(text) | Self::Name(text) | Self::Called { full: text, .. } => {
                out.push_str(text);
            }
            Self::Names(names) => {
                out.push('[');
                for (index, name) in names.iter().take(16).enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    let short: String = name.chars().take(TEXT).collect();
                    let _ = write!(out, "{short:?}");
                }
                out.push(']');
            }
            Self::Code(code) => {
                let name: String = code.name.chars().take(80).collect();
                out.push_str(&name);
            }
        }
    }
}

/// Arguments as Python would write them; the last ones have these names.
pub(super) fn written(arguments: &[Symbol], names: &[Rc<str>]) -> String {
    let mut out = String::new();
    let positional = arguments.len().saturating_sub(names.len());
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        if out.len() > ARGUMENTS {
            out.push('…');
            break;
        }
        if let Some(name) = index.checked_sub(positional).and_then(|at| names.get(at)) {
            let name: String = name.chars().take(80).collect();
            out.push_str(&name);
            out.push('=');
        }
        argument.write(&mut out);
    }
    if out.len() > ARGUMENTS.saturating_mul(2) {
        let end = out.floor_char_boundary(ARGUMENTS.saturating_mul(2));
        out.truncate(end);
        out.push('…');
    }
    out
}
