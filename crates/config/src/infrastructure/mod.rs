//! Infrastructure as code: which AI services a template makes, and which models they serve.

mod adapters;
mod allowed;
mod blocks;
mod cloud;
mod kubernetes;
mod linked;
mod resources;
mod roles;
mod scope;
mod templates;
mod terraform_json;
mod told;
mod values;

use stance_core::asset::{AssetKind, How};
use stance_core::fact::GapReason;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Value};

use crate::draft::Draft;
use blocks::{Blocks, Statement};
use cloud::{Declared, MOST};
use linked::Left;
use scope::Scope;

pub(crate) use kubernetes::KUBERNETES;
pub(crate) use templates::{ARM, CLOUDFORMATION, DEPLOYMENTS, PULUMI};
pub(crate) use terraform_json::TERRAFORM_JSON;
pub(crate) use values::VALUES;

/// The parser of Terraform, OpenTofu and Bicep.
pub(crate) static INSPECTOR: Infrastructure = Infrastructure;

pub(crate) struct Infrastructure;

impl Inspector for Infrastructure {
    fn name(&self) -> &'static str {
        "infrastructure"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(
            input.extension(),
            "tf" | "tofu" | "tfvars" | "hcl" | "bicep" | "bicepparam"
        ) && input.is_text()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let blocks = blocks::parse(text.as_str(), &input.options().limits);
        let page = Page::new(input.path(), &text, Vec::new());
        let bicep = matches!(input.extension(), "bicep" | "bicepparam");
        match bicep {
            true => read_bicep(&blocks, &page, facts),
            false => read_terraform(&blocks, &page, facts),
        }
        if let Some((at, why)) = blocks.limit {
            let detail = format!("{}: {why}", if bicep { "Bicep" } else { "HCL" });
            facts.gap(
                GapReason::Limit,
                detail,
                page.evidence(at..at.saturating_add(1)),
            );
        }
    }
}

/// A deployment of Azure by its name.
pub(crate) fn azure_deployment(name: &str) -> Draft {
    Draft::new(
        AssetKind::Endpoint,
        format!("azure/deployment/{name}"),
        name,
    )
    .relation(RelationKind::Calls)
    .vendor(Some("azure"))
    .role("deployment")
}

fn words(statement: &Statement) -> Vec<&str> {
    statement
        .words
        .iter()
        .map(|(word, _)| word.as_str())
        .collect()
}

fn read_terraform(blocks: &Blocks, page: &Page<'_>, facts: &mut Facts<'_>) {
    let mut scope = Scope::default();
    let mut left = Left::new();
    for statement in &blocks.statements {
        match words(statement).as_slice() {
            ["variable", name] => {
                let default = statement.value.get("default");
                scope.parameter(name, default);
                if let Some((node, text)) = default.and_then(|node| Some((node, node.as_str()?))) {
                    left.name(name, text, node.span.clone(), page);
                }
            }
            ["locals"] => {
                for entry in statement.value.entries() {
                    scope.constant(&entry.key, &entry.value);
                }
            }
            // A file of values.
            [name] => {
                if let Some(text) = statement.value.as_str() {
                    left.name(name, text, statement.value.span.clone(), page);
                }
            }
            _ => {}
        }
    }
    for statement in blocks.statements.iter().take(MOST.saturating_mul(10)) {
        match words(statement).as_slice() {
            ["resource" | "data", kind, label] => {
                let place = statement
                    .words
                    .get(1)
                    .map_or(0..0, |(_, span)| span.clone());
                let properties = &statement.value;
                let made = words(statement).first() == Some(&"resource");
                let one = Declared {
                    kind,
                    label,
                    place,
                    properties,
                };
                if !(made && cloud::add(&one, &scope, &mut left, page, facts)) {
                    environments(&statement.value, page, facts);
                }
            }
            ["variable", name] => {
                if let Some(default) = statement.value.get("default") {
                    let named = cloud::named_models(name, default, How::Default, page, facts);
                    if !named {
                        cloud::deployments_below(default, &scope, &mut left, page, facts);
                        environments(default, page, facts);
                    }
                }
            }
            ["module", ..] | ["locals"] => {
                cloud::deployments_below(&statement.value, &scope, &mut left, page, facts);
                environments(&statement.value, page, facts);
            }
            // A file of values.
            [name] => {
                cloud::named_models(name, &statement.value, How::Configuration, page, facts);
            }
            _ => {}
        }
        match words(statement).as_slice() {
            ["module", label] => told::add(label, &statement.value, true, page, facts),
            ["resource", _, label] => told::add(label, &statement.value, false, page, facts),
            _ => {}
        }
        cloud::roles(&statement.value, page, facts);
    }
    roles::add(&blocks.statements, page, facts);
    left.leave(page, facts);
}

