//! The examples of a rule, which are its test.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use stance_core::fact::{AdvisoryState, Gap, GapReason, Reference, Signature, SignatureState};
use stance_core::{Coverage, Evidence, Fact, Observation, Policy, Snapshot, digest};
use stance_inspect::compare::{self, Model};
use stance_inspect::link::{Bounds, link};
use stance_inspect::{Bytes, Interests, Limits, Options};

use crate::judge::{Judgement, judge};

/// A small tree, and what people decided about it.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Path and content of each file.
    pub files: &'static [(&'static str, Content)],
    /// What people decided; `None` for nothing.
    pub policy: Option<fn() -> Policy>,
}

/// The content of an example file.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// A text, as it stands.
    Text(&'static str),
    /// Bytes that code makes, so that no hostile file lies in the tree.
    Made(fn() -> Vec<u8>),
    /// A file that could not be looked at, and why: what a collector says that
    /// met a pipe, a refusal or a file that changes.
    Gap(GapReason, &'static str),
    /// The signature of the directory it lies in, and what the binary made of it: files
    /// are hashed there, not here.
    Signature(fn() -> SignatureState),
    /// What packages were held against.
    Advisories(fn() -> AdvisoryState),
    /// What a log or a host tells, of which the binary reads any number of formats.
    Observed(fn() -> Reference),
    /// A base model and the one that was tuned from it, as safetensors.
    Compared(fn() -> (Vec<u8>, Vec<u8>)),
}

/// An example of one text file.
#[macro_export]
macro_rules! text {
    ($path:literal, $text:expr $(,)?) => {
        $crate::Example {
            files: &[($path, $crate::Content::Text($text))],
            policy: None,
        }
    };
}

/// An example of one file that could not be looked at, and why.
#[macro_export]
macro_rules! gap {
    ($path:literal, $reason:ident, $detail:literal $(,)?) => {
        $crate::Example {
            files: &[(
                $path,
                $crate::Content::Gap(stance_core::fact::GapReason::$reason, $detail),
            )],
            policy: None,
        }
    };
}

/// An example of one file that a function makes.
#[macro_export]
macro_rules! made {
    ($path:literal, $make:expr $(,)?) => {
        $crate::Example {
            files: &[($path, $crate::Content::Made($make))],
            policy: None,
        }
    };
}

/// An example of something that runs, which a function tells.
#[macro_export]
macro_rules! observed {
    ($path:literal, $seen:expr $(,)?) => {
        $crate::Example {
            files: &[($path, $crate::Content::Observed($seen))],
            policy: None,
        }
    };
}

/// An example of a model that a function makes, held against its base model.
#[macro_export]
macro_rules! compared {
    ($path:literal, $make:expr $(,)?) => {
        $crate::Example {
            files: &[($path, $crate::Content::Compared($make))],
            policy: None,
        }
    };
}

/// Day on which examples are judged: a fixed clock, so that they never rot.
const EXAMPLE_CLOCK: &str = "2026-11-21T12:00:00Z";

/// Scans an example and judges it with all rules, the way the product does.
#[must_use]
pub fn examine(example: &Example) -> Judgement {
    let (observations, coverage) = observe(example, "");
    let policy = example.policy.map(|policy| policy()).unwrap_or_default();
    judge(&Snapshot::new(
        "example",
        clock(),
        policy,
        observations,
        coverage,
    ))
}

/// The time at which examples are judged.
#[must_use]
pub fn clock() -> Timestamp {
    EXAMPLE_CLOCK.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What a collector would see in an example whose files lie under `directory`,
/// which is empty or ends with `/`.
#[must_use]
pub fn observe(example: &Example, directory: &str) -> (Vec<Observation>, Coverage) {
    // Made once, as in a scan of many files.
    static INTERESTS: LazyLock<Interests> = LazyLock::new(|| Interests::new(crate::interests()));
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &INTERESTS,
        parsers: &stance_inspect::registry::ALL,
    };
    let mut observations = Vec::new();
    let mut modules = Vec::new();
    let mut coverage = Coverage::default();
    for (path, content) in example.files {
        let path: Arc<str> = format!("{directory}{path}").into();
        coverage.files = coverage.files.saturating_add(1);
        let bytes = match content {
            Content::Text(text) => text.as_bytes().to_vec(),
            Content::Made(make) => make(),
            Content::Gap(reason, detail) => {
                observations.push(not_looked_at(&path, *reason, detail));
                coverage.skip(reason.name());
                continue;
            }
            Content::Signature(state) => {
                observations.push(judged(&path, state()));
                continue;
            }
            Content::Advisories(state) => {
                let mut state = state();
                state.evidence = Evidence::file(Arc::clone(&path));
                observations.push(Observation {
                    source: "example",
                    subject: path,
                    fact: Fact::AdvisoryState(Box::new(state)),
                });
                continue;
            }
            Content::Observed(reference) => {
                let mut reference = reference();
                reference.evidence.path = Arc::clone(&path);
                observations.push(Observation {
                    source: "example",
                    subject: path,
                    fact: Fact::Reference(Box::new(reference)),
                });
                continue;
            }
            Content::Compared(pair) => {
                observations.extend(compared(&path, &pair()));
                continue;
            }
        };
        let report = stance_inspect::scan(path, &Bytes(&bytes), &options);
        coverage.add(&report.coverage);
        modules.extend(report.modules);
        let digest = digest::sha256_hex(&bytes);
        observations.extend(report.facts.into_iter().map(|(subject, mut fact)| {
            // As a scan with `--hash` does.
            if let Fact::Artifact(artifact) = &mut fact
                && !subject.contains('!')
            {
                artifact.sha256 = Some(digest.clone());
            }
            Observation {
                source: "example",
                subject,
                fact,
            }
        }));
    }
    let linked = link(modules, Bounds::default()).into_iter();
    observations.extend(linked.map(|(subject, fact)| Observation {
        source: "example",
        subject,
        fact,
    }));
    stance_inspect::dependencies::settle(&mut observations);
    // With the table that comes with Stance, as a scan without imported advisories does.
    let mut known = stance_advisories::Known::default();
    known.add_built_in(&stance_advisories::wanted(&observations));
    observations.extend(stance_advisories::judge(&observations, &known));
    (observations, coverage)
}

fn judged(path: &Arc<str>, state: SignatureState) -> Observation {
    let model = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    Observation {
        source: "example",
        subject: Arc::clone(path),
        fact: Fact::Signature(Box::new(Signature {
            model: model.to_owned(),
            state,
            evidence: Evidence::file(Arc::clone(path)),
        })),
    }
}

fn compared(path: &Arc<str>, (base, tuned): &(Vec<u8>, Vec<u8>)) -> Option<Observation> {
    let (base, tuned) = (Bytes(base), Bytes(tuned));
    let model = |bytes| Model::open(vec![(path.to_string(), bytes)]);
    let (base, tuned) = (model(&base).ok()?, model(&tuned).ok()?);
    let comparison = compare::compare(("base", &base), (path, &tuned)).ok()?;
    Some(Observation {
        source: "example",
        subject: Arc::clone(path),
        fact: Fact::Comparison(Box::new(comparison)),
    })
}

fn not_looked_at(path: &Arc<str>, reason: GapReason, detail: &str) -> Observation {
    Observation {
        source: "example",
        subject: Arc::clone(path),
        fact: Fact::Gap(Box::new(Gap {
            reason,
            detail: detail.to_owned(),
            evidence: Evidence::file(Arc::clone(path)),
        })),
    }
}
