//! Schemas of the closed lists of names, taken from the nouns themselves.

use schemars::{Schema, SchemaGenerator, json_schema};
use stance_core::finding::Status;
use stance_core::{AssetKind, Confidence, How, RelationKind, Scope, Severity, Verdict};

fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Schema {
    let names: Vec<&str> = names.into_iter().collect();
    json_schema!({ "type": "string", "enum": names })
}

pub(crate) fn schema_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "const": crate::SCHEMA })
}

pub(crate) fn asset_kinds(_: &mut SchemaGenerator) -> Schema {
    one_of(AssetKind::ALL.map(AssetKind::name))
}

pub(crate) fn hows(_: &mut SchemaGenerator) -> Schema {
    one_of(How::ALL.map(How::name))
}

pub(crate) fn scopes(_: &mut SchemaGenerator) -> Schema {
    one_of(Scope::ALL.map(Scope::name))
}

pub(crate) fn relation_kinds(_: &mut SchemaGenerator) -> Schema {
    one_of(RelationKind::ALL.map(RelationKind::name))
}

pub(crate) fn severities(_: &mut SchemaGenerator) -> Schema {
    one_of(Severity::ALL.map(Severity::name))
}

pub(crate) fn confidences(_: &mut SchemaGenerator) -> Schema {
    one_of(Confidence::ALL.map(Confidence::name))
}

pub(crate) fn statuses(_: &mut SchemaGenerator) -> Schema {
    one_of(Status::ALL.map(Status::name))
}

/// The verdicts on a model file.
pub fn verdicts(_: &mut SchemaGenerator) -> Schema {
    one_of(Verdict::ALL.map(Verdict::name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema lists `name()`, serde writes its own: they must be one.
    #[test]
    fn names_are_what_serde_writes() {
        fn check<T: Copy + serde::Serialize>(
            all: impl IntoIterator<Item = T>,
            name: fn(T) -> &'static str,
        ) {
            for value in all {
                assert_eq!(serde_json::to_value(value).unwrap(), name(value));
            }
        }
        check(AssetKind::ALL, AssetKind::name);
        check(How::ALL, How::name);
        check(Scope::ALL, Scope::name);
        check(RelationKind::ALL, RelationKind::name);
        check(Severity::ALL, Severity::name);
        check(Confidence::ALL, Confidence::name);
        check(Status::ALL, Status::name);
        check(Verdict::ALL, Verdict::name);
    }
}
