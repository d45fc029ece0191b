//! From what a file knows to terms that other files can go on with, and back.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use stance_core::fact::Value;
use stance_read::link::Term;

use super::catalogue::{is_common, root_of};
use super::classes::ClassInfo;
use super::known::Known;
use super::scope::is_builtin;

/// Longest text that is handed from file to file.
const TEXT: usize = 16 * 1024;
/// Most parts of one value.
const PARTS: usize = 256;

/// What a file defines itself, so that `.x` is told from `from . import x`.
#[derive(Clone, Copy)]
pub(super) struct Own<'a> {
    pub(super) defined: &'a HashSet<String>,
    pub(super) classes: &'a [ClassInfo],
}

impl Own<'_> {
    /// What other files can go on with.
    pub(super) fn term(self, known: &Known) -> Term {
        let mut left = PARTS;
        self.term_within(known, &mut left)
    }

    // Bounded: containers of `Known` nest at most a dozen deep.
    fn term_within(self, known: &Known, left: &mut usize) -> Term {
        if *left == 0 {
            return Term::Unknown;
        }
        *left = left.saturating_sub(1);
        match known {
            Known::Text { text, .. } if text.len() > TEXT => Term::Unknown,
            Known::Text { text, how } => Term::text(text, *how),
            Known::Integer(number) => Term::Value(Value::Integer(*number)),
            Known::Boolean(value) => Term::Value(Value::Boolean(*value)),
            Known::Null => Term::Value(Value::Null),
            Known::Environment { variable, default } => Term::Value(Value::Environment {
                variable: variable.to_string(),
                default: default.as_ref().map(ToString::to_string),
            }),
            Known::List(list) => Term::List(
                list.content
                    .iter()
                    .map(|it| self.term_within(it, left))
                    .collect(),
            ),
            Known::Map(map) => Term::Map(
                map.content
                    .iter()
                    .map(|(key, it)| (key.clone(), self.term_within(it, left)))
                    .collect(),
            ),
            Known::Joined(_) => {
                let mut room = *left;
                Term::Value(known.value(&mut room))
            }
            Known::Choice(all) => Term::OneOf(
                all.content
                    .iter()
                    .map(|it| self.term_within(it, left))
                    .collect(),
            ),
            Known::Class(class) => match self.classes.get(*class) {
                Some(class) => Term::Local(class.name.clone()),
                None => Term::Unknown,
            },
            Known::Object(object) => {
                let unnamed = object.unnamed.iter().map(|it| (None, it));
                let named = object
                    .fields
                    .iter()
                    .map(|(name, it)| (Some(name.clone()), it));
                let arguments = unnamed
                    .chain(named)
                    .map(|(name, it)| (name, self.term_within(it, left)))
                    .collect();
                Term::Made {
                    callee: Box::new(self.callee(&object.callee)),
                    arguments,
                }
            }
            Known::Path {
                open: Some(open), ..
            } => self.localised((**open).clone()),
            Known::Path { path, origin, .. } => match origin {
                Some(object) => {
                    let begins = format!("{}()", object.callee);
                    let rest = path.strip_prefix(&begins);
                    let Some(rest) = rest.filter(|rest| !rest.contains("()")) else {
                        return Term::Value(Value::Name(path.to_string()));
                    };
                    let of = self.term_within(&Known::Object(Rc::clone(object)), left);
                    members(of, rest)
                }
                None => self.path(path),
            },
            Known::Unknown => Term::Unknown,
        }
    }

    /// A dotted path that begins with a name of the file.
    pub(super) fn path(self, path: &str) -> Term {
        if path.starts_with('?') || path.contains("()") {
            return Term::Value(Value::Name(path.to_owned()));
        }
        if let Some(own) = path.strip_prefix('.')
            && !own.starts_with('.')
        {
            let (first, rest) = own.split_once('.').unwrap_or((own, ""));
            if self.defined.contains(first) {
                return members(Term::Local(first.to_owned()), rest);
            }
        } else if is_builtin(path) || root_of(path).is_some_and(|root| !is_common(root)) {
            return Term::Value(Value::Name(path.to_owned()));
        }
        Term::Import {
            module: path.to_owned(),
            names: Vec::new(),
        }
    }

    /// What is called: its last name apart, which may be a method.
    pub(super) fn callee(self, path: &str) -> Term {
        match (self.path(path), path.rsplit_once('.')) {
            (Term::Import { .. }, Some((before, last)))
                if !before.trim_start_matches('.').is_empty() =>
            {
                Term::Member(Box::new(self.path(before)), last.to_owned())
            }
            (term, _) => term,
        }
    }

    /// Paths that were left as they are written, told apart.
    fn localised(self, term: Term) -> Term {
        match term {
            Term::Import { module, names } if names.is_empty() => self.path(&module),
            Term::Member(of, name) => Term::Member(Box::new(self.localised(*of)), name),
            Term::Element(of) => Term::Element(Box::new(self.localised(*of))),
            Term::Joined(all) => {
                Term::Joined(all.into_iter().map(|one| self.localised(one)).collect())
            }
            Term::Parameter {
                function,
                name,
                default: Some(default),
            } => Term::Parameter {
                function,
                name,
                default: Some(Box::new(self.localised(*default))),
            },
            other => other,
        }
    }
}

