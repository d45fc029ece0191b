//! What all that is known about a model file comes to, in one word.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::asset::{AssetId, AssetKind};
use crate::fact::{ArtifactFormat, Fact, Gap};
use crate::finding::{Finding, Status};
use crate::observation::Observation;
use crate::severity::{Confidence, Severity};

/// The judgement of one file; ordered, the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was read as its loader reads it, and nothing speaks against it.
    Clean,
    /// Nothing speaks against it so far, but something that a loader would use was not looked at.
    NotJudged,
    /// Something is there that honest files do not have; a person should look.
    Suspicious,
    /// Loading or using it runs code, reaches for files or the network, or hides something.
    Malicious,
}

impl Verdict {
    /// All verdicts, worst first.
    pub const ALL: [Self; 4] = [
        Self::Malicious,
        Self::Suspicious,
        Self::NotJudged,
        Self::Clean,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::NotJudged => "not_judged",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotJudged => "not judged",
            other => other.name(),
        }
    }

    /// What one finding says about the file it was found in.
    ///
    /// Only the rules about models speak of what loading does; what others find in such a file, a
    /// credential say, makes it worth a look at most. What people accepted no longer counts.
    #[must_use]
    pub fn of_finding(finding: &Finding) -> Self {
        if matches!(finding.status, Status::Accepted | Status::Suppressed) {
            return Self::Clean;
        }
        let area = finding.rule.split('/').next().unwrap_or_default();
        match (area, finding.severity, finding.confidence) {
            (_, Severity::Low | Severity::Info, _) => Self::Clean,
            ("coverage", ..) => Self::NotJudged,
            (
                "model",
                Severity::High | Severity::Critical,
                Confidence::Medium | Confidence::High,
            ) => Self::Malicious,
            _ => Self::Suspicious,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// What is known about one file, and what it comes to.
#[derive(Clone, Debug, Default)]
pub struct Judged<'a> {
    /// What the rules say about it and its members, worst first; all of them, also those that do
    /// not count.
    pub findings: Vec<&'a Finding>,
    /// What was not looked at, in order of path.
    pub gaps: Vec<&'a Gap>,
    /// Whether its bytes are of no format that is known.
    unknown: bool,
}

impl Judged<'_> {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let findings = self
            .findings
            .iter()
            .map(|finding| Verdict::of_finding(finding))
            .max()
            .unwrap_or(Verdict::Clean);
        if self.open_gap().is_some() || self.unknown {
            findings.max(Verdict::NotJudged)
        } else {
            findings
        }
    }

    /// The one sentence that made the verdict; `None` for a clean file.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let verdict = self.verdict();
        if verdict == Verdict::Clean {
            return None;
        }
        let finding = self
            .findings
            .iter()
            .find(|finding| Verdict::of_finding(finding) == verdict)
            .map(|finding| finding.message.as_str());
        let gap = || self.open_gap().map(|gap| gap.detail.as_str());
        let unknown = "its bytes are of no model format that is known";
        Some(finding.or_else(gap).unwrap_or(unknown))
    }

    /// The first gap that nobody accepted.
    fn open_gap(&self) -> Option<&Gap> {
        self.gaps.iter().copied().find(|gap| {
            !self.findings.iter().any(|finding| {
                finding.status == Status::Accepted
                    && finding.rule.starts_with("coverage/")
                    && finding.evidence == gap.evidence
            })
        })
    }
}

/// What is known about every file, by path; a member counts for each container that it lies in.
#[derive(Debug, Default)]
pub struct Verdicts<'a> {
    files: BTreeMap<&'a str, Judged<'a>>,
}

impl<'a> Verdicts<'a> {
    /// Sorts what was seen and found by file. `findings` come worst first.
    #[must_use]
    pub fn new(observations: &'a [Observation], findings: &'a [Finding]) -> Self {
        let mut all = Self::default();
        for observation in observations {
            match &observation.fact {
                Fact::Gap(gap) => {
                    for path in containers(&gap.evidence.path) {
                        all.files.entry(path).or_default().gaps.push(gap);
                    }
                }
                Fact::Artifact(artifact) => {
                    let file = all.files.entry(&artifact.evidence.path).or_default();
                    file.unknown = artifact.format == ArtifactFormat::Other;
                }
                _ => {}
            }
        }
        for finding in findings {
            for path in containers(&finding.evidence.path) {
                all.files.entry(path).or_default().findings.push(finding);
            }
        }
        for file in all.files.values_mut() {
            file.findings
                .sort_by_key(|finding| Reverse(Verdict::of_finding(finding)));
        }
        all
    }

