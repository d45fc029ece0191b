//! From the nouns to the documented form.

use std::collections::BTreeMap;

use stance_core::evidence::Locus;
use stance_core::finding::Status as FindingStatus;
use stance_core::{AssetKind, Severity, Verdicts};

use super::{Asset, Coverage, Document, Evidence, Finding, Relation, SCHEMA, Scan, Summary, Tool};
use crate::output::tally::Tally;
use crate::output::{ScanReport, rule_text};

impl Document {
    /// The document of a report.
    #[must_use]
    pub fn of(report: &ScanReport) -> Self {
        let snapshot = &report.snapshot;
        Self {
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
            findings: report.findings.iter().map(Finding::from).collect(),
            coverage: Coverage::from(&snapshot.coverage),
        }
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

impl From<&stance_core::Asset> for Asset {
    fn from(asset: &stance_core::Asset) -> Self {
        Self {
            id: asset.id.to_string(),
            kind: asset.kind,
            name: asset.name.clone(),
            aliases: asset.aliases.iter().cloned().collect(),
            how: asset.how,
            confidence: asset.how.confidence(),
            scope: asset.scope,
            evidence: asset.evidence.iter().map(place).collect(),
            occurrences: asset.occurrences,
            verdict: None,
            verdict_reason: None,
            attributes: asset.attributes.clone(),
        }
    }
}

impl From<&stance_core::Relation> for Relation {
    fn from(relation: &stance_core::Relation) -> Self {
        Self {
            from: relation.from.to_string(),
            kind: relation.kind,
            to: relation.to.to_string(),
            evidence: place(&relation.evidence),
        }
    }
}

impl From<&stance_core::Finding> for Finding {
    fn from(finding: &stance_core::Finding) -> Self {
        let controls = rule_text::controls(&finding.rule);
        Self {
            id: finding.id.to_string(),
            rule: finding.rule.to_string(),
            severity: finding.severity,
            confidence: finding.confidence,
            status: finding.status,
            status_reason: finding.status_reason.clone(),
            asset: finding.asset.to_string(),
            message: finding.message.clone(),
            notes: finding.notes.clone(),
            fix: rule_text::fix(finding),
            controls: controls.iter().map(|&id| id.to_owned()).collect(),
            evidence: std::iter::once(&finding.evidence)
                .chain(&finding.more_evidence)
                .map(Evidence::from)
                .collect(),
        }
    }
}

impl From<&stance_core::Evidence> for Evidence {
    fn from(evidence: &stance_core::Evidence) -> Self {
        Self {
            excerpt: Some(evidence.excerpt.to_string()).filter(|text| !text.is_empty()),
            ..place(evidence)
        }
    }
}

/// Where, without what was seen there.
fn place(evidence: &stance_core::Evidence) -> Evidence {
    let path = evidence.path.to_string();
    match evidence.locus {
        Locus::File => Evidence {
            path,
            ..Evidence::default()
        },
        Locus::Line {
            line,
            column,
            width,
        } => Evidence {
            path,
            line: Some(line),
            column: Some(column),
            length: Some(width.into()),
            ..Evidence::default()
        },
        Locus::Bytes { offset, length } => Evidence {
            path,
            offset: Some(offset),
            length: Some(length),
            ..Evidence::default()
        },
    }
}

impl From<&stance_core::Coverage> for Coverage {
    fn from(coverage: &stance_core::Coverage) -> Self {
        Self {
            files: coverage.files,
            directories: coverage.directories,
            bytes_read: coverage.bytes_read,
            bytes_total: coverage.bytes_total,
            bytes_transferred: Some(coverage.bytes_transferred).filter(|bytes| *bytes > 0),
            understood: coverage.understood,
            members: coverage.members,
            skipped: coverage.skipped.clone(),
        }
    }
}
