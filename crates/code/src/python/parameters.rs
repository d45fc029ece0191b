//! Parameters, and what is handed on from them: what a function gets, other files may say.

use std::collections::BTreeMap;
use std::rc::Rc;

use stance_read::link::Term;

use super::known::Known;
use super::open::bounded_term;
use super::sink::{Sink, TextRole};
use super::syntax::{Expr, ExprKind, Function, Parameter};
use super::walk::{FUNCTIONS, RETURNS, Walk};

impl<'t, S: Sink> Walk<'t, S> {
    /// Begins the body of a function.
    pub(super) fn enter(&mut self, function: &Function, class: Option<usize>, scope: usize) {
        let method = class.filter(|class| self.scopes.class(scope) == Some(*class));
        let name = match method {
            // A constructor has the name of its class.
            Some(class) if function.name == "__init__" => self.class_name(class).to_owned(),
            Some(class) => format!("{}.{}", self.class_name(class), function.name),
            None => function.name.clone(),
        };
        let mut parameters = function.parameters.iter();
        if method.is_some() {
            parameters.next();
        }
        let parameters = parameters.take(64).map(|it| it.name.clone()).collect();
        if self.functions.len() < FUNCTIONS && !self.functions.contains_key(&name) {
            let info = super::walk::FunctionInfo {
                parameters,
                returns: Vec::new(),
            };
            self.functions.insert(name.clone(), info);
        }
        self.current = Some(name);
        let keywords = function.parameters.iter().find(|it| it.keywords);
        self.keywords = keywords.map(|it| it.name.clone());
    }

    /// What a parameter is, and its default.
    pub(super) fn parameter(
        &mut self,
        parameter: &'t Parameter,
        scope: usize,
    ) -> (Known, Option<Known>) {
        let default = parameter
            .default
            .as_ref()
            .map(|default| self.evaluate_in(default, scope, TextRole::Default));
        match &default {
            Some(
                known @ (Known::Text { .. }
                | Known::Environment { .. }
                | Known::Boolean(_)
                | Known::Integer(_)
                | Known::Choice(_)),
            ) => return (known.as_default(), default),
            Some(known @ Known::Object(_)) => return (known.clone(), default),
            _ => {}
        }
        // A parameter is an instance of the class that its annotation names.
        let known = match parameter.annotation.as_ref().map(|it| &it.kind) {
            Some(ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(..)) => {
                let annotation = parameter.annotation.as_ref();
                match annotation.map(|it| self.evaluate(it, scope)) {
                    Some(Known::Path { path, .. })
                        if !path.starts_with('?') && path.contains('.') && !path.contains("[]") =>
                    {
                        Known::object(&path, None, BTreeMap::new())
                    }
                    Some(Known::Class(class)) => {
                        let callee = format!(".{}", self.class_name(class));
                        Known::object(&callee, Some(class), BTreeMap::new())
                    }
                    _ => Known::Unknown.member(&parameter.name),
                }
            }
            _ => Known::Unknown.member(&parameter.name),
        };
        (known, default)
    }

    /// What a parameter is in the body, where callers may pass something else.
    pub(super) fn open_parameter(
        &mut self,
        parameter: &Parameter,
        known: Known,
        default: Option<&Known>,
        scope: usize,
    ) -> Known {
        let Some(function) = self.current.clone() else {
            return known;
        };
        let open = |default: Option<Box<Term>>| Term::Parameter {
            function: function.clone(),
            name: parameter.name.clone(),
            default,
        };
        match known {
            Known::Path { path, .. } if *path == *format!("?.{}", parameter.name) => {
                Known::open(&path, open(default.and_then(bounded_term).map(Box::new)))
            }
            Known::Text { .. } | Known::Environment { .. } => {
                let default = bounded_term(&known).map(Box::new);
                self.parameters
                    .insert((scope, parameter.name.clone()), Rc::new(open(default)));
                known
            }
            other => other,
        }
    }

    /// The parameter that an expression hands on, where its value is only a default.
    pub(super) fn parameter_behind(&self, expr: &Expr, scope: usize) -> Option<Rc<Term>> {
        match &expr.kind {
            ExprKind::Name(name) if !self.parameters.is_empty() => {
                self.parameters.get(&(scope, name.clone())).cloned()
            }
            ExprKind::Attribute(base, name) if !self.set_from.is_empty() => {
                let ExprKind::Name(object) = &base.kind else {
                    return None;
                };
                match self.scopes.look_up(scope, object) {
                    Known::Object(object) => {
                        self.set_from.get(&(object.class?, name.clone())).cloned()
                    }
                    _ => None,
                }
            }
            // `given or DEFAULT`
            ExprKind::Or(all) => self.parameter_behind(all.first()?, scope),
            _ => None,
        }
    }

    /// `self.model = model`
    pub(super) fn set_from_parameter(&mut self, target: &Expr, value: &Expr, scope: usize) {
        let ExprKind::Attribute(base, name) = &target.kind else {
            return;
        };
        let ExprKind::Name(object) = &base.kind else {
            return;
        };
        if self.parameters.is_empty() {
            return;
        }
        let Some(parameter) = self.parameter_behind(value, scope) else {
            return;
        };
        if let Known::Object(object) = self.scopes.look_up(scope, object)
            && let Some(class) = object.class
            && self.set_from.len() < FUNCTIONS
        {
            self.set_from.insert((class, name.clone()), parameter);
        }
    }

    /// The function at hand gives something back.
    pub(super) fn returns(&mut self, known: Known) {
        if matches!(
            known,
            Known::Unknown | Known::Null | Known::Boolean(_) | Known::Integer(_)
        ) {
            return;
        }
        if let Some(current) = &self.current
            && let Some(function) = self.functions.get_mut(current)
            && function.returns.len() < RETURNS
            && self.scopes.take_room(&known)
        {
            function.returns.push(known);
        }
    }
}
