//! What names, members and types stand for.

use stance_read::link::Term;

use super::{Evaluator, imported};
use crate::script::known::{At, Entry, Known};
use crate::script::scope::{Step, What};

impl<'t> Evaluator<'t> {
    pub(in crate::script) fn steps(
        &mut self,
        mut of: Known,
        steps: &[Step<'t>],
        depth: u32,
    ) -> Known {
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

    pub(in crate::script) fn member(&mut self, object: &Known, name: &str, depth: u32) -> Known {
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

    pub(in crate::script) fn field(&mut self, class: usize, name: &str, depth: u32) -> Known {
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

    /// An object of a class that is imported, by the name of its type.
    pub(in crate::script) fn of_type(
        &mut self,
        annotation: Option<&'t str>,
        scope: usize,
        depth: u32,
    ) -> Option<Known> {
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

    pub(in crate::script) fn declared(
        &mut self,
        what: &What<'t>,
        scope: usize,
        depth: u32,
    ) -> Known {
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
                        _ => At::Here(crate::script::syntax::Span::default()),
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
}

fn at_name<'t>(evaluator: &Evaluator<'t>, class: usize) -> &'t str {
    let at = evaluator.scopes.classes.get(class);
    at.and_then(|at| at.class.name).unwrap_or("class")
}
