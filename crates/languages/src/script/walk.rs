//! One walk through a file, that reports what happens in it.

use super::evaluate::Evaluator;
pub(super) use super::heard::{Given, Role, Sink, Site};
use super::known::Known;
use super::objects::MARKUP;
use super::syntax::{Call, Class, Expr, ExprKind, Function, Pattern, Property, Span, Stmt};

pub(super) struct Walk<'t, 's, S> {
    pub evaluator: Evaluator<'t>,
    pub sink: &'s mut S,
    /// Calls of functions, with whether somebody else should know.
    pub handed: Vec<(Known, Vec<Given>)>,
    name: Option<&'t str>,
    /// The name of the function around, which is that of what it gives back.
    pub(super) owner: Option<&'t str>,
    /// The name that the call around gives what it makes: `tool({ name: "search", execute: … })`.
    pub(super) within: Option<std::rc::Rc<str>>,
    /// The variable whose value is being walked.
    pub(super) variable: Option<&'t str>,
}

/// Most calls that are handed on to functions of the tree.
const HANDED: usize = 512;

impl<'t, 's, S: Sink> Walk<'t, 's, S> {
    pub(super) fn new(length: usize, sink: &'s mut S) -> Self {
        Self {
            evaluator: Evaluator::new(length),
            sink,
            handed: Vec::new(),
            name: None,
            owner: None,
            within: None,
            variable: None,
        }
    }

