//! What is likely a mistake in a policy that compiles: `stance policy check`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::bundle::Bundle;
use crate::conventions::Level;
use crate::fault::Place;
use crate::lexer::{KEYWORDS, Kind, Token, lex};
use crate::outline::{Form, Module};
use crate::rego;

/// A mistake, or what is likely one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// What kind.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// A function is called that there is none of.
    UnknownFunction,
    /// A function is called that policies may not call.
    ForbiddenFunction,
    /// A METADATA block means nothing.
    BrokenMetadata,
    /// Two rules have the same `custom.id`.
    DuplicateId,
    /// An import that nothing uses.
    UnusedImport,
    /// A function that nothing calls.
    UnusedFunction,
    /// A rule with a meaning whose METADATA lacks what findings show.
    MissingMetadata,
    /// A rule with a meaning that gives one value, where a set of messages is read.
    NoSet,
}

impl Code {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownFunction => "unknown-function",
            Self::ForbiddenFunction => "forbidden-function",
            Self::BrokenMetadata => "broken-metadata",
            Self::DuplicateId => "duplicate-id",
            Self::UnusedImport => "unused-import",
            Self::UnusedFunction => "unused-function",
            Self::MissingMetadata => "missing-metadata",
            Self::NoSet => "no-set",
        }
    }

    /// Whether the policy does not do what it says.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(
            self,
            Self::UnknownFunction
                | Self::ForbiddenFunction
                | Self::BrokenMetadata
                | Self::DuplicateId
                | Self::NoSet
        )
    }
}

/// All that is likely a mistake, in the order of the sources.
#[must_use]
pub fn lint(bundle: &Bundle) -> Vec<Lint> {
    let mut all: Vec<Lint> = bundle
        .metadata
        .iter()
        .filter_map(|fault| {
            Some(Lint {
                code: Code::BrokenMetadata,
                place: fault.place.clone()?,
                message: fault.message.clone(),
            })
        })
        .collect();
    let known: BTreeSet<&str> = rego::functions().into_iter().collect();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (source, module) in bundle.sources.iter().zip(bundle.policy.modules()) {
        let tokens = lex(&source.text);
        let code: Vec<&Token> = tokens
            .iter()
            .filter(|it| it.kind != Kind::Comment)
            .collect();
        calls(&source.text, &code, module, bundle, &known, &mut all);
        imports(&source.text, &code, module, &mut all);
        uses(&source.text, &code, module, &mut used);
    }
    for module in bundle.policy.modules() {
        let mut told = BTreeSet::new();
        for rule in module.rules.iter().filter(|it| it.form == Form::Function) {
            let Some(name) = rule.name.last() else {
                continue;
            };
            if !used.contains(name) && told.insert(name.clone()) {
                all.push(Lint {
                    code: Code::UnusedFunction,
                    place: place(module, rule.line, rule.column),
                    message: format!("nothing calls the function {name}"),
                });
            }
        }
        for rule in &module.rules {
            if let [name] = rule.name.as_slice()
                && Level::of(name).is_some()
                && rule.form == Form::Value
                && !rule.default
                && !gives_list(bundle, module, rule.line)
            {
                all.push(Lint {
                    code: Code::NoSet,
                    place: place(module, rule.line, rule.column),
                    message: format!("{name} gives one value and no set of messages, so nothing ever fails by it; write `{name} contains msg if {{ … }}`"),
                });
            }
        }
    }
    ids(bundle, &mut all);
    missing(bundle, &mut all);
    all.sort_by(|one, other| one.place.cmp(&other.place).then(one.code.cmp(&other.code)));
    all.dedup();
    all
}

fn place(module: &Module, line: u32, column: u32) -> Place {
    Place {
        file: module.file.clone(),
        line,
        column,
    }
}

/// Whether the definition is followed by `:=` or `=` and so may give a list of messages.
fn gives_list(bundle: &Bundle, module: &Module, line: u32) -> bool {
    bundle
        .sources
        .iter()
        .find(|source| source.name == module.file)
        .and_then(|source| {
            let at = usize::try_from(line).ok()?.checked_sub(1)?;
            source.text.lines().nth(at)
        })
        .is_some_and(|line| line.contains('='))
}