/// Entries anywhere below whose names say that a model stands there.
fn environments(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    crate::handed::below(root, page, facts);
    let mut left = MOST;
    root.strings(&mut |entry, node, _| {
        if let Some(entry) = entry
            && left > 0
            && cloud::named_models(&entry.key, node, How::Configuration, page, facts)
        {
            left = left.saturating_sub(1);
        }
    });
}

fn read_bicep(blocks: &Blocks, page: &Page<'_>, facts: &mut Facts<'_>) {
    let mut scope = Scope::default();
    let mut left = Left::new();
    let values = page.path.ends_with(".bicepparam");
    for statement in &blocks.statements {
        let value = &statement.value;
        match words(statement).as_slice() {
            ["param", name, ..] => {
                scope.parameter(name, Some(value).filter(|value| !value.is_null()));
                if let Some(text) = value.as_str().filter(|_| values) {
                    let text = environment_default(text).unwrap_or(text);
                    left.name(name, text, value.span.clone(), page);
                }
            }
            ["var", name, ..] => scope.constant(name, value),
            _ => {}
        }
    }
    for statement in blocks.statements.iter().take(MOST.saturating_mul(10)) {
        let value = &statement.value;
        let words_of = words(statement);
        match words_of.as_slice() {
            ["resource", label, kind, rest @ ..] if !rest.contains(&"existing") => {
                let place = statement
                    .words
                    .get(2)
                    .map_or(0..0, |(_, span)| span.clone());
                resource(label, kind, place, value, (&scope, &mut left), page, facts);
            }
            ["module", label, source, ..] => {
                let one = Declared {
                    kind: source,
                    label,
                    place: statement
                        .words
                        .get(2)
                        .map_or(0..0, |(_, span)| span.clone()),
                    properties: value.get("params").unwrap_or(value),
                };
                cloud::add(&one, &scope, &mut left, page, facts);
                cloud::deployments_below(value, &scope, &mut left, page, facts);
                environments(value, page, facts);
            }
            ["param" | "var", name, ..] => {
                let how = if words_of.first() == Some(&"param") {
                    How::Default
                } else {
                    How::Constant
                };
                if !cloud::named_models(name, value, how, page, facts)
                    && cloud::deployments_below(value, &scope, &mut left, page, facts) == 0
                    && (value.is_object() || value.is_array())
                {
                    environments(value, page, facts);
                }
            }
            _ => {}
        }
        cloud::roles(value, page, facts);
    }
    left.leave(page, facts);
}

/// What `readEnvironmentVariable('NAME', 'default')` gives when nothing is set.
fn environment_default(text: &str) -> Option<&str> {
    let arguments = text.strip_prefix("${readEnvironmentVariable(")?;
    let (_, default) = arguments.trim_end_matches([')', '}']).split_once(',')?;
    Some(default.trim().trim_matches('\''))
}

/// A resource, and those that stand inside it.
fn resource(
    label: &str,
    kind: &str,
    place: std::ops::Range<usize>,
    value: &Node,
    (scope, left): (&Scope<'_>, &mut Left),
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    // A resource in a loop is one of many alike.
    let body = match &value.value {
        Value::Array(items) => items.first().unwrap_or(value),
        _ => value,
    };
    let one = Declared {
        kind,
        label,
        place,
        properties: body,
    };
    if !cloud::add(&one, scope, left, page, facts) {
        environments(body, page, facts);
    }
    let outer = kind.split('@').next().unwrap_or_default();
    for entry in body.entries() {
        let mut words = entry.key.split(' ');
        if let (Some("resource"), Some(label), Some(inner)) =
            (words.next(), words.next(), words.next())
        {
            let kind = format!("{outer}/{}", inner.split('@').next().unwrap_or_default());
            let body = match &entry.value.value {
                Value::Array(items) => items.first().unwrap_or(&entry.value),
                _ => &entry.value,
            };
            let one = Declared {
                kind: &kind,
                label,
                place: entry.key_span.clone(),
                properties: body,
            };
            cloud::add(&one, scope, left, page, facts);
        }
    }
}

#[cfg(test)]
mod tests;
