//! Which attributes of Python's insides a template reaches, however it spells them.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Expression, read};
use super::fold::{self, Known};
use super::lexer::{Segment, Token, segments};
use names::{
    BY_ATTRIBUTE, CORES, FUNCTIONS, HARMLESS, INTERNALS, METHODS, MODULES, OF_REQUEST, OTHERS, WEB,
};

/// Something in a template that leads out of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// An attribute from which all of Python can be reached; whether its name was hidden.
    Internal {
        /// Its name.
        name: String,
        /// Whether the name is put together so that it cannot be read.
        hidden: bool,
    },
    /// Only the class of a value, as `x.__class__.__name__` does.
    Class {
        /// Its name.
        name: String,
    },
    /// Work that never ends.
    Endless {
        /// What has no end.
        what: String,
    },
    /// An attribute whose name is put together when the template is rendered.
    Computed,
    /// Another file, outside the directory.
    File {
        /// Which file.
        path: String,
    },
}

/// Rounds of a loop, and letters of a text, past which no conversation waits for the end.
const TOO_MANY: i64 = 10_000_000;

/// Reaches that are told of one template.
const MOST: usize = 32;

/// Everything a template reaches, each once, in order of first use.
pub fn reaches(template: &str) -> Vec<Reach> {
    let mut walk = Walk::of(template);
    walk.run();
    walk.found
}

struct Walk<'t> {
    template: &'t str,
    known: Known,
    /// Short texts and names of arguments that may be parts of a name.
    pieces: BTreeSet<String>,
    found: Vec<Reach>,
    /// Whether the template lacks a name as it is written: the search goes through all of it.
    hidden: BTreeMap<String, bool>,
}

impl<'t> Walk<'t> {
    fn of(template: &'t str) -> Self {
        Self {
            template,
            known: Known::new(),
            pieces: BTreeSet::new(),
            found: Vec::new(),
            hidden: BTreeMap::new(),
        }
    }

    fn run(&mut self) {
        for segment in segments(self.template) {
            match segment {
                Segment::Text(_) => {}
                Segment::Print(tokens) => self.all(&read(&tokens)),
                Segment::Block(tokens) => self.block(&tokens),
            }
        }
        if self.found.is_empty()
            && let Some(name) = from_pieces(&self.pieces)
        {
            self.push(Reach::Internal {
                name: name.to_owned(),
                hidden: true,
            });
        }
    }

    fn push(&mut self, reach: Reach) {
        if self.found.len() < MOST && !self.found.contains(&reach) {
            self.found.push(reach);
        }
    }

    fn block(&mut self, tokens: &[Token]) {
        let [Token::Name(keyword), rest @ ..] = tokens else {
            return self.all(&read(tokens));
        };
        match (&**keyword, rest) {
            ("set", [Token::Name(name), Token::Symbol("="), value @ ..]) => {
                let values = read(value);
                if let [value] = &*values
                    && let Some(text) = fold::text(value, &self.known)
                    && self.known.len() < 1000
                {
                    self.known.insert(name.clone(), text);
                } else {
                    // It may hold anything from here on.
                    self.known.remove(name);
                }
                self.all(&values);
            }
            ("include" | "import" | "from" | "extends", rest) => {
                let values = read(rest);
                if let Some(path) = values
                    .first()
                    .and_then(|value| fold::text(value, &self.known))
                    && (path.starts_with('/') || path.split(['/', '\\']).any(|part| part == ".."))
                {
                    self.push(Reach::File { path });
                } else if let Some(module) = values
                    .first()
                    .and_then(|value| fold::text(value, &self.known))
                    && MODULES.contains(&module.split('.').next().unwrap_or_default())
                    && !module.contains(".j")
                {
                    self.push(Reach::Internal {
                        name: module,
                        hidden: false,
                    });
                }
                self.all(&values);
            }
            _ => self.all(&read(rest)),
        }
    }

