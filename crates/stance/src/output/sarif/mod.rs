//! SARIF 2.1.0 (OASIS, with errata 01), for code scanning services and viewers.

mod location;
mod result;
mod rule;
mod taxonomy;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stance_core::Severity;

use super::ScanReport;
use super::tally::Tally;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The whole log: one run.
pub(super) fn log(report: &ScanReport) -> Value {
    // Rules in order of id; a result refers to its rule by this index.
    let mut rules = BTreeMap::<&str, (usize, Severity)>::new();
    for finding in &report.findings {
        let (_, worst) = rules.entry(&finding.rule).or_insert((0, finding.severity));
        *worst = finding.severity.max(*worst);
    }
    for (position, (index, _)) in rules.values_mut().enumerate() {
        *index = position;
    }
    let frameworks = taxonomy::cited(rules.keys().copied());
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let index = rules.get(&*finding.rule).map_or(0, |(index, _)| *index);
            result::result(finding, index)
        })
        .collect();
    let descriptors: Vec<Value> = rules
        .iter()
        .map(|(id, (_, worst))| rule::descriptor(id, *worst, &frameworks))
        .collect();
    let mut driver = json!({
        "name": "stance",
        "organization": "Stance",
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "version": report.tool_version,
        "semanticVersion": report.tool_version,
        "rules": descriptors,
    });
    let mut run = json!({
        "tool": { "driver": Value::Null },
        "invocations": [{
            // Findings are no failure; a scan that fails writes no log.
            "executionSuccessful": true,
            "startTimeUtc": utc(report.started),
            "endTimeUtc": utc(end(report)),
        }],
        "originalUriBaseIds": {
            "%SRCROOT%": { "description": { "text": "The root of the scanned tree." } },
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": properties(report),
    });
    if !frameworks.is_empty() {
        driver["supportedTaxonomies"] = taxonomy::references(&frameworks);
        run["taxonomies"] = taxonomy::taxonomies(&frameworks);
    }
    run["tool"]["driver"] = driver;
    json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] })
}

/// The level of a severity: error, warning or note.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The severity as the number that code scanning services sort by: over 9.0 is
/// critical, from 7.0 high, from 4.0 medium, above 0 low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn properties(report: &ScanReport) -> Value {
    let tally = Tally::of(report);
    let findings: serde_json::Map<String, Value> = Severity::ALL
        .into_iter()
        .map(|severity| (severity.to_string(), tally.severity(severity).into()))
        .collect();
    json!({
        "roots": report.roots,
        "assets": report.snapshot.assets.len(),
        "openFindings": findings,
        "coverage": report.snapshot.coverage,
    })
}

fn end(report: &ScanReport) -> jiff::Timestamp {
    let elapsed = jiff::SignedDuration::try_from(report.elapsed).unwrap_or_default();
    report
        .started
        .checked_add(elapsed)
        .unwrap_or(report.started)
}

/// RFC 3339 with at most the three decimals that readers agree on.
fn utc(at: jiff::Timestamp) -> String {
    at.round(jiff::Unit::Millisecond).unwrap_or(at).to_string()
}
