//! What tests of parsers have in common.

use stance_core::fact::{Artifact, Fact, GapReason};

use crate::{Bytes, Inspector, Interests, Limits, Options, Report, Source, scan};

/// Parsers under test, with the default limits.
#[derive(Clone, Copy, Debug)]
pub struct Harness(pub &'static [&'static dyn Inspector]);

impl Harness {
    /// Scans a source.
    #[must_use]
    pub fn scan_source(self, path: &str, source: &dyn Source) -> Report {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: self.0,
        };
        scan(path, source, &options)
    }

    /// Scans bytes at hand.
    #[must_use]
    pub fn report(self, path: &str, bytes: &[u8]) -> Report {
        self.scan_source(path, &Bytes(bytes))
    }

    /// The only artefact of these bytes.
    #[must_use]
    pub fn artifact(self, path: &str, bytes: &[u8]) -> Artifact {
        artifact_of(&self.report(path, bytes))
    }

    /// Cuts the bytes at every place, and breaks every byte in turn; nothing may panic.
    pub fn survives_truncation(self, path: &str, bytes: &[u8]) {
        for end in 0..bytes.len() {
            let _ = self.report(path, bytes.get(..end).unwrap_or_default());
        }
        let mut broken = bytes.to_vec();
        for (at, honest) in bytes.iter().enumerate() {
            for value in [0, 0x7f, 0xff, *honest] {
                if let Some(byte) = broken.get_mut(at) {
                    *byte = value;
                }
                if value != *honest {
                    let _ = self.report(path, &broken);
                }
            }
        }
    }
}

/// The only artefact of a report.
///
/// # Panics
/// When there is none, or more than one: the test fails.
#[must_use]
pub fn artifact_of(report: &Report) -> Artifact {
    let found: Vec<&Artifact> = report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(&**artifact),
            _ => None,
        })
        .collect();
    assert_eq!(found.len(), 1, "one artefact");
    found
        .into_iter()
        .next()
        .cloned()
        .unwrap_or_else(|| unreachable!("there is one"))
}

/// Whether there is an artefact at all.
#[must_use]
pub fn has_artifact(report: &Report) -> bool {
    report
        .facts
        .iter()
        .any(|(_, fact)| matches!(fact, Fact::Artifact(_)))
}

/// Why parts were not looked at.
#[must_use]
pub fn gaps(report: &Report) -> Vec<GapReason> {
    report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Gap(gap) => Some(gap.reason),
            _ => None,
        })
        .collect()
}
