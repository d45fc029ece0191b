//! Through what a rule sees the world and reports.

use stance_core::fact::{Anomaly, AnomalyKind, Artifact};
use stance_core::{AssetId, Confidence, Evidence, Finding, Severity, Snapshot};

use crate::rule::RuleMeta;

/// What a hook sees beside its argument, and where it reports.
pub struct Cx<'a> {
    meta: &'static RuleMeta,
    snapshot: &'a Snapshot,
    asset: &'a AssetId,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        meta: &'static RuleMeta,
        snapshot: &'a Snapshot,
        asset: &'a AssetId,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        Self {
            meta,
            snapshot,
            asset,
            findings,
        }
    }

    /// The inventory, facts, policy and clock.
    #[must_use]
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// The asset that the fact at hand is about.
    #[must_use]
    pub fn asset(&self) -> &'a AssetId {
        self.asset
    }

    /// Reports a finding about the asset at hand, with the rule's severity and
    /// high confidence; both can be changed on the draft.
    pub fn report(&mut self, evidence: &Evidence, message: impl Into<String>) -> Draft<'_> {
        self.report_about(self.asset.clone(), evidence, message)
    }

    /// Reports a finding about another asset.
    pub fn report_about(
        &mut self,
        asset: AssetId,
        evidence: &Evidence,
        message: impl Into<String>,
    ) -> Draft<'_> {
        let finding = Finding::new(
            self.meta.id,
            self.meta.severity,
            asset,
            evidence.clone(),
            message,
        );
        Draft(self.findings.push_mut(finding))
    }

    /// Reports what of this kind is wrong with an artefact as one finding: the
    /// first as its message, the others as notes. `None` when nothing is.
    pub fn report_anomalies(
        &mut self,
        artifact: &Artifact,
        kind: AnomalyKind,
    ) -> Option<(Draft<'_>, Vec<Anomaly>)> {
        let mut all = artifact
            .anomalies
            .iter()
            .filter(|anomaly| anomaly.kind == kind);
        let first = all.next()?;
        let path = &artifact.evidence.path;
        let name = path.rsplit(['/', '!']).next().unwrap_or(path);
        let mut found = vec![first.clone()];
        let mut draft = self.report(&first.evidence, format!("{name}: {}", first.detail));
        for anomaly in all {
            draft = draft.note(&*anomaly.detail).also(&anomaly.evidence);
            found.push(anomaly.clone());
        }
        Some((draft, found))
    }
}

/// A finding that was just reported and can still be told more.
pub struct Draft<'a>(&'a mut Finding);

impl Draft<'_> {
    /// Another severity than the rule's own.
    pub fn severity(self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Less than high confidence.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.0.confidence = confidence;
        self
    }

    /// One more sentence of what was seen.
    pub fn note(self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// One more place that belongs to the finding.
    pub fn also(self, evidence: &Evidence) -> Self {
        self.0.more_evidence.push(evidence.clone());
        self
    }

    /// What to do here, more exact than the rule's own fix.
    pub fn fix(self, fix: impl Into<String>) -> Self {
        self.0.fix = Some(fix.into());
        self
    }
}
