//! Functions and classes as they are defined: decorators first, bodies later.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::classes::ClassInfo;
use super::known::Known;
use super::scope::MODULE;
use super::sink::{CallSite, Sink, TextRole};
use super::syntax::{Class, Expr, ExprKind, Function};
use super::walk::{FUNCTIONS, Waiting, Walk};

impl<'t, S: Sink> Walk<'t, S> {
    pub(super) fn function(&mut self, function: &'t Function, scope: usize) {
        let class = self.scopes.class(scope);
        if scope == MODULE && self.defined.len() < FUNCTIONS {
            self.defined.insert(function.name.clone());
        }
        for decorator in &function.decorators {
            self.decorator(decorator, function, scope);
        }
        self.bind(
            scope,
            &function.name,
            Known::path(format!(".{}", function.name)),
        );
        let waiting = Waiting {
            function,
            scope,
            class,
        };
        // What the constructor sets is known to the other methods.
        if class.is_some()
            && matches!(
                function.name.as_str(),
                "__init__" | "__post_init__" | "setup"
            )
        {
            self.waiting.push_front(waiting);
        } else {
            self.waiting.push_back(waiting);
        }
    }

    pub(super) fn decorator(&mut self, decorator: &'t Expr, function: &'t Function, scope: usize) {
        let (function_expr, arguments, open_ended) = match &decorator.kind {
            ExprKind::Call(call) => (&call.function, &call.arguments[..], call.open_ended),
            _ => (decorator, &[][..], false),
        };
        let known = self.evaluate(function_expr, scope);
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let role = TextRole::Argument(argument.name.as_deref());
            given.push(super::sink::Given {
                name: argument.name.as_deref(),
                value: self.evaluate_in(&argument.value, scope, role),
                span: argument.value.span.clone(),
                parameter: self.parameter_behind(&argument.value, scope),
            });
        }
        let callee = known.callee().unwrap_or_else(|| "?".into());
        let site = CallSite {
            callee: &callee,
            callee_span: function_expr.span.clone(),
            arguments: &given,
            open_ended,
            assigned: None,
            origin: known.origin().cloned(),
            open: known.opened(),
            forwards: None,
        };
        self.sink.call(&site);
        self.sink.decorated(&site, function);
    }

    /// `@tool` on a class: a decorator that is called with it.
    pub(super) fn class_decorator(&mut self, decorator: &'t Expr, class: &'t Class, scope: usize) {
        let known = self.evaluate(decorator, scope);
        let callee = match (&decorator.kind, &known) {
            (ExprKind::Call(_), Known::Object(object)) => Some(Rc::clone(&object.callee)),
            (ExprKind::Call(_), _) => None,
            _ => known.callee(),
        };
        if let Some(callee) = callee {
            self.sink.decorated_class(&callee, class);
        }
    }

    pub(super) fn class(&mut self, class: &'t Class, scope: usize) {
        for decorator in &class.decorators {
            self.class_decorator(decorator, class, scope);
        }
        let all: Vec<Known> = class
            .bases
            .iter()
            .map(|base| self.evaluate(base, scope))
            .collect();
        if scope == MODULE && self.defined.len() < FUNCTIONS {
            self.defined.insert(class.name.clone());
        }
        let mut outside = Vec::new();
        let mut bases = Vec::new();
        for base in &all {
            match base {
                Known::Class(number) => bases.push(*number),
                base => outside.push(base.clone()),
            }
        }
        let number = self.classes.len();
        if self.scopes.take_room(&Known::Unknown) {
            self.classes.push(ClassInfo {
                name: class.name.clone(),
                fields: Vec::new(),
                members: BTreeMap::new(),
                bases,
                outside,
            });
        }
        self.bind(scope, &class.name, Known::Class(number));
        let inner = self.scopes.open(scope, Some(number));
        let blocks = std::mem::take(&mut self.blocks);
        self.statements(&class.body, inner);
        self.blocks = blocks;
        let members = self.classes.get(number).map(|class| &class.members);
        let member = |name: &str| members?.get(name).map(|member| member.known.clone());
        self.sink.class(class, &all, &member);
    }
}
