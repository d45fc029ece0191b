//! Blocks out of comments.

use serde_json::{Map, Value, json};
use stance_core::{AssetKind, Severity};
use stance_read::limits::Limits as Reading;
use stance_read::tree::{self, Node, Notation, Tree};

use super::block::{Block, Scope, Target};
use crate::fault::{Fault, What};
use crate::lexer::{Kind, Token};
use crate::limits::Limits;
use crate::outline::Module;
use crate::source::Source;

/// The largest block, in bytes.
const LARGEST: usize = 64 << 10;

/// The deepest YAML of a block.
const DEEPEST: u16 = 32;

/// The fields that OPA knows.
const FIELDS: &[&str] = &[
    "authors",
    "compile",
    "custom",
    "description",
    "entrypoint",
    "organizations",
    "related_resources",
    "schemas",
    "scope",
    "title",
];

/// All blocks of a source, in order, and what is wrong with those that could not be read.
#[must_use]
pub fn read(
    source: &Source,
    tokens: &[Token],
    module: &Module,
    limits: &Limits,
) -> (Vec<Block>, Vec<Fault>) {
    let (mut blocks, mut faults) = (Vec::new(), Vec::new());
    let text = &source.text;
    let _ = limits;
    let mut at = 0;
    while let Some(first) = tokens.get(at) {
        at = at.saturating_add(1);
        if first.kind != Kind::Comment || !begins(first.text(text)) {
            continue;
        }
        // What follows line by line in the same column belongs to it.
        let mut yaml = String::new();
        let mut line = first.line;
        while let Some(comment) = tokens.get(at) {
            if comment.kind != Kind::Comment || comment.line != line.saturating_add(1) {
                break;
            }
            yaml.push_str(comment.text(text).get(1..).unwrap_or_default());
            yaml.push('\n');
            line = comment.line;
            at = at.saturating_add(1);
        }
        let next = tokens
            .get(at..)
            .unwrap_or_default()
            .iter()
            .find(|token| token.kind != Kind::Comment);
        match block(first, &yaml, next, module) {
            Ok(block) => {
                for (line, message) in unclear(&block, &yaml, first) {
                    faults.push(Fault::new(What::Metadata, message).at(&source.name, line, 0));
                }
                blocks.push(block);
            }
            Err((line, message)) => {
                faults.push(Fault::new(What::Metadata, message).at(&source.name, line, 0));
            }
        }
    }
    (blocks, faults)
}

fn begins(comment: &str) -> bool {
    comment.trim_start_matches('#').trim() == "METADATA" && !comment.starts_with("##")
}

/// The line of the source that a byte of the YAML stands in.
fn line_of(first: &Token, yaml: &str, offset: usize) -> u32 {
    let lines = yaml
        .get(..offset.min(yaml.len()))
        .unwrap_or(yaml)
        .matches('\n')
        .count();
    first
        .line
        .saturating_add(1)
        .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX))
}

