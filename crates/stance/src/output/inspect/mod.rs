//! What `stance inspect` says: each model file of a report, described and judged.

mod describe;
pub mod json;
mod tensors;
mod text;
mod trace;

use std::collections::BTreeMap;

use stance_core::fact::{Artifact, Provenance};
use stance_core::{Fact, Judged, Verdict, Verdicts};

use super::ScanReport;

pub use text::render;

/// What is told beside the description.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Each tensor.
    pub tensors: bool,
    /// What each pickle would run, and with `-v` its opcodes.
    pub trace: bool,
}

/// What a file is said to be of which no parser knows the format.
const UNKNOWN: &str = "no model format was recognised in it";

/// One file with everything that is known about it.
struct View<'a> {
    /// Its path, as evidence carries it.
    path: &'a str,
    /// The file itself, when it is a model file as a whole.
    artifact: Option<&'a Artifact>,
    /// Model files inside it, in order of path.
    members: Vec<&'a Artifact>,
    /// Whether the user named it, rather than a directory around it.
    named: bool,
    judged: Judged<'a>,
}

impl View<'_> {
    fn verdict(&self) -> Verdict {
        let verdict = self.judged.verdict();
        if self.is_unknown() {
            verdict.max(Verdict::NotJudged)
        } else {
            verdict
        }
    }

    fn reason(&self) -> Option<&str> {
        let unknown = self.is_unknown().then_some(UNKNOWN);
        self.judged.reason().or(unknown)
    }

    fn is_unknown(&self) -> bool {
        self.artifact.is_none() && self.members.is_empty()
    }
}

/// The model files of a report in order of path. `named` are the paths of files that the user
/// named: they are told in any case.
fn views<'a>(
    report: &'a ScanReport,
    verdicts: &Verdicts<'a>,
    named: &'a [String],
) -> Vec<View<'a>> {
    let mut found = BTreeMap::<&str, (Option<&Artifact>, Vec<&Artifact>)>::new();
    for path in named {
        found.entry(path).or_default();
    }
    for observation in &report.snapshot.observations {
        match &observation.fact {
            Fact::Artifact(artifact) => {
                let path = &*artifact.evidence.path;
                match path.split_once('!') {
                    Some((outer, _)) => found.entry(outer).or_default().1.push(artifact),
                    None => found.entry(path).or_default().0 = Some(artifact),
                }
            }
            // One that could not be opened at all is no artefact, and yet to be told.
            Fact::Gap(gap) => {
                let outer = gap.evidence.path.split('!').next().unwrap_or_default();
                if stance_inspect::is_certain_model_name(outer) {
                    found.entry(outer).or_default();
                }
            }
            _ => {}
        }
    }
    found
        .into_iter()
        .map(|(path, (artifact, members))| View {
            path,
            artifact,
            members,
            named: named.iter().any(|name| name == path),
            judged: verdicts.of(path),
        })
        .collect()
}

/// What stands beside the model files and tells where they come from.
fn beside(report: &ScanReport) -> impl Iterator<Item = &Provenance> {
    let observations = report.snapshot.observations.iter();
    observations.filter_map(|observation| match &observation.fact {
        Fact::Provenance(provenance) => Some(&**provenance),
        _ => None,
    })
}

/// How many files have each verdict, worst first, without the zeros.
fn counts<'v>(views: impl Iterator<Item = &'v Verdict>) -> Vec<(Verdict, usize)> {
    let mut counted = BTreeMap::<Verdict, usize>::new();
    for verdict in views {
        *counted.entry(*verdict).or_default() += 1;
    }
    counted.into_iter().rev().collect()
}
