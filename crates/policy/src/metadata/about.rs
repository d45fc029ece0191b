//! What is said about a rule, by all blocks that are about it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use stance_core::Severity;

use super::block::{Block, Scope, Target};
use crate::conventions::Level;
use crate::outline::Module;

/// What is said about a rule. The nearest block counts: its own, that of the document, of the package, of packages above.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct About {
    /// The full name, `data.package.rule`.
    pub rule: String,
    /// What a value of it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The file of its first definition.
    pub file: String,
    /// The line of its first definition.
    pub line: u32,
    /// How many definitions it has.
    pub definitions: u32,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its id, `custom.id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How bad it is, `custom.severity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The controls it speaks for, `custom.frameworks`, each as `framework:control`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<String>,
    /// The kinds of assets it is about, `custom.asset_kinds`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asset_kinds: Vec<String>,
    /// What to do, `custom.remediation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
}

/// What is said about every rule of some modules, by full name. Each module comes with its blocks.
#[must_use]
pub fn abouts(modules: &[(&Module, &[Block])]) -> BTreeMap<String, About> {
    let mut all: BTreeMap<String, About> = BTreeMap::new();
    for (module, blocks) in modules {
        for (number, rule) in module.rules.iter().enumerate() {
            let name = module.full_name(rule);
            let about = all.entry(name.clone()).or_insert_with(|| About {
                rule: name,
                level: rule
                    .name
                    .first()
                    .filter(|_| rule.name.len() == 1)
                    .and_then(|it| Level::of(it)),
                file: module.file.clone(),
                line: rule.line,
                definitions: 0,
                title: None,
                description: None,
                id: None,
                severity: None,
                frameworks: Vec::new(),
                asset_kinds: Vec::new(),
                remediation: None,
            });
            about.definitions = about.definitions.saturating_add(1);
            for block in blocks.iter().filter(|it| it.target == Target::Rule(number)) {
                about.add(block);
            }
        }
    }
    // Those of packages come last, the nearest first.
    for (module, blocks) in modules {
        for block in blocks.iter().filter(|it| it.scope == Scope::Package) {
            for about in all
                .values_mut()
                .filter(|it| within(&it.rule, module, false))
            {
                about.add_outer(block);
            }
        }
    }
    let mut outer: Vec<(&Module, &Block)> = modules
        .iter()
        .flat_map(|(module, blocks)| blocks.iter().map(move |block| (*module, block)))
        .filter(|(_, block)| block.scope == Scope::Subpackages)
        .collect();
    outer.sort_by_key(|(module, _)| std::cmp::Reverse(module.package.len()));
    for (module, block) in outer {
        for about in all.values_mut().filter(|it| within(&it.rule, module, true)) {
            about.add_outer(block);
        }
    }
    all
}

/// Whether a rule is in the package of a module, or also in one below.
fn within(rule: &str, module: &Module, below: bool) -> bool {
    let Some(rest) = rule.strip_prefix(&format!("data.{}.", module.package_name())) else {
        return false;
    };
    below || !rest.contains('.')
}

impl About {
    fn add(&mut self, block: &Block) {
        if self.title.is_none() {
            self.title = block.text("title").map(str::to_owned);
        }
        if self.description.is_none() {
            self.description = block.text("description").map(str::to_owned);
        }
        if self.id.is_none() {
            self.id = block
                .custom("id")
                .and_then(Value::as_str)
                .map(str::to_owned);
        }
        self.add_outer(block);
    }

    /// What a package says about all of its rules; its title is its own.
    fn add_outer(&mut self, block: &Block) {
        if self.severity.is_none() {
            self.severity = block
                .custom("severity")
                .and_then(Value::as_str)
                .and_then(|it| it.to_ascii_lowercase().parse().ok());
        }
        if self.frameworks.is_empty() {
            self.frameworks = controls(block.custom("frameworks"));
        }
        if self.asset_kinds.is_empty() {
            self.asset_kinds = strings(block.custom("asset_kinds"));
        }
        if self.remediation.is_none() {
            self.remediation = block
                .custom("remediation")
                .and_then(Value::as_str)
                .map(|it| it.trim().to_owned());
        }
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// A list of `framework:control`, or an object from frameworks to lists of controls.
fn controls(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Object(frameworks)) => frameworks
            .iter()
            .flat_map(|(framework, controls)| {
                let one = controls.as_str().map(|it| vec![it.to_owned()]);
                one.unwrap_or_else(|| strings(Some(controls)))
                    .into_iter()
                    .map(move |control| format!("{framework}:{control}"))
            })
            .collect(),
        other => strings(other),
    }
}
