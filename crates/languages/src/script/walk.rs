//! One walk through a file, that reports what happens in it.

use super::evaluate::Evaluator;
use super::known::Known;
use super::syntax::{Call, Class, Expr, ExprKind, Function, Pattern, Property, Span, Stmt};

/// Hears what happens in a file.
pub(super) trait Sink {
    /// A module is imported.
    fn import(&mut self, module: &str, span: Span);
    /// Something is called.
    fn call(&mut self, site: &Site<'_>);
    /// A text stands where a value may stand.
    fn text(&mut self, text: &str, role: Role<'_>, span: Span);
    /// A text stands where a value may stand, and goes on with what is put into it.
    fn beginning(&mut self, text: &str, role: Role<'_>, span: Span);
    /// An environment variable is read.
    fn environment(&mut self, variable: &str, span: Span);
    /// A name of the module or a field of a class gets a value; `annotation` is the name of its type.
    fn constant(&mut self, name: &str, value: &Known, annotation: Option<&str>, span: Span);
    /// A message to a model is written down.
    fn message(&mut self, message: &Message<'_>, span: Span);
    /// An object that by its name guards something, and runs; `owner` is the function that makes it.
    fn guardrail(&mut self, name: &str, owner: Option<&str>, span: Span);
    /// Servers of the Model Context Protocol get a name: `mcpServers["docs"] = { … }`.
    fn server(&mut self, name: &str, value: &Known, span: Span);
    /// A class extends another.
    fn class(&mut self, name: &str, base: &Known, fields: &[(&str, Known, Span)], span: Span);
}

/// A message to a model, as an object with a role.
pub(super) struct Message<'a> {
    pub role: &'a str,
    pub said: Said<'a>,
    /// What it belongs to: the tool or agent around, else the function.
    pub owner: Option<&'a str>,
    /// The variable that gets the messages.
    pub variable: Option<&'a str>,
}

/// What a message says.
pub(super) enum Said<'a> {
    Text(&'a str),
    /// A text with holes, by how much of it is written.
    Template(usize),
    /// A constant.
    Named(&'a str, Known),
}

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role<'a> {
    /// As an argument of a call, by the last part of its callee.
    Argument(&'a str),
    /// As an entry of an object, with its name.
    Entry(&'a str),
    Element,
    /// As what a name gets.
    Assigned(&'a str),
    Default(&'a str),
}

/// A call with everything that is known about it.
pub(super) struct Site<'s> {
    /// The dotted callee; `?` when nothing is known.
    pub callee: &'s str,
    pub callee_span: Span,
    /// The callee as a value.
    pub known: &'s Known,
    pub arguments: &'s [Given],
    /// Whether some arguments are spread from elsewhere.
    pub open_ended: bool,
    /// The name that gets the result.
    pub assigned: Option<&'s str>,
    /// What functions among the arguments give back, by position; only for calls that need it.
    pub results: &'s [(usize, Known)],
}

/// An argument.
#[derive(Clone)]
pub(super) struct Given {
    pub value: Known,
    pub span: Span,
    /// The name that stands there, where it is nothing else.
    pub name: Option<std::rc::Rc<str>>,
}

pub(super) struct Walk<'t, 's, S> {
    pub evaluator: Evaluator<'t>,
    pub sink: &'s mut S,
    /// Calls of functions, with whether somebody else should know.
    pub handed: Vec<(Known, Vec<Given>)>,
    name: Option<&'t str>,
    /// The name of the function around, which is that of what it gives back.
    owner: Option<&'t str>,
    /// The name that the call around gives what it makes: `tool({ name: "search", execute: … })`.
    within: Option<std::rc::Rc<str>>,
    /// The variable whose value is being walked.
    variable: Option<&'t str>,
}

/// Properties of elements whose value becomes markup.
const MARKUP: [&str; 4] = [
    "innerHTML",
    "outerHTML",
    "srcdoc",
    "dangerouslySetInnerHTML",
];

/// Entries under which the function of a tool or guardrail stands.
const HANDLERS: [&str; 8] = [
    "execute", "handler", "handle", "run", "callback", "invoke", "validate", "check",
];

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

    /// What an object says by itself: a message to a model, a guardrail.
    fn object(&mut self, properties: &'t [Property<'t>], scope: usize) {
        let value = |wanted: &str| {
            properties.iter().find_map(|property| match property {
                Property::Named { name, value, .. } if name == wanted => Some(value),
                _ => None,
            })
        };
        let text = |wanted: &str| match value(wanted).map(|it| (&it.kind, it.span)) {
            Some((ExprKind::Text(text), span)) => Some((*text, span)),
            _ => None,
        };
        // LangChain calls the role a type.
        let role = text("role").or_else(|| text("type"));
        if let (Some((role, _)), Some(content)) = (role, value("content")) {
            let said = match &content.kind {
                ExprKind::Text(text) => Some(Said::Text(text)),
                ExprKind::Template(texts, _) => {
                    Some(Said::Template(texts.iter().map(|text| text.len()).sum()))
                }
                // Texts that are put together line by line.
                ExprKind::Add(parts) => Some(Said::Template(
                    parts
                        .iter()
                        .map(|part| match &part.kind {
                            ExprKind::Text(text) => text.len(),
                            ExprKind::Template(texts, _) => texts.iter().map(|it| it.len()).sum(),
                            _ => 0,
                        })
                        .sum(),
                )),
                ExprKind::Name(name) => {
                    Some(Said::Named(name, self.evaluator.evaluate(content, scope)))
                }
                _ => None,
            };
            if let Some(said) = said {
                // What a handler is called says nothing.
                let function = self.owner.filter(|name| !HANDLERS.contains(name));
                let message = Message {
                    role,
                    said,
                    owner: self.within.as_deref().or(function),
                    variable: self.variable,
                };
                self.sink.message(&message, content.span);
            }
        } else if value("model").is_some() && value("name").is_none() {
            // The call of a model, with what it is told put together in place; agents are told by their names.
            for (option, role) in [("system", "system"), ("prompt", "prompt")] {
                if let Some(told) = value(option)
                    && let ExprKind::Template(texts, _) = &told.kind
                {
                    let function = self.owner.filter(|name| !HANDLERS.contains(name));
                    let message = Message {
                        role,
                        said: Said::Template(texts.iter().map(|text| text.len()).sum()),
                        owner: self.within.as_deref().or(function),
                        variable: self.variable,
                    };
                    self.sink.message(&message, told.span);
                }
            }
        } else if let Some((name, span)) = text("name")
            && name.to_ascii_lowercase().contains("guardrail")
            && HANDLERS.iter().any(|wanted| value(wanted).is_some())
        {
            self.sink.guardrail(name, self.owner, span);
        }
    }

    /// `config.mcpServers["docs"] = { command: … }`
    fn assigned_server(&mut self, target: &'t Expr<'t>, value: &'t Expr<'t>, scope: usize) {
        let (object, name) = match &target.kind {
            ExprKind::Member(object, name) => (object, Some(*name)),
            ExprKind::Index(object, index) => match index.kind {
                ExprKind::Text(text) => (object, Some(text)),
                _ => return,
            },
            _ => return,
        };
        let of_servers = match &object.kind {
            ExprKind::Name(name) | ExprKind::Member(_, name) => *name == "mcpServers",
            _ => false,
        };
        if let (true, Some(name)) = (of_servers, name) {
            let known = self.evaluator.evaluate(value, scope);
            self.sink.server(name, &known, target.span);
        }
    }

    /// A text becomes markup of a page: told like a call of what it is assigned to.
    fn markup(&mut self, name: &str, value: &'t Expr<'t>, span: Span, scope: usize) {
        let known = self.evaluator.evaluate(value, scope);
        let known = known.entry("__html").cloned().unwrap_or(known);
        let callee = format!("?.{name}");
        let arguments = [Given {
            value: known,
            span: value.span,
            name: None,
        }];
        self.sink.call(&Site {
            callee: &callee,
            callee_span: span,
            known: &Known::Unknown,
            arguments: &arguments,
            open_ended: false,
            assigned: None,
            results: &[],
        });
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
