//! Which name means what, where.

use std::collections::HashMap;
use std::rc::Rc;

use super::known::Known;
use super::syntax::{Class, Expr, Function, Pattern, Span, Stmt};

/// Most names of one file that are kept.
const NAMES: usize = 20_000;
/// Most values that are assigned to one name and kept.
const ASSIGNED: usize = 6;

/// What a name was declared as.
#[derive(Clone, Debug)]
pub(super) enum What<'t> {
    Import {
        module: &'t str,
        name: &'t str,
        local: &'t str,
    },
    Value(Option<&'t Expr<'t>>),
    /// A part of a value that a pattern takes apart.
    Part {
        of: &'t Expr<'t>,
        steps: Vec<Step<'t>>,
        default: Option<&'t Expr<'t>>,
    },
    /// An element of what a loop goes through.
    Element {
        of: &'t Expr<'t>,
        steps: Vec<Step<'t>>,
    },
    Parameter {
        /// The function, as other files call it: `f`, `Class.method`, `Class` for a constructor; empty for one
        /// without a name.
        function: Rc<str>,
        name: &'t str,
        default: Option<&'t Expr<'t>>,
    },
    Function(usize),
    Class(usize),
    Enum(&'t [(std::borrow::Cow<'t, str>, Option<Expr<'t>>)]),
}

/// A step into a value.
#[derive(Clone, Debug)]
pub(super) enum Step<'t> {
    Key(&'t str),
    Position(usize),
}

#[derive(Debug)]
pub(super) struct Binding<'t> {
    pub what: What<'t>,
    pub scope: usize,
    pub span: Span,
    pub annotation: Option<&'t str>,
    /// What is assigned later.
    pub assigned: Vec<(&'t Expr<'t>, usize)>,
    pub known: Option<Known>,
    pub busy: bool,
}

#[derive(Debug, Default)]
pub(super) struct Scope<'t> {
    parent: Option<usize>,
    pub(super) names: HashMap<&'t str, usize>,
    /// The class in whose method this is.
    pub class: Option<usize>,
    /// Whether it is that of the class itself.
    of_class: bool,
}

/// A function with the scope of its parameters and body.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionAt<'t> {
    pub function: &'t Function<'t>,
    pub scope: usize,
}

#[derive(Debug)]
pub(super) struct ClassAt<'t> {
    pub class: &'t Class<'t>,
    pub scope: usize,
    /// What its objects hold: a value, with the scope in which it stands, or the name of a type.
    pub fields: HashMap<&'t str, (Option<&'t Expr<'t>>, usize, Option<&'t str>)>,
}

#[derive(Debug, Default)]
pub(super) struct Scopes<'t> {
    pub scopes: Vec<Scope<'t>>,
    pub bindings: Vec<Binding<'t>>,
    pub functions: Vec<FunctionAt<'t>>,
    pub classes: Vec<ClassAt<'t>>,
    /// By the address of the function or class.
    of_function: HashMap<*const Function<'t>, usize>,
    of_class: HashMap<*const Class<'t>, usize>,
    of_block: HashMap<*const Stmt<'t>, usize>,
    /// Whether there were more names than are kept.
    pub full: bool,
}

impl<'t> Scopes<'t> {
    pub(super) fn open(&mut self, parent: Option<usize>) -> usize {
        let class = parent.and_then(|parent| self.scopes.get(parent)?.class);
        self.scopes.push(Scope {
            parent,
            names: HashMap::new(),
            class,
            of_class: false,
        });
        self.scopes.len().saturating_sub(1)
    }

    pub(super) fn class_of(&self, scope: usize) -> Option<usize> {
        self.scopes.get(scope)?.class
    }

    /// The number of what a name means in a scope.
    pub(super) fn find(&self, name: &str, scope: usize) -> Option<usize> {
        let mut at = Some(scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if let Some(found) = scope.names.get(name) {
                return Some(*found);
            }
            at = scope.parent;
        }
        None
    }

    /// Notes that a parameter is filled in from outside; `by` stands for the function. Says whether that is news.
    pub(super) fn filled(&mut self, number: usize, by: &'static str) -> bool {
        if let Some(binding) = self.bindings.get_mut(number)
            && let What::Parameter { function, .. } = &mut binding.what
            && **function != *by
        {
            *function = by.into();
            binding.known = None;
            return true;
        }
        false
    }

    /// Forgets what names were found to be, for when it is known better what fills them.
    pub(super) fn forget(&mut self) {
        for binding in &mut self.bindings {
            binding.known = None;
        }
    }

