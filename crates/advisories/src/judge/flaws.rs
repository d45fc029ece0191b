//! The flaws of one package in what is asked for.

use std::collections::BTreeMap;

use stance_core::fact::{Ecosystem, Flaw, Reach};

use super::group::{Group, group, trust};
use super::{Asked, Signals};
use crate::advisory::{Advisory, Affected};
use crate::version::Version;
use crate::windows::Windows;

/// Most tries to find a version without any flaw.
const TRIES: usize = 16;

/// A flaw that is not ruled out, with what decides about it.
struct Candidate<'a> {
    group: Group<'a>,
    windows: Vec<(&'a Advisory, Windows)>,
}

/// What is known about one package, put in order once: a hostile lock file can name a package in many versions.
pub(super) struct About<'a> {
    ecosystem: Ecosystem,
    candidates: Vec<Candidate<'a>>,
}

impl<'a> About<'a> {
    pub(super) fn of(package: &(Ecosystem, String), advisories: &'a [Advisory]) -> Self {
        Self {
            ecosystem: package.0,
            candidates: group(advisories)
                .into_iter()
                .filter_map(|group| candidate(group, package))
                .collect(),
        }
    }

    /// The flaws, worst first, and the lowest version without those that are fixed somewhere.
    pub(super) fn flaws(
        &self,
        asked: &Asked<'_>,
        signals: &BTreeMap<String, Signals>,
    ) -> (Vec<Flaw>, Option<String>) {
        of(self.ecosystem, &self.candidates, asked, signals)
    }
}

fn of(
    ecosystem: Ecosystem,
    candidates: &[Candidate<'_>],
    asked: &Asked<'_>,
    signals: &BTreeMap<String, Signals>,
) -> (Vec<Flaw>, Option<String>) {
    let mut flaws = Vec::new();
    for candidate in candidates {
        if let Some(reach) = candidate.reach(ecosystem, asked) {
            flaws.push(candidate.flaw(ecosystem, asked, reach, signals));
        }
    }
    flaws.sort_by(|a, b| {
        let key = |flaw: &Flaw| {
            (
                flaw.malicious,
                flaw.exploited,
                !flaw.disputed,
                flaw.severity,
            )
        };
        key(b)
            .cmp(&key(a))
            .then(
                b.score
                    .unwrap_or_default()
                    .total_cmp(&a.score.unwrap_or_default()),
            )
            .then_with(|| a.id.cmp(&b.id))
    });
    let fixed = fixed(ecosystem, &flaws, candidates);
    (flaws, fixed)
}

/// What decides: records of the most trusted source that speaks of this package. When that took its record
/// back, nothing is left.
fn candidate<'a>(group: Group<'a>, package: &(Ecosystem, String)) -> Option<Candidate<'a>> {
    let best = group.members.first().map(|member| trust(member))?;
    let windows: Vec<(&Advisory, Windows)> = group
        .members
        .iter()
        .filter(|member| trust(member) == best && !member.withdrawn)
        .flat_map(|member| {
            let about = |affected: &&Affected| {
                affected.ecosystem == package.0 && affected.name == package.1
            };
            member
                .affected
                .iter()
                .filter(about)
                .map(|affected| (*member, Windows::of(affected)))
        })
        .collect();
    (!windows.is_empty()).then_some(Candidate { group, windows })
}

impl Candidate<'_> {
    fn affects(&self, ecosystem: Ecosystem, text: &str) -> bool {
        self.windows
            .iter()
            .any(|(_, windows)| windows.affect(ecosystem, text))
    }

    fn reach(&self, ecosystem: Ecosystem, asked: &Asked<'_>) -> Option<Reach> {
        match asked {
            Asked::Version(text, _) => self.affects(ecosystem, text).then_some(Reach::Pinned),
            Asked::Constraint(constraint) => self
                .windows
                .iter()
                .filter_map(|(_, windows)| constraint.reach(windows))
                .min()
                // Nobody asked for an old version.
                .filter(|reach| *reach != Reach::Some || !constraint.is_free()),
        }
    }

    fn flaw(
        &self,
        ecosystem: Ecosystem,
        asked: &Asked<'_>,
        reach: Reach,
        signals: &BTreeMap<String, Signals>,
    ) -> Flaw {
        let ids = self.group.ids();
        let id = ids.first().copied().unwrap_or_default();
        let version = match asked {
            Asked::Version(_, version) => version.as_ref(),
            Asked::Constraint(constraint) => constraint.lowest(),
        };
        // Of several that are told, the highest has the flaw gone in everybody's eyes.
        let fixed = self
            .windows
            .iter()
            .filter_map(|(_, windows)| windows.fix(version))
            .filter_map(|text| Some((Version::parse(ecosystem, text)?, text)))
            .max_by(|a, b| a.0.cmp(&b.0))
            .map(|(_, text)| text.to_owned());
        let members = &self.group.members;
        let malicious = id.starts_with("MAL-");
        let severity = members
            .iter()
            .find_map(|member| member.severity.severity())
            .or(malicious.then_some(stance_core::Severity::Critical));
        let signal = ids.iter().filter_map(|id| signals.get(*id));
        let exploited = signal.clone().any(|signal| signal.exploited);
        let likelihood = signal
            .filter_map(|signal| signal.likelihood)
            .max_by(f64::total_cmp);
        let mut sources: Vec<String> = members.iter().map(|one| one.source.clone()).collect();
        sources.dedup();
        Flaw {
            id: id.to_owned(),
            aliases: ids.iter().skip(1).map(|id| (*id).to_owned()).collect(),
            sources,
            severity,
            score: members.iter().find_map(|member| member.severity.score()),
            summary: members
                .iter()
                .map(|member| member.summary.as_str())
                .find(|summary| !summary.is_empty())
                .unwrap_or_default()
                .to_owned(),
            fixed,
            exploited,
            likelihood,
            disputed: members.iter().any(|member| member.disputed),
            malicious,
            reach,
        }
    }
}

/// The lowest version that fixes what can be fixed, and has none of the other known flaws that can.
fn fixed(ecosystem: Ecosystem, flaws: &[Flaw], candidates: &[Candidate<'_>]) -> Option<String> {
    let read = |text: &str| Version::parse(ecosystem, text);
    let mut best: Option<(Version, String)> = None;
    let fixes = flaws.iter().filter(|flaw| !flaw.disputed);
    for text in fixes.filter_map(|flaw| flaw.fixed.as_ref()) {
        let Some(version) = read(text) else { continue };
        if best.as_ref().is_none_or(|(known, _)| version > *known) {
            best = Some((version, text.to_owned()));
        }
    }
    let (mut version, mut text) = best?;
    for _ in 0..TRIES {
        let worse = candidates
            .iter()
            .filter(|candidate| candidate.affects(ecosystem, &text))
            .find_map(|candidate| {
                let fixes = candidate.windows.iter();
                fixes
                    .filter_map(|(_, windows)| windows.fix(Some(&version)))
                    .filter_map(|text| Some((read(text)?, text.to_owned())))
                    .max_by(|a, b| a.0.cmp(&b.0))
            });
        match worse {
            Some((next, words)) if next > version => (version, text) = (next, words),
            _ => break,
        }
    }
    Some(text)
}
