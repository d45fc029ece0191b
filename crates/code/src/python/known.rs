//! What is known about a value without running anything.

use std::collections::BTreeMap;
use std::rc::Rc;

use stance_core::How;
use stance_core::fact::Value;
use stance_read::link::Term;

use super::files;

/// Longest text that is kept.
const TEXT: usize = 64 * 1024;
/// Longest dotted path that is kept.
const PATH: usize = 400;
/// Most elements of a container that are kept.
const ELEMENTS: usize = 512;
/// Deepest nesting of containers that is kept.
const DEPTH: u8 = 12;
/// Most alternatives that are kept.
pub(super) const CHOICES: usize = 16;
/// Most values one argument may hold in all when it is handed out, a long text counting as several.
const HANDED_OUT: usize = 2000;
/// Bytes of text that count as one value.
const ONE: usize = 64;

/// A value as far as the source tells it. Cheap to clone, and never nested
/// deeper than a bound, whatever the source does.
#[derive(Clone, Debug)]
pub(super) enum Known {
    Text {
        text: Rc<str>,
        how: How,
    },
    Integer(i64),
    Boolean(bool),
    Null,
    Environment {
        variable: Rc<str>,
        default: Option<Rc<str>>,
    },
    List(Rc<Nested<Vec<Self>>>),
    Map(Rc<Nested<BTreeMap<String, Self>>>),
    /// Something imported, built in or defined here, or an attribute of it.
    /// What is defined in the file begins with `.`, what comes from nowhere with `?`.
    Path {
        path: Rc<str>,
        /// The object that the path begins with.
        origin: Option<Rc<Object>>,
        /// What it is, where the path alone does not tell: an entry, a parameter, a text with holes.
        open: Option<Rc<Term>>,
    },
    /// The result of a call.
    Object(Rc<Object>),
    /// A class of this file, by number.
    Class(usize),
    /// A text put together of these parts, one of which came from elsewhere.
    Joined(Rc<Nested<Vec<Self>>>),
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

/// The result of calling something.
#[derive(Debug)]
pub(super) struct Object {
    /// What was called.
    pub callee: Rc<str>,
    /// The class of this file that was called, by number.
    pub class: Option<usize>,
    /// The keyword arguments of the call.
    pub fields: BTreeMap<String, Known>,
    /// The other arguments.
    pub unnamed: Vec<Known>,
    depth: u8,
}

impl Known {
    pub(super) fn text(text: &str, how: How) -> Self {
        if text.len() > TEXT {
            return Self::Unknown;
        }
        Self::Text {
            text: text.into(),
            how,
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

    pub(super) fn map(content: BTreeMap<String, Self>) -> Self {
        let depth = deepest(content.values());
        if depth > DEPTH {
            return Self::Unknown;
        }
        Self::Map(Rc::new(Nested { content, depth }))
    }

    /// A text put together of `parts`, where one of them came from outside the file; otherwise nothing is known.
    pub(super) fn joined(parts: Vec<Self>) -> Self {
        let mut all: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::Joined(more) => all.extend(more.content.iter().cloned()),
                one => all.push(one),
            }
        }
        all.truncate(CHOICES.saturating_mul(4));
        let comes_in = |one: &Self| match one {
            Self::Path { path, .. } => {
                path.contains("()") || path.contains("request") || path.starts_with(Value::TOOL)
            }
            Self::Object(object) => &*object.callee != files::PATH,
            Self::Joined(_) | Self::Environment { .. } => true,
            _ => false,
        };
        let depth = deepest(all.iter());
        if depth > DEPTH || !all.iter().any(comes_in) {
            return Self::Unknown;
        }
        Self::Joined(Rc::new(Nested {
            content: all,
            depth,
        }))
    }

    /// Whether it is filled in by whoever calls from outside, or is what something foreign answered.
    pub(super) fn comes_from_outside(&self) -> bool {
        match self {
            Self::Path { path, .. } => {
                path.starts_with(Value::TOOL)
                    || path.starts_with(Value::REQUEST)
                    || (path.contains("()") && !path.starts_with(['?', '.']))
            }
            Self::Joined(_) => true,
            Self::Object(object) => !object.callee.starts_with(['?', '.']),
            _ => false,
        }
    }

    /// One of `all`; those that are not known and repetitions are left out.
    pub(super) fn choice(all: impl IntoIterator<Item = Self>) -> Self {
        let mut content: Vec<Self> = Vec::new();
        let mut unknown = false;
        for one in all {
            match one {
                Self::Choice(more) => content.extend(more.content.iter().cloned()),
                Self::Unknown => unknown = true,
                one => content.push(one),
            }
        }
        content.truncate(CHOICES);
        let depth = deepest(content.iter());
        match (content.len(), unknown) {
            (0, _) => Self::Unknown,
            (1, false) => content.pop().unwrap_or(Self::Unknown),
            _ if depth > DEPTH => Self::Unknown,
            _ => Self::Choice(Rc::new(Nested { content, depth })),
        }
    }

    pub(super) fn path(path: impl Into<Rc<str>>) -> Self {
        Self::Path {
            path: path.into(),
            origin: None,
            open: None,
        }
    }

