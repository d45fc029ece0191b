//! What a file leaves for the step that links files, and what becomes of calls that waited.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use stance_core::fact::{Fact, Language};
use stance_core::{AssetKind, How, Scope};
use stance_read::link::{Argument, Class, Function, Handed, KEPT, Module, Named, Settled, Term};

use super::collect::{Collector, Place};
use super::known::{At, Known};
use super::syntax::{Class as SyntaxClass, Pattern, Span, Stmt};
use super::walk::{Given, Sink, Site, Walk};

/// What the names of a module are, for others to follow.
pub(super) fn module<'t>(
    walk: &mut Walk<'t, '_, Collector<'_>>,
    body: &'t [Stmt<'t>],
    scope: usize,
    path: &Arc<str>,
) -> Module {
    let mut names: BTreeMap<String, Named> = BTreeMap::new();
    let mut all_of = Vec::new();
    for one in body {
        match one {
            Stmt::ExportFrom {
                module,
                names: pairs,
                ..
            } if pairs.is_empty() => {
                all_of.push((*module).to_owned());
            }
            Stmt::ExportFrom {
                module,
                names: pairs,
                ..
            } => {
                for (inner, outer) in pairs {
                    let inner = match *inner {
                        "*" => Vec::new(),
                        inner => vec![inner.to_owned()],
                    };
                    let term = Term::Import {
                        module: (*module).to_owned(),
                        names: inner,
                    };
                    keep(&mut names, outer, term, None);
                }
            }
            Stmt::ExportNames(pairs) => {
                for (inner, outer) in pairs {
                    name(walk, &mut names, inner, outer, scope);
                }
            }
            Stmt::ExportDefault(value) => {
                let known = walk.evaluator.evaluate(value, scope);
                let term = term_of(walk, &known);
                // What an object calls itself is the place of it.
                let at = match known.entry("name") {
                    Some(Known::Text { at, .. }) => Some(Arc::new(walk.sink.evidence(at))),
                    _ => None,
                };
                keep(&mut names, "default", term, at);
            }
            Stmt::Declare { pattern, .. } => declared(walk, &mut names, pattern, scope),
            Stmt::Function { function, .. } => {
                if let Some(own) = function.name {
                    name(walk, &mut names, own, own, scope);
                }
            }
            Stmt::Class { class, .. } => {
                if let Some(own) = class.name {
                    name(walk, &mut names, own, own, scope);
                }
            }
            Stmt::Enum { name: own, .. } => name(walk, &mut names, own, own, scope),
            _ => {}
        }
    }
    let handed = std::mem::take(&mut walk.handed);
    let mut calls = Vec::new();
    for (callee, arguments) in handed {
        let Known::Open(callee) = callee else {
            continue;
        };
        let arguments = given(walk, &arguments);
        // What tests pass says nothing of what runs for users.
        let tested = Scope::of_path(path) == Scope::Test;
        if !arguments.is_empty() && calls.len() < KEPT && !tested {
            calls.push(Handed {
                callee: (*callee).clone().bounded(),
                arguments,
            });
        }
    }
    Module {
        path: Arc::clone(path),
        language: Language::JavaScript,
        whole: true,
        names,
        all_of,
        calls,
        waiting: std::mem::take(&mut walk.sink.waiting),
        settle,
    }
}

fn declared<'t>(
    walk: &mut Walk<'t, '_, Collector<'_>>,
    names: &mut BTreeMap<String, Named>,
    pattern: &'t Pattern<'t>,
    scope: usize,
) {
    match pattern {
        Pattern::Name(own, _) => name(walk, names, own, own, scope),
        Pattern::Object(entries) => {
            for (_, inner) in entries {
                declared(walk, names, inner, scope);
            }
        }
        Pattern::Array(_) | Pattern::Default(..) => {}
    }
}

fn name(
    walk: &mut Walk<'_, '_, Collector<'_>>,
    names: &mut BTreeMap<String, Named>,
    inner: &str,
    outer: &str,
    scope: usize,
) {
    let Some(number) = walk.evaluator.scopes.find(inner, scope) else {
        return;
    };
    let span = walk.evaluator.scopes.bindings.get(number).map(|it| it.span);
    let known = walk.evaluator.binding(number, 32);
    let at = match (&known, span) {
        (Known::Text { .. }, Some(span)) => Some(Arc::new(walk.sink.evidence(&At::Here(span)))),
        _ => None,
    };
    let term = term_of(walk, &known);
    keep(names, outer, term, at);
}

fn term_of(walk: &mut Walk<'_, '_, Collector<'_>>, known: &Known) -> Term {
    let number = match known {
        Known::Function(number) => number,
        Known::Class(number) | Known::Instance(number) => {
            let class = walk
                .evaluator
                .scopes
                .classes
                .get(*number)
                .map(|at| at.class);
            return class.map_or(Term::Unknown, |class| class_of(walk, class, *number));
        }
        _ => return known.term().bounded(),
    };
    let Some(at) = walk.evaluator.scopes.functions.get(*number).copied() else {
        return Term::Unknown;
    };
    let mut parameters = Vec::new();
    for parameter in &at.function.parameters {
        match &parameter.pattern {
            Pattern::Name(name, _) => parameters.push((*name).to_owned()),
            Pattern::Object(entries) => {
                parameters.extend(entries.iter().map(|(name, _)| name.to_string()));
            }
            _ => parameters.push(String::new()),
        }
    }
    let returns = walk.evaluator.result_of(*number).term().bounded();
    Term::Function(Box::new(Function {
        name: at.function.name.unwrap_or_default().to_owned(),
        parameters,
        returns,
    }))
}

