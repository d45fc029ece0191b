//! Statements: one walk through a file, in the order in which Python runs it,
//! with the bodies of functions after what surrounds them.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use stance_read::link::Term;

use super::classes::ClassInfo;
use super::known::Known;
use super::literal;
use super::scope::{MODULE, Scopes};
use super::sink::{CallSite, Sink, TextRole};
use super::syntax::{Expr, ExprKind, Function, Module, Stmt};

/// A walk through one file.
pub(super) struct Walk<'t, S> {
    pub(super) sink: S,
    pub(super) scopes: Scopes,
    /// Defaults of command-line options by name.
    pub(super) options: HashMap<String, Known>,
    pub(super) classes: Vec<ClassInfo>,
    pub(super) waiting: VecDeque<Waiting<'t>>,
    /// How many blocks that may not run are around the statement at hand.
    pub(super) blocks: u32,
    /// Functions and methods of the file.
    pub(super) functions: HashMap<String, FunctionInfo>,
    /// Functions and classes of the module.
    pub(super) defined: HashSet<String>,
    /// The function whose body is walked.
    pub(super) current: Option<String>,
    /// Names that still are the parameters with a default that they began as, by scope.
    /// The name of its parameter that takes all keywords that are left.
    pub(super) keywords: Option<String>,
    pub(super) parameters: HashMap<(usize, String), Rc<Term>>,
    /// The same of members that the constructor sets, by class.
    pub(super) set_from: HashMap<(usize, String), Rc<Term>>,
}

/// What is known of a function.
#[derive(Debug, Default)]
pub(super) struct FunctionInfo {
    /// Without the object that a method belongs to.
    pub(super) parameters: Vec<String>,
    pub(super) returns: Vec<Known>,
}

/// Most functions of a file that are kept, and most results of one.
pub(super) const FUNCTIONS: usize = 2000;
pub(super) const RETURNS: usize = 6;

/// A function whose body is still to be walked.
pub(super) struct Waiting<'t> {
    pub(super) function: &'t Function,
    pub(super) scope: usize,
    pub(super) class: Option<usize>,
}

/// What is known after a part of a file, for the part behind it.
pub(super) struct Behind<S> {
    pub(super) sink: S,
    scopes: Scopes,
    options: HashMap<String, Known>,
    classes: Vec<ClassInfo>,
    functions: HashMap<String, FunctionInfo>,
    set_from: HashMap<(usize, String), Rc<Term>>,
    defined: HashSet<String>,
}

impl<S: Sink> Behind<S> {
    pub(super) fn new(sink: S) -> Self {
        Self {
            sink,
            scopes: Scopes::new(),
            options: HashMap::new(),
            classes: Vec::new(),
            functions: HashMap::new(),
            set_from: HashMap::new(),
            defined: HashSet::new(),
        }
    }

    /// The names of the module, its classes and functions.
    pub(super) fn defined(self) -> (S, Defined) {
        let (names, stars) = self.scopes.into_module();
        let defined = Defined {
            names,
            stars,
            classes: self.classes,
            functions: self.functions,
            set_from: self.set_from,
            defined: self.defined,
        };
        (self.sink, defined)
    }

    /// Whether the file has more names than are kept.
    pub(super) fn is_full(&self) -> bool {
        self.scopes.is_full()
    }

    /// Walks through the next part.
    pub(super) fn part(self, module: &Module) -> Self {
        let mut walk = Walk {
            sink: self.sink,
            scopes: self.scopes,
            options: self.options,
            classes: self.classes,
            waiting: VecDeque::new(),
            blocks: 0,
            functions: self.functions,
            current: None,
            keywords: None,
            defined: self.defined,
            parameters: HashMap::new(),
            set_from: self.set_from,
        };
        walk.sink.begins(module);
        walk.statements(&module.body, MODULE);
        while let Some(waiting) = walk.waiting.pop_front() {
            walk.body(&waiting);
        }
        walk.scopes.close_all();
        Self {
            sink: walk.sink,
            scopes: walk.scopes,
            options: walk.options,
            classes: walk.classes,
            functions: walk.functions,
            set_from: walk.set_from,
            defined: walk.defined,
        }
    }
}

