//! What is known about a value without running anything.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stance_core::fact::Value;
use stance_core::{Evidence, How};
use stance_read::link::{Term, dotted};

use super::outside;
use super::syntax::Span;

/// Longest text that is kept.
const TEXT: usize = 64 * 1024;
/// Longest dotted path that is kept.
const PATH: usize = 400;
/// Most elements of a container that are kept.
const ELEMENTS: usize = 512;
/// Deepest nesting of values that is kept.
const DEPTH: u8 = 24;
/// Most alternatives that are kept.
const CHOICES: usize = 8;
/// Most values that one value is told by, a long text counting as several.
const TOLD: usize = 2000;

/// Where a value stands.
#[derive(Clone, Debug)]
pub(super) enum At {
    Here(Span),
    /// In another file, or settled later.
    There(Arc<Evidence>),
}

/// A value as far as the source tells it. Cheap to clone, and never nested deeper than a bound.
#[derive(Clone, Debug)]
pub(super) enum Known {
    Text {
        text: Rc<str>,
        how: How,
        at: At,
    },
    Number(f64),
    Boolean(bool),
    Null,
    Environment {
        variable: Rc<str>,
        default: Option<Rc<str>>,
    },
    List(Rc<Nested<Vec<Self>>>),
    Map(Rc<Nested<Vec<Entry>>>),
    /// Something imported or global, or a member of it; what comes from nowhere begins with `?`, what the file
    /// defines with `.`.
    Path {
        path: Rc<str>,
        /// The object that the path goes through.
        origin: Option<Rc<Object>>,
    },
    /// The result of a call.
    Object(Rc<Object>),
    /// A function of this file, by number.
    Function(usize),
    /// A class of this file, or an object of it, by number.
    Class(usize),
    Instance(usize),
    /// What another file or a caller knows.
    Open(Rc<Term>),
    /// One of several.
    Choice(Rc<Nested<Vec<Self>>>),
    Unknown,
}

/// A container with its depth of nesting.
#[derive(Debug)]
pub(super) struct Nested<T> {
    pub content: T,
    depth: u8,
}

/// An entry of an object.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub name: Rc<str>,
    pub value: Known,
    /// Where the name stands.
    pub at: At,
}

/// The result of calling something.
#[derive(Debug)]
pub(super) struct Object {
    /// What was called.
    pub callee: Rc<str>,
    pub arguments: Vec<Known>,
    /// The object whose method it was.
    pub origin: Option<Rc<Self>>,
    depth: u8,
}

impl Object {
    /// An option of the call, in whichever argument is an object.
    pub(super) fn option(&self, name: &str) -> Option<&Known> {
        self.arguments
            .iter()
            .find_map(|argument| argument.entry(name))
    }
}

impl Known {
    pub(super) fn text(text: &str, how: How, at: At) -> Self {
        if text.len() > TEXT {
            return Self::Unknown;
        }
        Self::Text {
            text: text.into(),
            how,
            at,
        }
    }

    pub(super) fn list(mut content: Vec<Self>) -> Self {
        content.truncate(ELEMENTS);
        let depth = deepest(content.iter());
        if depth > DEPTH {
            return Self::Unknown;
        }
        Self::List(Rc::new(Nested { content, depth }))
    }

    pub(super) fn map(mut content: Vec<Entry>) -> Self {
        content.truncate(ELEMENTS);
        let depth = deepest(content.iter().map(|entry| &entry.value));
        if depth > DEPTH {
            return Self::Unknown;
        }
        Self::Map(Rc::new(Nested { content, depth }))
    }

    /// One of `all`; what is not known is left out when something is.
    pub(super) fn choice(all: impl IntoIterator<Item = Self>) -> Self {
        let mut content: Vec<Self> = Vec::new();
        for one in all {
            match one {
                Self::Choice(more) => content.extend(more.content.iter().cloned()),
                Self::Unknown | Self::Null => {}
                one => content.push(one),
            }
        }
        content.truncate(CHOICES);
        let depth = deepest(content.iter());
        match content.len() {
            0 => Self::Unknown,
            1 => content.pop().unwrap_or(Self::Unknown),
            _ if depth > DEPTH => Self::Unknown,
            _ => Self::Choice(Rc::new(Nested { content, depth })),
        }
    }

    pub(super) fn path(path: impl Into<Rc<str>>) -> Self {
        Self::Path {
            path: path.into(),
            origin: None,
        }
    }

    pub(super) fn object(
        callee: &str,
        mut arguments: Vec<Self>,
        origin: Option<Rc<Object>>,
    ) -> Self {
        if callee.len() > PATH {
            return Self::Unknown;
        }
        let before = origin.as_ref().map_or(0, |object| object.depth);
        let mut depth = deepest(arguments.iter()).max(before.saturating_add(1));
        if depth > DEPTH {
            arguments = Vec::new();
            depth = before.saturating_add(1);
        }
        let origin = origin.filter(|_| depth <= DEPTH);
        Self::Object(Rc::new(Object {
            callee: callee.into(),
            arguments,
            depth: if origin.is_some() {
                depth
            } else {
                depth.min(DEPTH)
            },
            origin,
        }))
    }