    /// Something that another file, or a caller, may say more about.
    pub(super) fn open(path: &str, term: Term) -> Self {
        Self::Path {
            path: path.into(),
            origin: None,
            open: Some(Rc::new(term)),
        }
    }

    pub(super) fn object(
        callee: &str,
        class: Option<usize>,
        fields: BTreeMap<String, Self>,
    ) -> Self {
        Self::made(callee, class, fields, Vec::new())
    }

    pub(super) fn made(
        callee: &str,
        class: Option<usize>,
        mut fields: BTreeMap<String, Self>,
        mut unnamed: Vec<Self>,
    ) -> Self {
        let mut depth = deepest(fields.values().chain(&unnamed));
        if depth > DEPTH {
            fields = BTreeMap::new();
            unnamed = Vec::new();
            depth = 1;
        }
        if callee.len() > PATH {
            return Self::Unknown;
        }
        Self::Object(Rc::new(Object {
            callee: callee.into(),
            class,
            fields,
            unnamed,
            depth,
        }))
    }

    /// `self.name`, where nothing more exact is known.
    pub(super) fn member(&self, name: &str) -> Self {
        let (path, origin, open) = match self {
            Self::Path { path, origin, open } => {
                let open = open.as_ref().map(|of| {
                    let of = Box::new((**of).clone().bounded());
                    Rc::new(Term::Member(of, name.to_owned()))
                });
                (format!("{path}.{name}"), origin.clone(), open)
            }
            Self::Object(object) => (
                format!("{}().{name}", object.callee),
                Some(Rc::clone(object)),
                None,
            ),
            _ => (format!("?.{name}"), None, None),
        };
        if path.len() > PATH {
            return Self::Unknown;
        }
        Self::Path {
            path: path.into(),
            origin,
            open,
        }
    }

    fn depth(&self) -> u8 {
        match self {
            Self::List(list) | Self::Choice(list) | Self::Joined(list) => list.depth,
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
            } => Self::Text {
                text: Rc::clone(text),
                how: How::Constant,
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
            Self::Text { text, .. } => Self::Text {
                text: Rc::clone(text),
                how: How::Default,
            },
            other => other.clone(),
        }
    }

    /// What a call of this value is called.
    pub(super) fn callee(&self) -> Option<Rc<str>> {
        match self {
            Self::Path { path, .. } => Some(Rc::clone(path)),
            Self::Object(object) => Some(format!("{}()", object.callee).into()),
            _ => None,
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

    /// What rules see, as far as `left` values reach, of which it takes what it needs.
    pub(super) fn value(&self, left: &mut usize) -> Value {
        let before = HANDED_OUT.min(*left);
        let mut own = before;
        let value = self.value_within(&mut own);
        *left = left.saturating_sub(before.saturating_sub(own));
        value
    }

    /// What keeping it costs in memory, roughly, in the values of [`Known::value`].
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.len() / ONE,
            Self::List(list) => list.content.len(),
            Self::Choice(list) | Self::Joined(list) => list.content.len(),
            Self::Map(map) => map.content.len(),
            // Its fields lie in a tree of their own.
            Self::Object(object) if !object.fields.is_empty() || !object.unnamed.is_empty() => {
                let parts = object.fields.len().saturating_add(object.unnamed.len());
                parts.saturating_add(16)
            }
            _ => 0,
        }
    }

    // Bounded: containers nest at most DEPTH deep.
    fn value_within(&self, left: &mut usize) -> Value {
        if *left == 0 {
            return Value::Unknown;
        }
        *left = left.saturating_sub(1);
        match self {
            Self::Text { text, .. } if text.len() / ONE > *left => {
                *left = 0;
                Value::Unknown
            }
            Self::Text { text, how } => {
                *left = left.saturating_sub(text.len() / ONE);
                Value::Text {
                    text: text.to_string(),
                    how: *how,
                }
            }
            Self::Integer(number) => Value::Integer(*number),
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
            Self::Joined(parts) => Value::Joined(
                parts
                    .content
                    .iter()
                    .map(|it| it.value_within(left))
                    .collect(),
            ),
            Self::Map(map) => Value::Map(
                map.content
                    .iter()
                    .map(|(key, it)| (key.clone(), it.value_within(left)))
                    .collect(),
            ),
            // What began with something unknown still tells the methods it went through.
            Self::Path { path, .. } if path.starts_with('?') && !path.contains("()") => {
                Value::Unknown
            }
            Self::Path { path, .. } => Value::Name(path.trim_start_matches('.').to_owned()),
            Self::Object(object) if &*object.callee == files::PATH => Value::Unknown,
            Self::Object(object) => Value::Call(object.callee.trim_start_matches('.').to_owned()),
            Self::Class(_) | Self::Choice(_) | Self::Unknown => Value::Unknown,
        }
    }

    /// The single values that it may be.
    pub(super) fn alternatives(&self) -> Vec<&Self> {
        match self {
            Self::Choice(all) => all.content.iter().collect(),
            one => vec![one],
        }
    }
}

fn deepest<'k>(all: impl Iterator<Item = &'k Known>) -> u8 {
    all.map(Known::depth).max().unwrap_or(0).saturating_add(1)
}
