//! Evaluates expressions as far as the file tells, without running anything.

mod calls;
mod members;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use stance_core::How;
use stance_read::link::Term;

use super::known::{At, Entry, Known};
use super::modules::{is_relative, path_of_module};
use super::scope::Scopes;
use super::syntax::{Expr, ExprKind, Property};

/// Deepest chain of names and expressions that is followed.
const DEPTH: u32 = 64;
/// Longest text that is put together.
const TEXT: usize = 64 * 1024;
/// Most calls whose value is kept.
const MEMO: usize = 100_000;

/// Names that are there without being declared, and are told as they are.
const GLOBALS: [&str; 14] = [
    "eval",
    "Function",
    "fetch",
    "process",
    "globalThis",
    "import.meta",
    "Deno",
    "Bun",
    "Object",
    "JSON",
    "Array",
    "String",
    "Promise",
    "URL",
];

pub(super) struct Evaluator<'t> {
    pub scopes: Scopes<'t>,
    memo: HashMap<*const Expr<'t>, Known>,
    steps: u64,
    /// Functions whose body was walked.
    pub walked: HashSet<usize>,
    /// Whether it was found only behind a function what fills its parameters.
    pub late: bool,
}

/// How much work a source is worth, by its length in bytes.
const fn steps_of(length: usize) -> u64 {
    20_000_u64.saturating_add((length as u64).saturating_mul(4))
}
impl<'t> Evaluator<'t> {
    /// `length`: of the source in bytes, to which the work is kept in proportion.
    pub(super) fn new(length: usize) -> Self {
        Self {
            scopes: Scopes::default(),
            memo: HashMap::new(),
            steps: steps_of(length),
            walked: HashSet::new(),
            late: false,
        }
    }

    /// Makes ready for a second walk through the same file, in which it is known from the start what fills the
    /// parameters of its functions.
    pub(super) fn again(&mut self, length: usize) {
        self.memo.clear();
        self.scopes.forget();
        self.steps = steps_of(length);
    }

