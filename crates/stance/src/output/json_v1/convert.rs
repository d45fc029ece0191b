//! From the nouns to the documented form.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::finding::Status as FindingStatus;
use stance_core::{AssetKind, Fact, Severity, Snapshot, Verdicts};

use super::{Asset, Coverage, Document, Finding, Relation, SCHEMA, Scan, Summary, Tool, Unjudged};
use crate::output::tally::Tally;
use crate::output::{ScanReport, rule_text};

/// The document of a report.
#[must_use]
pub fn document(report: &ScanReport) -> Document {
    let snapshot = &report.snapshot;
    Document {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: "stance".to_owned(),
            version: report.tool_version.to_owned(),
        },
        scan: Scan {
            roots: report.roots.clone(),
            started: report.started.to_string(),
            duration_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
            stored: report.stored_scan,
        },
        summary: summary(report),
        assets: assets(report),
        relations: snapshot.relations.iter().map(Relation::from).collect(),
        findings: report.findings.iter().map(finding).collect(),
        coverage: Coverage {
            unjudged: Some(Unjudged::of(unjudged(snapshot))),
            rules: report.judged.clone(),
            ..Coverage::from(&snapshot.coverage)
        },
        usage: Vec::new(),
    }
}

/// The inventory, model files with their verdict.
fn assets(report: &ScanReport) -> Vec<Asset> {
    let snapshot = &report.snapshot;
    let verdicts = Verdicts::new(&snapshot.observations, &report.findings);
    let mut assets: BTreeMap<_, _> = snapshot
        .assets
        .iter()
        .map(|(id, asset)| (id, Asset::from(asset)))
        .collect();
    for (id, judged) in verdicts.models(&snapshot.observations) {
        if let Some(asset) = assets.get_mut(&id) {
            asset.verdict = Some(judged.verdict());
            asset.verdict_reason = judged.reason().map(str::to_owned);
        }
    }
    assets.into_values().collect()
}

fn summary(report: &ScanReport) -> Summary {
    let tally = Tally::of(report);
    let named = |name: &str, count: usize| (name.to_owned(), count as u64);
    Summary {
        assets: AssetKind::ALL
            .into_iter()
            .filter(|kind| tally.kind(*kind) > 0)
            .map(|kind| named(kind.name(), tally.kind(kind)))
            .collect(),
        findings: Severity::ALL
            .into_iter()
            .map(|severity| named(severity.name(), tally.severity(severity)))
            .collect(),
        statuses: FindingStatus::ALL
            .into_iter()
            .map(|status| named(status.name(), tally.status(status)))
            .collect(),
    }
}

/// A finding with what the documentation of its rule adds.
#[must_use]
pub fn finding(finding: &stance_core::Finding) -> Finding {
    let controls = rule_text::controls(&finding.rule);
    Finding::of(finding, rule_text::fix(finding), controls)
}

/// Files, without the members of containers, that the scan met and did not judge or not wholly.
pub(crate) fn unjudged(snapshot: &Snapshot) -> BTreeSet<String> {
    let gaps = snapshot
        .observations
        .iter()
        .filter(|observation| matches!(observation.fact, Fact::Gap(_)));
    gaps.filter_map(|observation| observation.subject.split('!').next())
        .map(str::to_owned)
        .collect()
}
