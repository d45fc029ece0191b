//! Expressions: what they are known to be, and what they call on the way.
//!
//! Each expression is visited exactly once; the depth of the tree is bounded by the parser.

use std::collections::BTreeMap;
use std::rc::Rc;

use stance_core::How;

use super::files;
use super::joined::add;
use super::known::Known;
use super::sink::{CallSite, Given, Sink, TextRole, VECTOR_SEARCH};
use super::syntax::{Call, Expr, ExprKind, FormatPart, Span};
use super::walk::Walk;

impl<'t, S: Sink> Walk<'t, S> {
    /// What `expr` is known to be; reports the calls inside it.
    pub(super) fn evaluate(&mut self, expr: &'t Expr, scope: usize) -> Known {
        match &expr.kind {
            ExprKind::Text(text) => Known::text(text, How::Literal),
            ExprKind::Integer(number) => Known::Integer(*number),
            ExprKind::Boolean(value) => Known::Boolean(*value),
            ExprKind::None => Known::Null,
            ExprKind::Name(name) => self.scopes.look_up(scope, name),
            ExprKind::Attribute(base, name) => {
                let base = self.evaluate(base, scope);
                self.attribute(&base, name)
            }
            ExprKind::Call(call) => self.call(call, &expr.span, scope, None),
            ExprKind::Sequence(elements) => {
                let mut all = Vec::with_capacity(elements.len().min(64));
                for element in elements {
                    all.push(self.evaluate_in(element, scope, TextRole::Element));
                }
                Known::list(all)
            }
            ExprKind::Mapping(items) => self.mapping(items, scope),
            ExprKind::Subscript(base, index) => self.subscript(base, index, &expr.span, scope),
            ExprKind::Add(left, right) => {
                let left = self.evaluate(left, scope);
                let right = self.evaluate(right, scope);
                add(&left, &right)
            }
            ExprKind::Divide(left, right) => {
                let left = self.evaluate(left, scope);
                let right = self.evaluate(right, scope);
                files::below(&left, &right)
            }
            ExprKind::Percent(left, right) => {
                let left = self.evaluate(left, scope);
                match self.evaluate(right, scope) {
                    Known::List(list) => Known::joined(
                        [left]
                            .into_iter()
                            .chain(list.content.iter().cloned())
                            .collect(),
                    ),
                    right => Known::joined(vec![left, right]),
                }
            }
            ExprKind::Or(values) => self.either(values, scope),
            ExprKind::Conditional {
                test,
                then,
                otherwise,
            } => {
                self.evaluate(test, scope);
                let then = self.evaluate(then, scope);
                let otherwise = self.evaluate(otherwise, scope);
                Known::choice([then, otherwise])
            }
            ExprKind::Named(target, value) => {
                let known = self.evaluate(value, scope);
                if let ExprKind::Name(name) = &target.kind {
                    self.bind(scope, name, known.clone());
                }
                known
            }
            ExprKind::Format(parts) => {
                if let Some(FormatPart::Text(first)) = parts.first() {
                    self.sink.begins_with(first, &expr.span);
                }
                self.format(parts, scope)
            }
            ExprKind::Comprehension { clauses, elements } => {
                self.comprehension(clauses, elements, scope)
            }
            ExprKind::Other(inside) => {
                for one in inside {
                    self.evaluate(one, scope);
                }
                Known::Unknown
            }
        }
    }

    /// Like [`Self::evaluate`], and shows a text that stands there as it is.
    pub(super) fn evaluate_in(
        &mut self,
        expr: &'t Expr,
        scope: usize,
        role: TextRole<'_>,
    ) -> Known {
        let known = self.evaluate(expr, scope);
        self.show_text(expr, &known, role);
        known
    }