    pub(super) fn open(term: Term) -> Self {
        Self::Open(Rc::new(term))
    }

    /// `self.name`, where nothing more exact is known.
    pub(super) fn member(&self, name: &str) -> Self {
        let (path, origin) = match self {
            Self::Path { path, origin } => (format!("{path}.{name}"), origin.clone()),
            Self::Object(object) => (
                format!("{}().{name}", object.callee),
                Some(Rc::clone(object)),
            ),
            Self::Open(term) => {
                let path = dotted(term);
                if path.len() > PATH {
                    return Self::Unknown;
                }
                return Self::open(Term::Member(Box::new((**term).clone()), name.to_owned()));
            }
            _ => (format!("?.{name}"), None),
        };
        if path.len() > PATH {
            return Self::Unknown;
        }
        Self::Path {
            path: path.into(),
            origin,
        }
    }

    /// The entry of an object, where it is one.
    pub(super) fn entry(&self, name: &str) -> Option<&Self> {
        self.full_entry(name).map(|entry| &entry.value)
    }

    pub(super) fn full_entry(&self, name: &str) -> Option<&Entry> {
        match self {
            Self::Map(map) => map.content.iter().rev().find(|entry| &*entry.name == name),
            _ => None,
        }
    }

    fn depth(&self) -> u8 {
        match self {
            Self::List(list) | Self::Choice(list) => list.depth,
            Self::Map(map) => map.depth,
            Self::Object(object) => object.depth,
            Self::Path {
                origin: Some(object),
                ..
            } => object.depth,
            _ => 0,
        }
    }

    /// The same value where a name stood for it.
    pub(super) fn followed(&self) -> Self {
        match self {
            Self::Text {
                text,
                how: How::Literal,
                at,
            } => Self::Text {
                text: Rc::clone(text),
                how: How::Constant,
                at: at.clone(),
            },
            Self::Choice(all) => Self::Choice(Rc::new(Nested {
                content: all.content.iter().map(Self::followed).collect(),
                depth: all.depth,
            })),
            other => other.clone(),
        }
    }

    /// The same value where it is what holds unless somebody sets another.
    pub(super) fn as_default(&self) -> Self {
        match self {
            Self::Text { text, at, .. } => Self::Text {
                text: Rc::clone(text),
                how: How::Default,
                at: at.clone(),
            },
            other => other.clone(),
        }
    }

    /// What a call of this value is called.
    pub(super) fn callee(&self) -> Rc<str> {
        match self {
            Self::Path { path, .. } => Rc::clone(path),
            Self::Object(object) => format!("{}()", object.callee).into(),
            Self::Open(term) => dotted(term).into(),
            _ => "?".into(),
        }
    }

    /// The object that a method is called on.
    pub(super) fn origin(&self) -> Option<&Rc<Object>> {
        match self {
            Self::Path { origin, .. } => origin.as_ref(),
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The text, or the default of a variable.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Environment {
                default: Some(text),
                ..
            } => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The single values that it may be.
    pub(super) fn alternatives(&self) -> Vec<&Self> {
        match self {
            Self::Choice(all) => all.content.iter().collect(),
            one => vec![one],
        }
    }

    /// Whether another file or a caller may say what it is.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Open(term) => term.is_open(),
            Self::Choice(all) => all.content.iter().any(Self::is_open),
            _ => false,
        }
    }

    /// What rules see.
    pub(super) fn value(&self) -> Value {
        let mut left = TOLD;
        self.value_within(&mut left)
    }

    fn value_within(&self, left: &mut usize) -> Value {
        let Some(rest) = left.checked_sub(1) else {
            return Value::Unknown;
        };
        *left = rest;
        match self {
            Self::Text { text, how, .. } => {
                *left = left.saturating_sub(text.len() / 64);
                Value::Text {
                    text: text.to_string(),
                    how: *how,
                }
            }
            Self::Number(number) => integer(*number).map_or(Value::Unknown, Value::Integer),
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Null => Value::Null,
            Self::Environment { variable, default } => Value::Environment {
                variable: variable.to_string(),
                default: default.as_ref().map(ToString::to_string),
            },
            Self::List(list) => Value::List(
                list.content
                    .iter()
                    .map(|it| it.value_within(left))
                    .collect(),
            ),
            Self::Map(map) => {
                let mut found = BTreeMap::new();
                for entry in &map.content {
                    found.insert(entry.name.to_string(), entry.value.value_within(left));
                }
                Value::Map(found)
            }
            Self::Path { path, .. } if path.starts_with('?') && !path.contains("()") => {
                Value::Unknown
            }
            Self::Path { path, .. } => Value::Name(path.trim_start_matches('.').to_owned()),
            Self::Object(object) => Value::Call(object.callee.trim_start_matches('.').to_owned()),
            Self::Open(term) => outside::value_of(term),
            Self::Choice(all) => {
                let mut all = all.content.iter().map(|it| it.value_within(left));
                all.find(outside::is_from_elsewhere)
                    .unwrap_or(Value::Unknown)
            }
            Self::Function(_) | Self::Class(_) | Self::Instance(_) | Self::Unknown => {
                Value::Unknown
            }
        }
    }

