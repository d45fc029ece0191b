//! A policy over one input.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Level, Message, excepted_name};
use crate::bundle::Bundle;
use crate::fault::{Fault, What};
use crate::language::Asked;

/// What a policy makes of one input, in one package.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Checked {
    /// How many definitions gave nothing.
    pub successes: u32,
    /// What failed.
    pub failures: Vec<Message>,
    /// What is worth knowing.
    pub warnings: Vec<Message>,
    /// The rules that an `exception` of the policy takes out, whatever they say; a query each, as conftest writes it.
    pub exceptions: Vec<String>,
    /// What the policy printed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prints: Vec<String>,
    /// What built-in functions refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

impl Checked {
    /// How many there are of all.
    #[must_use]
    pub fn tests(&self) -> usize {
        usize::try_from(self.successes)
            .unwrap_or(usize::MAX)
            .saturating_add(self.failures.len())
            .saturating_add(self.warnings.len())
            .saturating_add(self.exceptions.len())
    }

    /// Adds what came of another input or package.
    pub fn add(&mut self, other: Self) {
        self.successes = self.successes.saturating_add(other.successes);
        self.failures.extend(other.failures);
        self.warnings.extend(other.warnings);
        self.exceptions.extend(other.exceptions);
        self.prints.extend(other.prints);
        self.refused.extend(other.refused);
    }
}

/// The packages of a policy that have rules with a meaning, in order.
#[must_use]
pub fn namespaces(bundle: &Bundle) -> Vec<String> {
    let mut all: Vec<String> = bundle
        .policy
        .modules()
        .iter()
        .filter(|module| module.rules.iter().any(|rule| level(rule).is_some()))
        .map(crate::outline::Module::package_name)
        .collect();
    all.sort();
    all.dedup();
    all
}

fn level(rule: &crate::outline::Rule) -> Option<Level> {
    match rule.name.as_slice() {
        [name] => Level::of(name),
        _ => None,
    }
}

/// Holds an input against the rules of one package, with everything else as `asked` has it.
///
/// # Errors
///
/// What ended the evaluation, or a result that is no message.
pub fn check(bundle: &Bundle, namespace: &str, asked: &Asked<'_>) -> Result<Checked, Fault> {
    let mut count = 0_u32;
    // The name of each rule with a meaning, in the order of their first definitions.
    let mut names: Vec<(String, String, Level)> = Vec::new();
    let mut excepts = None;
    for module in bundle.policy.modules() {
        if module.package_name() != namespace {
            continue;
        }
        for rule in &module.rules {
            if let Some(level) = level(rule) {
                count = count.saturating_add(1);
                let full = module.full_name(rule);
                if !names.iter().any(|(known, ..)| *known == full) {
                    let name = rule.name.first().cloned().unwrap_or_default();
                    names.push((full, name, level));
                }
            } else if rule.name.first().is_some_and(|it| it == "exception") {
                excepts = Some(module.full_name(rule));
            }
        }
    }
    let mut rules: Vec<String> = names.iter().map(|(full, ..)| full.clone()).collect();
    rules.extend(excepts.clone());
    let asked = Asked {
        rules: &rules,
        ..asked.clone()
    };
    let evaluation = bundle.policy.evaluate(&asked)?;
    let mut checked = Checked {
        prints: evaluation.prints,
        refused: evaluation.refused,
        ..Checked::default()
    };
    let mut values: BTreeMap<&str, Value> = rules
        .iter()
        .map(String::as_str)
        .zip(evaluation.values)
        .filter_map(|(rule, value)| value.map(|value| (rule, value)))
        .collect();
    let excepted = excepts
        .as_deref()
        .and_then(|rule| values.remove(rule))
        .map(|value| flat(&value))
        .unwrap_or_default();
    for (full, name, level) in &names {
        let taken = excepted
            .iter()
            .filter(|it| *it == excepted_name(name))
            .count();
        for _ in 0..taken {
            checked.exceptions.push(format!(
                "data.{namespace}.exception[_][_] == \"{}\"",
                excepted_name(name)
            ));
        }
        let Some(Value::Array(items)) = values.remove(full.as_str()) else {
            continue;
        };
        let Some(about) = bundle.abouts.get(full) else {
            continue;
        };
        for item in items {
            let message = Message::of(about, *level, item).map_err(|words| {
                Fault::new(What::Evaluation, words).at(&about.file, about.line, 0)
            })?;
            if taken > 0 {
                continue;
            }
            if level.fails() {
                checked.failures.push(message);
            } else {
                checked.warnings.push(message);
            }
        }
    }
    let results = u32::try_from(
        checked
            .failures
            .len()
            .saturating_add(checked.warnings.len())
            .saturating_add(checked.exceptions.len()),
    )
    .unwrap_or(u32::MAX);
    checked.successes = count.saturating_sub(results);
    Ok(checked)
}

/// The names in a set of lists of names.
fn flat(value: &Value) -> Vec<String> {
    let inner = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(items) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Value::Object(entries) => entries
                .values()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    };
    match value {
        Value::Array(items) => items.iter().flat_map(inner).collect(),
        Value::Object(entries) => entries.values().flat_map(inner).collect(),
        _ => Vec::new(),
    }
}
