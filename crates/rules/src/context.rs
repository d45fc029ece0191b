//! Through what a rule sees the world and reports.

use std::cell::OnceCell;
use std::rc::Rc;

use stance_core::fact::{Anomaly, AnomalyKind, Artifact};
use stance_core::{AssetId, Confidence, Evidence, Finding, Severity, Snapshot};

use crate::advisories::{self, Pins};
use crate::rule::RuleMeta;
use stance_intent::verdict::Told;

/// What rules work out of one fact and share: each of it is worked out by the first that asks.
#[derive(Default)]
pub(crate) struct Memo {
    /// What the pickles of an artefact amount to.
    pub(crate) pickles: OnceCell<Rc<[Told]>>,
}

/// What a hook sees beside its argument, and where it reports.
pub struct Cx<'a> {
    meta: &'static RuleMeta,
    snapshot: &'a Snapshot,
    pins: &'a Pins<'a>,
    asset: &'a AssetId,
    memo: &'a Memo,
    findings: &'a mut Vec<Finding>,
    judged: u64,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        meta: &'static RuleMeta,
        snapshot: &'a Snapshot,
        pins: &'a Pins<'a>,
        asset: &'a AssetId,
        memo: &'a Memo,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        Self {
            meta,
            snapshot,
            pins,
            asset,
            memo,
            findings,
            judged: 0,
        }
    }

    /// Tells of one fact or asset: it counts as judged unless the rule passes it over.
    pub(crate) fn tells(&mut self) {
        self.judged = 1;
    }

    /// How many things the rule judged since it was told of something; starts again from 0.
    pub(crate) fn take_judged(&mut self) -> u64 {
        std::mem::take(&mut self.judged)
    }

    /// What the rule was told of is nothing that it judges: it does not count as looked at. What a rule does not
    /// override it passes over.
    pub fn passes(&mut self) {
        self.judged = 0;
    }

    /// Passes over what the rule was told of unless it is of the kind that it judges, be it good or bad.
    pub fn judges_if(&mut self, applies: bool) {
        if !applies {
            self.passes();
        }
    }

    /// Says how many things a rule about the whole inventory judged, good ones included; several times add up.
    pub fn judges(&mut self, count: usize) {
        self.judged = self.judged.saturating_add(count as u64);
    }

    /// What other rules worked out of the fact at hand.
    pub(crate) fn memo(&self) -> &'a Memo {
        self.memo
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
        Draft {
            finding: self.findings.push_mut(finding),
            pins: self.pins,
        }
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
pub struct Draft<'a> {
    finding: &'a mut Finding,
    pins: &'a Pins<'a>,
}

impl Draft<'_> {
    /// Another severity than the rule's own.
    pub fn severity(self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    /// Less than high confidence.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.finding.confidence = confidence;
        self
    }

    /// One more sentence of what was seen.
    pub fn note(self, note: impl Into<String>) -> Self {
        self.finding.notes.push(note.into());
        self
    }

    /// One more place that belongs to the finding.
    pub fn also(self, evidence: &Evidence) -> Self {
        self.finding.more_evidence.push(evidence.clone());
        self
    }

    /// What to do here, more exact than the rule's own fix.
    pub fn fix(self, fix: impl Into<String>) -> Self {
        self.finding.fix = Some(fix.into());
        self
    }

    /// Names the published advisories about a flaw that the file makes use of, by its name in
    /// `tables/advisories.tsv`, and says whether the versions that the project asks for are
    /// affected. Where one is, the finding is certain.
    pub fn exploits(self, flaw: &str) -> Self {
        self.exploits_all(&[flaw])
    }

    /// The same for several flaws at once. `import:NAME` stands for scanners that do not see that a pickle
    /// imports the name; such a flaw may have no advisory.
    pub fn exploits_all(self, flaws: &[&str]) -> Self {
        let mut advisories: Vec<&'static advisories::Advisory> = Vec::new();
        for flaw in flaws {
            let before = advisories.len();
            advisories.extend(advisories::of(flaw));
            debug_assert!(
                advisories.len() > before || flaw.starts_with("import:"),
                "no advisory is about {flaw}"
            );
        }
        if advisories.is_empty() {
            return self;
        }
        let known = &mut self.finding.notes;
        for note in advisories.iter().map(|advisory| advisory.note()) {
            if !known.contains(&note) {
                known.push(note);
            }
        }
        let standing = self.pins.standing(&advisories);
        self.finding.notes.extend(standing.notes);
        if standing.affected {
            self.finding.confidence = Confidence::High;
        }
        self
    }
}