    fn all(&mut self, expressions: &[Expression]) {
        // An own stack in place of recursion. Each expression comes twice: first its parts are
        // put before it, then it is looked at, so that a chain is told from its start.
        let mut open: Vec<(&Expression, bool)> =
            expressions.iter().rev().map(|one| (one, false)).collect();
        while let Some((expression, parts_done)) = open.pop() {
            if parts_done {
                self.look_at(expression);
                continue;
            }
            open.push((expression, true));
            let later = |one| (one, false);
            match expression {
                Expression::Text(_) | Expression::Number(_) | Expression::Name(_) => {}
                Expression::Attribute(value, _) | Expression::Slice(value, _) => {
                    open.push((value, false));
                }
                Expression::Item(value, key) => open.extend([(&**key, false), (value, false)]),
                Expression::Binary(_, left, right) => {
                    open.extend([(&**right, false), (left, false)]);
                }
                Expression::Call(value, arguments) | Expression::Filter(value, _, arguments) => {
                    open.extend(arguments.iter().rev().map(later));
                    open.push((value, false));
                }
                Expression::List(items) | Expression::Other(items) => {
                    open.extend(items.iter().rev().map(later));
                }
            }
        }
    }

    fn look_at(&mut self, expression: &Expression) {
        if let Expression::Text(piece) | Expression::Name(piece) = expression
            && piece.len() <= 20
            && self.pieces.len() < 4096
        {
            self.pieces.insert(piece.clone());
        }
        match expression {
            Expression::Name(name) if is_dunder(name) => self.name(name, true),
            Expression::Text(text) if INTERNALS.contains(&&**text) => self.name(text, true),
            Expression::Text(text) if is_format_of_internals(text) => {
                self.name("__class__", true);
            }
            Expression::Name(name) if WEB.contains(&&**name) => self.push(Reach::Internal {
                name: name.clone(),
                hidden: false,
            }),
            Expression::Attribute(value, name) => {
                let request = matches!(&**value, Expression::Name(name) if name == "request");
                if request && OF_REQUEST.contains(&&**name) {
                    self.push(Reach::Internal {
                        name: format!("request.{name}"),
                        hidden: false,
                    });
                }
                self.name(name, false);
            }
            Expression::Binary("*", left, right) => {
                let many = [left, right]
                    .iter()
                    .any(|side| matches!(***side, Expression::Number(times) if times >= TOO_MANY));
                let text = [left, right]
                    .iter()
                    .any(|side| matches!(***side, Expression::Text(_) | Expression::List(_)));
                if many && text {
                    self.push(Reach::Endless {
                        what: "repeats a text many million times".to_owned(),
                    });
                }
            }
            Expression::Item(_, key) => match fold::text(key, &self.known) {
                Some(name) => self.name(&name, false),
                None if has_underscores(key) || makes_internals(key) => self.push(Reach::Computed),
                None => {}
            },
            Expression::Filter(_, filter, arguments) => self.filter(filter, arguments),
            // Python's own way to format walks attributes that the text names.
            Expression::Call(callee, arguments) => {
                // The end of a row that was cut in front of its filter.
                if let Expression::Name(name) = &**callee {
                    self.filter(name, arguments);
                    if FUNCTIONS.contains(&&**name) && !arguments.is_empty() {
                        self.push(Reach::Internal {
                            name: name.clone(),
                            hidden: false,
                        });
                    }
                }
                if let Expression::Name(name) = &**callee
                    && name == "range"
                    && arguments.iter().any(is_vast)
                {
                    self.push(Reach::Endless {
                        what: "loops many million times".to_owned(),
                    });
                }
                if let Expression::Attribute(_, method) = &**callee
                    && METHODS.contains(&&**method)
                {
                    self.push(Reach::Internal {
                        name: method.clone(),
                        hidden: false,
                    });
                }
                if let Expression::Attribute(value, method) = &**callee
                    && matches!(&**method, "format" | "format_map")
                    && let Some(text) = fold::text(value, &self.known)
                {
                    for hole in text.split('{').skip(1) {
                        let hole = hole.split('}').next().unwrap_or_default();
                        for name in hole.split(['.', '[', ']']).skip(1) {
                            self.name(name, false);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// A filter that may name attributes.
    fn filter(&mut self, filter: &str, arguments: &[Expression]) {
        if !BY_ATTRIBUTE.contains(&filter) {
            return;
        }
        let direct = filter == "attr";
        if direct && arguments.is_empty() {
            self.push(Reach::Computed);
        }
        for argument in arguments {
            match fold::text(argument, &self.known) {
                Some(path) => {
                    for name in path.split('.') {
                        self.name(name, direct);
                    }
                }
                None if direct || has_underscores(argument) => self.push(Reach::Computed),
                None => {}
            }
        }
    }

    /// An attribute; `forced` when it was taken in a way that has no harmless use.
    fn name(&mut self, name: &str, forced: bool) {
        if !is_dunder(name) && !OTHERS.contains(&name) {
            return;
        }
        let is_known = self
            .found
            .iter()
            .any(|reach| matches!(reach, Reach::Internal { name: known, .. } if known == name));
        if is_known || self.found.len() >= MOST {
            return;
        }
        let hidden = match self.hidden.get(name) {
            Some(hidden) => *hidden,
            None => {
                let hidden = !self.template.contains(name);
                self.hidden.insert(name.to_owned(), hidden);
                hidden
            }
        };
        let name = name.to_owned();
        if HARMLESS.contains(&&*name) && !hidden && !forced {
            self.push(Reach::Class { name });
        } else {
            self.push(Reach::Internal { name, hidden });
        }
    }
}

/// Whether a number is one that nobody counts to.
fn is_vast(number: &Expression) -> bool {
    match number {
        Expression::Number(number) => *number >= TOO_MANY,
        Expression::Binary("**", base, power) => matches!(
            (&**base, &**power),
            (Expression::Number(2..), Expression::Number(24..))
                | (Expression::Number(10..), Expression::Number(7..))
        ),
        Expression::Binary("*", left, right) => {
            let value = |side: &Expression| match side {
                Expression::Number(number) => Some(*number),
                _ => None,
            };
            value(left)
                .zip(value(right))
                .is_some_and(|(left, right)| left.saturating_mul(right) >= TOO_MANY)
        }
        _ => false,
    }
}

fn is_dunder(name: &str) -> bool {
    name.len() > 4
        && name.starts_with("__")
        && name.ends_with("__")
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_')
}

/// Whether a text in an expression that is no constant holds two underscores in a row.
fn has_underscores(expression: &Expression) -> bool {
    any_text(expression, &|text| text.contains("__"))
}

/// Whether an expression that makes a text has the inside of such a name as a part of its own.
fn makes_internals(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Binary(..)
            | Expression::Filter(..)
            | Expression::Call(..)
            | Expression::Slice(..)
    ) && any_text(expression, &|text| CORES.contains(&text))
}

fn any_text(expression: &Expression, test: &dyn Fn(&str) -> bool) -> bool {
    let mut open = vec![expression];
    while let Some(expression) = open.pop() {
        match expression {
            Expression::Text(text) if test(text) => return true,
            Expression::Binary(_, left, right) => open.extend([&**left, right]),
            Expression::List(items) | Expression::Other(items) => open.extend(items),
            Expression::Filter(value, _, items) | Expression::Call(value, items) => {
                open.push(value);
                open.extend(items);
            }
            Expression::Slice(value, _) | Expression::Attribute(value, _) => open.push(value),
            // Its key is looked at where it stands.
            Expression::Item(value, _) => open.push(value),
            Expression::Text(_) | Expression::Number(_) | Expression::Name(_) => {}
        }
    }
    false
}

/// `{0.__class__}`, which Python's way to format follows.
fn is_format_of_internals(text: &str) -> bool {
    text.split('{').skip(1).any(|hole| {
        let hole = hole.split('}').next().unwrap_or_default();
        hole.split(['.', '[', ']'])
            .skip(1)
            .any(|part| part.starts_with("__"))
    })
}

/// Names that come about when texts of the template are put together in a way that is not
/// followed: pieces that stand for nothing else, such as `__glo` and `bals__`.
fn from_pieces(pieces: &BTreeSet<String>) -> Option<&'static str> {
    INTERNALS.iter().copied().find(|name| {
        // Of every prefix of the name: whether pieces make it, with at least two of them.
        let mut reached = vec![false; name.len().saturating_add(1)];
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        for end in 1..=name.len() {
            let made = (0..end).any(|start| {
                reached.get(start) == Some(&true)
                    && end.saturating_sub(start) < name.len()
                    && name
                        .get(start..end)
                        .is_some_and(|piece| pieces.contains(piece))
            });
            if let Some(here) = reached.get_mut(end) {
                *here = made;
            }
        }
        // A piece with letters and underscores is part of no other word.
        let telling = pieces.iter().any(|piece| {
            piece.len() >= 4
                && piece.contains("__")
                && piece.chars().any(char::is_alphabetic)
                && (name.starts_with(&**piece) || name.ends_with(&**piece))
        });
        telling && reached.last() == Some(&true)
    })
}

#[cfg(test)]
mod tests;
