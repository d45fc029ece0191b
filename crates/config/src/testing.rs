//! What tests of the parsers of this crate have in common.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use stance_core::fact::{Fact, Reference};
use stance_read::Report;
use stance_read::testing::Harness;

pub(crate) use stance_read::testing::gaps;

pub(crate) const HARNESS: Harness = Harness(crate::PARSERS);

/// The references in a file.
pub(crate) fn references(path: &str, text: &str) -> Vec<Reference> {
    references_of(&HARNESS.report(path, text.as_bytes()))
}

pub(crate) fn references_of(report: &Report) -> Vec<Reference> {
    let mut found = Vec::new();
    for (_, fact) in &report.facts {
        if let Fact::Reference(reference) = fact {
            found.push(Reference::clone(reference));
        }
    }
    found
}

/// `kind key role line` of every reference in a file, in order.
pub(crate) fn told(path: &str, text: &str) -> Vec<String> {
    let role = |attributes: &BTreeMap<String, Json>| {
        let role = attributes.get("role").and_then(Json::as_str);
        role.unwrap_or("-").to_owned()
    };
    references(path, text)
        .iter()
        .map(|one| {
            let line = one.evidence.locus.line().unwrap_or_default();
            format!("{} {} {} {line}", one.kind, one.key, role(&one.attributes))
        })
        .collect()
}

/// `from kind to` of every relation in a file, in order.
pub(crate) fn relations(path: &str, text: &str) -> Vec<String> {
    let report = HARNESS.report(path, text.as_bytes());
    let facts = report.facts.iter();
    facts
        .filter_map(|(_, fact)| match fact {
            Fact::Relation(it) => Some(format!("{} {} {}", it.from, it.kind, it.to)),
            _ => None,
        })
        .collect()
}
