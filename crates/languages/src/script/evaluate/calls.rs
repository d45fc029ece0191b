//! What calls give back.

use std::rc::Rc;

use stance_core::How;
use stance_read::link::Term;

use super::{DEPTH, Evaluator, joined, module_value};
use crate::script::known::{At, Known, Object};
use crate::script::syntax::{Call, Expr, ExprKind, Stmt};

impl<'t> Evaluator<'t> {
    pub(in crate::script) fn call(
        &mut self,
        call: &'t Call<'t>,
        scope: usize,
        depth: u32,
    ) -> Known {
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

    pub(in crate::script) fn arguments(
        &mut self,
        call: &'t Call<'t>,
        scope: usize,
        depth: u32,
    ) -> Vec<Known> {
        let all = call.arguments.iter().take(64);
        all.map(|argument| match &argument.kind {
            ExprKind::Spread(_) => Known::Unknown,
            _ => self.within(argument, scope, depth),
        })
        .collect()
    }

    /// Methods of texts, lists and objects that are known to the last.
    pub(in crate::script) fn known_method(
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
    pub(in crate::script) fn returned(&mut self, number: usize, depth: u32) -> Known {
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
    pub(in crate::script) fn result_of(&mut self, number: usize) -> Known {
        self.returned(number, DEPTH)
    }

    pub(in crate::script) fn returns(
        &mut self,
        body: &'t [Stmt<'t>],
        scope: usize,
        depth: u32,
        found: &mut Vec<Known>,
    ) {
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