    fn bind(
        &mut self,
        scope: usize,
        name: &'t str,
        span: Span,
        annotation: Option<&'t str>,
        what: What<'t>,
    ) {
        if self.bindings.len() >= NAMES {
            self.full = true;
            return;
        }
        let number = self.bindings.len();
        self.bindings.push(Binding {
            what,
            scope,
            span,
            annotation,
            assigned: Vec::new(),
            known: None,
            busy: false,
        });
        if let Some(scope) = self.scopes.get_mut(scope) {
            scope.names.entry(name).or_insert(number);
        }
    }

    /// Declares what the statements of a block give names to, before any of them is looked at.
    pub(super) fn declare(&mut self, body: &'t [Stmt<'t>], scope: usize) {
        for one in body {
            match one {
                Stmt::Import {
                    module,
                    names,
                    span,
                } => {
                    for name in names {
                        let what = What::Import {
                            module,
                            name: name.name,
                            local: name.local,
                        };
                        self.bind(scope, name.local, *span, None, what);
                    }
                }
                Stmt::Declare {
                    pattern,
                    annotation,
                    value,
                    ..
                } => self.declare_pattern(
                    pattern,
                    value.as_ref(),
                    *annotation,
                    scope,
                    &mut Vec::new(),
                    None,
                ),
                Stmt::Function { function, .. } => {
                    let number = self.function(function, scope);
                    if let Some(name) = function.name {
                        let what = What::Function(number);
                        self.bind(scope, name, function.name_span, None, what);
                    }
                }
                Stmt::Class { class, .. } => {
                    let number = self.class(class, scope);
                    if let Some(name) = class.name {
                        self.bind(scope, name, Span::default(), None, What::Class(number));
                    }
                }
                Stmt::Enum {
                    name,
                    span,
                    members,
                    ..
                } => self.bind(scope, name, *span, None, What::Enum(members)),
                _ => {}
            }
        }
        for one in body {
            if let Stmt::Effect(effect) = one {
                self.assignment(effect, scope);
            }
        }
    }

    /// Notes `name = value` as one of the values of a name.
    fn assignment(&mut self, effect: &'t Expr<'t>, scope: usize) {
        use super::syntax::ExprKind;
        if let ExprKind::Assign(target, value) = &effect.kind
            && let ExprKind::Name(name) = target.kind
            && let Some(number) = self.find(name, scope)
            && let Some(binding) = self.bindings.get_mut(number)
            && binding.assigned.len() < ASSIGNED
        {
            binding.assigned.push((&**value, scope));
        }
    }

    fn declare_pattern(
        &mut self,
        pattern: &'t Pattern<'t>,
        value: Option<&'t Expr<'t>>,
        annotation: Option<&'t str>,
        scope: usize,
        steps: &mut Vec<Step<'t>>,
        default: Option<&'t Expr<'t>>,
    ) {
        match pattern {
            Pattern::Name(name, span) => {
                let what = match value {
                    Some(of) if !steps.is_empty() => What::Part {
                        of,
                        steps: steps.clone(),
                        default,
                    },
                    value => What::Value(value),
                };
                self.bind(scope, name, *span, annotation, what);
            }
            Pattern::Default(inner, default) => {
                self.declare_pattern(inner, value, None, scope, steps, Some(default));
            }
            Pattern::Object(entries) => {
                for (key, inner) in entries {
                    steps.push(Step::Key(key));
                    self.declare_pattern(inner, value, None, scope, steps, None);
                    steps.pop();
                }
            }
            Pattern::Array(elements) => {
                for (position, inner) in elements.iter().enumerate() {
                    let Some(inner) = inner else { continue };
                    steps.push(Step::Position(position));
                    self.declare_pattern(inner, value, None, scope, steps, None);
                    steps.pop();
                }
            }
        }
    }

    /// The names of a loop.
    pub(super) fn declare_element(
        &mut self,
        pattern: &'t Pattern<'t>,
        of: &'t Expr<'t>,
        scope: usize,
        steps: &mut Vec<Step<'t>>,
    ) {
        match pattern {
            Pattern::Name(name, span) => {
                let what = What::Element {
                    of,
                    steps: steps.clone(),
                };
                self.bind(scope, name, *span, None, what);
            }
            Pattern::Default(inner, _) => self.declare_element(inner, of, scope, steps),
            Pattern::Object(entries) => {
                for (key, inner) in entries {
                    steps.push(Step::Key(key));
                    self.declare_element(inner, of, scope, steps);
                    steps.pop();
                }
            }
            Pattern::Array(elements) => {
                for (position, inner) in elements.iter().enumerate() {
                    let Some(inner) = inner else { continue };
                    steps.push(Step::Position(position));
                    self.declare_element(inner, of, scope, steps);
                    steps.pop();
                }
            }
        }
    }

    /// The number of a function, with its parameters and names declared.
    pub(super) fn function(&mut self, function: &'t Function<'t>, scope: usize) -> usize {
        let key = std::ptr::from_ref(function);
        if let Some(number) = self.of_function.get(&key) {
            return *number;
        }
        let inner = self.open(Some(scope));
        let number = self.functions.len();
        self.functions.push(FunctionAt {
            function,
            scope: inner,
        });
        self.of_function.insert(key, number);
        let class = self
            .class_of(scope)
            .and_then(|class| self.classes.get(class)?.class.name);
        let directly = self.scopes.get(scope).is_some_and(|at| at.of_class);
        let name: Rc<str> = match (class.filter(|_| directly), function.name) {
            (Some(class), Some("constructor")) => class.into(),
            (Some(class), Some(method)) => format!("{class}.{method}").into(),
            (_, name) => name.unwrap_or_default().into(),
        };
        for parameter in &function.parameters {
            let default = parameter.default.as_ref();
            let annotation = parameter.annotation;
            self.declare_parameter(&parameter.pattern, &name, None, annotation, default, inner);
        }
        self.declare(&function.body, inner);
        number
    }

    fn declare_parameter(
        &mut self,
        pattern: &'t Pattern<'t>,
        function: &Rc<str>,
        key: Option<&'t str>,
        annotation: Option<&'t str>,
        default: Option<&'t Expr<'t>>,
        scope: usize,
    ) {
        match pattern {
            Pattern::Name(name, span) => {
                let what = What::Parameter {
                    function: Rc::clone(function),
                    name: key.unwrap_or(name),
                    default,
                };
                self.bind(scope, name, *span, annotation, what);
            }
            Pattern::Default(inner, default) => {
                self.declare_parameter(inner, function, key, annotation, Some(default), scope);
            }
            Pattern::Object(entries) => {
                for (key, inner) in entries {
                    self.declare_parameter(inner, function, Some(key), None, None, scope);
                }
            }
            Pattern::Array(elements) => {
                for inner in elements.iter().flatten() {
                    self.declare_parameter(inner, &"".into(), None, None, None, scope);
                }
            }
        }
    }

    /// The number of a class, with what its objects hold.
    pub(super) fn class(&mut self, class: &'t Class<'t>, scope: usize) -> usize {
        let key = std::ptr::from_ref(class);
        if let Some(number) = self.of_class.get(&key) {
            return *number;
        }
        let number = self.classes.len();
        let inner = self.open(Some(scope));
        if let Some(scope) = self.scopes.get_mut(inner) {
            scope.class = Some(number);
            scope.of_class = true;
        }
        self.of_class.insert(key, number);
        let mut fields = HashMap::new();
        for field in &class.fields {
            fields.insert(
                &*field.name,
                (field.value.as_ref(), inner, field.annotation),
            );
        }
        self.classes.push(ClassAt {
            class,
            scope: inner,
            fields: HashMap::new(),
        });
        for method in &class.methods {
            let at = self.function(method, inner);
            let scope = self.functions.get(at).map_or(inner, |it| it.scope);
            for parameter in method.parameters.iter().filter(|it| it.field) {
                if let Pattern::Name(name, _) = parameter.pattern {
                    let default = parameter.default.as_ref();
                    fields.insert(name, (default, scope, parameter.annotation));
                }
            }
            for one in &method.body {
                use super::syntax::ExprKind;
                if let Stmt::Effect(effect) = one
                    && let ExprKind::Assign(target, value) = &effect.kind
                    && let ExprKind::Member(object, name) = &target.kind
                    && matches!(object.kind, ExprKind::This)
                {
                    let entry = fields.entry(name).or_insert((None, scope, None));
                    if entry.0.is_none() {
                        (entry.0, entry.1) = (Some(&**value), scope);
                    }
                }
            }
        }
        if let Some(at) = self.classes.get_mut(number) {
            at.fields = fields;
        }
        number
    }

    /// The scope of a block, with its names declared.
    pub(super) fn block(
        &mut self,
        block: &'t Stmt<'t>,
        body: &'t [Stmt<'t>],
        scope: usize,
    ) -> usize {
        let key = std::ptr::from_ref(block);
        if let Some(number) = self.of_block.get(&key) {
            return *number;
        }
        let inner = self.open(Some(scope));
        self.of_block.insert(key, inner);
        self.declare(body, inner);
        inner
    }
}
