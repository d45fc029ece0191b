//! What a policy found as SARIF 2.1.0. The id of a rule is its full name, so that rules of two packages stay two.

use serde_json::{Value, json};
use stance_core::Severity;
use stance_policy::Bundle;
use stance_policy::metadata::About;

use super::eval::Told;

pub(super) fn log(bundle: &Bundle, told: &[Told]) -> Value {
    let rules: Vec<&About> = bundle
        .abouts
        .values()
        .filter(|about| about.level.is_some())
        .collect();
    let descriptors: Vec<Value> = rules
        .iter()
        .map(|about| {
            let mut descriptor = json!({
                "id": about.rule,
                "shortDescription": {"text": about.title.as_deref().unwrap_or(&about.rule)},
                "properties": {"tags": about.frameworks},
            });
            if let Some(words) = &about.description {
                descriptor["fullDescription"] = json!({"text": words});
            }
            if let Some(words) = &about.remediation {
                descriptor["help"] = json!({"text": words});
            }
            descriptor
        })
        .collect();
    let mut results = Vec::new();
    for one in told {
        for message in one.checked.failures.iter().chain(&one.checked.warnings) {
            let level = match message.severity {
                Some(Severity::Critical | Severity::High) => "error",
                Some(Severity::Medium) => "warning",
                Some(Severity::Low | Severity::Info) => "note",
                None if message.level.fails() => "error",
                None => "warning",
            };
            let mut properties = json!({"namespace": one.namespace});
            for (key, value) in [
                ("id", json!(message.id)),
                ("asset", json!(message.asset)),
                ("evidence", json!(message.evidence)),
            ] {
                if !value.is_null() {
                    properties[key] = value;
                }
            }
            results.push(json!({
                "ruleId": message.rule,
                "ruleIndex": rules.iter().position(|about| about.rule == message.rule),
                "level": level,
                "message": {"text": message.message},
                "locations": [{"physicalLocation": {"artifactLocation": {
                    "uri": one.file.replace('\\', "/").replace(' ', "%20"),
                }}}],
                "properties": properties,
            }));
        }
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stance",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": descriptors,
            }},
            "results": results,
        }],
    })
}