    /// Shows a text that stands where `expr` is.
    pub(super) fn show_text(&mut self, expr: &Expr, known: &Known, role: TextRole<'_>) {
        match (&expr.kind, known) {
            (ExprKind::Text(text), _) => self.sink.text(text, role, &expr.span),
            (ExprKind::Conditional { .. } | ExprKind::Or(_), Known::Choice(all)) => {
                for one in &all.content {
                    if let Known::Text { text, .. } = one {
                        self.sink.text(text, role, &expr.span);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn attribute(&mut self, base: &Known, name: &str) -> Known {
        match base {
            Known::Object(object) => {
                if let Some(field) = object.fields.get(name).filter(|_| object.class.is_some()) {
                    return field.followed();
                }
                if let Some(known) = object
                    .class
                    .and_then(|class| self.class_member(class, name, true))
                {
                    return known;
                }
                if ["parse_args", "parse_known_args"]
                    .iter()
                    .any(|method| object.callee.ends_with(method))
                    && let Some(known) = self.options.get(name)
                {
                    return known.as_default();
                }
                base.member(name)
            }
            Known::Class(class) => match self.class_member(*class, name, false) {
                Some(known) => known,
                None => Known::path(format!(".{}", self.class_name(*class))).member(name),
            },
            // The value of an enum member is what we took the member to be.
            Known::Text { .. } | Known::Integer(_) if name == "value" => base.clone(),
            Known::Choice(all) => {
                let all = Rc::clone(all);
                let members: Vec<Known> = all
                    .content
                    .iter()
                    .filter(|one| !matches!(one, Known::Null))
                    .map(|one| self.attribute(one, name))
                    .collect();
                // Calls need one callee: the first that is known stands for all.
                match members.iter().find(|one| matches!(one, Known::Path { .. })) {
                    Some(path) => path.clone(),
                    None => Known::choice(members),
                }
            }
            Known::Path { path, .. } if is_options(path) => match self.options.get(name) {
                Some(known) => known.as_default(),
                None => base.member(name),
            },
            _ => base.member(name),
        }
    }

    fn subscript(&mut self, base: &'t Expr, index: &'t Expr, span: &Span, scope: usize) -> Known {
        let base = self.evaluate(base, scope);
        let index = self.evaluate(index, scope);
        self.entry_of(&base, &index, span)
    }

    fn entry_of(&mut self, base: &Known, index: &Known, span: &Span) -> Known {
        match (base, index) {
            // `PROMPTS[language]["system"]`: the entry of whichever it is.
            (Known::Choice(all), _) => {
                let entries = all.content.iter().filter_map(|one| match one {
                    Known::Map(_) | Known::List(_) => Some(self.entry_of(one, index, span)),
                    _ => None,
                });
                let entries: Vec<Known> = entries.collect();
                Known::choice(entries)
            }
            // `Annotated[X, …]` and `Optional[X]` are about `X`.
            (Known::Path { path, .. }, Known::List(list)) if is_annotated(path) => {
                list.content.first().cloned().unwrap_or(Known::Unknown)
            }
            (Known::Path { path, .. }, Known::Path { .. } | Known::Class(_))
                if path.ends_with("typing.Optional") =>
            {
                index.clone()
            }
            (Known::Path { path, .. }, _) if &**path == "os.environ" => {
                self.environment(index, None, span)
            }
            (Known::Map(map), Known::Text { text, .. }) => map
                .content
                .get(&**text)
                .map_or(Known::Unknown, Known::followed),
            (Known::Map(map), _) => {
                Known::choice(map.content.values().cloned().chain([Known::Unknown]))
            }
            (Known::List(list), Known::Integer(at)) => usize::try_from(*at)
                .ok()
                .and_then(|at| list.content.get(at))
                .map_or(Known::Unknown, Known::followed),
            (Known::Path { .. }, Known::Integer(steps)) => {
                files::above(base, *steps).unwrap_or_else(|| base.entry(Some(index)))
            }
            // `Optional[X]`, `list[X]` and elements of results keep what they are of.
            (Known::Path { .. } | Known::Object(_), _) => base.entry(Some(index)),
            _ => Known::Unknown,
        }
    }

    fn mapping(&mut self, items: &'t [(Option<Expr>, Expr)], scope: usize) -> Known {
        let mut map = BTreeMap::new();
        for (key, value) in items {
            let spot = key.as_ref().map(|key| key.span.clone());
            let key = key.as_ref().map(|key| self.evaluate(key, scope));
            let text = match &key {
                Some(Known::Text { text, .. }) => Some(&**text),
                _ => None,
            };
            let known = self.evaluate_in(value, scope, TextRole::Entry(text));
            // What stands for a thing of the program is one that it uses; lists of prices are not.
            if let (Some(Known::Text { text, .. }), Some(at)) = (&key, &spot)
                && (&**text == VECTOR_SEARCH
                    || matches!(
                        known,
                        Known::Object(_)
                            | Known::Class(_)
                            | Known::Path { .. }
                            | Known::Text { .. }
                    ))
            {
                self.sink.text(text, TextRole::Key, at);
            }
            match (text, known) {
                (Some(text), known) if map.len() < 512 => {
                    map.insert(text.to_owned(), known);
                }
                // A member of an enumeration as key: by its name.
                (None, known) if map.len() < 512 && matches!(key, Some(Known::Path { .. })) => {
                    if let Some(Known::Path { path, .. }) = &key {
                        map.insert(path.to_string(), known);
                    }
                }
                (None, Known::Map(more)) if key.is_none() => {
                    map.extend(
                        more.content
                            .iter()
                            .take(512)
                            .map(|(key, value)| (key.clone(), value.clone())),
                    );
                }
                _ => {}
            }
        }
        self.tell_system_message(items, &map);
        Known::map(map)
    }

    fn either(&mut self, values: &'t [Expr], scope: usize) -> Known {
        let all: Vec<Known> = values
            .iter()
            .map(|value| self.evaluate(value, scope))
            .collect();
        // `os.getenv("X") or "default"`
        if let (
            Some(Known::Environment {
                variable,
                default: None,
            }),
            Some(Known::Text { text, .. }),
        ) = (all.first(), all.last())
        {
            if let (Some(first), Some(last)) = (values.first(), values.last()) {
                self.sink
                    .variable_default(variable, text, &(first.span.start..last.span.end));
            }
            return Known::Environment {
                variable: Rc::clone(variable),
                default: Some(Rc::clone(text)),
            };
        }
        // `given or "default"`
        let open = match all.first() {
            Some(Known::Unknown | Known::Null) => true,
            Some(Known::Path { path, .. }) => path.starts_with('?'),
            _ => false,
        };
        if let (true, Some(last @ Known::Text { .. })) = (open, all.last()) {
            return last.as_default();
        }
        Known::choice(all)
    }

    /// Evaluates a call and reports it. `assigned` is the name its result gets.
    pub(super) fn call(
        &mut self,
        call: &'t Call,
        span: &Span,
        scope: usize,
        assigned: Option<&str>,
    ) -> Known {
        let (base, function) = match &call.function.kind {
            ExprKind::Attribute(base, name) => {
                let base = self.evaluate(base, scope);
                let function = self.attribute(&base, name);
                (Some((base, name.as_str())), function)
            }
            // `Agent[Context](…)` makes an `Agent`.
            ExprKind::Subscript(base, index) if is_class_name(base) => {
                self.evaluate(index, scope);
                (None, self.evaluate(base, scope))
            }
            _ => (None, self.evaluate(&call.function, scope)),
        };
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(Given {
                name: argument.name.as_deref(),
                value: self.evaluate(&argument.value, scope),
                span: argument.value.span.clone(),
                parameter: self.parameter_behind(&argument.value, scope),
            });
        }
        // `Client(**settings)`, where the settings stand in the file.
        let spread = call
            .spread
            .as_ref()
            .map(|name| self.scopes.look_up(scope, name));
        if let Some(Known::Map(map)) = &spread {
            for (name, value) in map.content.iter().take(64) {
                let told = !matches!(value, Known::Path { .. } | Known::Unknown);
                if told && !arguments.iter().any(|it| it.name == Some(name.as_str())) {
                    arguments.push(Given {
                        name: Some(name),
                        value: value.followed(),
                        span: call.function.span.clone(),
                        parameter: None,
                    });
                }
            }
        }
        let forwards = match (&call.spread, &self.keywords) {
            (Some(spread), Some(keywords)) if spread == keywords => self.current.clone(),
            _ => None,
        };
        let callee = match &function {
            Known::Class(class) => Some(format!(".{}", self.class_name(*class)).into()),
            other => other.callee(),
        };
        let callee: Rc<str> = callee.unwrap_or_else(|| "?".into());
        let site = CallSite {
            callee: &callee,
            callee_span: call.function.span.clone(),
            arguments: &arguments,
            open_ended: call.open_ended,
            assigned,
            origin: function.origin().cloned(),
            open: function.opened(),
            forwards: forwards.as_deref(),
        };
        self.sink.call(&site);
        let result = self.sink.result(&site);
        // After the call, which may have explained what the texts are.
        for (argument, given) in call.arguments.iter().zip(&arguments) {
            let role = TextRole::Argument(given.name);
            self.show_text(&argument.value, &given.value, role);
        }
        if let Some(known) = result {
            return known;
        }
        if let ExprKind::Attribute(object, method) = &call.function.kind
            && let ExprKind::Name(name) = &object.kind
        {
            self.grow(name, method, &arguments, scope);
        }
        if let Some(known) = self.special(&callee, base.as_ref(), &arguments, span) {
            return known;
        }
        if let Some(known) = files::opened(&callee, base.as_ref().map(|(base, _)| base), &arguments)
        {
            if let Some(file) = files::read(&known) {
                self.sink.reads(file, assigned, &call.function.span);
            }
            return known;
        }
        self.result(&function, &callee, &arguments)
    }

    fn result(&mut self, function: &Known, callee: &str, arguments: &[Given<'_>]) -> Known {
        let class = match function {
            Known::Class(class) => Some(*class),
            _ => None,
        };
        let mut fields = BTreeMap::new();
        let mut unnamed = Vec::new();
        let mut positions = class
            .map(|class| self.field_names(class))
            .unwrap_or_default()
            .into_iter();
        for argument in arguments.iter().take(64) {
            let name = match argument.name {
                Some(name) => Some(name.to_owned()),
                None => positions.next(),
            };
            match name {
                Some(name) => {
                    fields.insert(name, argument.value.clone());
                }
                None => unnamed.push(argument.value.clone()),
            }
        }
        Known::made(callee, class, fields, unnamed)
    }

    /// A read of an environment variable.
    pub(super) fn environment(
        &mut self,
        variable: &Known,
        default: Option<&Known>,
        span: &Span,
    ) -> Known {
        let default: Option<Rc<str>> = match default {
            Some(Known::Text { text, .. }) => Some(Rc::clone(text)),
            _ => None,
        };
        let all: Vec<Known> = variable
            .alternatives()
            .into_iter()
            .map(|one| match one {
                Known::Text { text, .. } => {
                    self.sink.environment(text, span);
                    if let Some(default) = &default {
                        self.sink.variable_default(text, default, span);
                    }
                    Known::Environment {
                        variable: Rc::clone(text),
                        default: default.clone(),
                    }
                }
                _ => Known::Unknown,
            })
            .collect();
        Known::choice(all)
    }
}

fn is_annotated(path: &str) -> bool {
    matches!(path, "typing.Annotated" | "typing_extensions.Annotated")
}

/// Whether an expression is by its name a class.
fn is_class_name(expr: &Expr) -> bool {
    let (ExprKind::Name(name) | ExprKind::Attribute(_, name)) = &expr.kind else {
        return false;
    };
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether a path of unknown origin is by its name the parsed command line.
fn is_options(path: &str) -> bool {
    matches!(path, "?.args" | "?.opts" | "?.options" | "?.opt")
}
