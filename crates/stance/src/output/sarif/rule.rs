//! Rules as SARIF reporting descriptors.

use serde_json::{Value, json};
use stance_core::{Severity, control};

use super::taxonomy::Cited;
use crate::output::rule_text;

/// Code scanning services take this many tags of a rule.
const MAX_TAGS: usize = 20;

/// One rule. `worst` stands in for the severity of a rule that is not known
/// (anymore).
pub(super) fn descriptor(id: &str, worst: Severity, frameworks: &Cited) -> Value {
    let title = rule_text::title(id);
    let Some(entry) = stance_rules::find(id) else {
        return json!({
            "id": id,
            "name": pascal(id),
            "shortDescription": { "text": title },
            "defaultConfiguration": { "level": super::level(worst) },
            "properties": {
                "tags": tags(id),
                "security-severity": super::security_severity(worst),
            },
        });
    };
    let meta = &entry.meta;
    let doc = meta.doc();
    let finds = doc.section("What it finds");
    json!({
        "id": id,
        "name": pascal(id),
        "shortDescription": { "text": title },
        "fullDescription": { "text": if finds.is_empty() { &title } else { finds } },
        "helpUri": rule_text::page_url(id),
        "help": { "text": doc.markdown(), "markdown": doc.markdown() },
        "defaultConfiguration": { "level": super::level(meta.severity) },
        "relationships": frameworks.relationships(meta.controls),
        "properties": {
            "tags": tags(id),
            "security-severity": super::security_severity(meta.severity),
            "stage": meta.stage,
            "controls": meta.controls,
        },
    })
}

fn tags(id: &str) -> Vec<String> {
    let area = id.split('/').next().unwrap_or(id);
    let mut tags = vec!["security".to_owned(), "ai".to_owned(), area.to_owned()];
    let controls = rule_text::controls(id).iter();
    tags.extend(
        controls
            .filter(|id| control::find(id).is_some())
            .map(|&id| id.to_owned()),
    );
    tags.truncate(MAX_TAGS);
    tags
}

/// `model/pickle-exec` becomes `ModelPickleExec`, the form that SARIF asks of names.
fn pascal(id: &str) -> String {
    id.split(['/', '-'])
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}
