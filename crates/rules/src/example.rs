//! The examples of a rule, which are its test.

use jiff::Timestamp;
use stance_core::{Coverage, Observation, Policy, Snapshot};
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

/// Day on which examples are judged: a fixed clock, so that they never rot.
const EXAMPLE_CLOCK: &str = "2026-11-21T12:00:00Z";

/// Scans an example and judges it with all rules, the way the product does.
#[must_use]
pub fn examine(example: &Example) -> Judgement {
    let interests = Interests::new(crate::interests());
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
    };
    let mut observations = Vec::new();
    let mut coverage = Coverage::default();
    for (path, content) in example.files {
        let bytes = match content {
            Content::Text(text) => text.as_bytes().to_vec(),
            Content::Made(make) => make(),
        };
        let report = stance_inspect::scan(*path, &Bytes(&bytes), &options);
        coverage.add(&report.coverage);
        observations.extend(report.facts.into_iter().map(|(subject, fact)| Observation {
            source: "example",
            subject,
            fact,
        }));
    }
    let at: Timestamp = EXAMPLE_CLOCK.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let policy = example.policy.map(|policy| policy()).unwrap_or_default();
    judge(&Snapshot::new(
        "example",
        at,
        policy,
        observations,
        coverage,
    ))
}