/// A class with the parameters of its constructor.
fn class_of<'t>(
    walk: &mut Walk<'t, '_, Collector<'_>>,
    class: &'t SyntaxClass<'t>,
    number: usize,
) -> Term {
    let constructor = class
        .methods
        .iter()
        .find(|it| it.name == Some("constructor"));
    let parameters = constructor.iter().flat_map(|it| &it.parameters);
    let parameters = parameters.map(|parameter| match &parameter.pattern {
        Pattern::Name(name, _) => (*name).to_owned(),
        _ => String::new(),
    });
    let parameters = parameters.collect();
    let base = class
        .base
        .as_ref()
        .zip(walk.evaluator.scopes.classes.get(number));
    let base = base.map(|(base, at)| (base, at.scope));
    let base = base.map(|(base, scope)| walk.evaluator.evaluate(base, scope).term());
    Term::Class(Box::new(Class {
        name: class.name.unwrap_or_default().to_owned(),
        bases: base.into_iter().collect(),
        parameters,
        members: BTreeMap::new(),
    }))
}

fn keep(
    names: &mut BTreeMap<String, Named>,
    name: &str,
    term: Term,
    at: Option<Arc<stance_core::Evidence>>,
) {
    if names.len() < KEPT && term != Term::Unknown {
        names.entry(name.to_owned()).or_insert(Named { term, at });
    }
}

/// Arguments that are worth handing on: an object by its entries.
fn given(walk: &Walk<'_, '_, Collector<'_>>, arguments: &[Given]) -> Vec<Argument> {
    let mut found = Vec::new();
    for argument in arguments.iter().take(8) {
        let mut add = |name: Option<String>, known: &Known, span: Span| {
            let term = known.term().bounded();
            if found.len() < 32 {
                found.push(Argument {
                    name,
                    term,
                    written: String::new(),
                    at: Arc::new(walk.sink.evidence(&At::Here(span))),
                });
            }
        };
        match &argument.value {
            Known::Map(map) => {
                for entry in map.content.iter().take(16) {
                    add(Some(entry.name.to_string()), &entry.value, argument.span);
                }
            }
            known => add(None, known, argument.span),
        }
    }
    let telling = found.iter().any(|one| one.term != Term::Unknown);
    if telling { found } else { Vec::new() }
}

/// Looks at calls again, now that other files were asked.
pub(super) fn settle(path: &Arc<str>, settled: &[Settled<'_>]) -> Vec<Fact> {
    let mut facts = Vec::new();
    for one in settled {
        let waiting = one.waiting;
        let mut collector = Collector::new(
            Place::Settled {
                path,
                at: Arc::clone(&waiting.at),
            },
            None,
        );
        collector.speaks_mcp = waiting
            .notes
            .get("mcp")
            .and_then(serde_json::Value::as_bool)
            == Some(true);
        collector.openapi = waiting
            .notes
            .get("openapi")
            .and_then(serde_json::Value::as_bool)
            == Some(true);
        let functions = waiting
            .notes
            .get("functions")
            .and_then(serde_json::Value::as_array);
        let mut arguments = Vec::new();
        let mut results = Vec::new();
        for (position, (argument, answers)) in
            waiting.arguments.iter().zip(&one.arguments).enumerate()
        {
            let at = At::There(Arc::clone(&argument.at));
            let value = if answers.is_empty() {
                Known::of_term(&argument.term, &at)
            } else {
                Known::choice(answers.iter().map(|answer| {
                    // Where it is defined says more than where it is handed over.
                    let defined = answer.at.first().map(|it| At::There(Arc::clone(it)));
                    Known::of_term(&answer.term, defined.as_ref().unwrap_or(&at))
                }))
            };
            let function = functions.and_then(|all| all.get(position)?.as_bool()) == Some(true);
            if function {
                results.push((position, value));
                arguments.push(Given {
                    name: None,
                    value: Known::Function(usize::MAX),
                    span: Span::default(),
                });
            } else {
                arguments.push(Given {
                    name: None,
                    value,
                    span: Span::default(),
                });
            }
        }
        let known = match one.callee.strip_suffix("()") {
            Some(made) => Known::object(made, Vec::new(), None),
            None => callee_of(&one.callee),
        };
        let site = Site {
            callee: &one.callee,
            callee_span: Span::default(),
            known: &known,
            arguments: &arguments,
            open_ended: waiting.open_ended,
            assigned: waiting.assigned.as_deref(),
            results: &results,
        };
        collector.call(&site);
        facts.extend(collector.finish());
    }
    without_resolved(facts)
}

/// Facts without those that say of tools that they are not known, where another way to the same call told them.
fn without_resolved(facts: Vec<Fact>) -> Vec<Fact> {
    let of_tool = |fact: &Fact, unresolved: bool| match fact {
        Fact::Reference(one) => {
            one.kind == AssetKind::Tool && (one.how == How::Unresolved) == unresolved
        }
        _ => false,
    };
    let resolved = facts.iter().any(|fact| of_tool(fact, false));
    facts
        .into_iter()
        .filter(|fact| !(resolved && of_tool(fact, true)))
        .collect()
}

/// A method of what something made, with that as its origin.
fn callee_of(callee: &str) -> Known {
    match callee.rfind("().") {
        Some(at) => {
            let made = callee.get(..at).unwrap_or_default();
            let origin = match Known::object(made, Vec::new(), None) {
                Known::Object(object) => Some(Rc::clone(&object)),
                _ => None,
            };
            Known::Path {
                path: callee.into(),
                origin,
            }
        }
        None => Known::path(callee),
    }
}
