//! Building a `json-v1` document piece by piece.

use std::collections::BTreeMap;

use serde_json::Value;
use stance_core::{AssetKind, How, RelationKind, Scope};
use stance_document::{Asset, Coverage, Document, Evidence, Relation, SCHEMA, Scan, Summary, Tool};

/// A document without content.
pub(super) fn empty(version: &str, started: String) -> Document {
    Document {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: "stance".to_owned(),
            version: version.to_owned(),
        },
        scan: Scan {
            roots: Vec::new(),
            started,
            duration_ms: 0,
            stored: None,
        },
        summary: Summary {
            assets: BTreeMap::new(),
            findings: BTreeMap::new(),
            statuses: BTreeMap::new(),
        },
        assets: Vec::new(),
        relations: Vec::new(),
        findings: Vec::new(),
        coverage: Coverage::default(),
        usage: Vec::new(),
    }
}

/// An asset that was seen at one place.
pub(super) fn asset(
    kind: AssetKind,
    key: &str,
    name: &str,
    how: How,
    evidence: Vec<Evidence>,
) -> Asset {
    Asset {
        id: format!("{kind}:{key}"),
        kind,
        name: name.to_owned(),
        aliases: Vec::new(),
        how,
        confidence: how.confidence(),
        scope: Scope::Production,
        evidence,
        occurrences: 1,
        verdict: None,
        verdict_reason: None,
        attributes: BTreeMap::new(),
    }
}

/// Adds a detail unless it says nothing.
pub(super) fn detail(asset: &mut Asset, name: &str, value: impl Into<Value>) {
    let value = value.into();
    let empty = match &value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if !empty {
        asset.attributes.insert(name.to_owned(), value);
    }
}

/// A relation between two of them.
pub(super) fn relation(from: &str, kind: RelationKind, to: &str, evidence: &Evidence) -> Relation {
    Relation {
        from: from.to_owned(),
        kind,
        to: to.to_owned(),
        evidence: evidence.clone(),
    }
}

/// A file as a whole.
pub(super) fn file(path: &str) -> Evidence {
    Evidence {
        path: path.to_owned(),
        ..Evidence::default()
    }
}
