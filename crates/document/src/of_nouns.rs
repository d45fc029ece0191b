//! From the nouns to the documented form.

use stance_core::evidence::Locus;

use crate::{Asset, Coverage, Evidence, Finding, Relation};

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

impl Finding {
    /// A finding, with what its rule adds: the fix, unless the finding has its own, and the controls.
    #[must_use]
    pub fn of(finding: &stance_core::Finding, fix: Option<String>, controls: &[&str]) -> Self {
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
            fix: finding.fix.clone().or(fix),
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
            mark: evidence.mark,
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
            unjudged: None,
            rules: None,
        }
    }
}
