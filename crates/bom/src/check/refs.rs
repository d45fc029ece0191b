//! References that lead nowhere or to two things, which no schema can tell.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::read::{Document, Form};
use crate::schema::Violation;

const MOST: usize = 50;

/// Every bom-ref that is there twice, and every dependency on something that is not there.
pub(super) fn warnings(document: &Document) -> Vec<Violation> {
    if !matches!(document.form, Form::CycloneDx(_)) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    let mut open: Vec<(String, &Value)> = vec![(String::new(), &document.value)];
    while let Some((at, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("bom-ref").and_then(Value::as_str)
                    && let Some(first) = seen.insert(reference, at.clone())
                    && warnings.len() < MOST
                {
                    let message = format!("the bom-ref {reference:?} is also that of {first}");
                    warnings.push(Violation {
                        at: at.clone(),
                        message,
                    });
                }
                open.extend(
                    members
                        .iter()
                        .map(|(name, value)| (format!("{at}/{name}"), value)),
                );
            }
            Value::Array(items) => {
                open.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(index, value)| (format!("{at}/{index}"), value)),
                );
            }
            _ => {}
        }
    }
    let known: BTreeSet<&str> = seen.into_keys().collect();
    let dependencies = document.value.get("dependencies").and_then(Value::as_array);
    for (at, dependency) in dependencies.into_iter().flatten().enumerate() {
        let needs = ["dependsOn", "provides"]
            .into_iter()
            .filter_map(|name| dependency.get(name)?.as_array())
            .flatten();
        for reference in dependency
            .get("ref")
            .into_iter()
            .chain(needs)
            .filter_map(Value::as_str)
        {
            // A link into another document is whole by itself.
            if !known.contains(reference)
                && !reference.starts_with("urn:cdx:")
                && warnings.len() < MOST
            {
                warnings.push(Violation {
                    at: format!("/dependencies/{at}"),
                    message: format!("{reference:?} is not in the document"),
                });
            }
        }
    }
    warnings.sort();
    warnings
}
