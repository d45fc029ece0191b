//! Parts of bills as values: by what they are the same, how two become one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::REFERENCES;

pub(super) fn push_properties(part: &mut Value, more: impl Iterator<Item = Value>) {
    let Some(members) = part.as_object_mut() else {
        return;
    };
    let all = members.entry("properties").or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut() {
        for one in more {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
}

/// What a part is, so that the same thing in two bills is one: its package URL with version, its digest, or its
/// canonical reference; a name that only means something inside of one bill is that of its subject.
pub(super) fn key(part: &Value, subject: &str) -> String {
    let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    let class = text("type");
    if !text("purl").is_empty() {
        return format!("{class}|{}|{}", text("purl"), text("version"));
    }
    let digest = part
        .get("hashes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find_map(|hash| {
            let is_sha = hash.get("alg").and_then(Value::as_str) == Some("SHA-256");
            is_sha
                .then(|| hash.get("content").and_then(Value::as_str))
                .flatten()
        });
    if let Some(digest) = digest {
        return format!(
            "{class}|{}|sha256:{}",
            text("name"),
            digest.to_ascii_lowercase()
        );
    }
    let properties = part.get("properties").and_then(Value::as_array);
    let ours = properties
        .into_iter()
        .flatten()
        .any(|one| one.get("name").and_then(Value::as_str) == Some("stance:kind"));
    let reference = text("bom-ref");
    if ours {
        let local = reference.contains(":file/") || reference.contains('#');
        let scope = if local { subject } else { "" };
        return format!("{reference}|{}|{scope}", text("version"));
    }
    format!(
        "{class}|{}|{}|{}",
        text("group"),
        text("name"),
        text("version")
    )
}

/// A name that no part has yet.
pub(super) fn free(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1_u64;
    while !taken.insert(name.clone()) {
        number = number.saturating_add(1);
        name = format!("{wanted}~{number}");
    }
    name
}

pub(super) fn take(document: &mut Value, name: &str) -> Vec<Value> {
    match document.get_mut(name).map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// References of what stands inside of a part.
pub(super) fn inner_references(part: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let mut open: Vec<&Value> = match part {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "bom-ref")
            .map(|(_, value)| value)
            .collect(),
        _ => Vec::new(),
    };
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                all.extend(
                    members
                        .get("bom-ref")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    all
}

/// Puts the new names of parts wherever something refers to them.
pub(super) fn rename(value: &mut Value, renamed: &BTreeMap<String, String>, refers: bool) {
    match value {
        Value::String(text) if refers => {
            if let Some(new) = renamed.get(text) {
                text.clone_from(new);
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| rename(item, renamed, refers)),
        Value::Object(members) => {
            let relation = members
                .get("name")
                .and_then(Value::as_str)
                .is_some_and(|name| name.starts_with("stance:relation:"));
            for (name, member) in members.iter_mut() {
                let refers = REFERENCES.contains(&&**name) || (relation && name == "value");
                rename(member, renamed, refers);
            }
        }
        _ => {}
    }
}

/// Adds to `known` what only `other` says. Where both say something, the first one stays, and the other is noted.
pub(super) fn unite(known: &mut Value, other: Value, conflicts: &mut Vec<String>, at: &str) {
    match (known, other) {
        (Value::Object(known), Value::Object(other)) => {
            for (name, value) in other {
                match known.get_mut(&name) {
                    Some(there) => {
                        let at = if at.is_empty() {
                            name
                        } else {
                            format!("{at}.{name}")
                        };
                        unite(there, value, conflicts, &at);
                    }
                    None => {
                        known.insert(name, value);
                    }
                }
            }
        }
        (Value::Array(known), Value::Array(other)) => {
            for value in other {
                if !known.contains(&value) {
                    known.push(value);
                }
            }
        }
        (known, other) => {
            if *known != other {
                let shown: String = other.to_string().chars().take(120).collect();
                conflicts.push(format!("{at}: {shown}"));
            }
        }
    }
}

/// The tools of a bill as components, whichever form its edition gives them.
pub(super) fn tools(metadata: &Value) -> Vec<Value> {
    let Some(tools) = metadata.get("tools") else {
        return Vec::new();
    };
    let Some(old) = tools.as_array() else {
        let all = tools
            .get("components")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        return all;
    };
    old.iter()
        .map(|tool| {
            let mut component = Map::new();
            component.insert("type".to_owned(), "application".into());
            for (name, new) in [
                ("vendor", "publisher"),
                ("name", "name"),
                ("version", "version"),
                ("hashes", "hashes"),
            ] {
                if let Some(value) = tool.get(name) {
                    component.insert(new.to_owned(), value.clone());
                }
            }
            component.entry("name").or_insert_with(|| "unknown".into());
            Value::Object(component)
        })
        .collect()
}