    /// Whether something was not followed for lack of steps.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.steps == 0
    }

    pub(super) fn evaluate(&mut self, expr: &'t Expr<'t>, scope: usize) -> Known {
        self.within(expr, scope, DEPTH)
    }

    fn within(&mut self, expr: &'t Expr<'t>, scope: usize, depth: u32) -> Known {
        let Some(depth) = depth.checked_sub(1) else {
            return Known::Unknown;
        };
        if self.steps == 0 {
            return Known::Unknown;
        }
        self.steps = self.steps.saturating_sub(1);
        let keep = matches!(
            expr.kind,
            ExprKind::Call(_) | ExprKind::Object(_) | ExprKind::Array(_) | ExprKind::Add(_)
        );
        if keep && let Some(known) = self.memo.get(&std::ptr::from_ref(expr)) {
            return known.clone();
        }
        let known = self.fresh(expr, scope, depth);
        if keep && self.memo.len() < MEMO {
            self.memo.insert(std::ptr::from_ref(expr), known.clone());
        }
        known
    }

    fn fresh(&mut self, expr: &'t Expr<'t>, scope: usize, depth: u32) -> Known {
        let here = At::Here(expr.span);
        match &expr.kind {
            ExprKind::Text(text) => Known::text(text, How::Literal, here),
            ExprKind::Number(number) => Known::Number(*number),
            ExprKind::Boolean(value) => Known::Boolean(*value),
            ExprKind::Null => Known::Null,
            ExprKind::Name(name) => self.name(name, scope, depth),
            ExprKind::This => match self.scopes.class_of(scope) {
                Some(class) => Known::Instance(class),
                None => Known::Unknown,
            },
            ExprKind::Member(object, name) => {
                let object = self.within(object, scope, depth);
                self.member(&object, name, depth)
            }
            ExprKind::Index(object, index) => {
                let object = self.within(object, scope, depth);
                let index = self.within(index, scope, depth);
                match (&index, &object) {
                    (Known::Number(number), _) => self.member(&object, &number.to_string(), depth),
                    (one, _) if one.as_text().is_some() => {
                        let member = self.member(&object, one.as_text().unwrap_or_default(), depth);
                        match one {
                            Known::Text {
                                how: How::Literal, ..
                            } => member,
                            _ => member.as_default(),
                        }
                    }
                    (_, Known::Map(map)) => {
                        Known::choice(map.content.iter().map(|entry| entry.value.clone()))
                    }
                    (_, Known::List(list)) => Known::choice(list.content.iter().cloned()),
                    (_, Known::Open(term)) => {
                        Known::open(Term::Element(Box::new((**term).clone())))
                    }
                    _ => Known::Unknown,
                }
            }
            ExprKind::Call(call) => self.call(call, scope, depth),
            ExprKind::Template(texts, holes) => self.template(texts, holes, scope, depth, here),
            ExprKind::Add(parts) => {
                let parts: Vec<Known> = parts
                    .iter()
                    .map(|part| self.within(part, scope, depth))
                    .collect();
                joined(&parts, here)
            }
            ExprKind::Array(elements) => {
                let mut found = Vec::new();
                for element in elements.iter().take(512) {
                    match &element.kind {
                        ExprKind::Spread(inner) => match self.within(inner, scope, depth) {
                            Known::List(list) => found.extend(list.content.iter().cloned()),
                            other => found.push(other),
                        },
                        _ => found.push(self.within(element, scope, depth)),
                    }
                }
                Known::list(found)
            }
            ExprKind::Object(properties) => self.object(properties, scope, depth),
            ExprKind::Or(left, right) => {
                let left = self.within(left, scope, depth);
                let right = self.within(right, scope, depth);
                or(left, &right)
            }
            ExprKind::Conditional(parts) => {
                let [_, then, otherwise] = &**parts;
                let then = self.within(then, scope, depth);
                let otherwise = self.within(otherwise, scope, depth);
                Known::choice([then, otherwise])
            }
            ExprKind::Assign(_, value) => self.within(value, scope, depth),
            ExprKind::Function(function) => Known::Function(self.scopes.function(function, scope)),
            ExprKind::Class(class) => Known::Class(self.scopes.class(class, scope)),
            ExprKind::Import(module) => module_value(module),
            ExprKind::Spread(_) | ExprKind::Other(_) => Known::Unknown,
        }
    }

    fn template(
        &mut self,
        texts: &[&str],
        holes: &'t [Expr<'t>],
        scope: usize,
        depth: u32,
        here: At,
    ) -> Known {
        let mut parts = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            if !text.is_empty() {
                parts.push(Known::text(text, How::Literal, here.clone()));
            }
            if let Some(hole) = holes.get(number) {
                parts.push(self.within(hole, scope, depth));
            }
        }
        joined(&parts, here)
    }

    fn object(&mut self, properties: &'t [Property<'t>], scope: usize, depth: u32) -> Known {
        let mut entries: Vec<Entry> = Vec::new();
        for property in properties {
            match property {
                Property::Named {
                    name,
                    name_span,
                    value,
                } => entries.push(Entry {
                    name: (&**name).into(),
                    value: self.within(value, scope, depth),
                    at: At::Here(*name_span),
                }),
                Property::Computed(key, value) => {
                    let key_value = self.within(key, scope, depth);
                    if let Some(name) = key_value.as_text() {
                        entries.push(Entry {
                            name: name.into(),
                            value: self.within(value, scope, depth),
                            at: At::Here(key.span),
                        });
                    }
                }
                Property::Spread(inner) => {
                    if let Known::Map(map) = self.within(inner, scope, depth) {
                        entries.extend(map.content.iter().cloned());
                    }
                }
            }
        }
        Known::map(entries)
    }

    fn name(&mut self, name: &str, scope: usize, depth: u32) -> Known {
        match self.scopes.find(name, scope) {
            Some(number) => self.binding(number, depth),
            None if GLOBALS.contains(&name) => Known::path(name),
            None => Known::path(format!("?.{name}")),
        }
    }

    /// What the name with this number holds.
    pub(super) fn binding(&mut self, number: usize, depth: u32) -> Known {
        let Some(depth) = depth.checked_sub(1) else {
            return Known::Unknown;
        };
        let Some(binding) = self.scopes.bindings.get_mut(number) else {
            return Known::Unknown;
        };
        if let Some(known) = &binding.known {
            return known.clone();
        }
        if std::mem::replace(&mut binding.busy, true) {
            return Known::Unknown;
        }
        let (what, scope) = (binding.what.clone(), binding.scope);
        let (annotation, assigned) = (binding.annotation, binding.assigned.clone());
        let mut known = self.declared(&what, scope, depth);
        if !assigned.is_empty() {
            let mut all = vec![known];
            for (value, scope) in assigned {
                all.push(self.within(value, scope, depth));
            }
            known = Known::choice(all);
        }
        if matches!(known, Known::Unknown | Known::Null | Known::Open(_))
            && let Some(made) = self.of_type(annotation, scope, depth)
        {
            known = made;
        }
        if let Some(binding) = self.scopes.bindings.get_mut(number) {
            binding.busy = false;
            binding.known = Some(known.clone());
        }
        known
    }
}