    /// Walks a file; gives the number of its scope.
    pub(super) fn module(&mut self, body: &'t [Stmt<'t>]) -> usize {
        let scope = self.evaluator.scopes.open(None);
        self.evaluator.scopes.declare(body, scope);
        self.body(body, scope, true);
        scope
    }

    /// Walks a file that was walked before once more; `sink` hears it from the start.
    pub(super) fn again(&mut self, body: &'t [Stmt<'t>], scope: usize, length: usize) {
        self.evaluator.again(length);
        self.handed.clear();
        self.name = None;
        self.owner = None;
        self.within = None;
        self.variable = None;
        self.body(body, scope, true);
    }

    fn body(&mut self, body: &'t [Stmt<'t>], scope: usize, top: bool) {
        for one in body {
            self.statement(one, scope, top);
        }
    }

    fn statement(&mut self, one: &'t Stmt<'t>, scope: usize, top: bool) {
        match one {
            Stmt::Import { module, span, .. } | Stmt::ExportFrom { module, span, .. } => {
                self.sink.import(module, *span);
            }
            Stmt::ExportNames(_) | Stmt::Enum { members: _, .. } => {
                if let Stmt::Enum { members, .. } = one {
                    for (name, value) in members {
                        if let Some(value) = value {
                            self.expr(value, scope, Role::Assigned(name));
                        }
                    }
                }
            }
            Stmt::ExportDefault(value) => self.expr(value, scope, Role::Assigned("default")),
            Stmt::Declare {
                pattern,
                annotation,
                value,
                ..
            } => {
                let Some(value) = value else { return };
                let name = match pattern {
                    Pattern::Name(name, _) => Some(*name),
                    _ => None,
                };
                let before = std::mem::replace(&mut self.name, name);
                let variable = std::mem::replace(&mut self.variable, name);
                self.expr(value, scope, Role::Assigned(name.unwrap_or_default()));
                self.name = before;
                self.variable = variable;
                self.defaults(pattern, scope);
                if let Pattern::Name(name, span) = pattern
                    && (top || matches!(value.kind, ExprKind::Text(_) | ExprKind::Template(..)))
                {
                    let known = self.evaluator.evaluate(value, scope);
                    self.sink.constant(name, &known, *annotation, *span);
                }
            }
            Stmt::Function { function, .. } => self.function(function, scope),
            Stmt::Class { class, .. } => self.class(class, scope),
            Stmt::Return(value) => {
                let before = std::mem::replace(&mut self.name, self.owner);
                self.expr(value, scope, Role::Assigned(""));
                self.name = before;
            }
            Stmt::Effect(effect) => self.expr(effect, scope, Role::Assigned("")),
            Stmt::Block(body) => {
                let scope = self.evaluator.scopes.block(one, body, scope);
                self.body(body, scope, false);
            }
            Stmt::ForOf {
                pattern,
                iterable,
                body,
            } => {
                self.expr(iterable, scope, Role::Element);
                let inner = self.evaluator.scopes.open(Some(scope));
                if let Some(pattern) = pattern {
                    let scopes = &mut self.evaluator.scopes;
                    scopes.declare_element(pattern, iterable, inner, &mut Vec::new());
                }
                self.evaluator.scopes.declare(body, inner);
                self.body(body, inner, false);
            }
        }
    }

    fn defaults(&mut self, pattern: &'t Pattern<'t>, scope: usize) {
        match pattern {
            Pattern::Name(..) => {}
            Pattern::Default(inner, default) => {
                let name = match &**inner {
                    Pattern::Name(name, _) => name,
                    _ => "",
                };
                self.expr(default, scope, Role::Default(name));
                self.defaults(inner, scope);
            }
            Pattern::Object(entries) => {
                for (_, inner) in entries {
                    self.defaults(inner, scope);
                }
            }
            Pattern::Array(all) => {
                for inner in all.iter().flatten() {
                    self.defaults(inner, scope);
                }
            }
        }
    }

    fn function(&mut self, function: &'t Function<'t>, scope: usize) {
        let number = self.evaluator.scopes.function(function, scope);
        let Some(at) = self.evaluator.scopes.functions.get(number).copied() else {
            return;
        };
        self.evaluator.walked.insert(number);
        let called = function.name.or(self.name);
        self.evaluator.answers_requests(function, called, number);
        for parameter in &function.parameters {
            self.defaults(&parameter.pattern, at.scope);
            if let Some(default) = &parameter.default {
                let name = match parameter.pattern {
                    Pattern::Name(name, _) => name,
                    _ => "",
                };
                self.expr(default, at.scope, Role::Default(name));
            }
        }
        let before = self.name.take();
        let named = function.name.or(before);
        let owner = std::mem::replace(&mut self.owner, named);
        self.body(&function.body, at.scope, false);
        self.owner = owner;
        self.name = before;
    }

    fn class(&mut self, class: &'t Class<'t>, scope: usize) {
        let number = self.evaluator.scopes.class(class, scope);
        let Some(inner) = self.evaluator.scopes.classes.get(number).map(|at| at.scope) else {
            return;
        };
        if let Some(base) = &class.base {
            self.expr(base, scope, Role::Assigned(""));
            let base_value = self.evaluator.evaluate(base, scope);
            let mut fields = Vec::new();
            for field in &class.fields {
                if let Some(value) = &field.value {
                    let value = self.evaluator.evaluate(value, inner);
                    fields.push((&*field.name, value, field.span));
                }
            }
            let name = class.name.unwrap_or_default();
            self.sink.class(name, &base_value, &fields, base.span);
        }
        for effect in &class.effects {
            self.expr(effect, scope, Role::Assigned(""));
        }
        for field in &class.fields {
            if let Some(value) = &field.value {
                let before = self.name.replace(borrowed(&field.name));
                self.expr(value, inner, Role::Assigned(&field.name));
                self.name = before;
                let known = self.evaluator.evaluate(value, inner);
                self.sink
                    .constant(&field.name, &known, field.annotation, field.span);
            }
        }
        for method in &class.methods {
            self.function(method, inner);
        }
    }

    fn expr(&mut self, expr: &'t Expr<'t>, scope: usize, role: Role<'t>) {
        match &expr.kind {
            ExprKind::Text(text) => self.sink.text(text, role, expr.span),
            ExprKind::Name(_)
            | ExprKind::This
            | ExprKind::Number(_)
            | ExprKind::Boolean(_)
            | ExprKind::Null => {}
            ExprKind::Import(module) => self.sink.import(module, expr.span),
            ExprKind::Member(object, name) => {
                if let ExprKind::Member(..) | ExprKind::Name(_) = object.kind
                    && name.bytes().all(|byte| {
                        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
                    })
                    && let Known::Environment { variable, .. } =
                        self.evaluator.evaluate(expr, scope)
                {
                    self.sink.environment(&variable, expr.span);
                }
                self.expr(object, scope, Role::Element);
            }
            ExprKind::Index(object, index) => {
                self.expr(object, scope, Role::Element);
                self.expr(index, scope, Role::Element);
            }
            ExprKind::Call(call) => self.call(call, expr, scope, role),
            ExprKind::Template(texts, holes) => {
                if let Some(first) = texts.first() {
                    self.sink.beginning(first, role, expr.span);
                }
                for hole in holes {
                    self.expr(hole, scope, Role::Element);
                }
            }
            ExprKind::Array(all) => {
                for one in all {
                    let role = match role {
                        Role::Assigned(name) | Role::Entry(name) => Role::Entry(name),
                        _ => Role::Element,
                    };
                    self.expr(one, scope, role);
                }
            }
            ExprKind::Add(all) | ExprKind::Other(all) => {
                for one in all {
                    self.expr(one, scope, Role::Element);
                }
            }
            ExprKind::Object(properties) => {
                self.object(properties, scope);
                for property in properties {
                    match property {
                        Property::Named { name, value, .. } => {
                            let before = self.name.replace(borrowed(name));
                            self.expr(value, scope, Role::Entry(name));
                            self.name = before;
                        }
                        Property::Computed(key, value) => {
                            self.expr(key, scope, Role::Element);
                            self.expr(value, scope, Role::Entry(""));
                        }
                        Property::Spread(value) => self.expr(value, scope, Role::Element),
                    }
                }
            }
            ExprKind::Or(left, right) => {
                self.expr(left, scope, role);
                let role = match role {
                    Role::Assigned(name) | Role::Entry(name) | Role::Default(name) => {
                        Role::Default(name)
                    }
                    other => other,
                };
                self.expr(right, scope, role);
            }
            ExprKind::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                self.expr(test, scope, Role::Element);
                self.expr(then, scope, role);
                self.expr(otherwise, scope, role);
            }
            ExprKind::Assign(target, value) => {
                let name = match &target.kind {
                    ExprKind::Name(name) | ExprKind::Member(_, name) => name,
                    _ => "",
                };
                self.expr(target, scope, Role::Element);
                if let ExprKind::Member(..) = &target.kind
                    && MARKUP.iter().any(|one| **one == *name)
                {
                    self.markup(name, value, target.span, scope);
                }
                self.assigned_server(target, value, scope);
                let before = self.name.replace(name);
                self.expr(value, scope, Role::Assigned(name));
                self.name = before;
            }
            ExprKind::Function(function) => self.function(function, scope),
            ExprKind::Class(class) => self.class(class, scope),
            ExprKind::Spread(inner) => self.expr(inner, scope, Role::Element),
        }
    }

    fn call(&mut self, call: &'t Call<'t>, expr: &'t Expr<'t>, scope: usize, role: Role<'t>) {
        let mut callee = self.evaluator.evaluate(&call.callee, scope);
        if let Known::Choice(all) = &callee {
            callee = all.content.first().cloned().unwrap_or(Known::Unknown);
        }
        let written = match &call.callee.kind {
            ExprKind::Name(name) | ExprKind::Member(_, name) => name,
            _ => "",
        };
        let path = match &callee {
            Known::Function(_) | Known::Class(_) | Known::Instance(_) => {
                format!(".{written}").into()
            }
            Known::Unknown if !written.is_empty() => format!("?.{written}").into(),
            other => other.callee(),
        };
        let arguments: Vec<Given> = call
            .arguments
            .iter()
            .take(64)
            .map(|argument| Given {
                value: match &argument.kind {
                    ExprKind::Spread(_) => Known::Unknown,
                    _ => self.evaluator.evaluate(argument, scope),
                },
                span: argument.span,
                name: match argument.kind {
                    ExprKind::Name(name) => Some(name.into()),
                    _ => None,
                },
            })
            .collect();
        self.evaluator.tools_of(written, &arguments);
        if let ("forEach" | "map" | "flatMap", ExprKind::Member(object, _)) =
            (written, &call.callee.kind)
            && let Some(Known::Function(number)) = arguments.first().map(|it| &it.value)
            && let Some(ExprKind::Function(_)) = call.arguments.first().map(|it| &it.kind)
        {
            self.evaluator.scopes.fill_with_elements(*number, object);
        }
        if &*path == "?.require"
            && let Some(ExprKind::Text(module)) = call.arguments.first().map(|it| &it.kind)
        {
            self.sink.import(module, expr.span);
        }
        if let ("push", ExprKind::Member(list, _)) = (written, &call.callee.kind)
            && let ExprKind::Name(name) = list.kind
            && name.to_ascii_lowercase().contains("tool")
        {
            for given in arguments.iter().take(16) {
                self.sink.pushed_tool(&given.value, given.span);
            }
        }
        let mut results = Vec::new();
        if written == "setRequestHandler" {
            for (position, argument) in arguments.iter().enumerate() {
                if let Known::Function(number) = argument.value {
                    results.push((position, self.evaluator.result_of(number)));
                }
            }
        }
        if matches!(
            callee,
            Known::Function(_) | Known::Open(_) | Known::Class(_)
        ) && self.handed.len() < HANDED
        {
            let name = match &callee {
                Known::Open(_) => Some(callee.clone()),
                _ => self.own_name(&callee),
            };
            if let Some(name) = name {
                self.handed.push((name, arguments.clone()));
            }
        }
        let end = call.callee.span.end;
        let length = u32::try_from(written.len()).unwrap_or_default();
        let callee_span = match &call.callee.kind {
            // The name of the method is what people look for.
            ExprKind::Member(..) => Span {
                start: end.saturating_sub(length),
                end,
            },
            _ => call.callee.span,
        };
        let assigned = self.name.take();
        let site = Site {
            callee: &path,
            callee_span,
            known: &callee,
            arguments: &arguments,
            open_ended: call
                .arguments
                .iter()
                .any(|it| matches!(it.kind, ExprKind::Spread(_))),
            assigned,
            results: &results,
        };
        self.sink.call(&site);
        // `create(x).method(y)` gives its result to the same name.
        if let ExprKind::Member(object, _) = &call.callee.kind
            && let ExprKind::Call(_) = object.kind
        {
            self.name = assigned;
        }
        self.expr(&call.callee, scope, role);
        self.name = None;
        let named = arguments.iter().find_map(|given| {
            given
                .value
                .entry("name")
                .and_then(Known::as_text)
                .map(Into::into)
        });
        let within = match named {
            Some(name) => self.within.replace(name),
            None => self.within.clone(),
        };
        for argument in &call.arguments {
            self.expr(argument, scope, Role::Argument(written));
        }
        self.within = within;
        self.name = assigned;
    }

    /// A function of this file as other files call it.
    fn own_name(&self, callee: &Known) -> Option<Known> {
        let name = match callee {
            Known::Function(number) => self.evaluator.scopes.functions.get(*number)?.function.name,
            Known::Class(number) => self.evaluator.scopes.classes.get(*number)?.class.name,
            _ => None,
        };
        let term = stance_read::link::Term::Local(name?.to_owned());
        Some(Known::open(term))
    }
}

/// A name that is borrowed from the arena, where it is.
fn borrowed<'t>(name: &'t std::borrow::Cow<'t, str>) -> &'t str {
    name
}