/// What a file defines, once it was walked.
#[derive(Default)]
pub(super) struct Defined {
    pub(super) names: HashMap<String, Known>,
    /// Modules whose names were all imported.
    pub(super) stars: Vec<String>,
    pub(super) classes: Vec<ClassInfo>,
    pub(super) functions: HashMap<String, FunctionInfo>,
    /// Members that are parameters of the constructor, by class.
    pub(super) set_from: HashMap<(usize, String), Rc<Term>>,
    /// Functions and classes of the module.
    pub(super) defined: HashSet<String>,
}

impl<'t, S: Sink> Walk<'t, S> {
    pub(super) fn statements(&mut self, body: &'t [Stmt], scope: usize) {
        for statement in body {
            self.statement(statement, scope);
        }
    }

    fn statement(&mut self, statement: &'t Stmt, scope: usize) {
        match statement {
            Stmt::Import(names) => {
                for it in names {
                    self.sink.import(&it.name, &it.span);
                    match &it.alias {
                        Some(alias) => self.bind(scope, alias, Known::path(it.name.as_str())),
                        None => {
                            let root = it.name.split('.').next().unwrap_or_default();
                            self.bind(scope, root, Known::path(root));
                        }
                    }
                }
            }
            Stmt::ImportFrom { module, names } => self.import_from(module, names, scope),
            Stmt::Assign {
                targets,
                annotated,
                value,
            } => self.assign(targets, *annotated, value, scope),
            Stmt::Declare { name, span } => {
                if let Some(class) = self.scopes.class(scope) {
                    self.add_field(class, name);
                    self.sink.declares(name, span);
                }
            }
            Stmt::Function(function) => self.function(function, scope),
            Stmt::Class(class) => self.class(class, scope),
            Stmt::With { items, body } => {
                for (value, target) in items {
                    let known = self.evaluate_named(value, target.as_ref(), scope);
                    if let Some(target) = target {
                        self.bind_target(target, known, scope);
                    }
                }
                self.statements(body, scope);
            }
            Stmt::For {
                target,
                iterable,
                body,
            } => {
                let known = self.evaluate(iterable, scope);
                self.bind_element(target, &known, scope);
                self.statements(body, scope);
            }
            Stmt::Blocks { conditions, blocks } => {
                for condition in conditions {
                    self.evaluate(condition, scope);
                }
                self.blocks = self.blocks.saturating_add(1);
                for block in blocks {
                    self.statements(block, scope);
                }
                self.blocks = self.blocks.saturating_sub(1);
            }
            Stmt::Main(body) => {
                self.sink.enters_main();
                self.statements(body, scope);
                self.sink.leaves_main();
            }
            Stmt::Return(value) => {
                // What a function makes is called after it.
                let known = match (&value.kind, self.current.clone()) {
                    (ExprKind::Call(call), Some(current)) => {
                        let name = current.rsplit('.').next().unwrap_or_default();
                        let name = made_by(name);
                        self.call(call, &value.span, scope, Some(name))
                    }
                    _ => self.evaluate(value, scope),
                };
                self.returns(known);
            }
            Stmt::Effects(all) => {
                for expr in all {
                    self.evaluate(expr, scope);
                }
            }
        }
    }

    fn import_from(&mut self, module: &str, names: &'t [super::syntax::Alias], scope: usize) {
        let dot = if module.ends_with('.') || module.is_empty() {
            ""
        } else {
            "."
        };
        for (nth, it) in names.iter().enumerate() {
            if it.name == "*" {
                self.sink.import(module, &it.span);
                self.scopes.import_all(module);
                continue;
            }
            let path = format!("{module}{dot}{}", it.name);
            if nth == 0 {
                self.sink.import(module, &it.span);
            }
            // `from google import genai` imports the module `google.genai`.
            self.sink.import(&path, &it.span);
            let name = it.alias.as_ref().unwrap_or(&it.name);
            self.bind(scope, name, Known::path(path));
        }
    }

