use stance_core::Snapshot;
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # Pipe, socket, device or broken link
    ///
    /// ## What it finds
    /// An entry of the tree that is neither file nor directory, or a symbolic link that leads
    /// nowhere, in a circle or out of the tree. It was not opened.
    ///
    /// ## Why it matters
    /// Reading a pipe or a device can wait for ever or change what it reads, so Stance passes
    /// over it. A link that leads nowhere today can lead to a model tomorrow: in a cache of
    /// models it is mostly what an interrupted download leaves behind.
    ///
    /// ## Example
    /// ```sh
    /// ln -s /mnt/models/ranker.safetensors models/ranker.safetensors
    /// ```
    ///
    /// ## Fix
    /// Remove what is left over. To have the target of a link judged, scan the place where it
    /// really lies, or use `--follow-links`.
    ///
    /// ## References
    /// - CWE-59: Improper Link Resolution Before File Access (Link Following)
    SpecialFile {
        id: "coverage/special-file",
        severity: Info,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [crate::gap!("models/ranker.safetensors", Special, "the link leads nowhere")],
        good: [
            crate::text!("models/ranker.json", "{}\n"),
            crate::gap!("models/ranker.safetensors", Unreadable, "Permission denied (os error 13)"),
        ],
    }
}

impl Rule for SpecialFile {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        // Not more in a model: where there is no file there is nothing to load.
        if gap.reason == GapReason::Special {
            let path = &gap.evidence.path;
            let detail = stance_core::evidence::shorten(gap.detail.trim().trim_end_matches('.'));
            cx.report(
                &gap.evidence,
                format!("`{path}` was passed over: {detail}"),
            );
        }
    }
}
