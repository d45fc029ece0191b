//! Functions that call themselves, directly or by others. The engine finds rules that need themselves; of functions it does not.

use std::collections::{BTreeMap, BTreeSet};

use super::keyword::original;
use crate::fault::{Fault, What};
use crate::lexer::{Kind, Token, lex};
use crate::outline::{Form, Module, joined};

/// The first function that is part of a circle, as a fault. `texts` are those that the engine read.
pub(super) fn check(modules: &[Module], texts: &[String]) -> Result<(), Fault> {
    // Where each function stands, and which it calls.
    let mut places: BTreeMap<String, (&Module, u32, u32)> = BTreeMap::new();
    for module in modules {
        for rule in module.rules.iter().filter(|it| it.form == Form::Function) {
            places
                .entry(module.full_name(rule))
                .or_insert((module, rule.line, rule.column));
        }
    }
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, text) in modules.iter().zip(texts) {
        let tokens = lex(text);
        let code: Vec<&Token> = tokens
            .iter()
            .filter(|it| it.kind != Kind::Comment)
            .collect();
        let mut rules = module.rules.iter().peekable();
        let mut current: Option<String> = None;
        let mut head = 0;
        for (at, token) in code.iter().enumerate() {
            while rules
                .peek()
                .is_some_and(|rule| (rule.line, rule.column) <= (token.line, token.column))
            {
                current = rules
                    .next()
                    .filter(|rule| rule.form == Form::Function)
                    .map(|rule| module.full_name(rule));
                head = at;
            }
            let Some(from) = &current else { continue };
            let Some(name) = called(text, &code, at) else {
                continue;
            };
            // The name of the definition itself calls nothing.
            if at <= head.saturating_add(1) {
                continue;
            }
            for full in meant(module, &name) {
                if places.contains_key(&full) {
                    calls.entry(from.clone()).or_default().insert(full);
                }
            }
        }
    }
    // What calls none that is left is taken away, until nothing is or all that is left calls in a circle.
    let mut left: BTreeSet<&String> = calls.keys().collect();
    loop {
        let next: BTreeSet<&String> = left
            .iter()
            .copied()
            .filter(|name| {
                calls
                    .get(*name)
                    .is_some_and(|others| others.iter().any(|it| left.contains(it)))
            })
            .collect();
        if next.len() == left.len() {
            break;
        }
        left = next;
    }
    match left
        .first()
        .and_then(|name| Some((name, places.get(*name)?)))
    {
        None => Ok(()),
        Some((name, (module, line, column))) => Err(Fault::new(
            What::Recursion,
            format!("{name} calls itself, or others that call it; functions of Rego cannot"),
        )
        .at(&module.file, *line, *column)),
    }
}

/// The parts of the name of a call that begins with this token.
fn called(text: &str, code: &[&Token], at: usize) -> Option<Vec<String>> {
    let word = |number: usize| code.get(number).map(|it| it.text(text));
    if code.get(at)?.kind != Kind::Word || at.checked_sub(1).and_then(word) == Some(".") {
        return None;
    }
    let mut parts = vec![original(word(at)?).to_owned()];
    let mut end = at.saturating_add(1);
    while word(end) == Some(".") {
        parts.push(original(word(end.saturating_add(1))?).to_owned());
        end = end.saturating_add(2);
    }
    (word(end) == Some("(")).then_some(parts)
}

/// The full names that a call may mean.
fn meant(module: &Module, parts: &[String]) -> Vec<String> {
    let mut local = vec!["data".to_owned()];
    local.extend(module.package.iter().cloned());
    local.extend(parts.iter().cloned());
    let mut all = vec![joined(&local), joined(parts)];
    for import in &module.imports {
        if parts.first() == Some(&import.name) {
            let mut path = import.path.clone();
            path.extend(parts.iter().skip(1).cloned());
            all.push(joined(&path));
        }
    }
    all
}