fn block(
    first: &Token,
    yaml: &str,
    next: Option<&Token>,
    module: &Module,
) -> Result<Block, (u32, String)> {
    if yaml.len() > LARGEST {
        return Err((
            first.line,
            format!("the METADATA block has more than {LARGEST} bytes"),
        ));
    }
    let limits = Reading {
        tree_depth: DEEPEST,
        tree_nodes: 10_000,
        ..Reading::default()
    };
    let tree = Tree::parse(Notation::Yaml, yaml, &limits);
    if let Some(error) = tree.errors.first() {
        return Err((
            line_of(first, yaml, error.offset),
            format!("the METADATA block is no YAML: {}", error.message),
        ));
    }
    let Some(root) = tree.root().filter(|root| root.is_object()) else {
        return Err((
            first.line,
            "the METADATA block says nothing; it needs entries such as `title: …`".to_owned(),
        ));
    };
    let mut annotations = Map::new();
    for entry in root.entries() {
        let line = line_of(first, yaml, entry.key_span.start);
        let value = json_of(&entry.value);
        if entry.shadowed {
            return Err((line, format!("`{}` is given twice", entry.key)));
        }
        let value = match (&*entry.key, &value) {
            ("title" | "description" | "scope", Value::String(_))
            | ("entrypoint", Value::Bool(_))
            | ("custom" | "compile", Value::Object(_))
            | ("organizations" | "schemas", Value::Array(_)) => value,
            ("authors", Value::Array(all)) => all.iter().map(author).collect(),
            ("related_resources", Value::Array(all)) => all.iter().map(resource).collect(),
            (key, _) if FIELDS.contains(&key) => {
                return Err((line, format!("`{key}` has the wrong type")));
            }
            (key, _) => {
                return Err((
                    line,
                    format!(
                        "METADATA has no `{key}`; it has {}, and what is your own goes under `custom`",
                        FIELDS.join(", ")
                    ),
                ));
            }
        };
        annotations.insert(entry.key.to_string(), value);
    }
    // Before a rule it is about the rule, before the package about the package.
    let rule = next.and_then(|next| {
        module
            .rules
            .iter()
            .position(|rule| (rule.line, rule.column) == (next.line, next.column))
    });
    let package = next.is_some_and(|next| next.line == module.line);
    let scope = match annotations.get("scope").and_then(Value::as_str) {
        None if rule.is_some() => Scope::Rule,
        None if package => Scope::Package,
        None => {
            return Err((
                first.line,
                "the METADATA block stands before no rule and no package".to_owned(),
            ));
        }
        Some("rule") => Scope::Rule,
        Some("document") => Scope::Document,
        Some("package") => Scope::Package,
        Some("subpackages") => Scope::Subpackages,
        Some(other) => {
            return Err((
                first.line,
                format!(
                    "there is no scope `{other}`; there are rule, document, package and subpackages"
                ),
            ));
        }
    };
    let target = match (scope, rule) {
        (Scope::Rule | Scope::Document, Some(rule)) => Target::Rule(rule),
        (Scope::Package | Scope::Subpackages, _) if package => Target::Package,
        _ => {
            return Err((
                first.line,
                "the scope of the METADATA block does not fit what it stands before".to_owned(),
            ));
        }
    };
    let name = match scope {
        Scope::Rule => "rule",
        Scope::Document => "document",
        Scope::Package => "package",
        Scope::Subpackages => "subpackages",
    };
    annotations.insert("scope".to_owned(), name.into());
    Ok(Block {
        scope,
        target,
        line: first.line,
        annotations,
    })
}

/// What the fields of `custom` say that means nothing.
fn unclear(block: &Block, yaml: &str, first: &Token) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    let line = |key: &str| {
        yaml.lines()
            .position(|line| line.trim_start().starts_with(&format!("{key}:")))
            .map_or(first.line, |at| {
                first
                    .line
                    .saturating_add(1)
                    .saturating_add(u32::try_from(at).unwrap_or(0))
            })
    };
    if let Some(severity) = block.custom("severity") {
        let known = severity
            .as_str()
            .is_some_and(|it| it.to_ascii_lowercase().parse::<Severity>().is_ok());
        if !known {
            all.push((
                line("severity"),
                format!("there is no severity {severity}; there are info, low, medium, high and critical"),
            ));
        }
    }
    for kind in block
        .custom("asset_kinds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if kind
            .as_str()
            .is_none_or(|it| it.parse::<AssetKind>().is_err())
        {
            all.push((
                line("asset_kinds"),
                format!("there is no kind of asset {kind}"),
            ));
        }
    }
    for (key, fits) in [
        ("id", Value::is_string as fn(&Value) -> bool),
        ("remediation", Value::is_string),
        ("asset_kinds", Value::is_array),
        ("frameworks", |it: &Value| it.is_array() || it.is_object()),
    ] {
        if block.custom(key).is_some_and(|it| !fits(it)) {
            all.push((line(key), format!("`custom.{key}` has the wrong type")));
        }
    }
    all
}

/// `Name <mail>` or an object.
fn author(value: &Value) -> Value {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    let mut parts = text.trim().rsplitn(2, char::is_whitespace);
    let last = parts.next().unwrap_or_default();
    match last.strip_prefix('<').and_then(|it| it.strip_suffix('>')) {
        Some(mail) => {
            let name = parts.next().unwrap_or_default().trim();
            if name.is_empty() {
                json!({"email": mail})
            } else {
                json!({"email": mail, "name": name})
            }
        }
        None => json!({"name": text}),
    }
}

fn resource(value: &Value) -> Value {
    value
        .as_str()
        .map_or_else(|| value.clone(), |address| json!({"ref": address}))
}

/// A node as JSON; the tree is bounded, so this is.
pub(crate) fn json_of(node: &Node) -> Value {
    match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::Bool(value) => (*value).into(),
        tree::Value::String(text) => (&**text).into(),
        tree::Value::Number(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(&**text))
        }
        tree::Value::Array(items) => items.iter().map(json_of).collect(),
        tree::Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|entry| !entry.shadowed)
                .map(|entry| (entry.key.to_string(), json_of(&entry.value)))
                .collect(),
        ),
    }
}