    fn assign(&mut self, targets: &'t [Expr], annotated: bool, value: &'t Expr, scope: usize) {
        let known = self.evaluate_named(value, targets.first(), scope);
        for target in targets {
            let constant = scope == MODULE || self.scopes.class(scope).is_some();
            if let ExprKind::Name(name) | ExprKind::Attribute(_, name) = &target.kind
                && !(constant && matches!(known, Known::Text { .. }))
                && let Some(text) = literal::written(value)
            {
                self.sink.written(name, &text, &target.span, !constant);
            }
            if let (ExprKind::Name(name), true) = (&target.kind, constant) {
                let in_class = scope != MODULE;
                self.sink.constant(name, &known, &target.span, in_class);
                if annotated && let Some(class) = self.scopes.class(scope) {
                    self.add_field(class, name);
                }
            }
            self.set_from_parameter(target, value, scope);
            self.bind_target(target, known.clone(), scope);
        }
    }

    /// Evaluates what `target` gets.
    fn evaluate_named(&mut self, value: &'t Expr, target: Option<&'t Expr>, scope: usize) -> Known {
        let name = target.and_then(|target| match &target.kind {
            ExprKind::Name(name) | ExprKind::Attribute(_, name) => Some(name.as_str()),
            _ => None,
        });
        match &value.kind {
            ExprKind::Call(call) => self.call(call, &value.span, scope, name),
            _ => self.evaluate_in(value, scope, TextRole::Assigned),
        }
    }

