//! Evaluates expressions as far as the file tells, without running anything.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use stance_core::How;
use stance_read::link::Term;

use super::known::{At, Entry, Known, Object};
use super::modules::{is_relative, path_of_module};
use super::scope::{Scopes, Step, What};
use super::syntax::{Call, Expr, ExprKind, Property, Stmt};

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

    /// An object of a class that is imported, by the name of its type.
    fn of_type(&mut self, annotation: Option<&'t str>, scope: usize, depth: u32) -> Option<Known> {
        let number = self.scopes.find(annotation?, scope)?;
        if !matches!(
            self.scopes.bindings.get(number)?.what,
            What::Import { .. } | What::Class(_)
        ) {
            return None;
        }
        match self.binding(number, depth) {
            Known::Path { path, .. } => Some(Known::object(&path, Vec::new(), None)),
            Known::Class(class) => Some(Known::Instance(class)),
            _ => None,
        }
    }

    fn declared(&mut self, what: &What<'t>, scope: usize, depth: u32) -> Known {
        match what {
            What::Import {
                module,
                name,
                local,
            } => imported(module, name, local),
            What::Value(Some(value)) => self.within(value, scope, depth).followed(),
            What::Value(None) => Known::Null,
            What::Part { of, steps, default } => {
                let of = self.within(of, scope, depth);
                let found = self.steps(of, steps, depth).followed();
                match (found, default) {
                    (Known::Unknown | Known::Null | Known::Path { .. }, Some(default)) => {
                        self.within(default, scope, depth).as_default()
                    }
                    (found, _) => found,
                }
            }
            What::Element { of, steps } => {
                let all = match self.within(of, scope, depth) {
                    Known::List(list) => list.content.clone(),
                    Known::Open(term) => {
                        vec![Known::open(Term::Element(Box::new((*term).clone())))]
                    }
                    _ => Vec::new(),
                };
                let parts: Vec<Known> = all
                    .into_iter()
                    .map(|one| self.steps(one, steps, depth).followed())
                    .collect();
                Known::choice(parts)
            }
            What::Parameter {
                function,
                name,
                default,
            } => {
                let default = default.map(|default| self.within(default, scope, depth));
                if function.is_empty() {
                    return default.map_or(Known::Unknown, |default| default.as_default());
                }
                match default.map(|default| default.as_default()) {
                    // Good enough, and there for every caller that passes nothing.
                    Some(known @ Known::Text { .. }) => known,
                    default => Known::open(Term::Parameter {
                        function: function.to_string(),
                        name: (*name).to_owned(),
                        default: default.map(|default| Box::new(default.term())),
                    }),
                }
            }
            What::Function(number) => Known::Function(*number),
            What::Class(number) => Known::Class(*number),
            What::Enum(members) => {
                let mut entries = Vec::new();
                for (name, value) in *members {
                    let value = match value {
                        Some(value) => self.within(value, scope, depth).followed(),
                        None => Known::Unknown,
                    };
                    let at = match &value {
                        Known::Text { at, .. } => at.clone(),
                        _ => At::Here(super::syntax::Span::default()),
                    };
                    entries.push(Entry {
                        name: (&**name).into(),
                        value,
                        at,
                    });
                }
                Known::map(entries)
            }
        }
    }

    fn steps(&mut self, mut of: Known, steps: &[Step<'t>], depth: u32) -> Known {
        for step in steps {
            of = match step {
                Step::Key(name) => self.member(&of, name, depth),
                Step::Position(position) => match &of {
                    Known::List(list) => list
                        .content
                        .get(*position)
                        .cloned()
                        .unwrap_or(Known::Unknown),
                    _ => Known::Unknown,
                },
            };
        }
        of
    }

    fn member(&mut self, object: &Known, name: &str, depth: u32) -> Known {
        match object {
            Known::Map(_) => object.entry(name).map_or(Known::Unknown, Known::followed),
            Known::List(list) => {
                let at: Option<usize> = name.parse().ok();
                match at.and_then(|at| list.content.get(at)) {
                    Some(known) => known.followed(),
                    None => Known::Unknown,
                }
            }
            Known::Choice(all) => {
                let all = all.content.clone();
                let parts: Vec<Known> = all
                    .iter()
                    .map(|one| self.member(one, name, depth))
                    .collect();
                Known::choice(parts)
            }
            Known::Instance(class) | Known::Class(class) => self.field(*class, name, depth),
            Known::Path { path, .. }
                if matches!(
                    &**path,
                    "process.env" | "import.meta.env" | "Bun.env" | "?.env.process"
                ) =>
            {
                Known::Environment {
                    variable: name.into(),
                    default: None,
                }
            }
            Known::Text { .. } | Known::Number(_) | Known::Boolean(_) | Known::Null => {
                Known::Unknown
            }
            // Methods of a variable's text give it back, most often.
            Known::Environment { .. } => Known::Unknown,
            other => other.member(name),
        }
    }

    fn field(&mut self, class: usize, name: &str, depth: u32) -> Known {
        let Some(depth) = depth.checked_sub(1) else {
            return Known::Unknown;
        };
        let Some(at) = self.scopes.classes.get(class) else {
            return Known::Unknown;
        };
        if let Some((value, scope, annotation)) = at.fields.get(name).copied() {
            let known = match value {
                Some(value) => self.within(value, scope, depth).followed(),
                None => Known::Unknown,
            };
            if matches!(known, Known::Unknown | Known::Null | Known::Open(_))
                && let Some(made) = self.of_type(annotation, scope, depth)
            {
                return made;
            }
            return known;
        }
        let method = at
            .class
            .methods
            .iter()
            .find(|method| method.name == Some(name));
        if let Some(method) = method {
            let scope = at.scope;
            return Known::Function(self.scopes.function(method, scope));
        }
        // What it inherits: `this.server` of something that is imported.
        let (base, scope) = (at.class.base.as_ref(), at.scope);
        match base.map(|base| self.within(base, scope, depth)) {
            Some(Known::Path { path, .. }) => Known::path(format!("{path}().{name}")),
            Some(Known::Class(base)) if base != class => self.field(base, name, depth),
            _ => Known::path(format!(".{}.{name}", at_name(self, class))),
        }
    }

    fn call(&mut self, call: &'t Call<'t>, scope: usize, depth: u32) -> Known {
        if let ExprKind::Member(object, method) = &call.callee.kind
            && let Some(known) = self.known_method(object, method, call, scope, depth)
        {
            return known;
        }
        let callee = self.within(&call.callee, scope, depth);
        let callee = match &callee {
            Known::Choice(all) => all.content.first().cloned().unwrap_or(Known::Unknown),
            _ => callee,
        };
        match &callee {
            Known::Function(number) => return self.returned(*number, depth),
            Known::Class(number) => {
                // A class that extends one of a library is an object of that.
                let made = self.scopes.classes.get(*number);
                let base = made.and_then(|at| Some((at.class.base.as_ref()?, at.scope)));
                if let Some((base, at)) = base
                    && let Known::Path { path, .. } = self.within(base, at, depth)
                {
                    let arguments = self.arguments(call, scope, depth);
                    return Known::object(&path, arguments, None);
                }
                return Known::Instance(*number);
            }
            _ => {}
        }
        let path = callee.callee();
        match &*path {
            "?.require" => {
                if let Some(ExprKind::Text(module)) = call.arguments.first().map(|it| &it.kind) {
                    return module_value(module);
                }
            }
            "util.promisify" | "Object.freeze" | "Object.assign" | "String" | "URL"
            | "Promise.resolve" | "?.dedent" | "?.structuredClone" | "dedent.dedent" => {
                if let Some(first) = call.arguments.first() {
                    return self.within(first, scope, depth);
                }
            }
            "Object.values" => {
                let of = call
                    .arguments
                    .first()
                    .map(|it| self.within(it, scope, depth));
                match of {
                    Some(Known::Map(map)) => {
                        let values = map.content.iter().map(|entry| entry.value.clone());
                        return Known::list(values.collect());
                    }
                    // Its elements are those of the list of its values.
                    Some(open @ Known::Open(_)) => return open,
                    _ => {}
                }
            }
            "Object.keys" => {
                if let Some(first) = call.arguments.first()
                    && let Known::Map(map) = self.within(first, scope, depth)
                {
                    let names = map.content.iter();
                    let names = names
                        .map(|entry| Known::text(&entry.name, How::Constant, entry.at.clone()));
                    return Known::list(names.collect());
                }
            }
            "Deno.env.get" => {
                if let Some(ExprKind::Text(name)) = call.arguments.first().map(|it| &it.kind) {
                    return Known::Environment {
                        variable: (*name).into(),
                        default: None,
                    };
                }
            }
            _ => {}
        }
        if let Known::Open(term) = &callee {
            let arguments = self.arguments(call, scope, depth);
            let mut given = Vec::new();
            for argument in &arguments {
                match argument {
                    Known::Map(map) => {
                        for entry in map.content.iter().take(32) {
                            given.push((Some(entry.name.to_string()), entry.value.term()));
                        }
                    }
                    other => given.push((None, other.term())),
                }
            }
            let made = Term::Made {
                callee: Box::new((**term).clone()),
                arguments: given,
            };
            return Known::open(made.bounded());
        }
        let arguments = self.arguments(call, scope, depth);
        let origin: Option<Rc<Object>> = callee.origin().cloned();
        Known::object(&path, arguments, origin)
    }

    pub(super) fn arguments(&mut self, call: &'t Call<'t>, scope: usize, depth: u32) -> Vec<Known> {
        let all = call.arguments.iter().take(64);
        all.map(|argument| match &argument.kind {
            ExprKind::Spread(_) => Known::Unknown,
            _ => self.within(argument, scope, depth),
        })
        .collect()
    }

    /// Methods of texts, lists and objects that are known to the last.
    fn known_method(
        &mut self,
        object: &'t Expr<'t>,
        method: &str,
        call: &'t Call<'t>,
        scope: usize,
        depth: u32,
    ) -> Option<Known> {
        match method {
            "trim" | "trimStart" | "trimEnd" | "toString" | "valueOf" | "href" => {
                let of = self.within(object, scope, depth);
                matches!(
                    of,
                    Known::Text { .. } | Known::Environment { .. } | Known::Choice(_)
                )
                .then_some(of)
            }
            "join" => {
                let Known::List(list) = self.within(object, scope, depth) else {
                    return None;
                };
                let between = match call.arguments.first().map(|it| &it.kind) {
                    Some(ExprKind::Text(text)) => text,
                    _ => ",",
                };
                let mut parts = Vec::new();
                for (number, one) in list.content.iter().enumerate() {
                    if number > 0 {
                        parts.push(Known::text(between, How::Literal, At::Here(object.span)));
                    }
                    parts.push(one.clone());
                }
                Some(joined(&parts, At::Here(object.span)))
            }
            // `Object.values(all)`
            "values" if matches!(object.kind, ExprKind::Name("Object")) => {
                let all = self.within(call.arguments.first()?, scope, depth);
                let Known::Map(map) = all else { return None };
                let values = map.content.iter().map(|entry| entry.value.clone());
                Some(Known::list(values.collect()))
            }
            "map" | "filter" | "concat" | "slice" | "sort" | "reverse" | "flat" => {
                let Known::List(list) = self.within(object, scope, depth) else {
                    return None;
                };
                if method != "concat" {
                    return Some(Known::List(list));
                }
                let mut all = list.content.clone();
                for argument in self.arguments(call, scope, depth) {
                    match argument {
                        Known::List(more) => all.extend(more.content.iter().cloned()),
                        other => all.push(other),
                    }
                }
                Some(Known::list(all))
            }
            _ => None,
        }
    }

    /// What a function of this file gives back.
    pub(super) fn returned(&mut self, number: usize, depth: u32) -> Known {
        let Some(depth) = depth.checked_sub(1) else {
            return Known::Unknown;
        };
        let Some(at) = self.scopes.functions.get(number).copied() else {
            return Known::Unknown;
        };
        let mut all = Vec::new();
        self.returns(&at.function.body, at.scope, depth, &mut all);
        Known::choice(all)
    }

    /// What a function gives back, for those who know it by number.
    pub(super) fn result_of(&mut self, number: usize) -> Known {
        self.returned(number, DEPTH)
    }

    fn returns(&mut self, body: &'t [Stmt<'t>], scope: usize, depth: u32, found: &mut Vec<Known>) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        for one in body {
            match one {
                Stmt::Return(value) if found.len() < 8 => {
                    found.push(self.within(value, scope, depth));
                }
                Stmt::Block(inner) => {
                    let scope = self.scopes.block(one, inner, scope);
                    self.returns(inner, scope, depth, found);
                }
                _ => {}
            }
        }
    }
}

fn at_name<'t>(evaluator: &Evaluator<'t>, class: usize) -> &'t str {
    let at = evaluator.scopes.classes.get(class);
    at.and_then(|at| at.class.name).unwrap_or("class")
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