fn members(of: Term, names: &str) -> Term {
    names
        .split('.')
        .filter(|name| !name.is_empty())
        .fold(of, |of, name| match name {
            "[]" => Term::Element(Box::new(of)),
            name => Term::Member(Box::new(of), name.to_owned()),
        })
        .bounded()
}

/// A term for something small, without regard to what the file defines; none when it tells nothing.
pub(super) fn bounded_term(known: &Known) -> Option<Term> {
    match known {
        Known::Text { text, .. } if text.len() > TEXT => None,
        Known::Text { text, how } => Some(Term::text(text, *how)),
        Known::Integer(number) => Some(Term::Value(Value::Integer(*number))),
        Known::Environment { variable, default } => Some(Term::Value(Value::Environment {
            variable: variable.to_string(),
            default: default.as_ref().map(ToString::to_string),
        })),
        Known::Path {
            open: Some(open), ..
        } => Some((**open).clone()),
        Known::Path { path, .. } if !path.starts_with('?') && !path.contains("()") => {
            Some(Term::Import {
                module: path.to_string(),
                names: Vec::new(),
            })
        }
        _ => None,
    }
}

impl Known {
    /// What it is where the path alone does not tell.
    pub(super) fn opened(&self) -> Option<Rc<Term>> {
        match self {
            Self::Path { open, .. } => open.clone(),
            _ => None,
        }
    }

    /// An entry of something that another file, or a caller, may say more about.
    pub(super) fn entry(&self, key: Option<&Self>) -> Self {
        let entry = self.member("[]");
        let key = match key {
            Some(Self::Text { text, .. }) => Some(text.to_string()),
            Some(Self::Integer(number)) => Some(number.to_string()),
            _ => None,
        };
        let of = match self {
            Self::Path { origin: None, .. } => bounded_term(self),
            _ => None,
        };
        match (entry, of) {
            (
                Self::Path {
                    path,
                    origin,
                    open: _,
                },
                Some(of),
            ) => Self::Path {
                path,
                origin,
                open: Some(Rc::new(
                    match key {
                        Some(key) => Term::Member(Box::new(of), key),
                        None => Term::Element(Box::new(of)),
                    }
                    .bounded(),
                )),
            },
            (entry, _) => entry,
        }
    }

