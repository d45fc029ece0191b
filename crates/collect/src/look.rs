//! One file, wherever its bytes come from: facts, coverage, hash.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use stance_core::Fact;
use stance_inspect::{Options, Report, Source};

use crate::Progress;
use crate::hash::Hashing;

/// What was seen in a file; `None` when a parser broke on it, which costs the file, not the scan.
pub(crate) fn look(
    name: &Arc<str>,
    source: &dyn Source,
    options: &Options<'_>,
    progress: &Progress,
) -> Option<Report> {
    let hashing = options.hash.then(|| Hashing::new(source));
    let read: &dyn Source = match &hashing {
        Some(hashing) => hashing,
        None => source,
    };
    let scanned = catch_unwind(AssertUnwindSafe(|| {
        stance_inspect::scan(Arc::clone(name), read, options)
    }));
    let mut report = scanned.ok()?;
    report.coverage.bytes_total = source.len();
    // Bytes that several parsers read, or that were unpacked, are not more of the file.
    report.coverage.bytes_read = report.coverage.bytes_read.min(source.len());
    if let Some(hashing) = hashing
        && is_artifact(&report, name)
    {
        set_hash(&mut report, name, hashing);
    }
    progress.file_done(report.coverage.bytes_read);
    Some(report)
}

/// Whether the file itself is an artefact, not only a member of it.
fn is_artifact(report: &Report, name: &Arc<str>) -> bool {
    report.facts.iter().any(
        |(_, fact)| matches!(fact, Fact::Artifact(artifact) if artifact.evidence.path == *name),
    )
}

fn set_hash(report: &mut Report, name: &Arc<str>, hashing: Hashing<'_>) {
    // A file that fails here failed its parsers as well, or says so by the hash that is missing.
    let Ok((hash, read)) = hashing.finish() else {
        return;
    };
    report.coverage.bytes_read = read;
    for (_, fact) in &mut report.facts {
        if let Fact::Artifact(artifact) = fact
            && artifact.evidence.path == *name
        {
            artifact.sha256 = Some(hash.clone());
        }
    }
}