/// Calls of functions that there are none of.
fn calls(
    text: &str,
    code: &[&Token],
    module: &Module,
    bundle: &Bundle,
    known: &BTreeSet<&str>,
    all: &mut Vec<Lint>,
) {
    let word = |at: usize| code.get(at).map(|it| it.text(text));
    for (at, token) in code.iter().enumerate() {
        let starts = token.kind == Kind::Word
            && at
                .checked_sub(1)
                .and_then(word)
                .is_none_or(|before| before != ".");
        if !starts {
            continue;
        }
        let mut name = token.text(text).to_owned();
        let first = name.clone();
        let mut end = at.saturating_add(1);
        while word(end) == Some(".") {
            let Some(part) = word(end.saturating_add(1)) else {
                break;
            };
            name.push('.');
            name.push_str(part);
            end = end.saturating_add(2);
        }
        let called = code
            .get(end)
            .is_some_and(|it| it.text(text) == "(" && !it.gap);
        if !called
            || KEYWORDS.contains(&name.as_str())
            || known.contains(name.as_str())
            || name == "set"
        {
            continue;
        }
        let local = module
            .rules
            .iter()
            .any(|rule| crate::outline::joined(&rule.name) == name);
        let elsewhere = bundle.policy.modules().iter().any(|other| {
            other.rules.iter().any(|rule| {
                let full = other.full_name(rule);
                full == name
                    || (other.package == module.package
                        && crate::outline::joined(&rule.name) == name)
            })
        });
        let imported = module.imports.iter().any(|import| import.name == first);
        if local || elsewhere || imported {
            continue;
        }
        let (code, message) = match rego::forbidden(&name) {
            Some(why) => (
                Code::ForbiddenFunction,
                format!("{name} cannot be called: {why}"),
            ),
            None => {
                let near = known
                    .iter()
                    .find(|it| it.rsplit('.').next() == name.rsplit('.').next());
                let hint = near.map_or_else(String::new, |it| format!("; there is {it}"));
                (
                    Code::UnknownFunction,
                    format!("there is no function {name}{hint}"),
                )
            }
        };
        all.push(Lint {
            code,
            place: place(module, token.line, token.column),
            message,
        });
    }
    for (at, token) in code.iter().enumerate() {
        // Those that the engine knows by name and refuses.
        for (parts, name) in [
            (["http", ".", "send"], "http.send"),
            (["opa", ".", "runtime"], "opa.runtime"),
        ] {
            let fits = parts
                .iter()
                .enumerate()
                .all(|(number, part)| word(at.saturating_add(number)) == Some(*part));
            let before = at.checked_sub(1).and_then(word);
            if fits
                && !matches!(before, Some("." | "with" | "as"))
                && word(at.saturating_add(3)) == Some("(")
                && !tests_mock(text, name)
            {
                all.push(Lint {
                    code: Code::ForbiddenFunction,
                    place: place(module, token.line, token.column),
                    message: format!(
                        "{name} cannot be called: {}",
                        rego::forbidden(name).unwrap_or_default()
                    ),
                });
            }
        }
    }
}

/// Whether the same source puts something in the place of a function.
fn tests_mock(text: &str, name: &str) -> bool {
    text.contains(&format!("with {name} as"))
}

fn imports(text: &str, code: &[&Token], module: &Module, all: &mut Vec<Lint>) {
    for import in &module.imports {
        let keyword = matches!(
            import.path.first().map(String::as_str),
            Some("rego" | "future")
        );
        if keyword {
            continue;
        }
        let count = code
            .iter()
            .enumerate()
            .filter(|(at, token)| {
                // Templates hold names, too.
                let names = match token.kind {
                    Kind::Word => token.text(text) == import.name,
                    Kind::Template => token.text(text).contains(&import.name),
                    _ => false,
                };
                let after_dot = at
                    .checked_sub(1)
                    .and_then(|before| code.get(before))
                    .is_some_and(|before| before.text(text) == ".");
                names && !after_dot && token.line != import.line
            })
            .count();
        if count == 0 {
            all.push(Lint {
                code: Code::UnusedImport,
                place: place(module, import.line, 1),
                message: format!("nothing uses the import {}", import.name),
            });
        }
    }
}

/// The names that are called or named anywhere but where they are defined.
fn uses(text: &str, code: &[&Token], module: &Module, used: &mut BTreeSet<String>) {
    for token in code {
        if token.kind == Kind::Template {
            for part in token
                .text(text)
                .split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
            {
                used.insert(part.to_owned());
            }
        }
        if token.kind != Kind::Word {
            continue;
        }
        let defined = module.rules.iter().any(|rule| {
            rule.line == token.line
                && rule.column <= token.column
                && rule
                    .name
                    .last()
                    .is_some_and(|name| name == token.text(text))
                && token.column.saturating_sub(rule.column)
                    <= u32::try_from(crate::outline::joined(&rule.name).len())
                        .unwrap_or(u32::MAX)
                        .saturating_add(8)
        });
        if !defined {
            used.insert(token.text(text).to_owned());
        }
    }
}

/// Ids that two rules have.
fn ids(bundle: &Bundle, all: &mut Vec<Lint>) {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for (module, blocks) in bundle.policy.modules().iter().zip(&bundle.blocks) {
        for block in blocks {
            let Some(id) = block.custom("id").and_then(serde_json::Value::as_str) else {
                continue;
            };
            // Two definitions of one rule may each say it.
            let rule = match block.target {
                crate::metadata::Target::Rule(rule) => module
                    .rules
                    .get(rule)
                    .map(|rule| module.full_name(rule))
                    .unwrap_or_default(),
                crate::metadata::Target::Package => module.package_name(),
            };
            let known = first.entry(id.to_owned()).or_insert_with(|| rule.clone());
            if *known != rule {
                all.push(Lint {
                    code: Code::DuplicateId,
                    place: place(module, block.line, 0),
                    message: format!("the id {id} is that of {known} already"),
                });
            }
        }
    }
}

/// Rules with a meaning that have METADATA, but not what findings show of it.
fn missing(bundle: &Bundle, all: &mut Vec<Lint>) {
    for about in bundle.abouts.values().filter(|it| it.level.is_some()) {
        let mut lacks = Vec::new();
        if about.title.is_none() {
            lacks.push("title");
        }
        if about.id.is_none() {
            lacks.push("custom.id");
        }
        if about.severity.is_none() {
            lacks.push("custom.severity");
        }
        if !lacks.is_empty() {
            all.push(Lint {
                code: Code::MissingMetadata,
                place: Place {
                    file: about.file.clone(),
                    line: about.line,
                    column: 0,
                },
                message: format!("{} has no {} in its METADATA", about.rule, lacks.join(", ")),
            });
        }
    }
}