    /// Whether another file, or a caller, may say more about it or a part of it.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Path { open: Some(_), .. } => true,
            Self::Path { path, origin, .. } => match origin {
                Some(object) => from_elsewhere(&object.callee),
                None => from_elsewhere(path),
            },
            Self::Object(object) => from_elsewhere(&object.callee),
            Self::List(all) | Self::Choice(all) => all.content.iter().take(64).any(Self::waits),
            Self::Map(map) => map.content.values().take(64).any(Self::waits),
            _ => false,
        }
    }

    /// The value that a term stands for when nothing more can be said.
    pub(super) fn of_term(term: &Term) -> Self {
        Self::of_term_within(term, 12)
    }

    fn of_term_within(term: &Term, depth: u32) -> Self {
        let Some(depth) = depth.checked_sub(1) else {
            return Self::Unknown;
        };
        let all = |all: &[Term]| {
            all.iter()
                .map(|one| Self::of_term_within(one, depth))
                .collect()
        };
        match term {
            Term::Value(value) => Self::of_value(value, depth),
            Term::List(parts) => Self::list(all(parts)),
            Term::OneOf(parts) => {
                let parts: Vec<Self> = all(parts);
                Self::choice(parts)
            }
            Term::Map(map) => Self::map(
                map.iter()
                    .map(|(key, one)| (key.clone(), Self::of_term_within(one, depth)))
                    .collect(),
            ),
            Term::Made { callee, arguments } => {
                let mut fields = BTreeMap::new();
                let mut unnamed = Vec::new();
                for (name, one) in arguments {
                    let known = Self::of_term_within(one, depth);
                    match name {
                        Some(name) => {
                            fields.insert(name.clone(), known);
                        }
                        None => unnamed.push(known),
                    }
                }
                Self::made(&stance_read::link::dotted(callee), None, fields, unnamed)
            }
            Term::Import { .. } | Term::Local(_) | Term::Member(..) | Term::Element(_) => {
                Self::path(stance_read::link::dotted(term))
            }
            Term::Parameter {
                name,
                default: None,
                ..
            } => Self::Unknown.member(name),
            Term::Parameter {
                default: Some(default),
                ..
            } => Self::of_term_within(default, depth).as_default(),
            _ => Self::Unknown,
        }
    }

    fn of_value(value: &Value, depth: u32) -> Self {
        let Some(depth) = depth.checked_sub(1) else {
            return Self::Unknown;
        };
        match value {
            Value::Text { text, how } => Self::text(text, *how),
            Value::Integer(number) => Self::Integer(*number),
            Value::Boolean(value) => Self::Boolean(*value),
            Value::Null => Self::Null,
            Value::Environment { variable, default } => Self::Environment {
                variable: variable.as_str().into(),
                default: default.as_deref().map(Into::into),
            },
            Value::List(all) => {
                Self::list(all.iter().map(|one| Self::of_value(one, depth)).collect())
            }
            Value::Map(map) => Self::map(
                map.iter()
                    .map(|(key, one)| (key.clone(), Self::of_value(one, depth)))
                    .collect(),
            ),
            Value::Name(path) => Self::path(path.as_str()),
            Value::Call(callee) => Self::object(callee, None, BTreeMap::new()),
            Value::Joined(all) => {
                Self::joined(all.iter().map(|one| Self::of_value(one, depth)).collect())
            }
            Value::Unknown => Self::Unknown,
        }
    }
}

/// Whether a path begins with something that a file of the tree may define: not with a library that is known.
fn from_elsewhere(path: &str) -> bool {
    if path.starts_with('?') {
        return false;
    }
    let known = || root_of(path).is_some_and(|root| !is_common(root));
    path.starts_with('.') || (path.contains('.') && !known() && !is_library(path))
}

/// Modules of Python itself, and libraries, that code of this kind names most.
pub(super) fn is_library(path: &str) -> bool {
    let first = path.split(['.', '(']).next().unwrap_or_default();
    matches!(
        first,
        "os" | "sys"
            | "re"
            | "json"
            | "time"
            | "typing"
            | "logging"
            | "datetime"
            | "pathlib"
            | "asyncio"
            | "functools"
            | "itertools"
            | "collections"
            | "dataclasses"
            | "enum"
            | "pydantic"
            | "numpy"
            | "pandas"
            | "torch"
            | "requests"
            | "httpx"
            | "fastapi"
            | "uuid"
            | "math"
            | "random"
            | "subprocess"
            | "textwrap"
            | "argparse"
            | "warnings"
            | "unittest"
            | "pytest"
    )
}
