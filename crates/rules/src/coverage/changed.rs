use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # File that changed while it was read
    ///
    /// ## What it finds
    /// A file whose size or time of change was not the same at the end of reading as at its
    /// start, or that ended before the size that was announced.
    ///
    /// ## Why it matters
    /// What was judged is neither the old nor the new content. In a download or a training run
    /// that is harmless and the next scan settles it; somebody who swaps a model between check
    /// and use looks the same. In a model file the finding is of medium severity, else
    /// informational.
    ///
    /// ## Example
    /// ```sh
    /// python train.py --checkpoint out/last.pt & stance scan out
    /// ```
    ///
    /// ## Fix
    /// Scan again when nothing writes to the tree, or scan a snapshot or a copy. Before a model
    /// is put into place, check its hash where it is used, not only where it was scanned.
    ///
    /// ## References
    /// - CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition
    Changed {
        id: "coverage/changed",
        severity: Info,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [
            crate::gap!("out/last.pt", Changed, "it became shorter while it was read"),
            crate::gap!("logs/run.json", Changed, "its time of change moved while it was read"),
        ],
        good: [
            crate::text!("logs/run.json", "{}\n"),
            crate::gap!("out/last.pt", Unreadable, "Input/output error (os error 5)"),
        ],
    }
}

impl Rule for Changed {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        let what = "changed while it was read";
        super::report(gap, GapReason::Changed, what, Severity::Info, cx);
    }
}
