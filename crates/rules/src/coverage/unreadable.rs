use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # File that could not be read
    ///
    /// ## What it finds
    /// A file or directory that the operating system refused to open or failed to read: missing
    /// permission, a failing disk, a network share that went away.
    ///
    /// ## Why it matters
    /// What was not read was not judged. A report without findings says nothing about such a
    /// file, and a model or a key may lie in exactly the directory that the scanning user must
    /// not enter. In a model file the finding is of medium severity, else low.
    ///
    /// ## Example
    /// ```sh
    /// chmod 000 models/ranker.safetensors
    /// stance scan .
    /// ```
    ///
    /// ## Fix
    /// Scan as a user who may read the tree, or mount it readable. When the file is meant to be
    /// left out, say so with `scan.exclude` in `stance.toml`, which the report then shows.
    ///
    /// ## References
    /// - NIST AI 100-1, MEASURE 2.7: security and resilience are evaluated and documented.
    Unreadable {
        id: "coverage/unreadable",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "nist-ai-rmf-1.0:GOVERN 1.6",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::gap!("models/ranker.safetensors", Unreadable, "Permission denied (os error 13)"),
            crate::gap!("private", Unreadable, "Permission denied (os error 13)"),
        ],
        good: [
            crate::text!("models/README.md", "Permission denied (os error 13)\n"),
            crate::gap!("models/ranker.safetensors", Changed, "it became shorter while it was read"),
        ],
    }
}

impl Rule for Unreadable {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        let what = "could not be read";
        super::report(gap, GapReason::Unreadable, what, Severity::Low, cx);
    }
}