    /// What is known about the file or member at `path`.
    #[must_use]
    pub fn of(&self, path: &str) -> Judged<'a> {
        self.files.get(path).cloned().unwrap_or_default()
    }

    /// Every model file among the observations with what is known about it, by the id of its asset.
    pub fn models(
        &self,
        observations: &'a [Observation],
    ) -> impl Iterator<Item = (AssetId, Judged<'a>)> {
        observations
            .iter()
            .filter_map(|observation| match &observation.fact {
                Fact::Artifact(artifact) => Some(artifact),
                _ => None,
            })
            .filter(|artifact| artifact.format != ArtifactFormat::Configuration)
            .map(|artifact| {
                let path = &*artifact.evidence.path;
                let id = AssetId::new(AssetKind::Model, format!("file/{path}"));
                (id, self.of(path))
            })
    }
}

/// A path and the containers around it: `a!b!c`, `a!b`, `a`.
fn containers(path: &str) -> impl Iterator<Item = &str> {
    let outer = path.match_indices('!').filter_map(|(at, _)| path.get(..at));
    std::iter::once(path).chain(outer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::fact::GapReason;

    fn finding(rule: &'static str, severity: Severity) -> Finding {
        let asset = AssetId::new(AssetKind::Model, "file/a.zip");
        Finding::new(rule, severity, asset, Evidence::file("a.zip!m.pkl"), rule)
    }

    fn gap() -> Observation {
        Observation {
            source: "directory",
            subject: "a.zip".into(),
            fact: Fact::Gap(Box::new(Gap {
                reason: GapReason::Encrypted,
                detail: "it is encrypted".to_owned(),
                evidence: Evidence::file("a.zip!m.pkl"),
            })),
        }
    }

    fn verdict(observations: &[Observation], findings: &[Finding]) -> Verdict {
        Verdicts::new(observations, findings).of("a.zip").verdict()
    }

    #[test]
    fn the_worst_that_is_known_makes_the_verdict() {
        let critical = finding("model/pickle-exec", Severity::Critical);
        let medium = finding("model/pickle-unknown-call", Severity::Medium);
        let key = finding("secret/provider-key", Severity::Critical);
        assert_eq!(verdict(&[], &[]), Verdict::Clean);
        assert_eq!(verdict(&[gap()], &[]), Verdict::NotJudged);
        assert_eq!(
            verdict(&[gap()], std::slice::from_ref(&medium)),
            Verdict::Suspicious
        );
        assert_eq!(verdict(&[], &[key]), Verdict::Suspicious);
        assert_eq!(verdict(&[gap()], &[critical, medium]), Verdict::Malicious);
    }

    #[test]
    fn a_hint_alone_slanders_nobody() {
        let mut hint = finding("model/pickle-exec", Severity::High);
        hint.confidence = Confidence::Low;
        assert_eq!(verdict(&[], &[hint]), Verdict::Suspicious);
        let low = finding("model/name-mismatch", Severity::Low);
        assert_eq!(verdict(&[], &[low]), Verdict::Clean);
    }

    #[test]
    fn what_people_accepted_does_not_count_and_the_reason_is_that_of_the_verdict() {
        let mut accepted = finding("model/pickle-exec", Severity::Critical);
        accepted.status = Status::Accepted;
        let mut unread = finding("coverage/encrypted", Severity::Medium);
        unread.status = Status::Accepted;
        let observations = [gap()];
        let findings = [accepted, unread];
        assert_eq!(verdict(&observations, &findings), Verdict::Clean);
        let verdicts = Verdicts::new(&observations, &findings[..1]);
        assert_eq!(verdicts.of("a.zip").verdict(), Verdict::NotJudged);
        assert_eq!(verdicts.of("a.zip").reason(), Some("it is encrypted"));
        assert_eq!(verdicts.of("other").verdict(), Verdict::Clean);
    }
}