/// What an import gives; the default of a package goes by the name that the file gives it, which is that of its class
/// most often.
fn imported(module: &str, name: &str, local: &str) -> Known {
    if is_relative(module) {
        let names = match name {
            "*" => Vec::new(),
            name => vec![name.to_owned()],
        };
        return Known::open(Term::Import {
            module: module.to_owned(),
            names,
        });
    }
    let of_node =
        module.starts_with("node:") || matches!(module, "child_process" | "fs" | "util" | "vm");
    let module = path_of_module(module);
    match name {
        "default" if of_node => Known::path(module),
        "*" => Known::path(module),
        "default" => Known::path(format!("{module}.{local}")),
        name => Known::path(format!("{module}.{name}")),
    }
}

fn module_value(module: &str) -> Known {
    imported(module, "*", "")
}

/// Shortest text of several lines that means something with a hole in it, in bytes.
const PROSE: usize = 80;

/// Texts one behind the other; open when a part is.
fn joined(parts: &[Known], here: At) -> Known {
    let mut text = String::new();
    let mut how = How::Literal;
    let mut open = false;
    let (mut hole, mut unknown) = (false, false);
    for part in parts {
        match part {
            Known::Text {
                text: more,
                how: one,
                ..
            } => {
                how = how.max(*one);
                text.push_str(more);
            }
            Known::Environment {
                default: Some(more),
                ..
            } => {
                how = How::Default;
                text.push_str(more);
            }
            Known::Number(number) => text.push_str(&number.to_string()),
            Known::Path { .. } | Known::Object(_) => {
                hole = true;
                text.push_str("{…}");
            }
            other if other.is_open() => open = true,
            _ => {
                unknown = true;
                text.push_str("{…}");
            }
        }
        if text.len() > TEXT {
            return Known::Unknown;
        }
    }
    // Prose with a hole in it is still that prose; a name with a hole is none.
    if (hole || unknown) && !open && text.len() >= PROSE && text.contains('\n') {
        return Known::text(&text, how, here);
    }
    if open || hole {
        return Known::open(Term::Joined(parts.iter().map(Known::term).collect()).bounded());
    }
    if unknown {
        return Known::Unknown;
    }
    Known::text(&text, how, here)
}

/// `left || right`
fn or(left: Known, right: &Known) -> Known {
    match left {
        Known::Environment {
            variable,
            default: None,
        } => match right {
            Known::Text { text, .. } => Known::Environment {
                variable,
                default: Some(Rc::clone(text)),
            },
            // Another variable asked after the first.
            Known::Environment {
                default: Some(text),
                ..
            } => Known::Environment {
                variable,
                default: Some(Rc::clone(text)),
            },
            _ => Known::Environment {
                variable,
                default: None,
            },
        },
        Known::Unknown | Known::Null => right.as_default(),
        Known::Path { .. } if matches!(right, Known::Text { .. }) => right.as_default(),
        Known::Open(term) if matches!(right, Known::Text { .. }) => Known::open(Term::OneOf(vec![
            (*term).clone(),
            right.as_default().term(),
        ])),
        known @ Known::Text { .. } => known,
        other => Known::choice([other, right.clone()]),
    }
}
