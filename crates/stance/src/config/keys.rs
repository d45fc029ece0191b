//! Unknown keys are errors that name the nearest known key.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// A key that the schema does not know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownKey {
    /// The whole path, `scan.exlude`.
    pub(super) path: String,
    /// The bytes of the key.
    pub(super) span: Range<usize>,
    /// The nearest key that is known at that place.
    pub(super) nearest: Option<String>,
}

/// Holds a table against the JSON Schema of the configuration.
pub(super) fn unknown_keys(table: &DeTable<'_>, schema: &Value) -> Vec<UnknownKey> {
    let mut unknown = Vec::new();
    check(table, schema, schema, "", &mut unknown);
    unknown
}

fn check(
    table: &DeTable<'_>,
    root: &Value,
    schema: &Value,
    path: &str,
    unknown: &mut Vec<UnknownKey>,
) {
    let schema = resolve(root, schema);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        // A map with free keys, such as severities by rule.
        return;
    };
    for (key, value) in table {
        let name: &str = key.get_ref();
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        match properties.get(name) {
            Some(property) => descend(value.get_ref(), root, property, &path, unknown),
            None => unknown.push(UnknownKey {
                nearest: nearest(name, properties),
                path,
                span: key.span(),
            }),
        }
    }
}

fn descend(
    value: &DeValue<'_>,
    root: &Value,
    schema: &Value,
    path: &str,
    unknown: &mut Vec<UnknownKey>,
) {
    match value {
        DeValue::Table(table) => check(table, root, schema, path, unknown),
        DeValue::Array(array) => {
            let schema = resolve(root, schema);
            if let Some(items) = schema.get("items") {
                for item in array {
                    descend(item.get_ref(), root, items, path, unknown);
                }
            }
        }
        _ => {}
    }
}

/// Follows a reference into the definitions.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| root.pointer(reference.strip_prefix('#')?))
        .unwrap_or(schema)
}

fn nearest(name: &str, known: &Map<String, Value>) -> Option<String> {
    known
        .keys()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone())
}
