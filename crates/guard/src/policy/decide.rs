//! The one point where findings become actions.

use stance_core::glob;

use super::{Policy, Rule};
use crate::verdict::{Action, OnFailure, Place, Reason, Score, Verdict};

/// Something that a rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How sure it is.
    pub score: Score,
    /// Where.
    pub places: Vec<Place>,
    /// One clause for people, without any of the matched text.
    pub note: String,
    /// Whether the rule could not judge.
    pub failed: bool,
}

impl Finding {
    /// A finding that is certain.
    #[must_use]
    pub fn sure(rule: Rule, places: Vec<Place>, note: impl Into<String>) -> Self {
        Self {
            rule,
            score: Score::FULL,
            places,
            note: note.into(),
            failed: false,
        }
    }

    /// A rule that could not judge, and why.
    #[must_use]
    pub fn failed(rule: Rule, note: impl Into<String>) -> Self {
        Self {
            failed: true,
            ..Self::sure(rule, Vec::new(), note)
        }
    }
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'s> {
    /// The tool, as `name` or `server/name`.
    pub tool: Option<&'s str>,
    /// On whose behalf.
    pub identity: Option<&'s str>,
}

/// Decides what is done about what was found.
///
/// The engine of the settings is [`Policy`]. Whatever implements this must be a function of what it is given, and must say
/// in the verdict which version of which policy it was.
pub trait Decide {
    /// The verdict over `findings` about `subject`.
    fn decide(&self, subject: &Subject<'_>, findings: &[Finding]) -> Verdict;
}

impl Decide for Policy {
    fn decide(&self, subject: &Subject<'_>, findings: &[Finding]) -> Verdict {
        let mut verdict = Verdict::allow(self.version());
        for finding in findings {
            self.add(finding, &mut verdict);
        }
        if let Some(tool) = subject.tool {
            for finding in self.standing(tool, subject.identity) {
                self.add(&finding, &mut verdict);
            }
        }
        verdict
    }
}

impl Policy {
    fn add(&self, finding: &Finding, verdict: &mut Verdict) {
        let compiled = self.compiled(finding.rule);
        let action = match (finding.failed, compiled.on_failure) {
            (true, OnFailure::Open) => compiled.action.min(Action::Flag),
            (true, OnFailure::Closed) => compiled.action,
            (false, _) if finding.score < compiled.threshold => return,
            (false, _) => compiled.action,
        };
        verdict.add(Reason {
            action,
            rule: finding.rule.id().to_owned(),
            score: finding.score,
            places: finding.places.clone(),
            note: finding.note.clone(),
            failed: finding.failed,
        });
    }

    /// What the lists say of a tool, whatever it is called with.
    fn standing(&self, tool: &str, identity: Option<&str>) -> Vec<Finding> {
        let settings = self.settings();
        let named = |list: &[String]| list.iter().any(|pattern| covers(pattern, tool));
        let mut findings = Vec::new();
        if named(&settings.deny) {
            findings.push(Finding::sure(
                Rule::Denied,
                Vec::new(),
                "the tool is denied",
            ));
        }
        if !settings.allow.is_empty() && !named(&settings.allow) {
            findings.push(Finding::sure(
                Rule::NotAllowed,
                Vec::new(),
                "the tool is not among those allowed",
            ));
        }
        if settings.identities.is_empty() {
            return findings;
        }
        let matching = settings.identities.iter().filter(|(pattern, _)| {
            identity.is_some_and(|identity| glob::matches(pattern, identity))
        });
        for (_, lists) in matching {
            if named(&lists.deny) {
                findings.push(Finding::sure(
                    Rule::Denied,
                    Vec::new(),
                    "the tool is denied to this identity",
                ));
            }
            if !lists.allow.is_empty() && !named(&lists.allow) {
                findings.push(Finding::sure(
                    Rule::NotAllowed,
                    Vec::new(),
                    "the tool is not among those allowed to this identity",
                ));
            }
        }
        findings
    }
}

/// Whether a pattern covers a tool: by its name alone, or with its server.
pub(crate) fn covers(pattern: &str, tool: &str) -> bool {
    let name = tool.rsplit_once('/').map_or(tool, |(_, name)| name);
    glob::matches(pattern, tool) || !pattern.contains('/') && glob::matches(pattern, name)
}
