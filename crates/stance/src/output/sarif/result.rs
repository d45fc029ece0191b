//! Findings as SARIF results.

use serde_json::{Value, json};
use stance_core::finding::Status;
use stance_core::{Evidence, Finding};

use super::location::location;
use crate::output::{printable, rule_text};

/// One finding.
pub(super) fn result(finding: &Finding, rule_index: usize) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": super::level(finding.severity),
        "message": { "text": message(finding) },
        "locations": [location(&finding.evidence)],
        "partialFingerprints": { "stance/v1": finding.id.as_str() },
        // An empty list says that nothing suppresses it; absence would say "not known".
        "suppressions": suppressions(finding),
        "properties": {
            "severity": finding.severity,
            "security-severity": super::security_severity(finding.severity),
            "confidence": finding.confidence,
            "asset": finding.asset,
        },
    });
    let related = related(&finding.more_evidence);
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(fix) = &finding.fix {
        result["properties"]["fix"] = fix.as_str().into();
    }
    result
}

/// The message, then the notes and the fix, a line each.
fn message(finding: &Finding) -> String {
    let mut lines = vec![text(&finding.message)];
    lines.extend(
        finding
            .notes
            .iter()
            .map(|note| format!("Note: {}", text(note))),
    );
    if let Some(fix) = rule_text::fix(finding) {
        lines.push(format!("Fix: {}", text(&fix)));
    }
    lines.join("\n")
}

/// Plain text in which nothing is a link: viewers make one of `[text](target)`.
pub(super) fn text(text: &str) -> String {
    printable(text).replace("](", "] (")
}

fn related(places: &[Evidence]) -> Vec<Value> {
    places
        .iter()
        .enumerate()
        .map(|(index, evidence)| {
            let mut location = location(evidence);
            location["id"] = (index + 1).into();
            location
        })
        .collect()
}

fn suppressions(finding: &Finding) -> Vec<Value> {
    let kind = match finding.status {
        Status::Open => return Vec::new(),
        Status::Suppressed => "inSource",
        Status::Accepted | Status::Baseline => "external",
    };
    let mut suppression = json!({ "kind": kind, "status": "accepted" });
    let reason = match (&finding.status_reason, finding.status) {
        (Some(reason), _) => Some(reason.as_str()),
        (None, Status::Baseline) => Some("recorded in the baseline"),
        (None, _) => None,
    };
    if let Some(reason) = reason {
        suppression["justification"] = text(reason).into();
    }
    vec![suppression]
}
