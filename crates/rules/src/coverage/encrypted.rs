use stance_core::{Severity, Snapshot};
use stance_core::fact::{Gap, GapReason};

use crate::{Cx, Rule};

rule! {
    /// # Encrypted content that nobody could look into
    ///
    /// ## What it finds
    /// A member of an archive that is encrypted, so that its content was not judged.
    ///
    /// ## Why it matters
    /// No model format is encrypted by itself, and no loader asks for a password. An encrypted
    /// member in a model file is there to get past scanners: the loader ignores it, or a second
    /// step opens it. Elsewhere it is more often a backup. In a model file the finding is of
    /// medium severity, else low.
    ///
    /// ## Example
    /// ```sh
    /// zip --encrypt model.pt archive/data.pkl
    /// ```
    ///
    /// ## Fix
    /// Ask who made the archive for an unencrypted one, and check its hash. Keep secrets out of
    /// the tree altogether rather than in an archive with a password.
    ///
    /// ## References
    /// - MITRE ATLAS, AML.T0010.003: AI Supply Chain Compromise: Model
    Encrypted {
        id: "coverage/encrypted",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.6.2.4",
        ],
        bad: [crate::gap!("model.pt!archive/data.pkl", Encrypted, "`archive/data.pkl` is encrypted")],
        good: [
            crate::text!("notes.md", "The archive is encrypted.\n"),
            crate::gap!("model.pt!archive/data.pkl", Malformed, "unknown compression method 99"),
        ],
    }
}

impl Rule for Encrypted {
    fn searched(&self, snapshot: &Snapshot) -> u64 {
        snapshot.coverage.files
    }

    fn gap(&self, gap: &Gap, cx: &mut Cx<'_>) {
        let what = "cannot be looked into";
        super::report(gap, GapReason::Encrypted, what, Severity::Low, cx);
    }
}
