//! What tests of parsers have in common.

use stance_core::fact::{Artifact, Fact, GapReason};

use crate::{Bytes, Interests, Limits, Options, Report, Source, scan};

/// Scans with the default limits.
pub(crate) fn scan_source(path: &str, source: &dyn Source) -> Report {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
    };
    scan(path, source, &options)
}

/// Scans bytes at hand.
pub(crate) fn report(path: &str, bytes: &[u8]) -> Report {
    scan_source(path, &Bytes(bytes))
}

/// The only artefact of a report.
pub(crate) fn artifact_of(report: &Report) -> Artifact {
    let mut found = report.facts.iter().filter_map(|(_, fact)| match fact {
        Fact::Artifact(artifact) => Some((**artifact).clone()),
        _ => None,
    });
    let artifact = found.next().expect("an artefact");
    assert!(found.next().is_none(), "one artefact only");
    artifact
}

/// Whether there is an artefact at all.
pub(crate) fn has_artifact(report: &Report) -> bool {
    report
        .facts
        .iter()
        .any(|(_, fact)| matches!(fact, Fact::Artifact(_)))
}

/// The only artefact of these bytes.
pub(crate) fn artifact(path: &str, bytes: &[u8]) -> Artifact {
    artifact_of(&report(path, bytes))
}

/// Why parts were not looked at.
pub(crate) fn gaps(report: &Report) -> Vec<GapReason> {
    report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Gap(gap) => Some(gap.reason),
            _ => None,
        })
        .collect()
}

/// Cuts the bytes at every place, and breaks every byte in turn; nothing may panic.
pub(crate) fn survives_truncation(path: &str, bytes: &[u8]) {
    for end in 0..bytes.len() {
        report(path, &bytes[..end]);
    }
    let mut broken = bytes.to_vec();
    for at in 0..bytes.len() {
        for value in [0, 0x7f, 0xff] {
            broken[at] = value;
            report(path, &broken);
        }
        broken[at] = bytes[at];
    }
}