    /// What other files may follow.
    pub(super) fn term(&self) -> Term {
        let mut left = TOLD;
        self.term_within(&mut left)
    }

    fn term_within(&self, left: &mut usize) -> Term {
        let Some(rest) = left.checked_sub(1) else {
            return Term::Unknown;
        };
        *left = rest;
        match self {
            Self::List(list) => {
                Term::List(list.content.iter().map(|it| it.term_within(left)).collect())
            }
            Self::Choice(list) => {
                Term::OneOf(list.content.iter().map(|it| it.term_within(left)).collect())
            }
            Self::Map(map) => {
                let mut found = BTreeMap::new();
                for entry in &map.content {
                    found.insert(entry.name.to_string(), entry.value.term_within(left));
                }
                Term::Map(found)
            }
            Self::Open(term) => (**term).clone(),
            Self::Path { path, .. } if path.starts_with('?') => Term::Unknown,
            Self::Path { path, .. } => Term::Value(Value::Name(path.to_string())),
            Self::Object(object) => {
                let mut arguments = Vec::new();
                for argument in object.arguments.iter().take(8) {
                    match argument {
                        Self::Map(map) => {
                            for entry in map.content.iter().take(32) {
                                let term = entry.value.term_within(left);
                                arguments.push((Some(entry.name.to_string()), term));
                            }
                        }
                        other => arguments.push((None, other.term_within(left))),
                    }
                }
                Term::Made {
                    callee: Box::new(Term::Value(Value::Name(object.callee.to_string()))),
                    arguments,
                }
            }
            Self::Function(_) | Self::Class(_) | Self::Instance(_) | Self::Unknown => Term::Unknown,
            Self::Text { .. }
            | Self::Number(_)
            | Self::Boolean(_)
            | Self::Null
            | Self::Environment { .. } => Term::Value(self.value_within(left)),
        }
    }

    /// A value that the tree settled, for a place.
    pub(super) fn of_term(term: &Term, at: &At) -> Self {
        Self::of_term_within(term, at, DEPTH)
    }

    fn of_term_within(term: &Term, at: &At, depth: u8) -> Self {
        let Some(depth) = depth.checked_sub(1) else {
            return Self::Unknown;
        };
        let all = |all: &[Term]| -> Vec<Self> {
            let all = all.iter().take(ELEMENTS);
            all.map(|one| Self::of_term_within(one, at, depth))
                .collect()
        };
        match term {
            Term::Value(Value::Text { text, how }) => Self::text(text, *how, at.clone()),
            Term::Value(Value::Integer(number)) => Self::Number(*number as f64),
            Term::Value(Value::Boolean(value)) => Self::Boolean(*value),
            Term::Value(Value::Null) => Self::Null,
            Term::Value(Value::Environment { variable, default }) => Self::Environment {
                variable: variable.as_str().into(),
                default: default.as_deref().map(Into::into),
            },
            Term::Value(Value::Name(name)) => Self::path(name.as_str()),
            Term::Value(Value::Call(name)) => Self::object(name, Vec::new(), None),
            Term::Value(_) => Self::Unknown,
            Term::List(parts) => Self::list(all(parts)),
            Term::OneOf(parts) => Self::choice(all(parts)),
            Term::Map(map) => Self::map(
                map.iter()
                    .map(|(name, one)| Entry {
                        name: name.as_str().into(),
                        value: Self::of_term_within(one, at, depth),
                        at: at.clone(),
                    })
                    .collect(),
            ),
            Term::Made { callee, arguments } => {
                let mut entries = Vec::new();
                let mut given = Vec::new();
                for (name, one) in arguments {
                    let value = Self::of_term_within(one, at, depth);
                    match name {
                        Some(name) => entries.push(Entry {
                            name: name.as_str().into(),
                            value,
                            at: at.clone(),
                        }),
                        None => given.push(value),
                    }
                }
                if !entries.is_empty() {
                    given.push(Self::map(entries));
                }
                Self::object(&dotted(callee), given, None)
            }
            Term::Unknown => Self::Unknown,
            other => Self::open(other.clone()),
        }
    }
}

/// A number without a fraction.
fn integer(number: f64) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= LARGEST).then_some(number as i64)
}

fn deepest<'k>(all: impl Iterator<Item = &'k Known>) -> u8 {
    all.map(Known::depth).max().unwrap_or(0).saturating_add(1)
}