    fn bind_target(&mut self, target: &'t Expr, known: Known, scope: usize) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(scope, name, known),
            ExprKind::Attribute(base, name) => {
                let base = self.evaluate(base, scope);
                match &base {
                    Known::Object(object) => {
                        if let Some(class) = object.class {
                            self.set_member(class, name, known, false);
                        }
                    }
                    Known::Class(class) => self.set_member(*class, name, known, false),
                    Known::Path { path, .. } if !path.starts_with(['?', '.']) => {
                        self.report_set(&format!("{path}.{name}.__set__"), target, vec![known]);
                    }
                    _ => {}
                }
            }
            ExprKind::Subscript(base, index) => {
                let base = self.evaluate(base, scope);
                let index = self.evaluate(index, scope);
                if let Known::Path { path, .. } = &base
                    && !path.starts_with(['?', '.'])
                {
                    if let ("os.environ", Known::Text { text, .. }) = (&**path, &index) {
                        self.sink.environment(text, &target.span);
                    }
                    let callee = format!("{path}.__setitem__");
                    self.report_set(&callee, target, vec![index, known]);
                }
            }
            ExprKind::Sequence(parts) => {
                let values = match &known {
                    Known::List(list) if list.content.len() == parts.len() => list.content.clone(),
                    _ => Vec::new(),
                };
                let mut values = values.into_iter();
                for part in parts {
                    let value = values.next().unwrap_or(Known::Unknown);
                    self.bind_target(part, value, scope);
                }
            }
            ExprKind::Other(parts) => {
                for part in parts {
                    self.bind_target(part, Known::Unknown, scope);
                }
            }
            _ => {}
        }
    }

    /// Reports an assignment to something imported as the call it stands for.
    fn report_set(&mut self, callee: &str, target: &Expr, values: Vec<Known>) {
        let arguments: Vec<_> = values
            .into_iter()
            .map(|value| super::sink::Given {
                name: None,
                value,
                span: target.span.clone(),
                parameter: None,
            })
            .collect();
        self.sink.call(&CallSite {
            callee,
            callee_span: target.span.clone(),
            arguments: &arguments,
            open_ended: false,
            assigned: None,
            origin: None,
            open: None,
            forwards: None,
        });
    }

    /// Gives a name a value. In a block that may not run, the value from before may hold as well.
    pub(super) fn bind(&mut self, scope: usize, name: &str, known: Known) {
        let before = self.scopes.own(scope, name);
        let known = match (before, known) {
            // `except ImportError: torch = None`
            (Some(Known::Path { path, .. }), Known::Null | Known::Unknown)
                if self.blocks > 0 && !path.contains("()") =>
            {
                return;
            }
            (Some(Known::Object(_)), Known::Null) if self.blocks > 0 => return,
            (
                Some(before @ (Known::Text { .. } | Known::Environment { .. } | Known::Choice(_))),
                known @ (Known::Text { .. } | Known::Environment { .. } | Known::Choice(_)),
            ) if self.blocks > 0 => Known::choice([before.clone(), known]),
            (Some(before @ Known::List(_)), known @ Known::List(_)) if self.blocks > 0 => {
                Known::choice([before.clone(), known])
            }
            (_, known) => known,
        };
        if let Some(class) = self.scopes.class(scope) {
            self.set_member(class, name, known.clone(), true);
        }
        self.sink.binds(name);
        if !self.parameters.is_empty() {
            self.parameters.remove(&(scope, name.to_owned()));
        }
        self.scopes.set(scope, name, known);
    }

    fn body(&mut self, waiting: &Waiting<'t>) {
        let scope = self.scopes.open(waiting.scope, None);
        let function = waiting.function;
        self.sink.enters(function);
        self.enter(function, waiting.class, waiting.scope);
        let instance = |name: &str| match (waiting.class, name) {
            (Some(class), "self") => Some((class, true)),
            (Some(class), "cls") => Some((class, false)),
            _ => None,
        };
        let caller = super::callers::of(function);
        for parameter in &function.parameters {
            if let Some(known) = caller.and_then(|caller| caller.fills(parameter)) {
                self.scopes.set(scope, &parameter.name, known);
                continue;
            }
            let known = match instance(&parameter.name) {
                Some((class, true)) => {
                    let callee = format!(".{}", self.class_name(class));
                    Known::object(&callee, Some(class), BTreeMap::new())
                }
                Some((class, false)) => Known::Class(class),
                None => {
                    let (known, default) = self.parameter(parameter, waiting.scope);
                    self.open_parameter(parameter, known, default.as_ref(), scope)
                }
            };
            self.scopes.set(scope, &parameter.name, known);
        }
        self.click_options(function, scope);
        self.statements(&function.body, scope);
    }

    /// `@click.option("--model", default="x")`
    fn click_options(&mut self, function: &'t Function, scope: usize) {
        for decorator in &function.decorators {
            let ExprKind::Call(call) = &decorator.kind else {
                continue;
            };
            let is_option = match &call.function.kind {
                ExprKind::Name(name) | ExprKind::Attribute(_, name) => name == "option",
                _ => false,
            };
            let default = call
                .arguments
                .iter()
                .find(|argument| argument.name.as_deref() == Some("default"));
            let (true, Some(default)) = (is_option, default) else {
                continue;
            };
            // Evaluated for its value only; its calls were reported with the decorator.
            if let ExprKind::Text(text) = &default.value.kind {
                for argument in call.arguments.iter().filter(|it| it.name.is_none()) {
                    if let ExprKind::Text(option) = &argument.value.kind {
                        let name = option.trim_start_matches('-').replace('-', "_");
                        let known = Known::text(text, stance_core::How::Default);
                        self.scopes.set(scope, &name, known);
                    }
                }
            }
        }
    }
}

/// What a function of this name makes: `research_agent` of `create_research_agent`.
fn made_by(function: &str) -> &str {
    let name = function.trim_start_matches('_');
    [
        "create_", "make_", "build_", "get_", "init_", "setup_", "new_", "define_", "load_",
    ]
    .iter()
    .find_map(|verb| name.strip_prefix(verb))
    .filter(|rest| !rest.is_empty())
    .unwrap_or(name)
}
