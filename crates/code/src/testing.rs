//! What tests of the parsers of this crate have in common.

use stance_core::fact::Artifact;
use stance_read::Report;
use stance_read::testing::Harness;

pub(crate) use stance_read::testing::{gaps, has_artifact};

const HARNESS: Harness = Harness(crate::PARSERS);

pub(crate) fn report(path: &str, bytes: &[u8]) -> Report {
    HARNESS.report(path, bytes)
}

pub(crate) fn artifact(path: &str, bytes: &[u8]) -> Artifact {
    HARNESS.artifact(path, bytes)
}

pub(crate) fn survives_truncation(path: &str, bytes: &[u8]) {
    HARNESS.survives_truncation(path, bytes);
}
