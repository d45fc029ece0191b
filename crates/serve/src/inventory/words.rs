//! Facts and relations in words.

use serde_json::Value;
use stance_core::RelationKind;
use stance_store::Direction;

/// What an asset does to another, or what is done to it: `calls`, `called by`.
pub(crate) const fn verb(kind: RelationKind, direction: Direction) -> &'static str {
    match (kind, direction) {
        (RelationKind::Contains, Direction::Out) => "contains",
        (RelationKind::Contains, Direction::In) => "part of",
        (RelationKind::DependsOn, Direction::Out) => "depends on",
        (RelationKind::DependsOn, Direction::In) => "needed by",
        (RelationKind::Calls, Direction::Out) => "calls",
        (RelationKind::Calls, Direction::In) => "called by",
        (RelationKind::LoadsArtifactFrom, Direction::Out) => "loads",
        (RelationKind::LoadsArtifactFrom, Direction::In) => "loaded by",
        (RelationKind::Configures, Direction::Out) => "may connect to",
        (RelationKind::Configures, Direction::In) => "configured by",
        (RelationKind::Exposes, Direction::Out) => "exposes",
        (RelationKind::Exposes, Direction::In) => "exposed by",
        (RelationKind::Serves, Direction::Out) => "serves",
        (RelationKind::Serves, Direction::In) => "served by",
        (RelationKind::HoldsSecret, Direction::Out) => "holds",
        (RelationKind::HoldsSecret, Direction::In) => "held by",
        (RelationKind::RunsAs, Direction::Out) => "runs as",
        (RelationKind::RunsAs, Direction::In) => "used by",
        (RelationKind::Reads, Direction::Out) => "reads",
        (RelationKind::Reads, Direction::In) => "read by",
        (RelationKind::Writes, Direction::Out) => "writes",
        (RelationKind::Writes, Direction::In) => "written by",
        (RelationKind::TrainedOn, Direction::Out) => "trained on",
        (RelationKind::TrainedOn, Direction::In) => "trained",
        (RelationKind::FineTunedFrom, Direction::Out) => "fine-tuned from",
        (RelationKind::FineTunedFrom, Direction::In) => "base of",
        (RelationKind::ProvidedBy, Direction::Out) => "provided by",
        (RelationKind::ProvidedBy, Direction::In) => "provides",
        (RelationKind::DelegatesTo, Direction::Out) => "hands over to",
        (RelationKind::DelegatesTo, Direction::In) => "gets work from",
    }
}

/// Whether a relation says who can reach an asset, or what it may do once reached.
pub(crate) const fn is_reach(kind: RelationKind, direction: Direction) -> bool {
    match direction {
        Direction::In => matches!(
            kind,
            RelationKind::Calls
                | RelationKind::LoadsArtifactFrom
                | RelationKind::Configures
                | RelationKind::Exposes
                | RelationKind::Serves
                | RelationKind::Reads
                | RelationKind::Writes
                | RelationKind::HoldsSecret
                | RelationKind::RunsAs
                | RelationKind::DelegatesTo
        ),
        Direction::Out => matches!(
            kind,
            RelationKind::RunsAs | RelationKind::HoldsSecret | RelationKind::Exposes
        ),
    }
}

/// How an asset is known, in a clause.
pub(crate) fn how(name: &str) -> &'static str {
    match name {
        "observed" => "looked at itself",
        "literal" => "named where it is used",
        "constant" => "named by a constant",
        "configuration" => "declared in configuration",
        "default" => "a default that can be set from outside",
        "import" => "implied by an import",
        _ => "named by something that could not be resolved",
    }
}

/// Most items of a list that a page shows.
const MOST_ITEMS: usize = 12;

/// Longest text of a value.
const LONGEST: usize = 240;

/// A value in words: yes and no, figures with separators, sizes with units, lists by their items.
pub(crate) fn value(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => match number.as_u64() {
            Some(size) if name == "size" || name.ends_with("_bytes") => crate::format::bytes(size),
            Some(count) if !name.contains("port") && !name.contains("year") => {
                crate::format::count(count)
            }
            _ => number.to_string(),
        },
        // Enough to see that it is another one.
        Value::String(text) if stance_core::drift::is_digest(name) => {
            text.chars().take(12).collect()
        }
        Value::String(text) => crate::format::shorten(text, LONGEST),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let mut shown: Vec<String> = items.iter().take(MOST_ITEMS).map(inner).collect();
            if items.len() > MOST_ITEMS {
                shown.push(format!("{} more", items.len() - MOST_ITEMS));
            }
            crate::format::shorten(shown.join(", "), 2 * LONGEST)
        }
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Object(fields) => {
            let mut shown: Vec<String> = fields
                .iter()
                .take(MOST_ITEMS)
                .map(|(name, field)| format!("{}: {}", crate::format::title(name), inner(field)))
                .collect();
            if fields.len() > MOST_ITEMS {
                shown.push(format!("{} more", fields.len() - MOST_ITEMS));
            }
            crate::format::shorten(shown.join(", "), 2 * LONGEST)
        }
    }
}

/// A value inside another one.
fn inner(value: &Value) -> String {
    match value {
        Value::String(text) => crate::format::shorten(text, 80),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => crate::format::shorten(other, 80),
    }
}

/// The name of an attribute as people read it: `max_tokens` becomes `Max tokens`.
pub(crate) fn label(name: &str) -> String {
    let title = crate::format::shorten(crate::format::title(name), 60);
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "(no name)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_told_in_words() {
        assert_eq!(value("tls", &json!(false)), "no");
        assert_eq!(value("parameters", &json!(7_000_000)), "7,000,000");
        assert_eq!(value("port", &json!(8080)), "8080");
        assert_eq!(value("tools", &json!(["a", "b"])), "a, b");
        assert_eq!(
            value("env", &json!({ "log_level": "debug" })),
            "log level: debug"
        );
        let many: Vec<u32> = (0..500).collect();
        assert!(value("ids", &json!(many)).ends_with("488 more"));
        assert!(value("x", &json!("y".repeat(9_000))).chars().count() <= LONGEST);
        assert_eq!(label("max_tokens"), "Max tokens");
    }

    #[test]
    fn every_relation_reads_differently_from_either_end() {
        for kind in RelationKind::ALL {
            assert_ne!(verb(kind, Direction::Out), verb(kind, Direction::In));
        }
    }
}
